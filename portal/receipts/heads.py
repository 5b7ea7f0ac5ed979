"""The daily head: a signed root over all that was issued, which names the head before it.

A head holds the receipts that no head before it holds, so each stands in one of them. A day without a receipt, a pause
of the worker and a receipt that was committed late need nothing of their own, and chains that rest cost nothing.
Whoever keeps a head can show later that their receipts are the ones of that day: rewriting one would change the root,
and with it every head since.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.config import settings
from portal.jobs.outbox import insert_new
from portal.receipts import reach
from portal.receipts.checking import HEAD
from portal.receipts.issuing import as_time
from portal.receipts.jws import sha256
from portal.receipts.keys import signing_pair
from portal.receipts.merkle import Tree, place_of
from portal.receipts.models import DailyHead


def make_head(session: Session, at: datetime) -> bool:
    """Sign the head of the last day (UTC) that is over; False where it, or a later one, is signed already."""
    today = at.astimezone(UTC).date()
    before, day = reach.head_on(session, None), today - timedelta(days=1)
    if before is not None and before.day >= day:
        return False
    found = _placed(reach.waiting(session, datetime.combine(today, time(), UTC)))
    seed = secrets.token_bytes(32)
    payload = {
        "day": day.isoformat(),
        "issuer": {"name": settings().brand_name, "url": settings().base_url},
        "previous": sha256(before.jws) if before else None,
        "root": Tree(found, seed).root,
        "time": as_time(at),
    }
    jws = signing_pair(session, at).sign(payload, HEAD)
    row = {"day": day, "jws": jws, "seed": seed.hex(), "created_at": at}
    if not (inserted := insert_new(session, DailyHead, [row], unless=("day",))):
        return False
    reach.hold(session, inserted[0].id, list(found.values()))
    return True


def _placed(waiting: list[sa.Row[Any]]) -> dict[str, int]:
    """Ids by SHA-256, one for each place of the tree; what finds its place taken waits for the next head."""
    taken: set[int] = set()
    found: dict[str, int] = {}
    for receipt in waiting:
        if (place := place_of(receipt.sha256)) not in taken:
            taken.add(place)
            found[receipt.sha256] = receipt.id
    return found


def head_on(session: Session, day: date | None) -> str | None:
    """The head of a day, as a compact JWS; the newest one without a day."""
    found = reach.head_on(session, day)
    return found.jws if found else None
