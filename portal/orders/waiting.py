"""What of orders waits for an answer of ours: how long it has, and reminding those who can give it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.finding import principal_of
from portal.business_hours.calendar import Calendar
from portal.business_hours.models import vendor_calendar
from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.notices.orders import News, tell_of_orders
from portal.orders.lifecycle import RUNNING, Kind, State, Verb
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.orders.requests import Decision, OrderRequest, RequestKind
from portal.purchasing.proposals import Proposal, ProposalState

# Working days: so long nobody is reminded, and so long it takes to the next time.
PATIENCE = 2
# Of each kind, the oldest; what is answered makes room for others.
_MOST = 500


def waits_long(calendar: Calendar, since: datetime, at: datetime) -> int:
    """The working days that it has waited, where that is too long; else 0."""
    days = calendar.working_days(since, at)
    return days if days >= PATIENCE else 0


@job("orders.remind")
def remind(params: Params, at: datetime) -> None:
    """Remind those who answer suppliers' proposals, returns and reorders of what waits. No params."""
    session = db.session()
    calendar, who = vendor_calendar(session), principal_of(session)
    news = [
        News(order, kind, verb, to_staff=True, event=f"{verb}:{key}:{days // PATIENCE}")
        for order, kind, verb, key, since in _waiting(session)
        if (days := waits_long(calendar, since, at))
    ]
    tell_of_orders(session, news, who, at)


def _waiting(session: Session) -> Iterator[tuple[Order, str, str, int, datetime]]:
    """Order, kind of notice, verb, which it is, and since when; nobody needs to have answered what is over."""
    proposed = sa.select(Order, Proposal.id, Proposal.at).join(Proposal, Proposal.order_id == Order.id)
    proposed = proposed.where(
        Proposal.state == ProposalState.OPEN, Proposal.is_by_staff.is_(False), Order.state.in_(RUNNING)
    )
    yield from _each(session, proposed, Proposal.at, "order-proposal", "remind-proposal")
    asked = sa.select(Order, OrderRequest.id, OrderRequest.at).join(OrderRequest, OrderRequest.order_id == Order.id)
    asked = asked.where(OrderRequest.kind == RequestKind.RETURN, OrderRequest.decision == Decision.NONE)
    yield from _each(session, asked, OrderRequest.at, "order-request", "remind-return")
    sent = sa.select(sa.func.max(OrderEvent.at)).where(OrderEvent.order_id == Order.id, OrderEvent.verb == Verb.SEND)
    sent_at = sent.correlate(Order).scalar_subquery()
    reorders = sa.select(Order, Order.id, sent_at).where(Order.kind == Kind.SALES, Order.state == State.REQUESTED)
    yield from _each(session, reorders, Order.id, "order-request", "remind-reorder")


def _each(
    session: Session, statement: Any, since: Any, kind: str, verb: str
) -> Iterator[tuple[Order, str, str, int, datetime]]:
    for order, key, at in session.execute(statement.order_by(since).limit(_MOST)):
        if at is not None:
            yield order, kind, verb, key, at
