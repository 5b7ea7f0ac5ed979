"""The inbox of invoices: a buyer looks at each and accepts it, or rejects it with a reason that the supplier reads.

Suppliers find their own there, and what became of them.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.exporting import table
from portal.extensions import db
from portal.languages import money_text
from portal.orders.models import Order
from portal.purchasing import listing
from portal.purchasing.blueprint import bp
from portal.purchasing.export import rows_of
from portal.purchasing.forms import RejectionForm, VersionForm
from portal.purchasing.invoices import InvoiceState, SupplierInvoice, with_number, worth_delivered
from portal.purchasing.listing import Filters
from portal.purchasing.showing import files_of
from portal.purchasing.words import INVOICE_STATES, INVOICE_TONES
from portal.web import find_or_404, go_to, render, requested_page


@bp.get("/purchasing/invoices")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def invoices() -> Response:
    filters = listing.read_filters(request.args)
    page = requested_page(listing.statement_of(filters), listing.order_of(filters), listing.PAGE_SIZE)
    return render(
        "purchasing/invoices.html",
        "purchasing/_invoices.html",
        lines=listing.lines_of(page.rows),
        filters=filters,
        is_staff=principal().is_staff,
        states=INVOICE_STATES,
        tones=INVOICE_TONES,
        tabs=_tabs(filters),
        csv_url=_export_url(filters, "csv"),
        xlsx_url=_export_url(filters, "xlsx"),
        next_url=filters.url(after=page.next_cursor) if page.next_cursor else None,
        previous_url=filters.url(before=page.previous_cursor) if page.previous_cursor else None,
    )


def _tabs(filters: Filters) -> list[tuple[str, str, bool]]:
    views = [(_("All"), Filters())]
    views += [(str(INVOICE_STATES[state]), Filters(state=state.value)) for state in InvoiceState]
    return [(view.url(), label, view.state == filters.state) for label, view in views]


def _export_url(filters: Filters, form: str) -> str:
    return filters.url("purchasing.export_invoices_" + form)


@bp.get("/purchasing/invoices/export.csv", endpoint="export_invoices_csv", defaults={"form": "csv"})
@bp.get("/purchasing/invoices/export.xlsx", endpoint="export_invoices_xlsx", defaults={"form": "xlsx"})
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def export_invoices(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    return table("invoices", form, rows_of(db.session(), listing.read_filters(request.args)))


# ── One of them ───────────────────────────────────────────────────────────────────────────────────


@bp.get("/purchasing/invoices/<ref>")
@requires(Action.PURCHASE_CHECK)
def show_invoice(ref: str) -> Response:
    return _draw(find_or_404(SupplierInvoice, ref=ref))


@bp.post("/purchasing/invoices/<ref>/acceptance")
@requires(Action.PURCHASE_CHECK)
def accept_invoice(ref: str) -> BaseResponse:
    def act(invoice: SupplierInvoice, version: int | None) -> None:
        invoice.accept(principal(), now(), version)

    return _check(ref, VersionForm(), act, _("The invoice is accepted."))


@bp.post("/purchasing/invoices/<ref>/rejection")
@requires(Action.PURCHASE_CHECK)
def reject_invoice(ref: str) -> BaseResponse:
    form = RejectionForm()

    def act(invoice: SupplierInvoice, version: int | None) -> None:
        invoice.reject(principal(), now(), version, reason=form.reason.data or "")

    return _check(ref, form, act, _("The invoice is rejected. The supplier reads why."))


def _check(ref: str, form: Any, act: Callable[[SupplierInvoice, int | None], None], words: str) -> BaseResponse:
    invoice = find_or_404(SupplierInvoice, ref=ref, lock=True)
    # Whatever else is done to the order waits for this.
    find_or_404(Order, ref=invoice.order.ref, lock=True)
    rejection = form if isinstance(form, RejectionForm) else None
    if not form.validate_on_submit():
        return _draw(invoice, 422, rejection=rejection)
    try:
        act(invoice, form.version.data)
    except RuleBroken as problem:
        db.session.rollback()
        told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
        return _draw(find_or_404(SupplierInvoice, ref=ref), 409, rejection=rejection, **told)
    db.session.commit()
    flash(words, "success")
    return go_to(url_for("purchasing.invoices", state=InvoiceState.RECEIVED.value))


def _draw(invoice: SupplierInvoice, status: int = 200, rejection: Any = None, **context: Any) -> Response:
    session = db.session()
    return render(
        "purchasing/invoice.html",
        None,
        status,
        invoice=invoice,
        order=invoice.order,
        supplier=invoice.order.organisation,
        files=files_of(session, [invoice.id]).get(invoice.id, []),
        hints=hints_of(session, invoice),
        state=(INVOICE_STATES[invoice.state], INVOICE_TONES[invoice.state]),
        rejection=rejection or RejectionForm(formdata=None),
        may_check=invoice.state == InvoiceState.RECEIVED,
        **context,
    )


def hints_of(session: Session, invoice: SupplierInvoice) -> list[str]:
    """What a buyer should look at before anything else."""
    order, details = invoice.order, invoice.order.details
    found = [
        _("The supplier has used this number before, for an invoice that was rejected.")
        for used in with_number(session, order, invoice.number)
        if used.ref != invoice.ref
    ][:1]
    if invoice.currency != details.currency:
        return [*found, _("The order is in %(currency)s.", currency=details.currency)]
    if invoice.total != details.total:
        found.append(_("The order comes to %(total)s.", total=money_text(details.total, details.currency)))
    if invoice.total != (delivered := worth_delivered(order)):
        found.append(_("What has been delivered comes to %(total)s.", total=money_text(delivered, details.currency)))
    others = session.scalar(
        sa.select(sa.func.sum(SupplierInvoice.total)).where(
            SupplierInvoice.order_id == order.id,
            SupplierInvoice.id != invoice.id,
            SupplierInvoice.currency == invoice.currency,
            SupplierInvoice.state != InvoiceState.REJECTED,
        )
    )
    if others and others + invoice.total > details.total:
        sum_ = money_text(others + invoice.total, details.currency)
        found.append(_("All invoices for this order together come to %(total)s, more than the order.", total=sum_))
    return found
