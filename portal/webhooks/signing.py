"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, timestamp and body, named `v1`."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable

from portal.config import settings

_PREFIX = "whsec_"
# More than a sender who changes over ever sends; what is longer is not read.
_LONGEST_HEADER = 4096


def secret_of(ref: str, generation: int) -> bytes:
    """Derived, so that nothing secret lies in the database: the portal's own key gives it again."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    purpose = f"portal webhook {ref} {generation}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(settings().secret_key.encode())


def shown(secret: bytes) -> str:
    return _PREFIX + b64encode(secret).decode()


def _digest(secret: bytes, message_id: str, timestamp: int | str, body: bytes) -> bytes:
    return hmac.digest(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)


def sign(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`, with one signature for each secret."""
    return " ".join("v1," + b64encode(_digest(secret, message_id, timestamp, body)).decode() for secret in secrets)


def is_signed(secrets: Iterable[bytes], message_id: str, timestamp: str, body: bytes, header: str) -> bool:
    """Whether one of the signatures in the header is by one of the secrets; as slow for a wrong one as for a right."""
    given = []
    for part in header[:_LONGEST_HEADER].split():
        version, _comma, text = part.partition(",")
        try:
            given += [b64decode(text, validate=True)] if version == "v1" else []
        except (Error, ValueError):
            continue
    wanted = [_digest(secret, message_id, timestamp, body) for secret in secrets]
    # All of them, whichever it is.
    return sum(hmac.compare_digest(one, other) for one in wanted for other in given) > 0
