"""The page of one opportunity, and what can be done about it."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, FieldGroup
from portal.access.gate import note_read, principal, refuse, requires
from portal.accounts.kept import refill
from portal.accounts.models import Person
from portal.clock import now
from portal.deals.models import Deal
from portal.deals.page import names_at_partner
from portal.errors import RuleBroken
from portal.extensions import db
from portal.languages import voice
from portal.opportunities.blueprint import bp
from portal.opportunities.changes import people_in, told
from portal.opportunities.forms import ClosureForm, StageForm, VersionForm
from portal.opportunities.models import Opportunity, OpportunityEvent, OpportunityLine, Stage
from portal.opportunities.rules import keeps, owners_named, with_parties
from portal.tickets.audience import Group
from portal.tickets.forms import place
from portal.web import done, find_or_404, render


@bp.get("/opportunities/<ref>")
@requires(Action.DEAL_READ)
def show(ref: str) -> Response:
    opportunity = _found(ref)
    who = principal()
    if who.is_staff:
        note_read(ref, opportunity.customer_id, from_afar=not keeps(who, opportunity))
    return _draw(opportunity)


@bp.post("/opportunities/<ref>/stage")
@requires(Action.OPPORTUNITY_UPDATE)
def create_stage(ref: str) -> BaseResponse:
    form = place(StageForm(), "stage")

    def act(opportunity: Opportunity) -> None:
        opportunity.update_stage(
            principal(),
            now(),
            form.version_seen,
            stage=Stage(form.stage.data),
            probability=form.probability.data or 0,
            next_step=form.next_step.data or "",
            close_on=form.close_on.data,
        )

    return _decide(ref, {"stage_form": form}, act, _("The opportunity was saved."))


@bp.post("/opportunities/<ref>/closure")
@requires(Action.OPPORTUNITY_WRITE)
def create_closure(ref: str) -> BaseResponse:
    """Won or lost: the staff own the status."""
    form = place(ClosureForm(), "closure")

    def act(opportunity: Opportunity) -> None:
        opportunity.close(
            principal(), now(), form.version_seen, status=form.status, reason=form.why, words=form.words.data or ""
        )

    return _decide(ref, {"closure_form": form}, act, _("The opportunity is closed."))


@bp.post("/opportunities/<ref>/reopening")
@requires(Action.OPPORTUNITY_WRITE)
def create_reopening(ref: str) -> BaseResponse:
    form = VersionForm()

    def act(opportunity: Opportunity) -> None:
        opportunity.reopen(principal(), now(), form.version_seen)

    return _decide(ref, {"form": form}, act, _("The opportunity is open again."))


def _decide(ref: str, forms: dict[str, Any], act: Callable[[Opportunity], Any], words: str) -> BaseResponse:
    opportunity = _found(ref, lock=True)
    if not keeps(principal(), opportunity):
        refuse()
    form = next(iter(forms.values()))
    if not form.validate_on_submit():
        return _draw(opportunity, 422, **forms)
    try:
        act(opportunity)
    except RuleBroken as problem:
        return _refused(ref, problem, forms)
    db.session.commit()
    flash(words, "success")
    return done(url_for("opportunities.show", ref=ref))


def _refused(ref: str, problem: RuleBroken, forms: dict[str, Any]) -> Response:
    """What stood against it, above the record as it is now and what was typed."""
    db.session.rollback()
    opportunity = _found(ref)
    for form in forms.values():
        # Whoever sends it once more has seen how it stands now.
        form.version.data = str(opportunity.version)
        form.version.raw_data = None
    return _draw(opportunity, 409, problem=problem.message, **forms)


def _found(ref: str, *, lock: bool = False) -> Opportunity:
    options = (selectinload(Opportunity.lines).joinedload(OpportunityLine.product),)
    return find_or_404(Opportunity, ref=ref, options=options, lock=lock)


def _draw(opportunity: Opportunity, status: int = 200, **forms: Any) -> Response:
    who = principal()
    is_kept = keeps(who, opportunity)
    owner, events = _told(opportunity)
    parties = _parties(opportunity) | {"owner": owner}
    if is_kept and opportunity.is_open:
        forms.setdefault("stage_form", _stage_form(opportunity))
        if who.may(Action.OPPORTUNITY_WRITE):
            forms.setdefault("closure_form", _closure_form(opportunity))
    forms.pop("form", None)
    return render(
        "opportunities/show.html",
        status=status,
        opportunity=opportunity,
        parties=parties,
        readers=_readers(opportunity, parties),
        steps=_steps(opportunity),
        events=events,
        language=voice().language,
        may_edit=is_kept and opportunity.is_open and who.may(Action.OPPORTUNITY_WRITE),
        may_reopen=is_kept and not opportunity.is_open and who.may(Action.OPPORTUNITY_WRITE),
        **forms,
    )


def _stage_form(opportunity: Opportunity) -> StageForm:
    form = StageForm(formdata=None, obj=opportunity)
    form.version.data = str(opportunity.version)
    return place(refill(form, url_for("opportunities.create_stage", ref=opportunity.ref)), "stage")


def _closure_form(opportunity: Opportunity) -> ClosureForm:
    form = ClosureForm(formdata=None, version=str(opportunity.version))
    return place(refill(form, url_for("opportunities.create_closure", ref=opportunity.ref)), "closure")


def _parties(opportunity: Opportunity) -> dict[str, Any]:
    """Customer, partner and registration by name, as far as the reader knows them."""
    statement = with_parties(principal(), Deal.ref.label("deal_ref"))
    statement = statement.outerjoin(Deal, Deal.id == Opportunity.deal_id)
    row = db.session.execute(statement.where(Opportunity.id == opportunity.id)).one()
    found = dict(row._mapping)
    found["deal_url"] = url_for("deals.show", ref=row.deal_ref) if row.deal_ref else ""
    return found


def _readers(opportunity: Opportunity, parties: dict[str, Any]) -> list[Group]:
    """Who reads it, and what is written there: the partner's people by name, of the staff the roles."""
    if opportunity.deal is None:
        return [Group(_("Our staff"), [_("channel managers"), _("account managers of the customer"), _("auditors")])]
    roles = [_("channel managers"), _("account managers of the partner and of the customer"), _("auditors")]
    names = names_at_partner(db.session(), principal(), opportunity.deal)
    return [Group(parties["partner"] or "", names), Group(_("Our staff"), roles)]


