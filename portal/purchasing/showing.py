"""What the order page and the inboxes show of proposals and invoices, and the forms of what their reader may do."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.accounts.models import Person
from portal.business_hours.calendar import Calendar
from portal.clock import now
from portal.feeds.amounts import THOUSANDTHS, major, to_decimal
from portal.files.models import Attachment
from portal.languages import date_text, money_text, number_text, voice
from portal.orders.lifecycle import PLACED, RUNNING, Side
from portal.orders.models import Order
from portal.orders.page import Section
from portal.orders.parts import OrderDetails, OrderLine
from portal.orders.waiting import waits_long
from portal.orders.words import SIDES, quantity_text
from portal.organisations.models import Organisation
from portal.products.models import in_language
from portal.purchasing.confirming import confirmable
from portal.purchasing.forms import ConfirmationForm, DeclineForm, TermsForm
from portal.purchasing.invoices import SupplierInvoice
from portal.purchasing.proposals import Proposal, ProposalState, is_changeable
from portal.purchasing.shipping import may_be_sent
from portal.purchasing.words import INVOICE_STATES, INVOICE_TONES, PROPOSAL_STATES, PROPOSAL_TONES
from portal.tickets.forms import place

# The latest: what was agreed long ago stands in the history.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a line, as it was and as it should become."""

    label: str
    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with what its reader may do to it: answer it, or take it back."""

    ref: str
    order_ref: str
    order_number: str
    organisation: str
    position: int
    line: str
    code: str
    number: int
    by: str
    at: datetime
    state: tuple[str, str]
    reason: str
    answer: str
    differences: list[Difference]
    version: int
    is_open: bool
    # Working days that we have let the supplier wait, where that is too long.
    waits: int
    may_answer: bool
    may_withdraw: bool
    forms: dict[str, Any]


PROPOSALS: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        *(Proposal.ref, Proposal.number, Proposal.is_by_staff, Proposal.at, Proposal.state, Proposal.reason),
        *(Proposal.delivery_on, Proposal.quantity, Proposal.unit_price, Proposal.answer),
        *(Proposal.delivery_on_before, Proposal.quantity_before, Proposal.unit_price_before),
        *(OrderLine.position, OrderLine.code, OrderLine.descriptions, OrderLine.unit, OrderLine.price_per),
        *(Order.ref.label("order_ref"), Order.version, Order.public_version, Order.state.label("order_state")),
        *(OrderDetails.number.label("order_number"), OrderDetails.currency),
        Organisation.name.label("organisation"),
        Person.name.label("author"),
    )
    .select_from(Proposal)
    .join(OrderLine, OrderLine.id == Proposal.line_id)
    .join(Order, Order.id == Proposal.order_id)
    .join(OrderDetails, OrderDetails.order_id == Order.id)
    .outerjoin(Organisation, Organisation.id == Order.organisation_id)
    .outerjoin(Person, Person.id == Proposal.author_id)
)


def refused_form(name: str) -> Any:
    """The form that was refused in this request, if it is this one."""
    return g.get("order_forms", {}).pop(name, None)


def shown(row: Any, who: Principal, *, acts: bool, back: str = "", calendar: Calendar | None = None) -> Shown:
    """`acts`: the reader has a part in purchase orders, and does not just look on."""
    is_open = row.state == ProposalState.OPEN and row.order_state in RUNNING
    may_answer = acts and is_open and row.is_by_staff != who.is_staff
    return Shown(
        ref=row.ref,
        order_ref=row.order_ref,
        order_number=row.order_number or row.order_ref,
        organisation=row.organisation or "",
        position=row.position,
        line=in_language(row.descriptions, voice().language) or row.code,
        code=row.code,
        number=row.number,
        by=row.author or str(SIDES[Side.STAFF if row.is_by_staff else Side.SUPPLIER]),
        at=row.at,
        state=(str(PROPOSAL_STATES[row.state]), PROPOSAL_TONES[row.state]),
        reason=row.reason,
        answer=row.answer,
        differences=_differences(row),
        version=row.version if who.is_staff else row.public_version,
        is_open=is_open,
        waits=waits_long(calendar, row.at, now()) if calendar and is_open and not row.is_by_staff else 0,
        may_answer=may_answer,
        may_withdraw=acts and is_open and row.is_by_staff == who.is_staff,
        forms=_answers(row, back) if may_answer else {},
    )


def _differences(row: Any) -> list[Difference]:
    def day(value: date | None) -> str:
        return date_text(value) if value else "–"

    def price(value: int) -> str:
        return price_text(value, row.price_per, row.currency)

    found = [
        (_("Day of delivery"), day(row.delivery_on_before), day(row.delivery_on)),
        (_("Quantity"), quantity_text(row.quantity_before, row.unit), quantity_text(row.quantity, row.unit)),
        (_("Price"), price(row.unit_price_before), price(row.unit_price)),
    ]
    return [Difference(label, before, after, before != after) for label, before, after in found]


def price_text(price: int, price_per: int, currency: str) -> str:
    text = money_text(price, currency)
    return text if price_per == 1 else str(_("%(price)s per %(quantity)s", price=text, quantity=number_text(price_per)))


def _answers(row: Any, back: str) -> dict[str, Any]:
    """The forms of a decision; those of several proposals stand on one page."""
    found: dict[str, Any] = {"back": back}
    decline, counter = refused_form(f"decline-{row.ref}"), refused_form(f"answer-{row.ref}")
    found["decline"] = decline or place(DeclineForm(formdata=None), f"decline-{row.ref}")
    found["answer"] = counter or place(terms_form(row), f"answer-{row.ref}")
    return found


def terms_form(row: Any) -> TermsForm:
    """To be changed from what is proposed, or from what the line is now."""
    return TermsForm(
        formdata=None,
        delivery_on=row.delivery_on,
        quantity=to_decimal(row.quantity, THOUSANDTHS),
        unit_price=major(row.unit_price, row.currency),
    )


# ── Invoices ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Invoice:
    ref: str
    number: str
    issued_on: date
    due_on: date | None
    total: str
    state: tuple[str, str]
    received_at: datetime
    reason: str
    files: list[dict[str, Any]]


def invoices_of(session: Session, order: Order) -> list[Invoice]:
    invoices = session.scalars(
        sa.select(SupplierInvoice).where(SupplierInvoice.order_id == order.id).order_by(SupplierInvoice.id.desc())
    ).all()
    files = files_of(session, [invoice.id for invoice in invoices])
    return [
        Invoice(
            ref=invoice.ref,
            number=invoice.number,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total=money_text(invoice.total, invoice.currency),
            state=(str(INVOICE_STATES[invoice.state]), INVOICE_TONES[invoice.state]),
            received_at=invoice.received_at,
            reason=invoice.reason,
            files=files.get(invoice.id, []),
        )
        for invoice in invoices
    ]


def files_of(session: Session, invoice_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """By the invoice, as `record.attachments` draws them."""
    found: dict[int, list[dict[str, Any]]] = {}
    if not invoice_ids:
        return found
    asked = sa.select(Attachment.ref, Attachment.filename, Attachment.size, Attachment.supplier_invoice_id)
    for file in session.execute(asked.where(Attachment.supplier_invoice_id.in_(invoice_ids)).order_by(Attachment.id)):
        told = {"name": file.filename, "size": file.size, "url": url_for("files.show", ref=file.ref)}
        found.setdefault(file.supplier_invoice_id, []).append(told)
    return found


# ── The section of the order page ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PurchasePart:
    ref: str
    version: int
    is_staff: bool
    proposals: list[Shown]
    # Positions and names of the lines on which a change may be proposed.
    lines: list[tuple[int, str, date | None]]
    confirmation: ConfirmationForm | None
    names: dict[int, tuple[str, date | None]]
    may_ship: bool
    may_invoice: bool
    may_check: bool
    invoices: list[Invoice]


def acts_here(who: Principal, order: Order) -> bool:
    actions = (Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
    return any(who.may(action) and is_writable(order, action) for action in actions)


def purchase_section(session: Session, who: Principal, order: Order) -> Section | None:
    if not order.is_purchase:
        return None
    acts, answers = acts_here(who, order), not who.is_staff and acts_here(who, order)
    rows = session.execute(
        PROPOSALS.where(Proposal.order_id == order.id).order_by(Proposal.id.desc()).limit(MOST_SHOWN)
    )
    proposals = sorted((shown(row, who, acts=acts) for row in rows), key=lambda one: not one.is_open)
    free = confirmable(order) if answers else []
    waiting = {one.position for one in proposals if one.is_open}
    language = voice().language
    is_running = acts and order.state in RUNNING
    lines = [line for line in order.lines if is_running and is_changeable(line) and line.position not in waiting]
    part = PurchasePart(
        ref=order.ref,
        version=order.version_for(who),
        is_staff=who.is_staff,
        proposals=proposals,
        lines=[(line.position, line.name_in(language), line.due_on) for line in lines],
        confirmation=_confirmation(free) if free else None,
        names={line.position: (line.name_in(language), line.promised_on) for line in free},
        may_ship=answers and may_be_sent(order),
        may_invoice=answers and order.state in PLACED,
        may_check=who.is_staff and who.may(Action.PURCHASE_CHECK),
        invoices=invoices_of(session, order),
    )
    shows = part.proposals or part.lines or part.confirmation or part.may_ship or part.may_invoice or part.invoices
    return Section("purchasing/_purchase.html", part) if shows else None


def _confirmation(free: list[OrderLine]) -> ConfirmationForm:
    refused: ConfirmationForm | None = refused_form("confirmation")
    if refused is not None:
        return refused
    lines = [{"position": line.position, "day": line.promised_on} for line in free]
    return ConfirmationForm(formdata=None, data={"lines": lines})
