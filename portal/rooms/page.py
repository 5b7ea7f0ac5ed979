"""Who a record is shared with, as its page shows it to whoever looks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.matching.domains import in_own_script
from portal.organisations.models import Share
from portal.rooms.joining import last_day
from portal.rooms.kinds import RecordKind
from portal.rooms.rules import guests_of, may_end
from portal.tickets.audience import Group

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Guest:
    """One share: a company or somebody of it or, while it is only offered, the address as it was typed."""

    company: str
    company_ref: str
    person: str
    address: str
    is_joined: bool
    is_for_company: bool
    since: datetime
    until: datetime | None
    reads_past: bool
    # Empty where it was one of the staff whom the reader does not know by name.
    sharer: str
    sharer_company: str
    by_staff: bool
    # Where to send the end of it; empty where that is not the reader's to decide.
    end_url: str
    is_own: bool

    @property
    def name(self) -> str:
        return self.person or self.company or self.address


@dataclass(frozen=True, slots=True)
class Room:
    """Everybody whom the record is shared with; `share_url` is empty where the reader does not share it."""

    guests: list[Guest]
    share_url: str


def room_of(session: Session, who: Principal, kind: RecordKind, record: Any, at: datetime) -> Room:
    """In one statement."""
    asked = {"kind": kind.name, "record": record.id, "at": at}
    guests = [_guest(row, who, kind, record) for row in session.execute(guests_of(MOST_SHOWN), asked)]
    may_share = kind.manages(who, record) and not kind.refusal(record)
    return Room(guests, url_for("rooms.index", kind=kind.name, ref=record.ref) if may_share else "")


def guests_who_see(session: Session, kind: RecordKind, record_id: int, at: datetime) -> list[Group]:
    """Those who have joined, for *Who sees this* of a record without a conversation of its own."""
    asked = {"kind": kind.name, "record": record_id, "at": at}
    groups: dict[str, Group] = {}
    for row in session.execute(guests_of(MOST_SHOWN, joined=True), asked):
        people = groups.setdefault(row.company, Group(row.company)).people
        people.append(row.person or _("those of this company who look after it"))
    return list(groups.values())


def _readable(address: str) -> str:
    name, _at, domain = address.rpartition("@")
    return f"{name}@{in_own_script(domain)}"


def _guest(row: Any, who: Principal, kind: RecordKind, record: Any) -> Guest:
    share: Share = row.Share
    hides_sharer = row.by_staff and not who.sees(FieldGroup.STAFF_NAMES)
    may = may_end(who, share, record)
    end_url = url_for("rooms.create_ending", kind=kind.name, ref=record.ref, share_ref=share.ref)
    return Guest(
        company=row.company or "",
        company_ref=row.company_ref or "",
        person=row.person or "",
        address="" if share.is_joined else _readable(share.address),
        is_joined=share.is_joined,
        is_for_company=share.is_for_company,
        since=share.starts_at,
        until=last_day(share.ends_at) if share.ends_at else None,
        reads_past=share.reads_from is None,
        sharer="" if hides_sharer else row.sharer,
        sharer_company=row.sharer_company or "",
        by_staff=row.by_staff,
        end_url=end_url if may else "",
        is_own=share.is_joined and not who.is_staff and share.organisation_id == who.organisation_id,
    )
