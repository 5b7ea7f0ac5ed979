"""Writing a registration: in three steps or on one page, kept at every press, with scripts and without."""

from datetime import datetime
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import find, is_writable
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.config import settings
from portal.deals.blueprint import bp
from portal.deals.filling import Filling, first_step_of, is_required, lacking_of, mark
from portal.deals.forms import MOST_LINES, STEPS, DealForm
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.deals.page import form_readers, question_of
from portal.deals.parties import Party, find_partners, own_party, party_of, people_who_register
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.files.forgetting import forget_later
from portal.languages import number_text, voice
from portal.organisations.models import Organisation
from portal.text import clean_line
from portal.web import find_or_404, go_to, render

LAST = max(STEPS)


@bp.get("/deals/new")
@requires(Action.DEAL_WRITE)
def new() -> Response:
    party = _party()
    if party is None:
        return _choose()
    return _fresh(Filling(db.session(), principal(), party), url_for("deals.create"))


@bp.post("/deals/new")
@requires(Action.DEAL_WRITE)
def create() -> BaseResponse:
    # Our own form always names a partner and a person to staff; what does not is no form of ours.
    party = _party() or abort(400)
    filling = Filling(db.session(), principal(), party)
    sent_before = find(db.session(), Deal, Deal.ref == filling.new_ref(DealForm()), lock=True)
    return _press(filling if sent_before is None else Filling(db.session(), principal(), party, sent_before))


@bp.get("/deals/<ref>/edit")
@requires(Action.DEAL_WRITE)
def edit(ref: str) -> BaseResponse:
    deal = own(ref)
    if not deal.is_editable:
        flash(_("The registration is submitted, so that it cannot be changed any more."), "info")
        return go_to(url_for("deals.show", ref=ref))
    return _fresh(Filling(db.session(), principal(), None, deal), url_for("deals.update", ref=ref))


@bp.post("/deals/<ref>/edit")
@requires(Action.DEAL_WRITE)
def update(ref: str) -> BaseResponse:
    return _press(Filling(db.session(), principal(), None, own(ref, lock=True)))


@bp.post("/deals/<ref>/removal")
@requires(Action.DEAL_WRITE)
def create_removal(ref: str) -> BaseResponse:
    """Delete a draft; what was submitted once stays."""
    deal, who = own(ref, lock=True), principal()
    if deal.created_by_id != who.person_id:
        refuse()
    if deal.state != State.DRAFT:
        raise RuleBroken(_("The registration is submitted, so that it cannot be deleted any more."))
    for attachment in deal.attachments:
        forget_later(attachment.hashes)
        db.session.delete(attachment)
    db.session.flush()
    db.session.expire(deal, ["attachments"])
    db.session.delete(deal)
    db.session.commit()
    flash(_("The draft is deleted."), "success")
    return go_to(list_url())


def own(ref: str, *, lock: bool = False) -> Deal:
    """A registration that this person may write, of the partner that they act for: no guest of a room rewrites it."""
    deal, who = find_or_404(Deal, ref=ref, lock=lock), principal()
    if not is_writable(deal) or not (who.is_staff or deal.organisation_id == who.organisation_id):
        refuse()
    return deal


def list_url() -> str:
    return url_for("deals.index")


# ── For whom ──────────────────────────────────────────────────────────────────────────────────────


def _party() -> Party | None:
    """The partner themselves; for staff whom the address names, None where they have to choose still."""
    who = principal()
    if not who.is_staff:
        return own_party(who)
    organisation, person = request.args.get("organisation", ""), request.args.get("person", "")
    if not organisation or not person:
        return None
    return party_of(db.session(), find_or_404(Organisation, ref=organisation), person) or abort(404)


def _choose() -> Response:
    """Staff name the partner, then the person on whose behalf they write."""
    ref, session = request.args.get("organisation", ""), db.session()
    organisation = find_or_404(Organisation, ref=ref) if ref else None
    people = session.execute(people_who_register(organisation.id)).all() if organisation else []
    words = clean_line(request.args.get("find", ""))[:100]
    found = find_partners(session, words) if words and not organisation else []
    return render("deals/choose.html", words=words, found=found, organisation=organisation, people=people)


# ── The form ──────────────────────────────────────────────────────────────────────────────────────


def _step() -> int | None:
    """Which of the steps the address names; None stands for all of them on one page."""
    asked = request.args.get("step", "1")
    if asked == "all":
        return None
    return int(asked) if asked in map(str, STEPS) else 1


def _fresh(filling: Filling, action: str) -> Response:
    step = _step()
    form = filling.fresh_form(step)
    if "lines" in form and request.args.get("more") and len(form.lines) < MOST_LINES:
        _add_line(filling, form)
    form = refill(form, action)
    if "lines" in form:
        filling.offer_products(form)
    return draw(filling, form, step)


