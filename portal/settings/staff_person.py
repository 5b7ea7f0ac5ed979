"""One person as administrators see them: roles, and whether they are let in at all."""

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Role
from portal.access.gate import note, principal, requires
from portal.accounts.models import Membership, Person, StaffRole
from portal.accounts.sessions import end_sessions
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.models import record_activity
from portal.settings.blueprint import bp
from portal.settings.forms import RoleForm
from portal.settings.portfolio import portfolio_of
from portal.settings.staff import roles_of
from portal.text import isolate
from portal.web import find_or_404, go_to, render


@bp.get("/settings/staff/<ref>")
@requires(Action.STAFF_GRANT)
def show_staff(ref: str) -> Response:
    return _page(find_or_404(Person, ref=ref), RoleForm())


def _page(person: Person, form: RoleForm, status: int = 200) -> Response:
    roles = roles_of(person)
    held = {role["role"] for role in roles}
    form.role.choices = [choice for choice in form.role.choices if choice.value not in held]
    manages = any(role["role"] == Role.ACCOUNT_MANAGER for role in roles)
    return render(
        "settings/staff_person.html",
        status=status,
        person=person,
        is_self=person.id == principal().person_id,
        roles=roles,
        form=form,
        portfolio=portfolio_of(person) if manages else None,
        q="",
        found=None,
    )


def _role(person: Person, name: str) -> StaffRole:
    statement = sa.select(StaffRole).where(StaffRole.person_id == person.id, StaffRole.role == name)
    role = db.session.scalar(statement.with_for_update(of=StaffRole))
    if role is None:
        raise NotFound
    return role


@bp.post("/settings/staff/<ref>/roles")
@requires(Action.STAFF_GRANT)
def create_role(ref: str) -> BaseResponse:
    person = find_or_404(Person, ref=ref, lock=True)
    form = RoleForm()
    if not form.validate_on_submit():
        return _page(person, form, 422)
    if not person.is_staff:
        raise RuleBroken(_l("This person is no member of staff. Invite them as one instead."))
    role = Role(form.role.data)
    held = sa.select(StaffRole.id).where(StaffRole.person_id == person.id, StaffRole.role == role)
    if db.session.scalar(held) is not None:
        raise RuleBroken(_l("They have this role already."))
    granted = StaffRole.grant(person, role, principal().person_id, now())
    db.session.add(granted)
    db.session.commit()
    note("role-granted", reference=ref, role=role)
    if granted.confirmed_at is None:
        flash(_("The role waits until a second administrator confirms it."), "warning")
    else:
        flash(_("The role is granted."), "success")
    return go_to(url_for("settings.show_staff", ref=ref))


@bp.post("/settings/staff/<ref>/roles/<role>/confirmation")
@requires(Action.STAFF_GRANT)
def confirm_role(ref: str, role: str) -> BaseResponse:
    granted = _role(find_or_404(Person, ref=ref), role)
    granted.confirm(principal().person_id, now())
    db.session.commit()
    note("role-confirmed", reference=ref, role=role)
    flash(_("The role is confirmed, and holds from now on."), "success")
    return go_to(url_for("settings.show_staff", ref=ref))


@bp.post("/settings/staff/<ref>/roles/<role>/revocation")
@requires(Action.STAFF_GRANT)
def revoke_role(ref: str, role: str) -> BaseResponse:
    person = find_or_404(Person, ref=ref)
    if person.id == principal().person_id:
        raise RuleBroken(_l("Nobody changes their own roles. Another administrator has to do it."))
    db.session.delete(_role(person, role))
    db.session.commit()
    note("role-revoked", reference=ref, role=role)
    flash(_("The role is taken away."), "success")
    return go_to(url_for("settings.show_staff", ref=ref))


@bp.post("/settings/staff/<ref>/disablement")
@requires(Action.STAFF_GRANT)
def disable_person(ref: str) -> BaseResponse:
    """Let somebody in no more, from this moment on."""
    person, at = find_or_404(Person, ref=ref, lock=True), now()
    name, person_id = person.name, person.id
    if not person.is_disabled:
        _tell_companies("person-disabled", person)
    person.disable(principal().person_id, at)
    db.session.flush()
    end_sessions(person_id, at)
    db.session.commit()
    note("person-disabled", reference=ref)
    flash(_("%(name)s is signed out everywhere and let in no more.", name=isolate(name)), "success")
    return go_to(url_for("settings.show_staff", ref=ref))


@bp.post("/settings/staff/<ref>/enablement")
@requires(Action.STAFF_GRANT)
def enable_person(ref: str) -> BaseResponse:
    person = find_or_404(Person, ref=ref, lock=True)
    if person.is_disabled:
        _tell_companies("person-enabled", person)
    person.enable()
    db.session.commit()
    note("person-enabled", reference=ref)
    flash(_("%(name)s is let in again.", name=isolate(person.name)), "success")
    return go_to(url_for("settings.show_staff", ref=ref))


def _tell_companies(kind: str, person: Person) -> None:
    """A change of access is written into the history of every company that the person belongs to."""
    companies = db.session.scalars(
        sa.select(Membership.organisation_id)
        .where(Membership.person_id == person.id, Membership.ended_at.is_(None))
        .distinct()
    ).all()
    if companies:
        db.session.add(
            record_activity(
                kind,
                at=now(),
                actor_id=principal().person_id,
                concerns=dict.fromkeys(companies),
                readers=frozenset(companies),
                person_id=person.id,
            )
        )
