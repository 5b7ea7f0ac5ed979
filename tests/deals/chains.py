"""Chains of receipts as their holder takes them home, and what somebody might change in them."""

import base64
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.deals.following import RECEIPTED
from portal.deals.models import DealEvent
from portal.receipts.checking import Refused, check, read_bundle
from portal.receipts.downloads import bundle, chain

Download = dict[str, Any]


def download(session: Session, deal_id: int) -> Download:
    return bundle(session, chain(session, "deal", deal_id))


def holds(found: Download) -> bool:
    try:
        return check(read_bundle(json.dumps(found))).is_valid
    except Refused:
        return False


def says_what_happened(session: Session, deal_id: int, found: Download) -> bool:
    """One receipt for each step that deserves one, in their order."""
    steps = sa.select(DealEvent.verb).where(DealEvent.deal_id == deal_id, DealEvent.verb.in_(sorted(RECEIPTED)))
    told = [said["event"] for said in check(read_bundle(json.dumps(found))).receipts]
    return told == list(session.scalars(steps.order_by(DealEvent.id)))


def _say_otherwise(found: Download, place: int) -> None:
    """The words of one are others, its signature the old one."""
    header, payload, signature = found["receipts"][place].split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    said["content"]["amount"] = (said["content"]["amount"] or 0) + 1
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    found["receipts"][place] = ".".join((header, base64.urlsafe_b64encode(plain).decode().rstrip("="), signature))


def _touch(found: Download, place: int) -> None:
    """One character of the signature."""
    text = found["receipts"][place]
    found["receipts"][place] = text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:]


def _lose(found: Download, place: int) -> None:
    """The first or one from the middle: the newest may be kept back, which only a daily head tells."""
    del found["receipts"][min(place, len(found["receipts"]) - 2)]


def _swap(found: Download, place: int) -> None:
    receipts = found["receipts"]
    other = (place + 1) % len(receipts)
    receipts[place], receipts[other] = receipts[other], receipts[place]


def _repeat(found: Download, place: int) -> None:
    found["receipts"].insert(place, found["receipts"][place])


ONE: dict[str, Callable[[Download, int], None]] = {"say": _say_otherwise, "touch": _touch, "repeat": _repeat}
# What takes more than one receipt, or three, to be done at all.
SEVERAL = ONE | {"swap": _swap}
MANY = SEVERAL | {"lose": _lose}


def tampered(found: Download, place: int, how: int) -> tuple[str, Download]:
    """Changed in one of the ways that there are for so many receipts."""
    copy: Download = json.loads(json.dumps(found))
    count = len(copy["receipts"])
    ways = ONE if count == 1 else SEVERAL if count == 2 else MANY
    name = sorted(ways)[how % len(ways)]
    ways[name](copy, place % count)
    return name, copy
