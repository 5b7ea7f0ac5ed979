"""Signed JSON that anyone can check without us: JWS (RFC 7515), Ed25519 (RFC 8037), canonical JSON (RFC 8785).

Stricter than the standards ask: one spelling for each content, so that no byte can be changed unnoticed. A header holds
exactly `alg`, `kid` and `typ`; neither algorithms to choose from nor critical extensions exist here.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

ALGORITHM = "EdDSA"
# What a key is called: the thumbprint of its public half, which is its fingerprint at the same time.
Keys = Mapping[str, bytes]


class NotSigned(ValueError):
    """No JWS of ours; `reason` is one of the words of `checking.Fault`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Signed(NamedTuple):
    """A JWS taken apart; whose it is, is another question."""

    kid: str
    typ: str
    payload: dict[str, Any]


def to_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Raises ValueError for padding, foreign characters, and a last character that is written in another way."""
    raw = base64.b64decode(text.translate(_FROM_URL) + "=" * (-len(text) % 4), validate=True)
    if to_base64(raw) != text:
        raise ValueError("not the one spelling of these bytes")
    return raw


# The characters of the other alphabet become ones of neither.
_FROM_URL = str.maketrans("-_+/", "+/!!")


def canonical(value: Any) -> bytes:
    """By RFC 8785. Raises ValueError for numbers beyond 2^53 and what is no JSON."""
    import rfc8785

    return rfc8785.dumps(value)


def from_canonical(raw: bytes) -> dict[str, Any]:
    """The object in these bytes. Raises NotSigned unless they are its one canonical spelling."""
    try:
        value = json.loads(raw)
        is_canonical = isinstance(value, dict) and canonical(value) == raw
    except (ValueError, RecursionError):
        is_canonical = False
    if not is_canonical:
        raise NotSigned("not-canonical")
    found: dict[str, Any] = value
    return found


def as_jwk(public: bytes) -> dict[str, str]:
    """The public key, 32 bytes, as a JWK (RFC 8037)."""
    return {"crv": "Ed25519", "kty": "OKP", "x": to_base64(public)}


def thumbprint(public: bytes) -> str:
    """By RFC 7638: SHA-256 over the required members in their order."""
    return to_base64(hashlib.sha256(canonical(as_jwk(public))).digest())


def sign(payload: Mapping[str, Any], *, typ: str, public: bytes, private: bytes) -> str:
    """The compact JWS; the keys are 32 bytes each. Raises ValueError where the payload has no canonical form."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    header = canonical({"alg": ALGORITHM, "kid": thumbprint(public), "typ": typ})
    said = f"{to_base64(header)}.{to_base64(canonical(payload))}"
    return f"{said}.{to_base64(Ed25519PrivateKey.from_private_bytes(private).sign(said.encode()))}"


def open_signed(compact: str, keys: Keys, *, typ: str) -> Signed:
    """What a JWS says, once its signature holds. Raises NotSigned."""
    signed, signature = take_apart(compact)
    if signed.typ != typ:
        raise NotSigned("not-a-receipt")
    public = keys.get(signed.kid)
    if public is None:
        raise NotSigned("unknown-key")
    if not _holds(public, signature, compact.rpartition(".")[0].encode()):
        raise NotSigned("bad-signature")
    return signed


def take_apart(compact: str) -> tuple[Signed, bytes]:
    """The parts of a JWS and its signature, which nobody has looked at yet. Raises NotSigned."""
    try:
        header_part, payload_part, signature_part = compact.split(".")
        header = from_canonical(from_base64(header_part))
        payload, signature = from_base64(payload_part), from_base64(signature_part)
    except NotSigned:
        raise
    except ValueError:
        raise NotSigned("not-a-receipt") from None
    if header.get("alg") != ALGORITHM or set(header) != {"alg", "kid", "typ"}:
        raise NotSigned("wrong-header")
    return Signed(str(header["kid"]), str(header["typ"]), from_canonical(payload)), signature


def _holds(public: bytes, signature: bytes, said: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_set(keys: Keys) -> dict[str, Any]:
    """The public keys as others publish theirs (RFC 7517)."""
    return {"keys": [{**as_jwk(x), "alg": ALGORITHM, "kid": kid, "use": "sig"} for kid, x in keys.items()]}


def read_key_set(value: Any) -> dict[str, bytes]:
    """The keys of a set. Raises NotSigned for anything in it that is not exactly one of ours, under its own name."""
    try:
        found = {str(jwk["kid"]): from_base64(str(jwk["x"])) for jwk in value["keys"]}
        is_ours = value == key_set(found) and all(thumbprint(public) == kid for kid, public in found.items())
    except (KeyError, TypeError, ValueError):
        is_ours = False
    if not is_ours:
        raise NotSigned("bad-keys")
    return found


def sha256(compact: str) -> str:
    """The fingerprint of a JWS, in hexadecimal: what the next one in its chain names."""
    return hashlib.sha256(compact.encode()).hexdigest()