def _steps(opportunity: Opportunity) -> list[tuple[Stage, str]]:
    """Each stage, and where it lies: done, current or ahead."""
    stages = list(Stage)
    here = stages.index(Stage(opportunity.stage))
    return [(stage, "done" if n < here else "current" if n == here else "ahead") for n, stage in enumerate(stages)]


def _told(opportunity: Opportunity) -> tuple[str, list[dict[str, Any]]]:
    """Who looks after it, and what happened, the latest first."""
    who = principal()
    asked = db.session.execute(
        sa.select(
            OpportunityEvent.verb,
            OpportunityEvent.at,
            OpportunityEvent.changes,
            OpportunityEvent.reason,
            OpportunityEvent.words,
            OpportunityEvent.is_by_staff,
            Person.name,
        )
        .outerjoin(Person, Person.id == OpportunityEvent.actor_id)
        .where(OpportunityEvent.opportunity_id == opportunity.id)
        .order_by(OpportunityEvent.id.desc())
    )
    rows = list(asked)
    people = owners_named(db.session(), who, people_in(row.changes for row in rows) | {opportunity.owner_id or 0})
    sees_staff = who.sees(FieldGroup.STAFF_NAMES)
    events = [
        {
            "verb": row.verb,
            "at": row.at,
            "by": row.name if sees_staff or not row.is_by_staff else "",
            "changes": told(row.changes, opportunity.currency, people),
            "reason": row.reason,
            "words": row.words,
        }
        for row in rows
    ]
    return people.get(opportunity.owner_id or 0, ""), events
