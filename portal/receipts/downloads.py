"""What a holder takes home: receipts with all that checking them needs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.receipts import reach
from portal.receipts.checking import FORMAT
from portal.receipts.jws import key_set
from portal.receipts.keys import published_keys
from portal.receipts.merkle import Tree
from portal.receipts.models import Receipt


def chain(session: Session, kind: str, record_id: int) -> list[Receipt]:
    """The receipts of a record in their order, as far as the session's principal reads them."""
    found = sa.select(Receipt).where(Receipt.kind == kind, Receipt.record_id == record_id)
    return list(session.scalars(found.order_by(Receipt.sequence)))


def bundle(session: Session, receipts: Sequence[Receipt]) -> dict[str, Any]:
    """A download, as `checking` reads it: nothing in it can be changed without being found."""
    heads = reach.heads(session, {receipt.head_id for receipt in receipts if receipt.head_id is not None})
    proofs = []
    for head in heads:
        tree = Tree(reach.held_by(session, head.id), bytes.fromhex(head.seed))
        proofs += [
            {"day": head.day.isoformat(), "path": tree.proof(receipt.sha256), "receipt": receipt.sha256}
            for receipt in receipts
            if receipt.head_id == head.id
        ]
    return {
        "format": FORMAT,
        "receipts": [receipt.jws for receipt in receipts],
        "heads": [head.jws for head in heads],
        "proofs": proofs,
        "keys": key_set(published_keys(session)),
    }
