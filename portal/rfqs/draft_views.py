"""Writing a request down: every button keeps what was typed, with scripts and without."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.files.forgetting import forget_later
from portal.files.models import Attachment
from portal.rfqs.blueprint import bp
from portal.rfqs.drafting import Drafting
from portal.rfqs.forms import MOST_LINES, DraftForm
from portal.rfqs.holding import invitations_of
from portal.rfqs.requests import Rfq
from portal.web import find_or_404, go_to, render


@bp.get("/new")
@requires(Action.RFQ_WRITE)
def new() -> Response:
    drafting = Drafting(db.session(), principal())
    return _draw(drafting, drafting.with_choices(refill(drafting.fresh_form(), url_for("rfqs.create"))))


@bp.post("/new")
@requires(Action.RFQ_WRITE)
def create() -> BaseResponse:
    return _press(Drafting(db.session(), principal()))


@bp.get("/<ref>/edit")
@requires(Action.RFQ_WRITE)
def edit(ref: str) -> BaseResponse:
    rfq = find_or_404(Rfq, ref=ref)
    if not rfq.is_draft:
        flash(_("The request has been sent, so that it cannot be changed any more."), "info")
        return go_to(url_for("rfqs.show", ref=ref))
    drafting = Drafting(db.session(), principal(), rfq)
    form = drafting.fresh_form()
    if request.args.get("more") and len(form.lines) < MOST_LINES:
        form.lines.append_entry({})
    form = drafting.with_choices(refill(form, url_for("rfqs.update", ref=ref)))
    return _draw(drafting, _mark(form, rfq) if request.args.get("missing") else form)


@bp.post("/<ref>/edit")
@requires(Action.RFQ_WRITE)
def update(ref: str) -> BaseResponse:
    return _press(Drafting(db.session(), principal(), find_or_404(Rfq, ref=ref, lock=True)))


@bp.post("/<ref>/removal")
@requires(Action.RFQ_WRITE)
def create_removal(ref: str) -> BaseResponse:
    """Delete a draft; what was sent once stays."""
    rfq, session = find_or_404(Rfq, ref=ref, lock=True), db.session()
    rfq.check_draft()
    for file in session.scalars(_files_of(rfq)):
        _forget(file)
    for invitation in invitations_of(session, rfq):
        session.delete(invitation)
    session.flush()
    session.delete(rfq)
    session.commit()
    flash(_("The draft is deleted."), "success")
    return go_to(url_for("rfqs.index"))


def _files_of(rfq: Rfq) -> sa.Select[Any]:
    return sa.select(Attachment).where(Attachment.rfq_id == rfq.id)


def _press(drafting: Drafting) -> BaseResponse:
    """Keep what was typed, whichever button was pressed, then do what it says."""
    press, form, at = request.form.get("press", ""), drafting.sent_form(), now()
    if press.startswith("remove-line-"):
        _drop_line(form, press.removeprefix("remove-line-"))
    is_sound = form.validate_on_submit()
    received = form.receive(principal().person_id or 0)
    if not drafting.check(form) or not is_sound or form.files.errors:
        return _draw(drafting, form, 422)
    try:
        rfq = drafting.keep(form, received, at)
    except RuleBroken as problem:
        return _refuse(drafting, form, problem)
    if press.startswith("remove-file-"):
        _drop_file(rfq, press.removeprefix("remove-file-"))
    db.session.commit()
    return _go_on(press, rfq, form)


def _refuse(drafting: Drafting, form: DraftForm, problem: RuleBroken) -> Response:
    ref = drafting.rfq.ref if drafting.rfq else ""
    db.session.rollback()
    drafting = Drafting(db.session(), principal(), find_or_404(Rfq, ref=ref))
    told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
    return _draw(drafting, drafting.with_choices(form), 409, **told)


def _go_on(press: str, rfq: Rfq, form: DraftForm) -> BaseResponse:
    if press == "add-line":
        anchor = f"lines-{len(form.filled_lines)}-product"
        return go_to(url_for("rfqs.edit", ref=rfq.ref, more="1", _anchor=anchor))
    if press.startswith(("remove-line-", "remove-file-")):
        anchor = "lines" if "line" in press else "files"
        return go_to(url_for("rfqs.edit", ref=rfq.ref, _anchor=anchor))
    if press == "ready" and _missing(rfq):
        return go_to(url_for("rfqs.edit", ref=rfq.ref, missing="1"))
    flash(_("The draft is saved."), "success")
    return go_to(url_for("rfqs.show", ref=rfq.ref))


def _missing(rfq: Rfq) -> dict[str, Any]:
    return rfq.missing(now(), chosen=len(invitations_of(db.session(), rfq)))


def _mark(form: DraftForm, rfq: Rfq) -> DraftForm:
    """Show beside each field what has to be mended before the request is sent."""
    for name, words in _missing(rfq).items():
        form[name].errors = [str(words)]
    return form


def _drop_line(form: DraftForm, place: str) -> None:
    if place.isdecimal() and len(place) < 4 and int(place) < len(form.lines.entries):
        form.lines.entries.pop(int(place))


def _drop_file(rfq: Rfq, ref: str) -> None:
    file = db.session.scalars(_files_of(rfq).where(Attachment.ref == ref)).one_or_none()
    if file is not None:
        _forget(file)


def _forget(file: Attachment) -> None:
    db.session.delete(file)
    forget_later(file.hashes)


def _draw(drafting: Drafting, form: DraftForm, status: int = 200, **context: Any) -> Response:
    rfq = drafting.rfq
    return render(
        "rfqs/edit.html",
        "rfqs/_form.html",
        status,
        rfq=rfq,
        form=form,
        stored_files=drafting.files(),
        zone=drafting.zone.key.replace("_", " "),
        action=url_for("rfqs.update", ref=rfq.ref) if rfq else url_for("rfqs.create"),
        **context,
    )
