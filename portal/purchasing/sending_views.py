"""A supplier confirms an order, announces shipments and sends in invoices, from the order's page."""

from typing import Any

from flask import Response
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.deals.forms import CURRENCIES
from portal.errors import RuleBroken
from portal.extensions import db
from portal.feeds.amounts import THOUSANDTHS, minor, to_decimal
from portal.forms import choices
from portal.languages import voice
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.orders.record_views import draw, refused, settled, told_of
from portal.orders.words import quantity_text
from portal.purchasing.blueprint import bp
from portal.purchasing.confirming import confirm
from portal.purchasing.forms import ConfirmationForm, InvoiceForm, ShipmentForm
from portal.purchasing.invoices import Bill, SupplierInvoice
from portal.purchasing.proposal_views import held
from portal.purchasing.shipping import Consignment, announce, unsent
from portal.purchasing.showing import acts_here
from portal.web import find_or_404, render

PDF = "application/pdf"


@bp.post("/orders/<ref>/confirmation")
@requires(Action.PURCHASE_ANSWER)
def create_confirmation(ref: str) -> BaseResponse:
    """All lines as they were promised, or those that were chosen."""
    order, form = held(ref), ConfirmationForm()
    if not form.validate_on_submit():
        return draw(order, 422, forms={"confirmation": form})
    chosen = {entry.form.position.data: entry.form.day.data for entry in form.lines if entry.form.chosen.data}
    try:
        confirm(order, principal(), now(), form.version.data, chosen if form.press.data == "chosen" else None)
    except RuleBroken as problem:
        return refused(ref, problem, confirmation=form)
    db.session.commit()
    is_whole = order.state != State.ORDERED
    return settled(ref, _("The order is confirmed.") if is_whole else _("The lines are confirmed."))


# ── Shipments ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/orders/<ref>/shipments/new")
@requires(Action.PURCHASE_ANSWER)
def new_shipment(ref: str) -> Response:
    order = _own(ref)
    lines = [
        {"position": line.position, "quantity": to_decimal(unsent(line), THOUSANDTHS)}
        for line in order.lines
        if unsent(line)
    ]
    today = vendor_calendar(db.session()).day_of(now())
    return _draw_shipment(order, ShipmentForm(formdata=None, data={"lines": lines, "shipped_on": today}))


@bp.post("/orders/<ref>/shipments/new")
@requires(Action.PURCHASE_ANSWER)
def create_shipment(ref: str) -> BaseResponse:
    order, form = held(ref), ShipmentForm()
    if not form.validate_on_submit():
        return _draw_shipment(order, form, 422)
    assert form.shipped_on.data is not None
    told = Consignment(
        shipped_on=form.shipped_on.data,
        expected_on=form.expected_on.data,
        number=form.number.data or "",
        carrier=form.carrier.data or "",
        tracking_number=form.tracking_number.data or "",
        tracking_url=form.tracking_url.data or "",
        parcels=form.parcel_numbers,
    )
    try:
        announce(order, form.quantities, told, principal(), now(), form.version.data)
    except RuleBroken as problem:
        order = _anew(ref)
        return _draw_shipment(order, form, 409, **told_of(order, problem))
    db.session.commit()
    return settled(ref, _("The shipment is announced."))


def _draw_shipment(order: Order, form: ShipmentForm, status: int = 200, **context: Any) -> Response:
    language = voice().language
    lines = {line.position: (line.name_in(language), quantity_text(unsent(line), line.unit)) for line in order.lines}
    return _draw_form("purchasing/new_shipment.html", order, form, status, lines=lines, **context)


# ── Invoices ──────────────────────────────────────────────────────────────────────────────────────


@bp.get("/orders/<ref>/invoices/new")
@requires(Action.PURCHASE_ANSWER)
def new_invoice(ref: str) -> Response:
    order = _own(ref)
    today = vendor_calendar(db.session()).day_of(now())
    form = _invoice_form(order, formdata=None, currency=order.details.currency, issued_on=today)
    return _draw_form("purchasing/new_invoice.html", order, form)


@bp.post("/orders/<ref>/invoices/new")
@requires(Action.PURCHASE_ANSWER)
def create_invoice(ref: str) -> BaseResponse:
    order = held(ref)
    form, who, at = _invoice_form(order), principal(), now()
    is_sound, received = form.validate_on_submit(), form.receive(who.person_id or 0)
    if not any(file.media_type == PDF for file in received):
        form.files.errors = [*form.files.errors, _("Attach the invoice as a PDF.")]
    if not is_sound or form.files.errors:
        return _draw_form("purchasing/new_invoice.html", order, form, 422)
    currency, total, issued_on = form.currency.data, form.total.data, form.issued_on.data
    assert total is not None
    assert issued_on is not None
    bill = Bill(form.number.data or "", issued_on, form.due_on.data, currency, minor(total, currency))
    try:
        files = [file.attachment(at) for file in received]
        SupplierInvoice.receive(order, bill, files, who, at, form.version.data)
    except RuleBroken as problem:
        order = _anew(ref)
        return _draw_form("purchasing/new_invoice.html", order, form, 409, **told_of(order, problem))
    db.session.commit()
    return settled(ref, _("The invoice is sent in. A buyer checks it, and you read here what becomes of it."))


def _invoice_form(order: Order, **values: Any) -> InvoiceForm:
    form = InvoiceForm(**values)
    known = dict.fromkeys((order.details.currency, *CURRENCIES))
    form.currency.choices = choices((currency, currency) for currency in known)
    return form


# ── What they share ───────────────────────────────────────────────────────────────────────────────


def _own(ref: str) -> Order:
    order = find_or_404(Order, ref=ref)
    if not order.is_purchase or not acts_here(principal(), order):
        refuse()
    return order


def _anew(ref: str) -> Order:
    """As it is now, after what was refused."""
    db.session.rollback()
    return find_or_404(Order, ref=ref)


def _draw_form(page: str, order: Order, form: Any, status: int = 200, **context: Any) -> Response:
    version = order.version_for(principal())
    number = order.details.number or order.ref
    return render(page, None, status, order=order, number=number, form=form, version=version, **context)
