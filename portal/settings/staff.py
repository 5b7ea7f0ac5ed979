"""Staff: who works here in which roles, and inviting more of them."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Role
from portal.access.gate import note, principal, refuse, requires
from portal.access.words import ROLES
from portal.accounts.invitations import invite, link_of, open_invitations
from portal.accounts.joining import Invitation
from portal.accounts.kept import refill
from portal.accounts.models import Person, StaffRole
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.languages import voice
from portal.settings.blueprint import bp
from portal.settings.forms import StaffInvitationForm
from portal.text import isolate
from portal.web import find_or_404, go_to, render

NEW_INVITATION = "new_staff_invitation"


@bp.get("/settings/staff")
@requires(Action.STAFF_GRANT)
def staff() -> Response:
    form = StaffInvitationForm(language=voice().language)
    return _page(refill(form, url_for("settings.create_staff_invitation")))


def _page(form: StaffInvitationForm, status: int = 200) -> Response:
    people = db.session.execute(
        sa.select(Person.id, Person.ref, Person.name, Person.email, Person.disabled_at)
        .where(Person.is_staff)
        .order_by(Person.disabled_at.is_not(None), Person.name_key, Person.id)
        .limit(1000)
    ).all()
    roles = defaultdict(list)
    for row in db.session.execute(sa.select(StaffRole.person_id, StaffRole.role, StaffRole.confirmed_at)):
        roles[row.person_id].append((ROLES[Role(row.role)], row.confirmed_at is not None))
    invitations = db.session.execute(
        open_invitations(
            Invitation.ref, Invitation.email, Invitation.staff_role, Invitation.expires_at, at=now()
        ).where(Invitation.staff_role.is_not(None))
    ).all()
    new = session.pop(NEW_INVITATION, None)
    return render(
        "settings/staff.html",
        status=status,
        people=people,
        roles=roles,
        form=form,
        invitations=[{"row": row, "role": ROLES[Role(row.staff_role)]} for row in invitations],
        link=link_of(new) if any(row.ref == new for row in invitations) else "",
    )


@bp.post("/settings/staff/invitations")
@requires(Action.STAFF_GRANT)
def create_staff_invitation() -> BaseResponse:
    form = StaffInvitationForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    if form.email.data.casefold() == principal().email.casefold():
        raise RuleBroken(_l("Nobody grants roles to themselves. Another administrator has to do it."))
    invitation = invite(
        db.session(),
        form.email.data,
        invited_by_id=principal().person_id,
        language=form.language.data,
        at=now(),
        staff_role=Role(form.role.data),
    )
    db.session.commit()
    session[NEW_INVITATION] = invitation.ref
    note("staff-invited", reference=invitation.ref, role=form.role.data)
    flash(_("The invitation to %(email)s is on its way.", email=isolate(invitation.email)), "success")
    return go_to(url_for("settings.staff"))


@bp.post("/settings/staff/invitations/<ref>/revocation")
@requires(Action.STAFF_GRANT)
def revoke_staff_invitation(ref: str) -> BaseResponse:
    invitation = find_or_404(Invitation, ref=ref, lock=True)
    if invitation.staff_role is None:
        refuse()
    invitation.revoke(now())
    db.session.commit()
    flash(_("The invitation is withdrawn. Its link does not work any more."), "success")
    return go_to(url_for("settings.staff"))


def roles_of(person: Person) -> list[dict[str, Any]]:
    """The roles of a person as the page draws them, with what the reader may do about each."""
    granter = sa.orm.aliased(Person)
    rows = db.session.execute(
        sa.select(StaffRole, granter.name)
        .outerjoin(granter, granter.id == StaffRole.granted_by_id)
        .where(StaffRole.person_id == person.id)
        .order_by(StaffRole.granted_at, StaffRole.id)
    )
    me = principal().person_id
    return [
        {
            "role": role.role,
            "label": ROLES[Role(role.role)],
            "granted_at": role.granted_at,
            "granted_by": granted_by,
            "is_confirmed": role.confirmed_at is not None,
            "may_confirm": role.may_be_confirmed_by(me),
        }
        for role, granted_by in rows
    ]
