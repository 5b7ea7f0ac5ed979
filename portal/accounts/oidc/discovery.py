"""What a provider publishes about itself: metadata and keys, fetched with care and kept for a while."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import current_app

from portal.accounts.oidc.refusals import SignInRefused
from portal.config import LOOPBACK, ProviderSettings

SECONDS_TO_ANSWER = 5
SECONDS_KEPT = 600
# Between two fetches of the keys because a token named one that we do not know.
SECONDS_BETWEEN_FORCED = 10
MOST_BYTES = 512 * 1024

# A provider for many tenants publishes an issuer with this in the tenant's place, as Microsoft's v2.0 does.
TENANT = "{tenantid}"
_SHARED_TENANTS = ("common", "organizations")


@dataclass
class Published:
    """One provider's metadata and keys with the (monotonic) times at which they were read."""

    metadata: dict[str, Any]
    metadata_at: float
    keys: list[dict[str, Any]] = field(default_factory=list)
    keys_at: float | None = None
    forced_at: float | None = None


class _Cache:
    """Kept per application and process; a stale answer costs one more request and nothing else."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.published: dict[str, Published] = {}


def issuer_of(provider: ProviderSettings) -> str:
    """The issuer that the metadata must name, with `{tenantid}` where it serves many tenants."""
    for shared in _SHARED_TENANTS:
        if f"/{shared}/" in provider.issuer:
            return provider.issuer.replace(f"/{shared}/", f"/{TENANT}/", 1)
    return provider.issuer


def metadata_of(provider: ProviderSettings) -> Mapping[str, Any]:
    """Its metadata (OpenID Connect Discovery 1.0), ten minutes old at most. Raises SignInRefused."""
    return _published(provider).metadata


def keys_of(provider: ProviderSettings, *, force: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys (RFC 7517). `force` reads them anew, unless that happened a moment ago."""
    published = _published(provider)
    at = time.monotonic()
    if published.keys_at is not None and at - published.keys_at < SECONDS_KEPT:
        if not force:
            return published.keys
        if published.forced_at is not None and at - published.forced_at < SECONDS_BETWEEN_FORCED:
            return published.keys
        published.forced_at = at
    answer = fetch_json(published.metadata["jwks_uri"])
    keys = answer.get("keys")
    if not isinstance(keys, list):
        raise SignInRefused("bad_metadata", "jwks without keys")
    published.keys = [key for key in keys if isinstance(key, dict)]
    published.keys_at = at
    return published.keys


def bounded(response: requests.Response, *_: Any, **__: Any) -> requests.Response:
    """Hook: read the body within the time and size that an honest provider needs."""
    body = bytearray()
    until = time.monotonic() + SECONDS_TO_ANSWER
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > MOST_BYTES or time.monotonic() > until:
            response.close()
            raise requests.exceptions.ContentDecodingError("answer too long or too slow")
    response._content = bytes(body)
    return response


def fetch_json(url: str, auth: requests.auth.AuthBase | None = None) -> dict[str, Any]:
    """The JSON object at this address, never following a redirection. Raises SignInRefused."""
    try:
        response = requests.get(
            url,
            auth=auth,
            headers={"Accept": "application/json"},
            timeout=SECONDS_TO_ANSWER,
            allow_redirects=False,
            hooks={"response": bounded},
            stream=True,
        )
    except (requests.RequestException, ValueError) as error:
        raise SignInRefused("provider_unreachable", type(error).__name__) from error
    if response.status_code != 200:
        raise SignInRefused("provider_unreachable", f"HTTP {response.status_code}")
    try:
        answer = response.json()
    except ValueError as error:
        raise SignInRefused("malformed_answer", "not JSON") from error
    if not isinstance(answer, dict):
        raise SignInRefused("malformed_answer", "not a JSON object")
    return answer


def is_safe(url: object) -> bool:
    """Whether secrets may go there: https, or plain http to this very machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _published(provider: ProviderSettings) -> Published:
    cache: _Cache = current_app.extensions.setdefault("oidc_published", _Cache())
    key, at = issuer_of(provider), time.monotonic()
    found = cache.published.get(key)
    if found and at - found.metadata_at < SECONDS_KEPT:
        return found
    # Not while holding the lock: a slow provider must not hold up sign-ins through the others.
    metadata = _read_metadata(provider)
    with cache.lock:
        known = cache.published.setdefault(key, Published(metadata, at))
        known.metadata, known.metadata_at = metadata, at
    return known


def _read_metadata(provider: ProviderSettings) -> dict[str, Any]:
    issuer = issuer_of(provider)
    if not is_safe(issuer) or (TENANT in issuer and not provider.tenants):
        raise SignInRefused("misconfigured", "issuer")
    place = issuer.replace(TENANT, _SHARED_TENANTS[1]).rstrip("/") + "/.well-known/openid-configuration"
    metadata = fetch_json(place)
    if metadata.get("issuer") != issuer:
        raise SignInRefused("wrong_issuer_in_metadata", str(metadata.get("issuer")))
    needed = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
    optional = [name for name in ("userinfo_endpoint", "end_session_endpoint") if metadata.get(name)]
    for name in needed + optional:
        if not is_safe(metadata.get(name)):
            raise SignInRefused("bad_metadata", name)
    return metadata
