"""Writing a lead down: every button keeps what was typed, with scripts and without."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.leads.blueprint import bp
from portal.leads.filling import Filling
from portal.leads.forms import MOST_LINES, LeadForm
from portal.leads.models import NEEDED, Lead
from portal.web import find_or_404, go_to, render


@bp.get("/leads/new")
@requires(Action.LEAD_HAND_OUT)
def new() -> Response:
    filling = Filling(db.session(), principal())
    return _draw(filling, filling.with_choices(refill(filling.fresh_form(), url_for("leads.create"))))


@bp.post("/leads/new")
@requires(Action.LEAD_HAND_OUT)
def create() -> BaseResponse:
    return _press(Filling(db.session(), principal()))


@bp.get("/leads/<ref>/edit")
@requires(Action.LEAD_HAND_OUT)
def edit(ref: str) -> BaseResponse:
    lead = find_or_404(Lead, ref=ref)
    if not lead.is_editable:
        flash(_("The lead is handed out, so that it cannot be changed any more."), "info")
        return go_to(url_for("leads.show", ref=ref))
    filling = Filling(db.session(), principal(), lead)
    form = filling.fresh_form()
    if request.args.get("more") and len(form.lines) < MOST_LINES:
        form.lines.append_entry({})
    form = filling.with_choices(refill(form, url_for("leads.update", ref=ref)))
    return _draw(filling, mark(form, lead) if request.args.get("missing") else form)


@bp.post("/leads/<ref>/edit")
@requires(Action.LEAD_HAND_OUT)
def update(ref: str) -> BaseResponse:
    return _press(Filling(db.session(), principal(), find_or_404(Lead, ref=ref, lock=True)))


@bp.post("/leads/<ref>/removal")
@requires(Action.LEAD_HAND_OUT)
def create_removal(ref: str) -> BaseResponse:
    """Delete a draft; what was handed out once stays."""
    lead = find_or_404(Lead, ref=ref, lock=True)
    if not lead.is_editable:
        raise RuleBroken(_("The lead is handed out, so that it cannot be deleted any more."))
    db.session.delete(lead)
    db.session.commit()
    flash(_("The draft is deleted."), "success")
    return go_to(url_for("leads.index"))


def _press(filling: Filling) -> BaseResponse:
    """Keep what was typed, whichever button was pressed, then do what it says."""
    press, form = request.form.get("press", ""), filling.sent_form()
    if press.startswith("remove-line-"):
        _drop_line(form, press.removeprefix("remove-line-"))
    is_sound = form.validate_on_submit()
    if not filling.check(form) or not is_sound:
        return _draw(filling, form, 422)
    lead = filling.keep(form, now())
    db.session.commit()
    if press == "add-line":
        return go_to(url_for("leads.edit", ref=lead.ref, more="1", _anchor=f"lines-{len(form.filled_lines)}-product"))
    if press.startswith("remove-line-"):
        return go_to(url_for("leads.edit", ref=lead.ref, _anchor="lines"))
    if press == "ready" and lead.missing():
        return go_to(url_for("leads.edit", ref=lead.ref, missing="1"))
    flash(_("The draft is saved."), "success")
    return go_to(url_for("leads.show", ref=lead.ref))


def mark(form: LeadForm, lead: Lead) -> LeadForm:
    """Show beside each field what has to be there before the lead is handed out."""
    for name in lead.missing():
        form[name].errors = [_("This is needed to hand the lead out.")]
    return form


def _drop_line(form: LeadForm, place: str) -> None:
    if place.isdecimal() and len(place) < 4 and int(place) < len(form.lines.entries):
        form.lines.entries.pop(int(place))


def _draw(filling: Filling, form: LeadForm, status: int = 200) -> Response:
    lead = filling.lead
    return render(
        "leads/edit.html",
        "leads/_form.html",
        status,
        lead=lead,
        form=form,
        needed=frozenset(NEEDED),
        action=url_for("leads.update", ref=lead.ref) if lead else url_for("leads.create"),
    )
