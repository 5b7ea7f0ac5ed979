"""Starting something from an order or one of its lines: a ticket, and what says which line it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.aftersales.rules import asked_to_return
from portal.database import session_of
from portal.documents.models import DocumentKind
from portal.errors import RuleBroken
from portal.files.receiving import Received
from portal.languages import voice
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.money import is_split
from portal.orders.parts import OrderLine
from portal.orders.requests import OrderRequest, RequestKind, ReturnReason
from portal.orders.words import REQUEST_KINDS
from portal.text import isolate
from portal.tickets.forms import LONGEST_SUBJECT, NewTicketForm
from portal.tickets.models import Category, Ticket
from portal.tickets.opening import Draft, own_parties

CATEGORIES = {
    RequestKind.QUESTION: Category.QUESTION,
    RequestKind.COMPLAINT: Category.COMPLAINT,
    RequestKind.CLAIM: Category.CLAIM,
    RequestKind.RETURN: Category.CLAIM,
    RequestKind.DOCUMENT: Category.REQUEST,
}
_DOCUMENTS = {
    Kind.SALES: (
        DocumentKind.CONFIRMATION,
        DocumentKind.DELIVERY_NOTE,
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_NOTE,
    ),
    Kind.QUOTATION: (DocumentKind.QUOTATION,),
    Kind.PURCHASE: (DocumentKind.PURCHASE_ORDER,),
}
# What has gone nowhere yet can only be asked about.
_NOT_ORDERED = (State.REQUESTED, State.REFUSED, State.WITHDRAWN)


def may_ask(who: Principal, order: Order) -> bool:
    """Whoever asks for things of this order, and opens tickets at all."""
    return who.may(Action.ORDER_ASK) and who.may(Action.TICKET_OPEN) and is_writable(order, Action.ORDER_ASK)


def kinds_for(order: Order) -> tuple[RequestKind, ...]:
    """What can be started from an order of this kind in this state; a return also asks for something delivered."""
    if order.state == State.DRAFT:
        return ()
    match order.kind:
        case Kind.QUOTATION:
            return (RequestKind.QUESTION, RequestKind.DOCUMENT)
        case Kind.PURCHASE:
            return (RequestKind.QUESTION, RequestKind.COMPLAINT, RequestKind.DOCUMENT)
    return (RequestKind.QUESTION,) if order.state in _NOT_ORDERED else tuple(RequestKind)


def documents_of(order: Order) -> tuple[DocumentKind, ...]:
    return _DOCUMENTS[Kind(order.kind)]


def returnable(session: Session, order: Order) -> dict[int, int]:
    """Thousandths of each line that may still be asked to be returned, by its id: what was delivered, but for what
    came back or will, and what we have not decided on yet."""
    if RequestKind.RETURN not in kinds_for(order):
        return {}
    asked = asked_to_return(session, order)
    left = {}
    for line in order.lines:
        waiting, agreed = asked.get(line.id, (0, 0))
        # What we have agreed to comes back in the end, and is the same then.
        left[line.id] = line.delivered - max(line.returned, agreed) - waiting
    return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, as a sound form says it."""

    kind: RequestKind
    line: OrderLine | None
    body: str
    reason: ReturnReason | None = None
    # Thousandths of the line's unit.
    quantity: int | None = None
    document: DocumentKind | None = None


def drafted(session: Session, who: Principal, order: Order, kind: RequestKind) -> Draft:
    """The ticket that it becomes: for whom its author acts, with the team that takes tickets of this kind."""
    form = NewTicketForm(formdata=None, category=CATEGORIES[kind].value)
    form.related_reference.data = order.details.number or order.ref
    return Draft(session, who, form, own_parties(session, who)[:1])


def ask(
    order: Order, who: Principal, at: datetime, wish: Wish, draft: Draft, files: Sequence[Received] = ()
) -> tuple[OrderRequest, Ticket]:
    """Open the ticket with the line attached. Lock the order before: of two returns the second sees the first.

    Raises RuleBroken where this cannot be asked of the order, or more is to go back than is there.
    """
    session = session_of(order)
    if wish.kind not in kinds_for(order):
        raise RuleBroken(_l("This cannot be asked of the order in its present state. Ask us a question about it."))
    if wish.kind == RequestKind.RETURN:
        _check_return(session, order, wish)
    draft.form.subject.data, draft.form.body.data = _subject(order, wish), wish.body
    ticket = draft.open(list(files), None, at)
    request = OrderRequest(
        order=order,
        line=wish.line,
        ticket=ticket,
        kind=wish.kind,
        reason=wish.reason or "",
        quantity=wish.quantity,
        document_kind=wish.document or "",
        at=at,
        version=1,
    )
    session.add(request)
    session.flush()
    return request, ticket


def _check_return(session: Session, order: Order, wish: Wish) -> None:
    left = returnable(session, order).get(wish.line.id, 0) if wish.line else 0
    if wish.line and is_split(wish.quantity or 0, wish.line.unit) and not is_split(left, wish.line.unit):
        raise RuleBroken(_l("Of a piece there is no part: enter a whole number."))
    if not wish.quantity or wish.quantity > left:
        raise RuleBroken(_l("So much of it cannot be returned: it was not delivered, or its return is asked for."))


def _subject(order: Order, wish: Wish) -> str:
    kind, number = str(REQUEST_KINDS[wish.kind]), order.details.number or order.ref
    if voice().table.direction == "rtl":
        # Else the parts of the number change places.
        number = isolate(number)
    if wish.line is None:
        return str(_("%(kind)s: order %(number)s", kind=kind, number=number))[:LONGEST_SUBJECT]
    product = wish.line.name_in(voice().language)
    return str(_("%(kind)s: %(product)s, order %(number)s", kind=kind, product=product, number=number))[
        :LONGEST_SUBJECT
    ]
