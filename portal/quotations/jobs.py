"""What the clock does with quotations."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from portal.access.finding import principal_of
from portal.business_hours.models import vendor_calendar
from portal.extensions import db
from portal.jobs.outbox import Params, enqueue, job
from portal.orders.lifecycle import Kind, State, Verb
from portal.orders.models import Order

# In one transaction: who accepts one of these meanwhile waits for its end.
MOST_AT_ONCE = 200


@job("quotations.expire")
def expire(params: Params, at: datetime) -> None:
    """End the quotations whose last day is over, where we work. No params."""
    session = db.session()
    today, who = vendor_calendar(session).day_of(at), principal_of(session)
    over = sa.select(Order).where(Order.kind == Kind.QUOTATION, Order.state == State.OFFERED, Order.valid_until < today)
    parts = (selectinload(Order.details), selectinload(Order.lines))
    found = session.scalars(over.order_by(Order.id).limit(MOST_AT_ONCE).with_for_update().options(*parts)).all()
    for order in found:
        order.move(Verb.EXPIRE, who, at, order.version)
    if len(found) == MOST_AT_ONCE:
        enqueue("quotations.expire", key=f"quotations.expire:{today}:after:{found[-1].id}")
