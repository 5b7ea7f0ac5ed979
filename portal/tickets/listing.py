"""The list of tickets as its reader sees it: columns through the lens, filters by plain names, order, pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.accounts.models import Person, Portfolio, Team, TeamMember
from portal.clock import now
from portal.database import among
from portal.filtering import AddressFilters
from portal.organisations.models import Organisation
from portal.paging import Order, Page, every_page, fetch_page
from portal.text import clean_line
from portal.tickets.lifecycle import PUBLIC_STATES, State
from portal.tickets.models import Category, Priority, Ticket
from portal.tickets.search import LONGEST_QUESTION, matches

PAGE_SIZE = 25
LATELY = timedelta(hours=24)
SORTS = ("-updated", "updated", "-created", "created")
FINISHED = frozenset({State.RESOLVED, State.CLOSED})
# Beside the states themselves, under the same names for everybody.
STATE_GROUPS = {"unfinished": frozenset(State) - FINISHED, "finished": FINISHED}
STAFF_STATES = STATE_GROUPS | {state.value: frozenset({state}) for state in State}
PUBLIC_STATE_FILTERS = STATE_GROUPS | {
    public: frozenset(state for state, name in PUBLIC_STATES.items() if name == public)
    for public in dict.fromkeys(PUBLIC_STATES.values())
}
STAFF_FILTERS = frozenset({"priority", "team", "assignee", "organisation"})

_Assignee = aliased(Person)

_FOR_STAFF: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Ticket.ref,
        Ticket.subject,
        Ticket.category,
        Ticket.state,
        Ticket.priority,
        Ticket.created_at,
        Ticket.activity_at,
        Organisation.name.label("organisation"),
        Team.name.label("team"),
        _Assignee.name.label("assignee"),
    )
    .outerjoin(Organisation, Organisation.id == Ticket.organisation_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(_Assignee, _Assignee.id == Ticket.assignee_id)
)
# The names of an outsider's own company and of themselves are known; others are looked up where they occur.
_FOR_OUTSIDERS: sa.Select[*tuple[Any, ...]] = sa.select(
    Ticket.ref,
    Ticket.subject,
    Ticket.category,
    Ticket.state,
    Ticket.created_at,
    Ticket.public_at,
    Ticket.organisation_id,
    Ticket.author_id,
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address; refused before it gets here if it is not theirs to ask."""

    endpoint = "tickets.index"
    in_sight = frozenset({"q", "mine", "sort"})

    q: str = ""
    state: str = ""
    category: str = ""
    priority: str = ""
    team: str = ""
    assignee: str = ""
    organisation: str = ""
    mine: str = ""
    lately: str = ""
    sort: str = SORTS[0]


FILTERS = tuple(Filters.__dataclass_fields__)


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, and for a field outside the reader's lens."""
    given = {name: arguments[name] for name in FILTERS if arguments.get(name)}
    if not who.is_staff and not STAFF_FILTERS.isdisjoint(given):
        raise BadRequest
    if not who.is_staff and given.get("state") in frozenset(State):
        # An address that staff passed on shows what outsiders are told of that state, and no more.
        given["state"] = PUBLIC_STATES[State(given["state"])]
    choices: dict[str, Any] = {
        "state": STAFF_STATES if who.is_staff else PUBLIC_STATE_FILTERS,
        "category": frozenset(Category),
        "priority": frozenset(Priority),
        "mine": ("1",),
        "lately": ("1",),
        "sort": SORTS,
    }
    if any(given.get(name, "") not in ("", *allowed) for name, allowed in choices.items()):
        raise BadRequest
    given["q"] = clean_line(given.get("q", "")[:LONGEST_QUESTION])
    return Filters(**given)


