"""The page behind the link of an invitation: looking changes nothing, accepting goes through signing in."""

from flask import Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Capacity, Level, Principal, Role
from portal.access.gate import public
from portal.access.scope import acting_as
from portal.access.words import AREAS, CAPACITIES, LEVELS, ROLES
from portal.accounts.blueprint import bp
from portal.accounts.invitations import find_by_token, still_stands
from portal.accounts.joining import Invitation
from portal.accounts.pages.sign_in import leave_for, sign_in_rate
from portal.clock import now
from portal.config import settings
from portal.extensions import db, limiter
from portal.web import render


@bp.get("/invitations/<token>")
@public
@limiter.limit(sign_in_rate)
def show_invitation(token: str) -> Response:
    with acting_as(db.session(), Principal.system("show an invitation to whoever holds its link")):
        invitation = find_by_token(db.session(), token)
        if invitation is None:
            abort(404)
        is_open = still_stands(db.session(), invitation, now())
        facts = _facts(invitation) if is_open else None
    # 410: it existed for whoever holds the link, and it is over.
    return render(
        "accounts/invitation.html",
        status=200 if is_open else 410,
        invitation=facts,
        token=token,
        providers=settings().providers,
    )


def _facts(invitation: Invitation) -> dict[str, object]:
    return {
        "email": invitation.email,
        "organisation": invitation.organisation.name if invitation.organisation else "",
        "inviter": invitation.invited_by.name if invitation.invited_by else "",
        "role": ROLES[Role(invitation.staff_role)] if invitation.staff_role else "",
        "level": LEVELS[Level(invitation.level)],
        "capacities": [CAPACITIES[c] for c in Capacity if c in invitation.capacity_set],
        "areas": [label for area, label in AREAS.items() if area in invitation.area_set],
        "expires_at": invitation.expires_at,
    }


@bp.post("/invitations/<token>/acceptance")
@public
@limiter.limit(sign_in_rate)
def create_acceptance(token: str) -> BaseResponse:
    """On to the provider; who comes back from there with the right address has accepted."""
    with acting_as(db.session(), Principal.system("accept an invitation")):
        invitation = find_by_token(db.session(), token)
        if invitation is None:
            abort(404)
        email = invitation.email
    db.session.rollback()
    return leave_for(
        request.form.get("provider", ""), login_hint=email, extra={"invitation": token}, prompt="select_account"
    )
