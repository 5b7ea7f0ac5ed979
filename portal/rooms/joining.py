"""Taking up an offer: who it was made to decides for which of their companies, and whether at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.principal import Acting
from portal.access.scope import acting_as
from portal.accounts.models import Person
from portal.accounts.sessions import principal_of_person
from portal.errors import RuleBroken
from portal.notices.notify import notify
from portal.organisations.models import Organisation, Share
from portal.rooms.kinds import KINDS, RecordKind

_OVER = _l("This is not shared any more. Ask whoever sent it to you.")


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that stands, as whoever it was made to is told of it."""

    share: Share
    kind: RecordKind
    ref: str
    title: str
    sharer: str
    # Empty for staff.
    company: str
    # What they may join for: one choice for each company of theirs that fits.
    places: list[Acting]
    # The one of their companies, if any, for which they reach it already.
    reached: Acting | None

    @property
    def last_day(self) -> datetime | None:
        return last_day(self.share.ends_at) if self.share.ends_at else None


def last_day(ends_at: datetime) -> datetime:
    """A moment of the last day, as it is told to people; the end itself is the first moment without."""
    return ends_at - timedelta(minutes=1)


def stands(session: Session, share: Share, at: datetime) -> bool:
    """Whether it can still be taken up. The session serves the system, and forgets what it has loaded."""
    with _as_sharer(session, share, at) as record:
        return record is not None


@contextmanager
def _as_sharer(session: Session, share: Share, at: datetime) -> Iterator[Any]:
    """The record in the hands of whoever offered it; None where they could not offer it today."""
    kind = KINDS[share.record_kind]
    for principal in _sharers(share) if share.is_live(at) and not share.is_joined else []:
        with acting_as(session, principal):
            record = kind.find(session, share.record_id)
            if record is not None and kind.manages(principal, record):
                yield record
                return
    yield None


def _sharers(share: Share) -> list[Principal]:
    """Whoever offered it, with today's rights, for the company that they did it for or as one of the staff."""
    who = principal_of_person(share.shared_by_id)
    if who is None:
        return []
    if share.shared_for_id is None:
        return [who] if who.is_staff else []
    return [who.acting_for(choice) for choice in who.choices if choice.organisation_id == share.shared_for_id]


def offer_to(session: Session, who: Principal, share: Share, at: datetime) -> Offer | None:
    """None where it is over, or was taken up. The session serves the system."""
    kind = KINDS[share.record_kind]
    with _as_sharer(session, share, at) as record:
        if record is None:
            return None
        ref, title = record.ref, str(getattr(record, kind.title))
    sharer = session.get_one(Person, share.shared_by_id)
    home = session.get(Organisation, share.shared_for_id) if share.shared_for_id else None
    reached = _reached(session, who, kind, share.record_id)
    places = _places(session, who, kind, share)
    return Offer(share, kind, ref, title, sharer.name, home.name if home else "", places, reached)


def _reached(session: Session, who: Principal, kind: RecordKind, record_id: int) -> Acting | None:
    for choice in who.choices:
        with acting_as(session, who.acting_for(choice)):
            if kind.find(session, record_id) is not None:
                return choice
    return None


def _places(session: Session, who: Principal, kind: RecordKind, share: Share) -> list[Acting]:
    """The one that they act for first; the record's own company needs not be let in as a whole."""
    owner = session.get_one(kind.model, share.record_id).organisation_id if share.is_for_company else None
    fitting = [c for c in who.choices if kind.fits(c) and c.organisation_id != owner]
    fitting.sort(key=lambda choice: choice != who.acting)
    return list({choice.organisation_id: choice for choice in reversed(fitting)}.values())[::-1]


def join(session: Session, who: Principal, share_ref: str, choice_key: str, at: datetime) -> Acting:
    """Let them in, for the company that they chose; returns that choice. The session serves the system.

    Raises RuleBroken where the offer does not stand any more, or the choice is none of theirs.
    """
    share = session.scalars(sa.select(Share).where(Share.ref == share_ref).with_for_update()).one()
    offered = offer_to(session, who, share, at)
    if offered is None:
        raise RuleBroken(_OVER)
    chosen = next((place for place in offered.places if place.key == choice_key), None)
    if chosen is None:
        raise RuleBroken(_l("You cannot join for this company."))
    with _as_sharer(session, share, at) as record:
        past = offered.kind.past(session, share.record_id) if record and share.reads_from is None else []
    _let_in(session, who, session.get_one(Share, share.id), chosen, past, at)
    return chosen


def _let_in(session: Session, who: Principal, share: Share, chosen: Acting, past: list[int], at: datetime) -> None:
    kind = KINDS[share.record_kind]
    record = session.get_one(kind.model, share.record_id)
    share.organisation_id, share.joined_by_id = chosen.organisation_id, who.person_id
    share.person_id = None if share.is_for_company else who.person_id
    share.starts_at, share.reads_from = at, share.reads_from and at
    session.flush()
    kind.open_past(session, past, chosen.organisation_id)
    joined = {"organisation_id": share.organisation_id, "person_id": share.person_id}
    kind.note(record, "room-joined", who, at, readers=frozenset(kind.companies(session, record)), **joined)
    record.has_moved(at, publicly=True)
    about = {f"{kind.name}_id": record.id}
    event = f"joined:{share.ref}"
    notify([share.shared_by_id], kind="room-joined", event=event, at=at, actor_id=who.person_id, **about)
