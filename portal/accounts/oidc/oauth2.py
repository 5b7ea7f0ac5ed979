"""Trading a code for tokens and a token for a profile: what OpenID Connect and plain OAuth 2 share."""

import logging
from collections.abc import Mapping
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from portal.accounts.oidc.claims import LONGEST_SUBJECT, Claims, from_profile
from portal.accounts.oidc.discovery import SECONDS_TO_ANSWER, bounded, fetch_json, is_safe
from portal.accounts.oidc.pending import PendingSignIn
from portal.accounts.oidc.refusals import SignInRefused
from portal.config import ProviderSettings

# The library writes tokens and verifiers to its log at DEBUG.
logging.getLogger("authlib").setLevel(logging.INFO)


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def endpoints_of(provider: ProviderSettings) -> dict[str, Any]:
    """The settings of a plain OAuth 2 provider in the shape of metadata. Raises SignInRefused."""
    endpoints = {
        "authorization_endpoint": provider.authorize_url,
        "token_endpoint": provider.token_url,
        "userinfo_endpoint": provider.userinfo_url,
    }
    for name, url in endpoints.items():
        if not is_safe(url):
            raise SignInRefused("misconfigured", name)
    return endpoints


def authorization_url(
    provider: ProviderSettings, metadata: Mapping[str, Any], pending: PendingSignIn, state: str, **params: str
) -> str:
    """Where to send the browser. PKCE goes to every provider: one that does not know it ignores it."""
    with _session(provider, metadata, pending) as client:
        url, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], state=state, code_verifier=pending.code_verifier, **params
        )
    return str(url)


def tokens_for(
    provider: ProviderSettings, metadata: Mapping[str, Any], pending: PendingSignIn, code: str
) -> dict[str, Any]:
    """The token endpoint's answer, always with an access token. Raises SignInRefused."""
    try:
        with _session(provider, metadata, pending) as client:
            tokens = dict(
                client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=pending.code_verifier,
                    allow_redirects=False,
                    stream=True,
                )
            )
    except AuthlibBaseError as error:
        raise SignInRefused("code_refused", str(error.error)) from error
    except requests.RequestException as error:
        raise SignInRefused("provider_unreachable", type(error).__name__) from error
    except (ValueError, TypeError) as error:
        raise SignInRefused("malformed_answer", "token endpoint") from error
    if not isinstance(tokens.get("access_token"), str):
        raise SignInRefused("malformed_answer", "no access token")
    return tokens


def profile_for(metadata: Mapping[str, Any], tokens: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the userinfo endpoint says; None where the provider has none. Raises SignInRefused."""
    if not (url := metadata.get("userinfo_endpoint")):
        return None
    return fetch_json(url, auth=_Bearer(tokens["access_token"]))


def claims_for(provider: ProviderSettings, profile: Mapping[str, Any]) -> Claims:
    """Who a plain OAuth 2 profile is about: (configured issuer, immutable id). Raises SignInRefused."""
    value = profile.get(provider.id_field)
    # A number is as good as its digits; True is a number to Python and nobody's id.
    subject = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not 0 < len(subject.strip()) <= len(subject) <= LONGEST_SUBJECT:
        raise SignInRefused("no_subject")
    return from_profile(provider, subject, profile)


def _session(provider: ProviderSettings, metadata: Mapping[str, Any], pending: PendingSignIn) -> OAuth2Session:
    session = OAuth2Session(
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        token_endpoint_auth_method=_auth_method(provider, metadata),
        code_challenge_method="S256",
        scope=provider.scope or None,
        redirect_uri=pending.redirect_uri,
        default_timeout=SECONDS_TO_ANSWER,
    )
    session.hooks["response"].append(bounded)
    return session


def _auth_method(provider: ProviderSettings, metadata: Mapping[str, Any]) -> str:
    if not provider.client_secret:
        return "none"
    # Plain OAuth 2 providers publish nothing; the body is what all of them read.
    default = ["client_secret_basic"] if provider.kind == "oidc" else ["client_secret_post"]
    offered = metadata.get("token_endpoint_auth_methods_supported") or default
    return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
