"""The notices of the person who asks: the list behind the bell, and having read them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import g

from portal.access import Principal
from portal.access.gate import principal
from portal.access.scope import unscoped
from portal.accounts.models import Person
from portal.clock import now
from portal.deals.models import Deal
from portal.extensions import db
from portal.notices.models import Notice
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.rfqs.models import Rfq, RfqInvitation, RfqTerms
from portal.tickets.messages import Message
from portal.tickets.models import Ticket

PAGE = 25
# Nobody reads further back in one go; the next press takes the rest.
MOST_AT_ONCE = 1000


def notices_of(who: Principal, after: str | None = None) -> tuple[list[sa.Row[Any]], str | None]:
    """A page of notices, newest first, and the reference to continue after, if there are more.

    Tickets, messages and people that the reader cannot reach are None: the rows are joined within row scope.
    """
    statement = (
        sa.select(
            Notice.ref,
            Notice.kind,
            Notice.params,
            Notice.created_at,
            Notice.read_at,
            Ticket.ref.label("ticket_ref"),
            Ticket.subject,
            Message.ref.label("message_ref"),
            Deal.ref.label("deal_ref"),
            Deal.customer_name,
            Order.ref.label("order_ref"),
            OrderDetails.number.label("order_number"),
            # Suppliers do not read the request itself, so they are led to their invitation.
            sa.func.coalesce(Rfq.ref, RfqInvitation.ref).label("rfq_ref"),
            RfqTerms.title.label("rfq_title"),
            Person.name.label("actor"),
        )
        .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
        .outerjoin(Message, Message.id == Notice.message_id)
        .outerjoin(Deal, Deal.id == Notice.deal_id)
        .outerjoin(Order, Order.id == Notice.order_id)
        .outerjoin(OrderDetails, OrderDetails.order_id == Order.id)
        .outerjoin(RfqInvitation, RfqInvitation.id == Notice.rfq_invitation_id)
        .outerjoin(Rfq, Rfq.id == RfqInvitation.rfq_id)
        .outerjoin(RfqTerms, RfqTerms.rfq_id == RfqInvitation.rfq_id)
        .outerjoin(Person, Person.id == Notice.actor_id)
        .where(Notice.person_id == who.person_id)
        .order_by(Notice.id.desc())
        .limit(PAGE + 1)
    )
    if after:
        # An unknown reference, or somebody else's, leaves nothing to show.
        last = sa.select(Notice.id).where(Notice.ref == after, Notice.person_id == who.person_id)
        statement = statement.where(Notice.id < last.scalar_subquery())
    rows = list(db.session.execute(statement))
    return rows[:PAGE], rows[PAGE - 1].ref if len(rows) > PAGE else None


def mark_all_read(who: Principal, at: datetime) -> int:
    """Mark what the person can read at present; what belongs to another of their memberships stays."""
    waiting = sa.select(Notice).where(Notice.person_id == who.person_id, Notice.read_at.is_(None))
    notices = db.session.scalars(waiting.order_by(Notice.id.desc()).limit(MOST_AT_ONCE)).all()
    for notice in notices:
        notice.read_at = at
    return len(notices)


def mark_read_for_ticket(ticket_id: int, *, has_unread: bool | None = None) -> None:
    """Whoever opens a ticket has read what its notices say. For the page of the ticket, before it is drawn.

    `has_unread` spares the question where the page has asked it already.
    """
    who = principal()
    if who.person_id is None:
        return
    if not (unread_for_ticket(who.person_id, ticket_id) is not None if has_unread is None else has_unread):
        return
    table = Notice.__table__
    assert isinstance(table, sa.Table)
    # Apart from the transaction of the page: one that began with reading cannot always write on SQLite.
    with unscoped("own notices are read"), db.engine.begin() as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.person_id == who.person_id, table.c.ticket_id == ticket_id, table.c.read_at.is_(None))
            .values(read_at=now())
        )
    # From here on the page sees them read; the bell is counted when the frame is drawn.
    db.session.commit()
    g.pop("unread_notices", None)


def unread_for_ticket(person_id: int, ticket_id: int) -> int | None:
    return db.session.scalar(
        sa.select(Notice.id)
        .where(Notice.person_id == person_id, Notice.ticket_id == ticket_id, Notice.read_at.is_(None))
        .limit(1)
    )
