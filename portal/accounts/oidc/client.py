"""The two halves of a sign-in, and the way out."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from flask import Request, redirect
from werkzeug.wrappers import Response

from portal.accounts.oidc import claims, oauth2, pending, verify
from portal.accounts.oidc.claims import Claims
from portal.accounts.oidc.discovery import TENANT, issuer_of, metadata_of
from portal.accounts.oidc.pending import PendingSignIn
from portal.accounts.oidc.refusals import SignInRefused
from portal.config import ProviderSettings, settings

# An answer is a handful of short parameters; more than this is somebody trying something.
LONGEST_PARAMETER = 4096


def provider_named(name: str) -> ProviderSettings:
    """The provider's settings. Raises SignInRefused where there is none of this name."""
    for provider in settings().providers:
        if provider.name == name:
            return provider
    raise SignInRefused("unknown_provider", name)


def start(
    provider_name: str,
    *,
    redirect_uri: str,
    login_hint: str | None = None,
    next: str | None = None,
    extra: dict[str, Any] | None = None,
    prompt: str | None = None,
    ui_locales: str | None = None,
) -> Response:
    """Send the browser to the provider, remembering in the session what `finish` gives back.

    `extra` must be small and fit into JSON. Raises SignInRefused where the provider cannot be used now.
    """
    provider = provider_named(provider_name)
    metadata = _metadata(provider)
    started = PendingSignIn(provider.name, redirect_uri, next, extra or {})
    params = {"login_hint": login_hint, "prompt": prompt, "ui_locales": ui_locales}
    if provider.kind == "oidc":
        params["nonce"] = started.nonce
    wanted = {key: value[:200] for key, value in params.items() if value}
    url = oauth2.authorization_url(provider, metadata, started, pending.remember(started), **wanted)
    return redirect(url)


def finish(provider_name: str, request: Request) -> tuple[Claims, dict[str, Any]]:
    """Who came back, and `next` and `extra` as `start` was given them. Raises SignInRefused."""
    provider = provider_named(provider_name)
    answer = _answer(request)
    started = pending.recall(answer.get("state", ""))
    if started is None:
        raise SignInRefused("unknown_state")
    # An answer of one provider brought to another's door (mix-up, RFC 9700, 4.4).
    if started.provider != provider.name:
        raise SignInRefused("wrong_provider", started.provider)
    metadata = _metadata(provider)
    _check_answering_issuer(provider, bool(metadata.get("authorization_response_iss_parameter_supported")), answer)
    if error := answer.get("error"):
        raise SignInRefused("access_denied" if error == "access_denied" else "provider_error", error)
    if not (code := answer.get("code")):
        raise SignInRefused("no_code")
    tokens = oauth2.tokens_for(provider, metadata, started, code)
    about = {"next": started.next, "extra": started.extra}
    if provider.kind == "oauth2":
        return oauth2.claims_for(provider, oauth2.profile_for(metadata, tokens) or {}), about
    token = verify.verified(provider, tokens.get("id_token"), nonce=started.nonce, access_token=tokens["access_token"])
    userinfo = oauth2.profile_for(metadata, tokens)
    if userinfo is not None and userinfo.get("sub") != token["sub"]:
        raise SignInRefused("wrong_userinfo_subject")
    return claims.from_id_token(provider, token, userinfo or {}, tokens["id_token"]), about


def logout_url(provider_name: str, id_token: str | None, post_logout_redirect_uri: str, state: str) -> str | None:
    """Where to end the session at the provider too (RP-Initiated Logout 1.0); None where it cannot be done.

    Never raises for a provider that is gone: signing out of the portal must always work.
    """
    try:
        provider = provider_named(provider_name)
        endpoint = _metadata(provider).get("end_session_endpoint")
    except SignInRefused:
        return None
    if not endpoint:
        return None
    params = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }
    if id_token:
        params["id_token_hint"] = id_token
    return str(add_params_to_uri(endpoint, list(params.items())))


def _metadata(provider: ProviderSettings) -> Any:
    return metadata_of(provider) if provider.kind == "oidc" else oauth2.endpoints_of(provider)


def _answer(request: Request) -> dict[str, str]:
    """The parameters that the browser brought, none of them twice."""
    answer = {}
    for name in ("state", "code", "iss", "error"):
        values = request.args.getlist(name)
        if len(values) > 1 or any(len(value) > LONGEST_PARAMETER for value in values):
            raise SignInRefused("malformed_answer", name)
        if values:
            answer[name] = values[0]
    return answer


def _check_answering_issuer(provider: ProviderSettings, promised: bool, answer: dict[str, str]) -> None:
    """RFC 9207: who answered must be who was asked."""
    issuer = answer.get("iss")
    if issuer is None:
        if promised:
            raise SignInRefused("missing_issuer_in_answer")
        return
    expected = issuer_of(provider)
    known = {expected.replace(TENANT, tenant) for tenant in provider.tenants} | {expected}
    if issuer not in known:
        raise SignInRefused("wrong_issuer_in_answer", issuer)
