"""The people who read a ticket and one message of it, by company, role and team."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal, Role
from portal.access.general import asks, per_kind
from portal.access.scope import readable, unscoped
from portal.accounts.models import Person
from portal.tickets.models import Ticket
from portal.tickets.reach import COMPANIES_HERE, PEOPLE_HERE, PEOPLE_OF, STAFF_HERE, parameters, reads


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who can read; from outside for an organisation, or one of the staff.

    `is_known`: whether the one who asks knows them by name. `takes_part`: opened it, is copied or has written in it.
    """

    person_id: int
    name: str
    organisation_id: int | None
    organisation_name: str = ""
    ref: str = ""
    email: str = ""
    mail_choices: dict[str, Any] = field(default_factory=dict, hash=False)
    takes_part: bool = False
    is_known: bool = True


class TeamOf(NamedTuple):
    id: int
    name: str
    mailbox: str = ""
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class StaffReader(Reader):
    """One of the staff, with what they hold: roles that reach the ticket, their teams, whether they may work on it."""

    roles: frozenset[Role] = frozenset()
    teams: frozenset[TeamOf] = frozenset()
    works: bool = False

    @property
    def is_told(self) -> bool:
        """Who looks on by break-glass access alone is told of nothing."""
        return self.roles != {Role.BREAK_GLASS}

    @property
    def reads_notes(self) -> bool:
        return any(reads(role, FieldGroup.INTERNAL_NOTES) for role in self.roles)


@dataclass(frozen=True, slots=True)
class Company:
    """A company in the room, with those of its people who reach the ticket, and the colleagues who do not yet."""

    id: int
    ref: str
    name: str
    people: list[Reader] = field(default_factory=list)
    colleagues: list[Reader] = field(default_factory=list)


def companies_here(session: Session, ticket: Ticket) -> dict[int, str]:
    """The companies that are in the ticket's room now, by name: its own first."""
    with unscoped("who is in the room"):
        rows = session.connection().execute(COMPANIES_HERE, parameters(ticket))
        return {row.id: row.name for row in rows}


def room(session: Session, ticket: Ticket, who: Principal, copied: Iterable[int] = ()) -> list[Company]:
    """Every company in the room with its people who reach the ticket, as they are known to the one who asks.

    The ticket may be one that is not opened yet; `copied` are the people who shall be copied into it.
    """
    companies: dict[int, Company] = {}
    for row in _people(session, PEOPLE_HERE, who, parameters(ticket, copied)):
        company = companies.setdefault(row.organisation_id, Company(row.organisation_id, row.org_ref, row.of))
        if row.id is not None:
            (company.people if row.reaches else company.colleagues).append(_reader(row))
    return list(companies.values())


def outside_readers(session: Session, ticket: Ticket, companies: Iterable[int]) -> list[Reader]:
    """People of these companies who reach the ticket, by name."""
    rows = _people(session, PEOPLE_OF, None, {**parameters(ticket), "companies": sorted(companies)})
    return [_reader(row) for row in rows if row.id is not None and row.reaches]


def staff_told(session: Session, ticket: Ticket) -> list[StaffReader]:
    """The staff who reach the ticket and may be told of it."""
    return [reader for reader in staff_here(session, ticket) if reader.is_told]


def staff_readers(session: Session, ticket: Ticket, *, notes: bool) -> list[Reader]:
    """The staff who reach the ticket and, in it, messages of this kind, by name."""
    return [reader for reader in staff_here(session, ticket) if reader.reads_notes or not notes]


def readers(session: Session, ticket: Ticket, companies: Iterable[int], *, notes: bool) -> list[Reader]:
    """Everybody who reads a message with this audience: for an internal note the staff alone."""
    outside = [] if notes else outside_readers(session, ticket, companies)
    return outside + staff_readers(session, ticket, notes=notes)


def staff_here(session: Session, ticket: Ticket, who: Principal | None = None) -> list[StaffReader]:
    """The staff who reach the ticket and messages in it, as they are known to the one who asks, by name.

    Outsiders see teams and nobody by name, so that they know any of them is not even asked.
    """
    by_person: dict[int, list[Any]] = {}
    for row in _ask(session, STAFF_HERE, who, parameters(ticket), known_to_staff_alone=True):
        by_person.setdefault(row.id, []).append(row)
    return [_staff_reader(found) for found in by_person.values()]


def told_outside(people: Sequence[Reader]) -> list[Reader]:
    """Who is told of a reply among those who read it: whoever takes part; of a company where nobody does, everybody."""
    active = {reader.organisation_id for reader in people if reader.takes_part}
    return [reader for reader in people if reader.takes_part or reader.organisation_id not in active]


def told_staff(ticket: Ticket, staff: Sequence[StaffReader]) -> list[StaffReader]:
    """Who is told among the staff who read it: whoever takes part, and who has it in hand or else the team."""
    return [r for r in staff if r.is_told and (r.takes_part or _has_in_hand(ticket, r))]


def _has_in_hand(ticket: Ticket, reader: StaffReader) -> bool:
    if ticket.assignee_id is not None:
        return reader.person_id == ticket.assignee_id
    return any(team.id == ticket.team_id for team in reader.teams)


def _ask(
    session: Session,
    statement: Any,
    who: Principal | None,
    values: dict[str, Any],
    *,
    known_to_staff_alone: bool = False,
) -> list[Any]:
    if who is None or (known_to_staff_alone and not who.is_staff):
        asked = _with_known(statement, who is None)
    else:
        asked = _with_is_known(who, statement)
        asks(who)
    with unscoped("who sees this"):
        return list(session.connection().execute(asked, values))


@cache
def _with_known(statement: sa.Select[Any], answer: bool) -> sa.Select[Any]:
    return statement.add_columns((sa.true() if answer else sa.false()).label("is_known"))


@per_kind
def _with_is_known(who: Principal, statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.add_columns(sa.type_coerce(readable(Person, who), sa.Boolean).label("is_known"))


def _people(session: Session, statement: Any, who: Principal | None, values: dict[str, Any]) -> list[Any]:
    found: dict[Any, Any] = {}
    for row in _ask(session, statement, who, values):
        # Who belongs to a company twice reaches it by either.
        if row.reaches or (row.organisation_id, row.id) not in found:
            found[row.organisation_id, row.id] = row
    return list(found.values())


def _staff_reader(rows: list[Any]) -> StaffReader:
    row = rows[0]
    return StaffReader(
        row.id,
        row.name,
        None,
        ref=row.ref,
        email=row.email,
        mail_choices=row.mail_choices or {},
        takes_part=row.takes_part,
        is_known=row.is_known,
        roles=frozenset(Role(row.role) for row in rows),
        teams=frozenset(
            TeamOf(row.team_id, row.team, row.mailbox, row.is_restricted) for row in rows if row.team_id is not None
        ),
        works=any(row.works for row in rows),
    )


def _reader(row: Any) -> Reader:
    return Reader(
        row.id,
        row.name,
        row.organisation_id,
        row.of,
        row.ref,
        row.email,
        row.mail_choices or {},
        row.takes_part,
        row.is_known,
    )
