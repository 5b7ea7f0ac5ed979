"""Inviting people into a company, and taking an invitation back."""

from flask import Response, flash, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Area, Level
from portal.access.gate import principal, refuse, requires
from portal.access.words import LEVELS
from portal.accounts.blueprint import bp
from portal.accounts.forms import InvitationForm
from portal.accounts.invitations import invite, link_of, open_invitations
from portal.accounts.joining import Invitation
from portal.accounts.kept import refill
from portal.accounts.membership import grantable_capacities
from portal.accounts.pages.people import company_of, record, requests_for
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.text import isolate
from portal.web import find_or_404, go_to, render

# Under which the browser's session remembers what was made just now.
NEW_INVITATION = "new_invitation"


@bp.get("/organisations/<ref>/people/invitations")
@requires(Action.PEOPLE_MANAGE)
def company_invitations(ref: str) -> Response:
    organisation = company_of(ref, to_change=True)
    form = InvitationForm(
        language=organisation.language, level=Level.MEMBER, areas=[Area.SUPPORT, Area.ORDERS, Area.FEEDBACK]
    )
    return _invitations(organisation, refill(form, url_for("accounts.create_company_invitation", ref=ref)))


def _invitations(organisation: Organisation, form: InvitationForm, status: int = 200) -> Response:
    form.offer(grantable_capacities(principal(), organisation))
    rows = db.session.execute(
        open_invitations(Invitation.ref, Invitation.email, Invitation.level, Invitation.expires_at, at=now()).where(
            Invitation.organisation_id == organisation.id
        )
    ).all()
    # The link of the invitation that was made just now: shown once, to copy it.
    new = session.pop(NEW_INVITATION, None)
    return render(
        "accounts/company_invitations.html",
        status=status,
        organisation=organisation,
        form=form,
        invitations=[{"row": row, "level": LEVELS[Level(row.level)]} for row in rows],
        link=link_of(new) if any(row.ref == new for row in rows) else "",
        requests=requests_for(organisation),
    )


@bp.post("/organisations/<ref>/people/invitations")
@requires(Action.PEOPLE_MANAGE)
def create_company_invitation(ref: str) -> BaseResponse:
    organisation = company_of(ref, lock=True, to_change=True)
    form = InvitationForm()
    form.offer(grantable_capacities(principal(), organisation))
    if not form.validate_on_submit():
        return _invitations(organisation, form, 422)
    if form.email.data.casefold() == principal().email.casefold():
        raise RuleBroken(_l("Nobody invites themselves. Ask somebody else who may."))
    at = now()
    invitation = invite(
        db.session(),
        form.email.data,
        invited_by_id=principal().person_id,
        language=form.language.data,
        at=at,
        organisation=organisation,
        **form.rights,
    )
    record("person-invited", organisation, level=invitation.level)
    db.session.commit()
    session[NEW_INVITATION] = invitation.ref
    flash(_("The invitation to %(email)s is on its way.", email=isolate(invitation.email)), "success")
    return go_to(url_for("accounts.company_invitations", ref=ref))


@bp.post("/organisations/<ref>/people/invitations/<invitation_ref>/revocation")
@requires(Action.PEOPLE_MANAGE)
def revoke_company_invitation(ref: str, invitation_ref: str) -> BaseResponse:
    organisation = company_of(ref, to_change=True)
    invitation = find_or_404(Invitation, ref=invitation_ref, lock=True)
    if invitation.organisation_id != organisation.id:
        refuse()
    invitation.revoke(now())
    record("invitation-revoked", organisation)
    db.session.commit()
    flash(_("The invitation is withdrawn. Its link does not work any more."), "success")
    return go_to(url_for("accounts.company_invitations", ref=ref))
