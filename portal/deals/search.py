"""Finding registrations by their words: what is indexed is what the partner told, and nothing of the review."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.access.scope import ScopedSession, changed_fields
from portal.deals.models import Deal
from portal.tickets.messages import SearchEntry, capacity_token
from portal.tickets.search import asked_words, newest

# Beside the company's token, so that staff ask of registrations alone; nobody can type it.
ANY_DEAL = "@deal"
_INDEXED = frozenset(
    {
        "customer_name",
        "customer_domain",
        "registration_number",
        "tax_number",
        "contact_name",
        "contact_email",
        "description",
    }
)


def matches(dialect: str, who: Principal, question: str) -> sa.Select[Any] | None:
    """Ids of the registrations that hold every word; None when there is no word to look for."""
    words = asked_words(question, Deal.ref_prefix)
    if not words:
        return None
    if who.is_staff or who.acting is None:
        return newest(_entries(), dialect, words, ANY_DEAL)
    found = newest(_entries(), dialect, words, capacity_token(who.acting.organisation_id, who.acting.capacity))
    if not who.has_shares:
        return found
    # What others share: whatever is within reach and not the company's own.
    foreign = _entries().join(Deal, Deal.id == SearchEntry.deal_id)
    foreign = foreign.where(Deal.organisation_id != who.acting.organisation_id)
    elsewhere = newest(foreign, dialect, words, ANY_DEAL)
    both = sa.union_all(sa.select(found.subquery()), sa.select(elsewhere.subquery())).subquery()
    return sa.select(both.c.deal_id)


def _entries() -> sa.Select[Any]:
    return sa.select(SearchEntry.deal_id).where(SearchEntry.deal_id.is_not(None))


def _keep_words(session: Session, context: object, instances: object) -> None:
    """Whatever is written of a registration can be found by it in the same moment."""
    for deal in session.new:
        if isinstance(deal, Deal) and deal.search_entry is None:
            tokens = f"{capacity_token(deal.organisation_id, Capacity.PARTNER)} {ANY_DEAL}"
            deal.search_entry = SearchEntry(tokens=tokens, words=deal.search_words())
    for deal in session.dirty:
        if isinstance(deal, Deal) and not _INDEXED.isdisjoint(changed_fields(deal)) and deal.search_entry:
            deal.search_entry.words = deal.search_words()


event.listen(ScopedSession, "before_flush", _keep_words)
