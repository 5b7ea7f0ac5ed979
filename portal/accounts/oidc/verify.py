"""Whether an ID token is what it must be (OpenID Connect Core 1.0, 3.1.3.7). The rest is refused."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry

from portal.accounts.oidc.claims import LONGEST_SUBJECT
from portal.accounts.oidc.discovery import TENANT, issuer_of, keys_of
from portal.accounts.oidc.refusals import Reason, SignInRefused
from portal.clock import now
from portal.config import ProviderSettings

LEEWAY_SECONDS = 60
# Nothing else is believed, whatever provider or token claim; with the type and curve of key that each needs.
KEY_TYPES = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
}
SMALLEST_RSA_BITS = 2048
LATEST_SECOND = 2**40


class _Pinned(JWSRegistry):
    """Knows the pinned algorithms only."""

    def get_alg(self, name: str) -> Any:
        if name not in KEY_TYPES:
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


_REGISTRY = _Pinned(strict_check_header=False)


def verified(provider: ProviderSettings, id_token: object, *, nonce: str, access_token: str | None) -> dict[str, Any]:
    """The token's claims, once signature and every claim have been proved. Raises SignInRefused."""
    if not isinstance(id_token, str) or not id_token:
        raise SignInRefused("no_id_token")
    header = _header(id_token)
    claims = _signed_claims(provider, id_token, header)
    _check_issuer(provider, claims)
    _check_audience(provider, claims)
    _check_times(claims)
    if not _equal(claims.get("nonce"), nonce):
        raise SignInRefused("wrong_nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject.strip()) <= len(subject) <= LONGEST_SUBJECT:
        raise SignInRefused("no_subject")
    if "at_hash" in claims and not _equal(claims["at_hash"], _half_hash(access_token or "", header["alg"])):
        raise SignInRefused("wrong_token_hash")
    return claims


def _header(id_token: str) -> dict[str, Any]:
    try:
        header = jws.extract_compact(id_token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise SignInRefused("malformed_token", type(error).__name__) from error
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise SignInRefused("unsigned_token")
    if algorithm not in KEY_TYPES:
        raise SignInRefused("wrong_algorithm", algorithm)
    # Access, logout and event tokens of the same provider carry the same signature (RFC 8725, 3.11).
    if str(header.get("typ", "JWT")).lower().endswith("+jwt"):
        raise SignInRefused("malformed_token", "typ")
    return header


def _signed_claims(provider: ProviderSettings, id_token: str, header: Mapping[str, Any]) -> dict[str, Any]:
    """Try the keys that we know; where none fits, once more with the keys as they are published now."""
    try:
        return _decoded(id_token, _candidates(keys_of(provider), header))
    except SignInRefused as refused:
        if refused.reason not in ("unknown_key", "bad_signature"):
            raise
    return _decoded(id_token, _candidates(keys_of(provider, force=True), header))


def _decoded(id_token: str, keys: list[Key]) -> dict[str, Any]:
    if not keys:
        raise SignInRefused("unknown_key")
    for key in keys:
        try:
            return jwt.decode(id_token, key, registry=_REGISTRY).claims
        except BadSignatureError:
            continue
        except (JoseError, ValueError) as error:
            raise SignInRefused("malformed_token", type(error).__name__) from error
    raise SignInRefused("bad_signature")


def _candidates(published: list[dict[str, Any]], header: Mapping[str, Any]) -> list[Key]:
    """The published keys that may have signed this: never a symmetric, an encryption or a weak one."""
    fitting = [
        data
        for data in published
        if (data.get("kty"), data.get("crv")) == KEY_TYPES[header["alg"]]
        and data.get("use", "sig") == "sig"
        and data.get("alg", header["alg"]) == header["alg"]
        and ("kid" not in header or data.get("kid") == header["kid"])
        and not _is_weak(data)
    ]
    keys = []
    for data in fitting:
        try:
            keys.append(JWKRegistry.import_key(data))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return keys


def _is_weak(data: Mapping[str, Any]) -> bool:
    if data.get("kty") != "RSA":
        return False
    try:
        modulus = urlsafe_b64decode(str(data.get("n")) + "==")
    except ValueError:
        return True
    return int.from_bytes(modulus).bit_length() < SMALLEST_RSA_BITS


def _check_issuer(provider: ProviderSettings, claims: Mapping[str, Any]) -> None:
    expected = issuer_of(provider)
    tenant = claims.get("tid")
    if provider.tenants and tenant not in provider.tenants:
        raise SignInRefused("tenant_not_allowed", str(tenant))
    if claims.get("iss") != expected.replace(TENANT, str(tenant)):
        raise SignInRefused("wrong_issuer", str(claims.get("iss")))


def _check_audience(provider: ProviderSettings, claims: Mapping[str, Any]) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in audiences:
        raise SignInRefused("wrong_audience", str(audience))
    # Meant for others as well: only when it was made for us.
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise SignInRefused("wrong_authorized_party", str(claims.get("azp")))


def _check_times(claims: Mapping[str, Any]) -> None:
    at = now().timestamp()
    if _seconds(claims.get("exp"), missing="expired") + LEEWAY_SECONDS <= at:
        raise SignInRefused("expired")
    if _seconds(claims.get("iat"), missing="not_yet_valid") - LEEWAY_SECONDS > at:
        raise SignInRefused("not_yet_valid", "iat")
    if "nbf" in claims and _seconds(claims["nbf"], missing="not_yet_valid") - LEEWAY_SECONDS > at:
        raise SignInRefused("not_yet_valid", "nbf")


def _seconds(value: object, *, missing: Reason) -> float:
    # NaN and Infinity pass for JSON numbers, and nothing is ever later than them.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LATEST_SECOND:
        raise SignInRefused(missing, "absent or not a time")
    return float(value)


def _half_hash(access_token: str, algorithm: str) -> str:
    """`at_hash` (3.1.3.6): half of the hash that the algorithm itself uses; Ed25519 uses SHA-512."""
    hashed = hashlib.new("sha512" if algorithm == "EdDSA" else "sha256", access_token.encode()).digest()
    return urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()


def _equal(claimed: object, expected: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.encode(), expected.encode())
