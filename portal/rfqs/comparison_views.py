"""Buyers compare the offers and award the request; one supplier's offers stand on a page of their own."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms.validators import ValidationError

from portal.access import Action
from portal.access.gate import principal, requires
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.exporting import table
from portal.extensions import db
from portal.rfqs import buying
from portal.rfqs.blueprint import bp
from portal.rfqs.comparison import Comparison, rows_of
from portal.rfqs.forms import LONGEST, OrderNumberForm, VersionForm
from portal.rfqs.holding import invitations_of
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.lifecycle import Verb
from portal.rfqs.page import RfqPage
from portal.rfqs.record_views import held, note_rfq_read, settled
from portal.rfqs.requests import Rfq
from portal.rfqs.showing import offers_of
from portal.text import clean_text
from portal.web import find_or_404, go_to, render


@bp.get("/<ref>/comparison")
@requires(Action.RFQ_READ)
def compare(ref: str) -> Response:
    """Of a request alone: at the reference of an invitation nobody finds it, its supplier neither."""
    rfq = find_or_404(Rfq, ref=ref)
    note_rfq_read(rfq)
    return _draw(rfq)


def _draw(rfq: Rfq, status: int = 200, *, typed: Any = None, **context: Any) -> Response:
    page = RfqPage(db.session(), principal(), rfq)
    return render(
        "rfqs/compare.html",
        "rfqs/_comparison.html",
        status,
        record=page,
        comparison=Comparison(db.session(), page),
        may_award=page.may(Verb.AWARD),
        # What was chosen and written, by the names of the fields; nothing when the page is opened.
        typed=typed or {},
        **context,
    )


@bp.get("/<ref>/comparison.csv", endpoint="export_comparison_csv", defaults={"form": "csv"})
@bp.get("/<ref>/comparison.xlsx", endpoint="export_comparison_xlsx", defaults={"form": "xlsx"})
@requires(Action.RFQ_WRITE)
def export_comparison(ref: str, form: str) -> Response:
    rfq = find_or_404(Rfq, ref=ref)
    comparison = Comparison(db.session(), RfqPage(db.session(), principal(), rfq))
    rows = list(rows_of(comparison, rfq.terms.currency))
    return table(f"comparison-{ref}", form, rows)


@bp.post("/<ref>/award")
@requires(Action.RFQ_WRITE)
def create_award(ref: str) -> BaseResponse:
    """Line by line; pressing the button of a supplier gives it all lines that it offers."""
    rfq, form = held(ref), VersionForm()
    typed = request.form
    if not form.validate_on_submit():
        return _draw(rfq, 422, typed=typed)
    try:
        seen, words = _seen(rfq), _words(rfq)
    except ValidationError as problem:
        return _draw(rfq, 422, typed=typed, problem=str(problem))
    try:
        buying.award(rfq, _chosen(rfq), seen, words, principal(), now(), form.version.data)
    except RuleBroken as problem:
        db.session.rollback()
        told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
        return _draw(find_or_404(Rfq, ref=ref), 409, typed=typed, **told)
    db.session.commit()
    return settled(ref, _("The request is awarded. Each supplier reads its own outcome, and nothing of the others."))


def _chosen(rfq: Rfq) -> dict[int, str]:
    """The winners as they were chosen, by the position of the line."""
    if (whole := request.form.get("whole", "")) != "":
        page = RfqPage(db.session(), principal(), rfq)
        offer = next((one.offer for one in page.offers if one.ref == whole), None)
        return {at: whole for at, line in offer.lines.items() if line.terms.is_quoted} if offer else {}
    lines = {line.position: request.form.get(f"line-{line.position}", "") for line in rfq.lines}
    return {position: ref for position, ref in lines.items() if ref}


def _seen(rfq: Rfq) -> dict[str, int]:
    """The versions that were looked at, by the reference of the invitation."""
    given = {name.removeprefix("seen-"): value for name, value in request.form.items() if name.startswith("seen-")}
    return {ref: int(value) if value.isdecimal() and len(value) < 10 else 0 for ref, value in given.items()}


def _words(rfq: Rfq) -> dict[str, str]:
    refs = [one.ref for one in invitations_of(db.session(), rfq)]
    words = {ref: clean_text(request.form.get(f"word-{ref}", "")).strip() for ref in refs}
    if any(len(text) > LONGEST for text in words.values()):
        raise ValidationError(_("What you say to a supplier is too long."))
    return {ref: text for ref, text in words.items() if text}


# ── One supplier ──────────────────────────────────────────────────────────────────────────────────


@bp.get("/<ref>/suppliers/<invitation_ref>")
@requires(Action.RFQ_READ)
def show_supplier(ref: str, invitation_ref: str) -> Response:
    rfq = find_or_404(Rfq, ref=ref)
    return _draw_supplier(rfq, _invitation(rfq, invitation_ref))


def _invitation(rfq: Rfq, ref: str, *, lock: bool = False) -> RfqInvitation:
    found = find_or_404(RfqInvitation, ref=ref, lock=lock)
    if found.rfq_id != rfq.id:
        abort(404)
    return found


def _draw_supplier(rfq: Rfq, invitation: RfqInvitation, status: int = 200, **context: Any) -> Response:
    page, session = RfqPage(db.session(), principal(), rfq), db.session()
    invited = next(one for one in page.invited if one.id == invitation.id)
    context.setdefault("form", OrderNumberForm(formdata=None, data={"order_number": invited.order_number}))
    if principal().is_staff:
        note_rfq_read(rfq)
    return render(
        "rfqs/supplier.html",
        None,
        status,
        record=page,
        invited=invited,
        offers=offers_of(session, [invitation.id], page.lines, rfq.terms.currency),
        **context,
    )


@bp.post("/<ref>/suppliers/<invitation_ref>/order-number")
@requires(Action.RFQ_WRITE)
def create_order_number(ref: str, invitation_ref: str) -> BaseResponse:
    rfq, form = held(ref), OrderNumberForm()
    invitation = _invitation(rfq, invitation_ref, lock=True)
    if not form.validate_on_submit():
        return _draw_supplier(rfq, invitation, 422, form=form)
    try:
        buying.note_order(invitation, form.order_number.data or "", principal(), now(), form.version.data)
    except RuleBroken as problem:
        db.session.rollback()
        rfq = find_or_404(Rfq, ref=ref)
        told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
        return _draw_supplier(rfq, _invitation(rfq, invitation_ref), 409, form=form, **told)
    db.session.commit()
    flash(_("The number is noted. The order is linked as soon as the ERP has sent it."), "success")
    return go_to(url_for("rfqs.show_supplier", ref=ref, invitation_ref=invitation_ref))
