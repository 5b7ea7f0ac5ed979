"""Signing out, here and at the provider."""

import secrets

from flask import Response, redirect, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import note, principal, public, signed_in
from portal.accounts import oidc
from portal.accounts.blueprint import bp
from portal.accounts.kept import remember_who_leaves
from portal.accounts.models import SignInSession
from portal.clock import now
from portal.config import settings
from portal.extensions import db
from portal.web import go_to, render


@bp.post("/sign-out")
@signed_in
def create_sign_out() -> BaseResponse:
    """End the session's row, so that a copied cookie is worth nothing; then end it at the provider too."""
    row = db.session.get_one(SignInSession, principal().session_id)
    provider, id_token = row.provider, row.id_token
    row.end(now())
    # Before the provider is asked for its address: a slow one must hold nothing up.
    db.session.commit()
    note("sign-out")
    token = current_user.token
    logout_user()
    remember_who_leaves(token)
    landing = settings().base_url + url_for("accounts.signed_out")
    away = oidc.logout_url(provider, id_token or None, landing, secrets.token_urlsafe(8))
    return redirect(away, 303) if away else go_to(url_for("accounts.signed_out"))


@bp.get("/signed-out")
@public
def signed_out() -> Response:
    return render("accounts/signed_out.html")
