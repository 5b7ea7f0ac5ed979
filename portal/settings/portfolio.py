"""The organisations in an account manager's care."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Role
from portal.access.gate import note, principal, requires
from portal.accounts.models import Person, Portfolio, StaffRole
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.listing import named
from portal.organisations.models import Organisation, record_activity
from portal.settings.blueprint import bp
from portal.text import clean_line, isolate
from portal.web import find_or_404, go_to, render

MOST_FOUND = 12


def portfolio_of(person: Person) -> list[Any]:
    return list(
        db.session.execute(
            sa.select(Organisation.ref, Organisation.name)
            .join(Portfolio, Portfolio.organisation_id == Organisation.id)
            .where(Portfolio.person_id == person.id)
            .order_by(Organisation.name_key, Organisation.id)
            .limit(500)
        )
    )


@bp.get("/settings/staff/<ref>/portfolio")
@requires(Action.STAFF_GRANT)
def show_portfolio(ref: str) -> Response:
    person = find_or_404(Person, ref=ref)
    q = clean_line(request.args.get("q", ""))[:200]
    held = sa.select(Portfolio.organisation_id).where(Portfolio.person_id == person.id)
    found = None
    if q:
        found = db.session.execute(
            sa.select(Organisation.ref, Organisation.name)
            .where(named(q), Organisation.id.not_in(held))
            .order_by(Organisation.name_key, Organisation.id)
            .limit(MOST_FOUND)
        ).all()
    return render("settings/portfolio.html", person=person, portfolio=portfolio_of(person), q=q, found=found)


def _manager(ref: str) -> Person:
    """Somebody else than the reader, who is an account manager."""
    person = find_or_404(Person, ref=ref, lock=True)
    if person.id == principal().person_id:
        raise RuleBroken(_l("Nobody fills their own portfolio. Another administrator has to do it."))
    role = sa.select(StaffRole.id).where(StaffRole.person_id == person.id, StaffRole.role == Role.ACCOUNT_MANAGER)
    if db.session.scalar(role) is None:
        raise RuleBroken(_l("Only account managers have a portfolio. Grant the role first."))
    return person


def _entry(person: Person, organisation: Organisation) -> Portfolio | None:
    return db.session.scalar(
        sa.select(Portfolio).where(Portfolio.person_id == person.id, Portfolio.organisation_id == organisation.id)
    )


@bp.post("/settings/staff/<ref>/portfolio")
@requires(Action.STAFF_GRANT)
def create_portfolio_entry(ref: str) -> BaseResponse:
    person = _manager(ref)
    organisation = find_or_404(Organisation, ref=request.form.get("organisation", ""))
    if _entry(person, organisation) is None:
        db.session.add(Portfolio(person_id=person.id, organisation_id=organisation.id))
        _record("portfolio-added", person, organisation)
        db.session.commit()
        note("portfolio-added", reference=ref, organisation_id=organisation.id)
    flash(_("%(company)s is in the portfolio.", company=isolate(organisation.name)), "success")
    return go_to(url_for("settings.show_portfolio", ref=ref))


@bp.post("/settings/staff/<ref>/portfolio/<organisation_ref>/removal")
@requires(Action.STAFF_GRANT)
def remove_portfolio_entry(ref: str, organisation_ref: str) -> BaseResponse:
    person = _manager(ref)
    organisation = find_or_404(Organisation, ref=organisation_ref)
    entry = _entry(person, organisation)
    if entry is not None:
        db.session.delete(entry)
        _record("portfolio-removed", person, organisation)
        db.session.commit()
        note("portfolio-removed", reference=ref, organisation_id=organisation.id)
    flash(_("%(company)s is no longer in the portfolio.", company=isolate(organisation.name)), "success")
    return go_to(url_for("settings.show_portfolio", ref=ref))


def _record(kind: str, person: Person, organisation: Organisation) -> None:
    """Who looks after a company is for staff to know."""
    db.session.add(
        record_activity(
            kind,
            at=now(),
            actor_id=principal().person_id,
            concerns={organisation.id: None},
            person_id=person.id,
        )
    )
