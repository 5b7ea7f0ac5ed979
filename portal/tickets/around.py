"""The names that stand around a ticket: its company, author, teams, copies and neighbours, read in one statement."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import keep
from portal.accounts.models import Person, Team
from portal.notices.models import Notice
from portal.organisations.models import Organisation
from portal.text import sort_key
from portal.tickets.models import Ticket, TicketCopy


@dataclass(frozen=True, slots=True)
class Named:
    id: int
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Around:
    """The names that stand around a ticket, as far as its reader knows them."""

    organisation: Named | None
    opened_by: Named | None
    author: Named | None
    assignee: Named | None
    teams: list[Named]
    copies: list[Named]
    follows: Named | None
    followed_by: list[Named]
    has_unread: bool

    def team(self, team_id: int | None) -> Named | None:
        return next((team for team in self.teams if team.id == team_id), None)


def _around(*, for_staff: bool) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Names, each of its kind; what the ticket has not is asked for as null, which is nobody."""

    def names(kind: str, model: Any, *conditions: sa.ColumnElement[bool], name: Any = None) -> sa.Select[Any]:
        column = model.name if name is None else name
        return sa.select(sa.literal(kind).label("kind"), model.id, model.ref, column.label("name")).where(*conditions)

    def of_ticket(column: str) -> Any:
        return sa.bindparam(column, type_=sa.Integer())

    copied = sa.select(TicketCopy.person_id).where(TicketCopy.ticket_id == of_ticket("id"))
    parts = [
        names("organisation", Organisation, Organisation.id == of_ticket("organisation_id")),
        names("opened-by", Organisation, Organisation.id == of_ticket("opened_by_organisation_id")),
        names("author", Person, Person.id == of_ticket("author_id")),
        names("copy", Person, Person.id.in_(copied)),
        names("team", Team, sa.true() if for_staff else Team.id == of_ticket("team_id")),
        names("follows", Ticket, Ticket.id == of_ticket("follows_id"), name=Ticket.subject),
        names("followed-by", Ticket, Ticket.follows_id == of_ticket("id"), name=Ticket.subject),
        names(
            "unread",
            Notice,
            Notice.person_id == of_ticket("reader_id"),
            Notice.ticket_id == of_ticket("id"),
            Notice.read_at.is_(None),
            name=Notice.kind,
        ),
    ]
    if for_staff:
        parts.append(names("assignee", Person, Person.id == of_ticket("assignee_id")))
    return sa.union_all(*parts)


_AROUND_FOR_STAFF = keep(_around(for_staff=True))
_AROUND_FOR_OUTSIDERS = keep(_around(for_staff=False))


def around(session: Session, who: Principal, ticket: Ticket) -> Around:
    """The names beside the ticket's own columns, and whether notices of it wait for the reader."""
    values = {
        "id": ticket.id,
        "organisation_id": ticket.organisation_id,
        "opened_by_organisation_id": ticket.opened_by_organisation_id,
        "author_id": ticket.author_id,
        "team_id": ticket.team_id,
        "follows_id": ticket.follows_id,
        "reader_id": who.person_id,
    }
    if who.is_staff:
        rows = session.execute(_AROUND_FOR_STAFF, values | {"assignee_id": ticket.assignee_id})
    else:
        rows = session.execute(_AROUND_FOR_OUTSIDERS, values)
    found: dict[str, list[Named]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(Named(row.id, row.ref, row.name))

    def one(kind: str) -> Named | None:
        return next(iter(found.get(kind, [])), None)

    def many(kind: str) -> list[Named]:
        return sorted(found.get(kind, []), key=lambda named: sort_key(named.name))

    return Around(
        organisation=one("organisation"),
        opened_by=one("opened-by"),
        author=one("author"),
        assignee=one("assignee"),
        teams=many("team"),
        copies=many("copy"),
        follows=one("follows"),
        followed_by=many("followed-by"),
        has_unread="unread" in found,
    )