def _press(filling: Filling) -> BaseResponse:
    """Keep what was typed, whichever button was pressed, then do what it says."""
    step, press, session, at = _step(), request.form.get("press", ""), db.session(), now()
    form = filling.sent_form(step)
    if press.startswith("remove-line-") and "lines" in form:
        _drop_line(form, press.removeprefix("remove-line-"))
    is_sound = form.validate_on_submit()
    files = form.receive(principal().person_id or 0) if "files" in form else []
    if "files" in form:
        _check_count(filling, form, len(files), press)
    if not is_sound or ("files" in form and form.files.errors):
        if press == "add-line" and "lines" in form and len(form.lines) < MOST_LINES:
            _add_line(filling, form)
        return draw(filling, form, step, 422)
    try:
        deal = filling.keep(form, files, at, _removed(press))
    except RuleBroken as problem:
        return _refused(filling, form, step, problem)
    session.commit()
    if press == "submit":
        return _submit(deal, filling, step, at)
    return _go_on(deal, step, press)


def _refused(filling: Filling, form: DealForm, step: int | None, problem: RuleBroken) -> Response:
    """Somebody was quicker: what is stored beside what was typed, which is kept in the form."""
    session = db.session()
    session.rollback()
    deal = filling.deal
    assert deal is not None
    filling.deal = find_or_404(Deal, ref=deal.ref)
    if not filling.deal.is_editable:
        problem = RuleBroken(_("The registration is submitted, so that it cannot be changed any more."))
    elif not isinstance(problem, Stale):
        raise problem
    conflict = filling.differences(form)
    form.version.data = str(filling.version)
    return draw(filling, form, step, 409, problem=problem.message, conflict=conflict)


def _submit(deal: Deal, filling: Filling, step: int | None, at: datetime) -> BaseResponse:
    """What was typed is kept already, so that nothing is lost where it cannot be submitted."""
    who, session = principal(), db.session()
    if deal.state not in (State.DRAFT, State.RETURNED):
        return go_to(url_for("deals.show", ref=deal.ref))
    if lacking := lacking_of(deal, at.astimezone(voice().zone).date()):
        step = first_step_of(lacking) if step is not None else None
        return draw(filling, mark(filling.fresh_form(step), lacking), step, 422)
    try:
        deal.submit(who, at, deal.version_for(who))
        session.commit()
    except RuleBroken as problem:
        session.rollback()
        filling.deal = find_or_404(Deal, ref=deal.ref)
        return draw(filling, filling.fresh_form(step), step, 409, problem=problem.message)
    flash(_("The registration is submitted. You see here when a decision is due."), "success")
    return go_to(url_for("deals.show", ref=deal.ref))


def _go_on(deal: Deal, step: int | None, press: str) -> BaseResponse:
    there: dict[str, Any] = {"more": "1", "_anchor": f"lines-{len(deal.lines)}-product"} if press == "add-line" else {}
    steps = {"next": min((step or 1) + 1, LAST), "back": max((step or 1) - 1, 1), "all": "all"}
    to: Any = steps.get(press, step or "all")
    if press.startswith("step-") and press[5:] in map(str, STEPS):
        to = press[5:]
    if press not in ("next", "back", "all", "add-line") and not press.startswith("step-"):
        flash(_("The draft is saved.") if deal.state == State.DRAFT else _("Your changes are saved."), "success")
    return go_to(url_for("deals.edit", ref=deal.ref, step=to, **there))


def _add_line(filling: Filling, form: DealForm) -> None:
    form.lines.append_entry({"quantity": 1})
    filling.offer_products(form)


def _drop_line(form: DealForm, place: str) -> None:
    if place.isdecimal() and len(place) < 4 and int(place) < len(form.lines.entries):
        form.lines.entries.pop(int(place))


def _removed(press: str) -> str:
    """The reference of the file that goes."""
    return press.removeprefix("remove-file-") if press.startswith("remove-file-") else ""


def _check_count(filling: Filling, form: DealForm, new: int, press: str) -> None:
    """Those that are stored count as well."""
    stored = [file.ref for file in filling.deal.attachments] if filling.deal else []
    stored = [ref for ref in stored if ref != _removed(press)]
    most = settings().attachment_max_count
    if len(stored) + new > most:
        form.files.errors = [
            *form.files.errors,
            _("These are too many files: a registration has at most %(count)s.", count=number_text(most)),
        ]


def _named(party: Party | None) -> dict[str, Any]:
    return {"organisation": party.organisation_ref, "person": party.author_ref} if party else {}


def draw(filling: Filling, form: DealForm, step: int | None, status: int = 200, **context: Any) -> Response:
    deal, who = filling.deal, principal()
    if deal is None:
        action = url_for("deals.create", step=step or "all", **_named(filling.party if who.is_staff else None))
    else:
        action = url_for("deals.update", ref=deal.ref, step=step or "all")
    return render(
        "deals/edit.html" if deal else "deals/new.html",
        "deals/_form.html",
        status,
        filling=filling,
        form=form,
        step=step,
        action=action,
        is_required=is_required,
        readers=form_readers(db.session(), who, filling),
        question=question_of(db.session(), deal) if deal else None,
        language=voice().language,
        **context,
    )