def conditions(who: Principal, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of a ticket. A reference that is nothing within reach matches nothing."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.state:
        found.append(_in_states((STAFF_STATES if who.is_staff else PUBLIC_STATE_FILTERS)[filters.state]))
    if filters.category:
        found.append(Ticket.category == filters.category)
    if filters.priority:
        found.append(Ticket.priority == filters.priority)
    if filters.mine:
        found.append((Ticket.assignee_id if who.is_staff else Ticket.author_id) == who.person_id)
    if filters.lately:
        found.append(Ticket.created_at >= now() - LATELY)
    if filters.team == "mine":
        found.append(Ticket.team_id.in_(sorted(who.team_ids)))
    elif filters.team:
        found.append(Ticket.team_id == _id_of(Team, filters.team))
    if filters.assignee == "none":
        found.append(Ticket.assignee_id.is_(None))
    elif filters.assignee:
        is_me = filters.assignee == "me"
        found.append(Ticket.assignee_id == (who.person_id if is_me else _id_of(Person, filters.assignee)))
    if filters.organisation == "portfolio":
        in_care = sa.select(Portfolio.organisation_id).where(Portfolio.person_id == who.person_id)
        found.append(Ticket.organisation_id.in_(in_care))
    elif filters.organisation:
        found.append(Ticket.organisation_id == _id_of(Organisation, filters.organisation))
    return found


def _in_states(states: frozenset[State]) -> sa.ColumnElement[bool]:
    if len(states) == 1:
        return Ticket.state == next(iter(states))
    # Said the other way round: SQLite would look up all tickets in these states and sort them, where reading the list
    # in its order finds a page of them soon.
    return Ticket.state.not_in(sorted(frozenset(State) - states))


def _id_of(model: Any, ref: str) -> Any:
    return sa.select(model.id).where(model.ref == ref).scalar_subquery()


def updated_column(who: Principal) -> Any:
    """Outsiders see the time of what they can see; internal notes and hand-overs move another one."""
    return Ticket.activity_at if who.is_staff else Ticket.public_at


def order_of(who: Principal, filters: Filters) -> Order:
    column = Ticket.created_at if filters.sort.endswith("created") else updated_column(who)
    return Order((column, Ticket.ref), is_descending=filters.sort.startswith("-"))


def list_statement(session: Session, who: Principal, filters: Filters) -> sa.Select[*tuple[Any, ...]]:
    """The rows that the filters leave, without order."""
    statement = _FOR_STAFF if who.is_staff else _FOR_OUTSIDERS
    narrowed = conditions(who, filters)
    if not filters.q:
        return statement.where(*narrowed)
    found = matches(session.get_bind().dialect.name, who, filters.q, *narrowed)
    return statement.where(among(Ticket.id, found) if found is not None else sa.false())


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in the list, as far as its reader sees it; what is outside their lens is empty."""

    ref: str
    subject: str
    category: str
    # One of our states for staff, a public one for others.
    state: str
    created_at: datetime
    updated_at: datetime
    organisation: str
    is_own_company: bool = False
    author: str = ""
    priority: str = ""
    team: str = ""
    assignee: str = ""


def list_tickets(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """One page of lines. Raises BadRequest for a place that is none in this list."""
    statement, order = list_statement(session, who, filters), order_of(who, filters)
    page = fetch_page(session, statement, order, size, after=after, before=before)
    return replace(page, rows=_lines(session, who, page.rows))


def every_ticket(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    """The lines of all pages, in batches, so that memory stays bounded."""
    statement, order = list_statement(session, who, filters), order_of(who, filters)
    for rows in every_page(session, statement, order, batch):
        yield _lines(session, who, rows)


def _lines(session: Session, who: Principal, rows: Sequence[Any]) -> list[Line]:
    if who.is_staff:
        return [
            Line(
                ref=row.ref,
                subject=row.subject,
                category=row.category,
                state=row.state,
                created_at=row.created_at,
                updated_at=row.activity_at,
                organisation=row.organisation or "",
                priority=row.priority,
                team=row.team or "",
                assignee=row.assignee or "",
            )
            for row in rows
        ]
    companies, people = _names(session, who, rows)
    return [
        Line(
            ref=row.ref,
            subject=row.subject,
            category=row.category,
            state=PUBLIC_STATES[State(row.state)],
            created_at=row.created_at,
            updated_at=row.public_at,
            organisation=companies.get(row.organisation_id, ""),
            is_own_company=row.organisation_id == who.organisation_id,
            author=people.get(row.author_id, ""),
        )
        for row in rows
    ]


def _names(session: Session, who: Principal, rows: Sequence[Any]) -> tuple[dict[int, str], dict[int, str]]:
    """What the companies and authors of an outsider's rows are called, where they know them; in one statement at most.

    Most of them are the reader's own, so joining them to every list would be waste.
    """
    names: dict[str, dict[int, str]] = {
        "company": {who.organisation_id or 0: who.organisation_name},
        "person": {who.person_id or 0: who.name},
    }
    parts = []
    for kind, model, ids in (
        ("company", Organisation, {row.organisation_id for row in rows}),
        ("person", Person, {row.author_id for row in rows}),
    ):
        if unknown := ids - names[kind].keys():
            statement = sa.select(sa.literal(kind).label("kind"), model.id, model.name)
            parts.append(statement.where(model.id.in_(sorted(unknown))))
    if parts:
        for row in session.execute(sa.union_all(*parts) if len(parts) > 1 else parts[0]):
            names[row.kind][row.id] = row.name
    return names["company"], names["person"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that staff may narrow the list to, by its reference."""

    kind: str
    ref: str
    name: str


def choices(session: Session, who: Principal, filters: Filters) -> list[Choice]:
    """Teams, the people of the reader's own teams, and whatever the address names, by name; in one statement."""
    if not who.is_staff:
        return []
    colleagues = sa.select(TeamMember.person_id).where(TeamMember.team_id.in_(sorted(who.team_ids)))
    parts = [_named("team", Team), _named("assignee", Person).where(Person.id.in_(colleagues))]
    if filters.assignee not in ("", "me", "none"):
        parts.append(_named("assignee", Person).where(Person.ref == filters.assignee, Person.id.not_in(colleagues)))
    if filters.organisation not in ("", "portfolio"):
        parts.append(_named("organisation", Organisation).where(Organisation.ref == filters.organisation))
    rows = session.execute(sa.union_all(*parts))
    return [Choice(row.kind, row.ref, row.name) for row in sorted(rows, key=lambda row: str(row.name_key))]


def _named(kind: str, model: Any) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(sa.literal(kind).label("kind"), model.ref, model.name, model.name_key)
