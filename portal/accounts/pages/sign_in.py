"""Signing in: the choice of a provider, the way there and the way back."""

from typing import Any

from flask import Response, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_user
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import note, principal, public, public_writing, speak_to
from portal.accounts import oidc, signing_in
from portal.accounts.blueprint import bp
from portal.accounts.oidc import Claims, SignInRefused
from portal.accounts.refusals import WORDS, NotAdmitted
from portal.accounts.sessions import load
from portal.clock import now
from portal.config import settings
from portal.extensions import db, limiter
from portal.languages import browser_language, voice
from portal.text import isolate
from portal.web import go_to, render, safe_next


def sign_in_rate() -> str:
    return settings().rate_sign_in


@bp.get("/sign-in")
@public
def sign_in() -> BaseResponse:
    target = safe_next(request.args.get("next"))
    if principal().is_signed_in:
        return redirect(target, 303)
    return render(
        "accounts/sign_in.html", providers=settings().providers, next=target, signing_in=True, is_back=target != "/"
    )


@bp.get("/sign-in/<provider>")
@public
@limiter.limit(sign_in_rate)
def start_sign_in(provider: str) -> BaseResponse:
    """On to the provider; what it should know beforehand is passed on."""
    prompt = request.args.get("prompt")
    return leave_for(
        provider,
        login_hint=request.args.get("login_hint"),
        next=safe_next(request.args.get("next")),
        prompt=prompt if prompt in ("login", "select_account") else None,
    )


def leave_for(provider: str, **params: Any) -> BaseResponse:
    """Send the browser to a provider, from where it comes back to `finish_sign_in`. Raises SignInRefused."""
    callback = settings().base_url + url_for("accounts.finish_sign_in", provider=provider)
    return oidc.start(provider, redirect_uri=callback, ui_locales=voice().language, **params)


@bp.get("/sign-in/<provider>/callback")
@public_writing
@limiter.limit(sign_in_rate)
def finish_sign_in(provider: str) -> BaseResponse:
    """Back from the provider: what it proves becomes a session, or a page that says why not."""
    # The provider is asked over the network next: no transaction waits for its answer.
    db.session.rollback()
    claims, about = oidc.finish(provider, request)
    wishes = about["extra"]
    if "connect" in wishes:
        return _connect(claims, wishes["connect"])
    return _sign_in(claims, safe_next(about["next"]), wishes.get("invitation"))


def _sign_in(claims: Claims, target: str, invitation: str | None) -> BaseResponse:
    browser = signing_in.Browser(
        request.user_agent.string,
        request.remote_addr or "",
        browser_language(request.cookies.get("language"), request.headers.get("Accept-Language")),
        principal().session_id,
    )
    admitted = signing_in.sign_in(claims, browser, now(), invitation=invitation)
    # Nothing that was in the browser before survives: a session that somebody planted is worth nothing.
    session.clear()
    user = load(admitted.token)
    assert user is not None
    login_user(user)
    # The first sentence is already in the language of whoever has come in.
    speak_to(user)
    note("sign-in", person_id=admitted.person_id, provider=claims.provider, is_invited=invitation is not None)
    if admitted.joined:
        flash(_("Welcome. You now belong to %(company)s.", company=isolate(admitted.joined)), "success")
    if target == "/" and user.principal.kind == "newcomer" and not user.is_colleague:
        target = url_for("accounts.show_request")
    return go_to(target)


def _connect(claims: Claims, session_id: int) -> BaseResponse:
    who = principal()
    if who.person_id is None or who.session_id != session_id:
        raise NotAdmitted("connecting_ended")
    if signing_in.connect(claims, who.person_id, now()):
        note("identity-connected", provider=claims.provider)
        flash(_("The account is connected. You can sign in with it from now on."), "success")
    else:
        flash(_("This account was connected already."))
    return go_to(url_for("accounts.identities"))


@bp.errorhandler(SignInRefused)
@bp.errorhandler(NotAdmitted)
def refuse_sign_in(refused: SignInRefused | NotAdmitted) -> Response:
    db.session.rollback()
    words = WORDS[refused.reason]
    provider = (request.view_args or {}).get("provider", "")
    person_id = refused.person_id if isinstance(refused, NotAdmitted) else None
    note(
        "sign-in-refused",
        person_id=person_id,
        provider=provider[:64],
        reason=refused.reason,
        detail=refused.detail,
    )
    return render("accounts/refused.html", status=words.status, words=words, reason=refused.reason)
