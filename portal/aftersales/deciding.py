"""Returns: what waits for a decision, and deciding it so that the customer reads why."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Principal, Role
from portal.access.finding import find, is_writable
from portal.accounts.models import Portfolio
from portal.database import session_of
from portal.notices.orders import News, tell_of_orders
from portal.notices.tickets import tell_of_message
from portal.orders.models import Order
from portal.orders.parts import OrderLine
from portal.orders.requests import Decision, OrderRequest, RequestKind
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.tickets.lifecycle import State
from portal.tickets.messages import Message
from portal.tickets.models import Ticket

PAGE_SIZE = 25
ORDER = Sorting((OrderRequest.at, OrderRequest.ref))


def waiting(who: Principal, *, everywhere: bool = False) -> sa.Select[Any]:
    """Returns that wait for our decision; an account manager's own alone, unless they ask for those of all."""
    asked = (
        sa.select(
            *(OrderRequest.ref, OrderRequest.at, OrderRequest.quantity, OrderRequest.reason),
            *(OrderLine.position, OrderLine.descriptions, OrderLine.code, OrderLine.unit),
            *(Order.ref.label("order_ref"), Organisation.name.label("organisation")),
        )
        .select_from(OrderRequest)
        .join(Order, Order.id == OrderRequest.order_id)
        .outerjoin(OrderLine, OrderLine.id == OrderRequest.line_id)
        .outerjoin(Organisation, Organisation.id == Order.organisation_id)
        .where(OrderRequest.kind == RequestKind.RETURN, OrderRequest.decision == Decision.NONE)
    )
    if everywhere or not has_portfolio(who):
        return asked
    cared_for = sa.select(Portfolio.organisation_id).where(Portfolio.person_id == who.person_id)
    return asked.where(Order.organisation_id.in_(cared_for))


def has_portfolio(who: Principal) -> bool:
    return Role.ACCOUNT_MANAGER in who.roles


def may_decide(who: Principal, request: OrderRequest) -> bool:
    return who.may(Action.ORDER_CONFIRM) and is_writable(request.order, Action.ORDER_CONFIRM)


def decide(request: OrderRequest, who: Principal, at: datetime, version: int, *, confirm: bool, words: str) -> None:
    """Decide on it, and say so in its ticket; where nobody writes there any more, its author is told. Raises as the
    request does.
    """
    request.decide(who, at, version, confirm=confirm, words=words)
    session = session_of(request)
    ticket = find(session, Ticket, Ticket.id == request.ticket_id, lock=True)
    if ticket is None:
        return
    if not _can_reply(who, ticket, at):
        verb = "confirm-return" if confirm else "refuse-return"
        tell_of_orders(session, [News(request.order, "order-request", verb, author_id=ticket.author_id)], who, at)
        return
    message = ticket.reply(who, words, at=at, audience=[ticket.organisation_id])
    tell_of_message(session, ticket, message, who, at)


def _can_reply(who: Principal, ticket: Ticket, at: datetime) -> bool:
    is_over = ticket.state == State.CLOSED and not ticket.may_be_reopened(at)
    return not is_over and who.may(Action.TICKET_REPLY) and is_writable(ticket, Action.TICKET_REPLY)


def first_message(session: Session, request: OrderRequest) -> Message | None:
    """What was written when it was asked for, with its files; None where the reader does not read it any more."""
    first = sa.select(Message).where(Message.ticket_id == request.ticket_id, Message.withdrawn_at.is_(None))
    return session.scalars(first.order_by(Message.id).limit(1)).first()
