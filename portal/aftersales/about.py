"""Requests as they are told on the pages of their order and their ticket, to whoever reads both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.aftersales.asking import kinds_for, may_ask
from portal.aftersales.words import DECISION_TONES, DOCUMENTS
from portal.languages import voice
from portal.orders.models import Order
from portal.orders.page import Section
from portal.orders.parts import OrderDetails, OrderLine
from portal.orders.requests import OrderRequest, RequestKind
from portal.orders.words import DECISIONS, REQUEST_KINDS, RETURN_REASONS, quantity_text
from portal.products.models import in_language
from portal.tickets.models import Ticket
from portal.tickets.words import state_tone, state_words

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One request; `decision` is of a return alone: in words, and the tone of its badge."""

    ref: str
    kind: str
    is_return: bool
    at: datetime
    order_ref: str
    order_number: str
    position: int | None
    line: str
    quantity: str
    reason: str
    document: str
    decision: tuple[str, str] | None
    words: str
    ticket_ref: str
    ticket_subject: str
    ticket_state: tuple[str, str]


_ASKED: sa.Select[Any] = (
    sa.select(
        *(OrderRequest.ref, OrderRequest.kind, OrderRequest.at, OrderRequest.quantity, OrderRequest.reason),
        *(OrderRequest.document_kind, OrderRequest.decision, OrderRequest.words),
        *(OrderLine.position, OrderLine.descriptions, OrderLine.code, OrderLine.unit),
        *(Order.ref.label("order_ref"), OrderDetails.number),
        *(Ticket.ref.label("ticket_ref"), Ticket.subject, Ticket.state),
    )
    .select_from(OrderRequest)
    .join(Order, Order.id == OrderRequest.order_id)
    .join(OrderDetails, OrderDetails.order_id == Order.id)
    .join(Ticket, Ticket.id == OrderRequest.ticket_id)
    .outerjoin(OrderLine, OrderLine.id == OrderRequest.line_id)
)


def told_of(session: Session, who: Principal, *conditions: sa.ColumnElement[bool]) -> list[Told]:
    """The newest first."""
    asked = _ASKED.where(*conditions).order_by(OrderRequest.id.desc()).limit(MOST_TOLD)
    return [told(row, who) for row in session.execute(asked)]


def told(row: Any, who: Principal) -> Told:
    is_return = row.kind == RequestKind.RETURN
    has_quantity = row.quantity is not None and row.unit
    return Told(
        ref=row.ref,
        kind=str(REQUEST_KINDS[row.kind]),
        is_return=is_return,
        at=row.at,
        order_ref=row.order_ref,
        order_number=row.number or row.order_ref,
        position=row.position,
        line=in_language(row.descriptions, voice().language) or row.code if row.position is not None else "",
        quantity=quantity_text(row.quantity, row.unit) if has_quantity else "",
        reason=str(RETURN_REASONS[row.reason]) if row.reason else "",
        document=str(DOCUMENTS[row.document_kind]) if row.document_kind else "",
        decision=(str(DECISIONS[row.decision]), DECISION_TONES[row.decision]) if is_return else None,
        words=row.words,
        ticket_ref=row.ticket_ref,
        ticket_subject=row.subject,
        ticket_state=(
            str(state_words(row.state, staff=who.is_staff)),
            state_tone(row.state, staff=who.is_staff),
        ),
    )


def about_ticket(session: Session, who: Principal, ticket: Ticket) -> Told | None:
    """What the ticket was opened about, for a reader who reads that order whole."""
    if not who.may(Action.ORDER_READ):
        return None
    return next(iter(told_of(session, who, OrderRequest.ticket_id == ticket.id)), None)


@dataclass(frozen=True, slots=True)
class RequestsPart:
    """`kinds`: what can be started, in words and where."""

    kinds: Sequence[tuple[str, str]]
    started: Sequence[Told]
    of_line: Mapping[int, Sequence[Told]]
    # Where something is started from a line, but for its position; and what the link says.
    ask_url: str
    ask_label: str


def requests_section(session: Session, who: Principal, order: Order) -> Section | None:
    kinds = kinds_for(order) if may_ask(who, order) else ()
    started = told_of(session, who, OrderRequest.order_id == order.id)
    if not kinds and not started:
        return None
    offered = [(str(REQUEST_KINDS[kind]), url_for("aftersales.new", ref=order.ref, kind=kind.value)) for kind in kinds]
    of_line: dict[int, list[Told]] = {}
    for told in started:
        if told.position is not None:
            of_line.setdefault(told.position, []).append(told)
    ask_url = f"{url_for('aftersales.new', ref=order.ref)}?line="
    part = RequestsPart(offered, started, of_line, ask_url, str(_("Ask about this line")))
    return Section("aftersales/_requests.html", part, "aftersales/_line.html")
