"""Connected identities: the accounts that a person signs in with."""

import sqlalchemy as sa
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import note, principal, signed_in
from portal.accounts.blueprint import bp
from portal.accounts.models import Identity, SignInSession
from portal.accounts.pages.sign_in import leave_for, sign_in_rate
from portal.clock import now
from portal.config import settings
from portal.errors import RuleBroken
from portal.extensions import db, limiter
from portal.web import find_or_404, go_to, render


@bp.get("/account/identities")
@signed_in
def identities() -> Response:
    rows = db.session.execute(
        sa.select(Identity.ref, Identity.provider, Identity.issuer, Identity.email, Identity.last_used_at)
        .where(Identity.person_id == principal().person_id)
        .order_by(Identity.created_at, Identity.id)
    ).all()
    labels = {provider.name: provider.label for provider in settings().providers}
    return render("accounts/identities.html", identities=rows, labels=labels, providers=settings().providers)


@bp.post("/account/identities")
@signed_in
@limiter.limit(sign_in_rate)
def create_identity() -> BaseResponse:
    """On to the provider, to choose an account that is not the one in use."""
    session_id = principal().session_id
    db.session.rollback()
    return leave_for(request.form.get("provider", ""), extra={"connect": session_id}, prompt="select_account")


@bp.post("/account/identities/<ref>/removal")
@signed_in
def remove_identity(ref: str) -> BaseResponse:
    identity = find_or_404(Identity, ref=ref)
    # All of them are locked: two removals at once must not both find the other one left.
    mine = sa.select(Identity.id).where(Identity.person_id == identity.person_id).with_for_update()
    if len(db.session.scalars(mine).all()) < 2:
        raise RuleBroken(_l("This is the only account that you can sign in with. Connect another one first."))
    _end_use_of(identity)
    db.session.delete(identity)
    db.session.commit()
    note("identity-removed", provider=identity.provider)
    flash(_("The account is disconnected. It does not sign you in any more."), "success")
    return go_to(url_for("accounts.identities"))


def _end_use_of(identity: Identity) -> None:
    """Browsers that it signed in are signed out, all but the one that asks."""
    for row in db.session.scalars(sa.select(SignInSession).where(SignInSession.identity_id == identity.id)):
        row.identity_id = None
        if row.id != principal().session_id:
            row.end(now())
    db.session.flush()
