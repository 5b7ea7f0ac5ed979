"""What staff keep of an opportunity beside its status: what it is about, what it is worth, and who looks after it."""

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.deals.forms import from_minor
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.forms import choices
from portal.languages import money_text
from portal.opportunities.blueprint import bp
from portal.opportunities.forms import DetailsForm
from portal.opportunities.models import Opportunity
from portal.opportunities.rules import keeps, may_look_after
from portal.web import done, find_or_404, render


@bp.get("/opportunities/<ref>/edit")
@requires(Action.OPPORTUNITY_WRITE)
def edit(ref: str) -> BaseResponse:
    opportunity = _kept(ref)
    if not opportunity.is_open:
        flash(_("The opportunity is closed. Reopen it, then change it."), "info")
        return done(url_for("opportunities.show", ref=ref))
    form, _people = _form_of(opportunity)
    return _page(opportunity, refill(form, url_for("opportunities.update", ref=ref)))


@bp.post("/opportunities/<ref>/edit")
@requires(Action.OPPORTUNITY_WRITE)
def update(ref: str) -> BaseResponse:
    opportunity, form = _kept(ref, lock=True), DetailsForm()
    people = _offer(form, opportunity)
    if not form.validate_on_submit():
        return _page(opportunity, form, 422)
    try:
        opportunity.edit(
            principal(),
            now(),
            form.version_seen,
            title=form.title.data or "",
            amount=form.worth,
            owner_id=people[form.owner.data],
        )
    except RuleBroken as problem:
        return _refused(ref, problem, form)
    db.session.commit()
    flash(_("The opportunity was saved."), "success")
    return done(url_for("opportunities.show", ref=ref))


def _refused(ref: str, problem: RuleBroken, form: DetailsForm) -> Response:
    """What is stored now beside what was typed, which is still in the form."""
    db.session.rollback()
    opportunity = _kept(ref)
    stored, _people = _form_of(opportunity)
    _offer(form, opportunity)
    form.version.data, form.version.raw_data = str(opportunity.version), None
    conflict = _differences(stored, form) if isinstance(problem, Stale) else []
    return _page(opportunity, form, 409, problem=problem.message, conflict=conflict)


def _kept(ref: str, *, lock: bool = False) -> Opportunity:
    opportunity = find_or_404(Opportunity, ref=ref, lock=lock)
    if not keeps(principal(), opportunity):
        refuse()
    return opportunity


def _form_of(opportunity: Opportunity) -> tuple[DetailsForm, dict[str, int]]:
    """What is stored, to be changed; and who can be chosen."""
    form = DetailsForm(
        formdata=None,
        version=str(opportunity.version),
        title=opportunity.title,
        amount=from_minor(opportunity.amount, opportunity.currency),
    )
    people = _offer(form, opportunity)
    form.owner.data = next((ref for ref, id in people.items() if id == opportunity.owner_id), None)
    return form, people


def _offer(form: DetailsForm, opportunity: Opportunity) -> dict[str, int]:
    """Give the form its choices; returns the ids of the people by reference."""
    form.currency = opportunity.currency
    rows = list(db.session.execute(may_look_after(opportunity)))
    form.owner.choices = choices((row.ref, row.name) for row in rows)
    return {row.ref: row.id for row in rows}


def _differences(stored: DetailsForm, typed: DetailsForm) -> list[tuple[str, str, str]]:
    """Label, stored and typed of each field in which both differ."""
    names = {choice.value: str(choice.label) for choice in typed.owner.choices}

    def told(form: DetailsForm) -> list[str]:
        return [form.title.data or "", money_text(form.worth, form.currency), names.get(form.owner.data, "")]

    labels = [str(field.label.text) for field in (typed.title, typed.amount, typed.owner)]
    rows = zip(labels, told(stored), told(typed), strict=True)
    return [(label, before or "–", now or "–") for label, before, now in rows if before != now]


def _page(opportunity: Opportunity, form: DetailsForm, status: int = 200, **context: Any) -> Response:
    return render("opportunities/edit.html", status=status, opportunity=opportunity, form=form, **context)
