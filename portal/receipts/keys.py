"""The keys that receipts are signed with: made when first needed, sealed at rest, replaced, never forgotten."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.config import settings
from portal.jobs.outbox import insert_new
from portal.receipts import reach
from portal.receipts.jws import Keys, from_base64, sign, thumbprint, to_base64
from portal.receipts.models import SigningKey

_PURPOSE = b"portal: receipt signing keys"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class KeyPair:
    kid: str
    public: bytes
    private: bytes = field(repr=False)

    def sign(self, payload: dict[str, Any], typ: str) -> str:
        return sign(payload, typ=typ, public=self.public, private=self.private)


def published_keys(session: Session) -> Keys:
    """All public keys by name, retired ones too, so that what they signed can always be checked."""
    return {row.kid: from_base64(row.public) for row in reach.public_keys(session)}


def signing_pair(session: Session, at: datetime) -> KeyPair:
    """The key in use; a new one where there is none, or where the secret key of the settings opens it no more."""
    row = reach.key_in_use(session)
    found = row and _opened(row)
    if found:
        return found
    if row:
        reach.retire(session, row.kid, at)
    return _made(session, at)


def rotate(session: Session, at: datetime) -> str:
    """Retire the key in use and make another; returns its name."""
    if row := reach.key_in_use(session):
        reach.retire(session, row.kid, at)
    return _made(session, at).kid


def can_sign(session: Session) -> bool | None:
    """Whether the key in use can be opened; None where there is none yet."""
    row = reach.key_in_use(session)
    return None if row is None else _opened(row) is not None


def _made(session: Session, at: datetime) -> KeyPair:
    """A new key, or the one that somebody else has made in this very moment."""
    pair = _new_pair()
    row = {"kid": pair.kid, "public": to_base64(pair.public), "sealed": _sealed(pair), "in_use": True, "created_at": at}
    if insert_new(session, SigningKey, [row], unless=("in_use",)):
        return pair
    theirs = reach.key_in_use(session)
    found = theirs and _opened(theirs)
    if not found:
        raise RuntimeError("the key for receipts was sealed with another secret_key, by a process that runs still")
    return found


def _new_pair() -> KeyPair:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate()
    public = made.public_key().public_bytes_raw()
    return KeyPair(thumbprint(public), public, made.private_bytes_raw())


def _cipher() -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = settings().secret_key.encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret))


def _sealed(pair: KeyPair) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return to_base64(nonce + _cipher().encrypt(nonce, pair.private, pair.kid.encode()))


def _opened(row: sa.Row[Any]) -> KeyPair | None:
    from cryptography.exceptions import InvalidTag

    sealed = from_base64(row.sealed)
    try:
        private = _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], row.kid.encode())
    except InvalidTag:
        return None
    return KeyPair(row.kid, from_base64(row.public), private)
