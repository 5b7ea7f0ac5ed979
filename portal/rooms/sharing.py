"""Offering a record to an address, and ending that.

Whether somebody has the address is never looked at here: whoever offers is answered alike, and learns who it was once
they have joined.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.errors import RuleBroken
from portal.jobs.outbox import enqueue
from portal.matching.domains import in_ascii
from portal.organisations.models import Share
from portal.organisations.rules import live_share
from portal.rooms.kinds import RecordKind

USUAL = timedelta(days=90)
LONGEST = timedelta(days=366)
# Of one person, whoever they share with: each of them is a mail to an address that we know nothing of.
MOST_A_DAY = 20
_A_DAY = timedelta(days=1)


def offer(
    session: Session,
    who: Principal,
    kind: RecordKind,
    record: Any,
    *,
    address: str,
    is_for_company: bool,
    reads_past: bool,
    ends_at: datetime | None,
    at: datetime,
) -> Share:
    """Share it with whoever has the address; an open offer to the same address is replaced by this one.

    Raises RuleBroken for what is shared with nobody yet, one's own address, who has joined already, and beyond so
    many a day.
    """
    address = exact(address)
    if problem := kind.refusal(record):
        raise RuleBroken(problem)
    if address == exact(who.email):
        raise RuleBroken(_l("This is your own address."))
    lately = sa.select(sa.func.count(Share.id)).where(
        Share.shared_by_id == who.person_id, Share.shared_at > at - _A_DAY
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise RuleBroken(_l("You have shared as often as one person can within a day. Go on tomorrow."))
    for before in session.scalars(_offers_of_our_side(who, kind, record, address, at)).all():
        if before.is_joined:
            raise RuleBroken(_l("Whoever has this address has joined already. End that first to change it."))
        before.ends_at = at
    share = Share(
        record_kind=kind.name,
        record_id=record.id,
        address=address,
        is_for_company=is_for_company,
        shared_by_id=who.person_id,
        shared_for_id=who.organisation_id,
        starts_at=at,
        reads_from=None if reads_past else at,
        ends_at=ends_at,
    )
    session.add(share)
    session.flush()
    until = ends_at.isoformat() if ends_at else None
    kind.note(record, "record-shared", who, at, readers=_side(who.organisation_id), until=until)
    # Only the side that offers it sees an offer, so nothing moves that anybody else sees.
    record.has_moved(at, publicly=False)
    enqueue("mail.share", key=f"mail.share:{share.ref}", share=share.ref)
    return share


def exact(address: str) -> str:
    """One spelling of each address: in small letters, the domain as mail servers and sign-in providers write it."""
    name, _at, domain = address.lower().rpartition("@")
    return f"{name}@{in_ascii(domain) or domain}"


def _offers_of_our_side(who: Principal, kind: RecordKind, record: Any, address: str, at: datetime) -> sa.Select[Share]:
    return sa.select(Share).where(
        Share.record_kind == kind.name,
        Share.record_id == record.id,
        Share.address == address,
        Share.shared_for_id == who.organisation_id,
        live_share(Share, at),
    )


def _side(organisation_id: int | None) -> frozenset[int]:
    return frozenset() if organisation_id is None else frozenset({organisation_id})


def end(session: Session, who: Principal, kind: RecordKind, record: Any, share: Share, at: datetime) -> None:
    """From now on it lets nobody in. Raises RuleBroken where it is over already."""
    if not share.is_live(at):
        raise RuleBroken(_l("This is over already."))
    readers: Iterable[int] = kind.companies(session, record) if share.is_joined else _side(share.shared_for_id)
    ended = {"organisation_id": share.organisation_id, "person_id": share.person_id}
    kind.note(record, "share-ended", who, at, readers=frozenset(readers), **ended)
    record.has_moved(at, publicly=share.is_joined)
    # Last: a guest who leaves cannot write afterwards.
    session.flush()
    share.ends_at = at
    session.flush()
