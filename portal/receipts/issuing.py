"""Issuing a receipt, in the transaction of what it tells of."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.config import settings
from portal.database import new_ref
from portal.jobs.outbox import insert_new
from portal.receipts import reach
from portal.receipts.checking import RECEIPT
from portal.receipts.jws import sha256, to_base64
from portal.receipts.keys import KeyPair, signing_pair
from portal.receipts.models import Receipt

# Bits of chance in each receipt, so that nobody finds out its content by trying.
SALT_BYTES = 24
# Two that write to one chain at once are rare: their record is locked by who decides on it.
ATTEMPTS = 8


def issue(
    session: Session,
    *,
    kind: str,
    record_id: int,
    record_ref: str,
    organisation_id: int,
    event: str,
    at: datetime,
    content: dict[str, Any],
) -> Receipt:
    """Sign what was decided as the next receipt of the record's chain; the caller commits.

    `content` is plain JSON without fractions, and what the partner already sees. Whoever acts, the chain goes on: what
    is read and written here is below row scope, so the receipt that comes back stands in no session. Raises ValueError
    for content that has no one canonical form.
    """
    _must_be_plain(content)
    pair = signing_pair(session, at)
    known = {"kind": kind, "record_id": record_id, "record_ref": record_ref, "organisation_id": organisation_id}
    known |= {"event": event, "at": at, "kid": pair.kid}
    for _ in range(ATTEMPTS):
        row = known | _signed(session, pair, known, content)
        if inserted := insert_new(session, Receipt, [row], unless=("kind", "record_id", "sequence")):
            return Receipt(id=inserted[0].id, **row)
    raise RuntimeError(f"the receipts of {record_ref} grow faster than they can be signed")


def _signed(session: Session, pair: KeyPair, known: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """The next link of the chain, as the columns that the caller does not know."""
    before = reach.newest_of_chain(session, known["kind"], known["record_id"])
    ref, sequence = new_ref(Receipt.ref_prefix), before.sequence + 1 if before else 1
    previous = before.sha256 if before else None
    jws = pair.sign(
        {
            "content": content,
            "event": known["event"],
            "issuer": {"name": settings().brand_name, "url": settings().base_url},
            "kind": known["kind"],
            "previous": previous,
            "receipt": ref,
            "record": known["record_ref"],
            "salt": to_base64(secrets.token_bytes(SALT_BYTES)),
            "sequence": sequence,
            "time": as_time(known["at"]),
        },
        RECEIPT,
    )
    return {"ref": ref, "sequence": sequence, "jws": jws, "sha256": sha256(jws), "previous_sha256": previous}


def as_time(at: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _must_be_plain(value: Any) -> None:
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("the names in a receipt are text")
        for part in value.values():
            _must_be_plain(part)
    elif isinstance(value, list):
        for part in value:
            _must_be_plain(part)
    elif not (value is None or isinstance(value, str | bool | int)):
        raise ValueError(f"a receipt holds no {type(value).__name__}")
