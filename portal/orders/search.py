"""Finding orders by their words: numbers, references, products and what the lines are called in any language."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import ScopedSession
from portal.orders.models import PREFIXES, Order
from portal.orders.parts import OrderDetails, OrderLine
from portal.tickets.messages import SearchEntry, capacity_token
from portal.tickets.search import asked_words, newest

# Beside the company's token, so that staff ask of orders alone; nobody can type it.
ANY_ORDER = "@order"
_ANY_PREFIX = f"(?:{'|'.join(PREFIXES.values())})"
_FIELDS = {OrderDetails: ("number", "customer_reference"), OrderLine: ("code", "descriptions")}


def matches(dialect: str, who: Principal, question: str) -> sa.Select[Any] | None:
    """Ids of the orders that hold every word; None when there is no word to look for."""
    words = asked_words(question, _ANY_PREFIX)
    if not words:
        return None
    if who.is_staff or who.acting is None:
        return newest(_entries(), dialect, words, ANY_ORDER)
    token = capacity_token(who.acting.organisation_id, who.acting.capacity)
    return newest(_entries(), dialect, words, token)


def _entries() -> sa.Select[Any]:
    return sa.select(SearchEntry.order_id).where(SearchEntry.order_id.is_not(None))


def _tokens(order: Order) -> str:
    """Of whoever it is with and, where it is a resale, of the partner."""
    tokens = [capacity_token(order.organisation_id, order.capacity)]
    if order.reseller_id is not None:
        tokens.append(capacity_token(order.reseller_id, "partner"))
    return " ".join(dict.fromkeys([*tokens, ANY_ORDER]))


def _keep_words(session: Session, context: object, instances: object) -> None:
    """Whatever is written of an order can be found by it in the same moment."""
    for record in session.new:
        if isinstance(record, Order) and record.search_entry is None and record.details is not None:
            record.search_entry = SearchEntry(tokens=_tokens(record), words=record.search_words())
    for order in {found for record in (*session.dirty, *session.new) if (found := _reworded(record)) is not None}:
        if order.search_entry is not None:
            words = order.search_words()
            if order.search_entry.words != words:
                order.search_entry.words = words


def _reworded(record: Any) -> Order | None:
    """The order whose words may have changed with this record."""
    fields = _FIELDS.get(type(record))
    if fields is None or record.order is None or record.order.id is None:
        return None
    state = sa.inspect(record)
    return record.order if any(state.attrs[name].history.has_changes() for name in fields) else None


event.listen(ScopedSession, "before_flush", _keep_words)
