"""The list of registrations as its reader sees it: columns through the lens, filters by plain names, order, pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.accounts.models import Person
from portal.clock import now
from portal.database import among
from portal.deals.lifecycle import OPEN, WAITING, State
from portal.deals.models import Deal
from portal.deals.programmes import Programme
from portal.deals.review import DealReview
from portal.deals.search import matches
from portal.filtering import AddressFilters
from portal.languages import voice
from portal.organisations.models import Organisation
from portal.paging import Order, Page, every_page, fetch_page
from portal.products.models import in_language
from portal.text import clean_line
from portal.tickets.search import LONGEST_QUESTION

PAGE_SIZE = 25
SOON = timedelta(hours=24)
ENDING = timedelta(days=14)
SORTS = ("-updated", "updated", "due", "ending")
# Beside the states themselves.
STATE_GROUPS: dict[str, frozenset[State]] = {
    "waiting": frozenset(WAITING),
    # The first time or again, and in nobody's hands.
    "handed-in": frozenset({State.SUBMITTED, State.RESUBMITTED}),
    "open": frozenset({State.DRAFT, *OPEN}),
    "over": frozenset(State) - {State.DRAFT, *OPEN},
}
STATES = STATE_GROUPS | {state.value: frozenset({state}) for state in State}
STAFF_FILTERS = frozenset({"partner"})

_Reviewer = aliased(Person)
# Only staff review. Said here, it spares PostgreSQL the question who of all people may be known by name.
_is_reviewer = sa.and_(_Reviewer.id == DealReview.reviewer_id, _Reviewer.is_staff)
_COLUMNS = (
    Deal.ref,
    Deal.customer_name,
    Deal.state,
    Deal.amount,
    Deal.currency,
    Deal.due_at,
    Deal.protected_until,
    Programme.names.label("programme"),
)
_FOR_STAFF: sa.Select[*tuple[Any, ...]] = (
    sa.select(*_COLUMNS, Deal.activity_at, Organisation.name.label("organisation"), _Reviewer.name.label("reviewer"))
    .select_from(Deal)
    .outerjoin(Programme, Programme.id == Deal.programme_id)
    .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
    .outerjoin(DealReview, DealReview.deal_id == Deal.id)
    .outerjoin(_Reviewer, _is_reviewer)
)
_FOR_OUTSIDERS: sa.Select[*tuple[Any, ...]] = (
    sa.select(*_COLUMNS, Deal.public_at, Deal.organisation_id)
    .select_from(Deal)
    .outerjoin(Programme, Programme.id == Deal.programme_id)
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address; refused before it gets here if it is not theirs to ask."""

    endpoint = "deals.index"
    in_sight = frozenset({"q", "mine", "sort"})

    q: str = ""
    state: str = ""
    programme: str = ""
    partner: str = ""
    due: str = ""
    protected: str = ""
    mine: str = ""
    sort: str = SORTS[0]


FILTERS = tuple(Filters.__dataclass_fields__)
_CHOICES: dict[str, Any] = {
    "state": STATES,
    "due": ("late", "soon"),
    "protected": ("now", "ending"),
    "mine": ("1",),
    "sort": SORTS,
}


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, and for a field outside the reader's lens."""
    given = {name: arguments[name] for name in FILTERS if arguments.get(name)}
    if not who.is_staff and not STAFF_FILTERS.isdisjoint(given):
        raise BadRequest
    if any(given.get(name, "") not in ("", *allowed) for name, allowed in _CHOICES.items()):
        raise BadRequest
    given["q"] = clean_line(given.get("q", "")[:LONGEST_QUESTION])
    return Filters(**given)


def conditions(who: Principal, filters: Filters, at: datetime) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of a registration. A reference that is nothing within reach matches nothing."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.state:
        found.append(Deal.state.in_(sorted(STATES[filters.state])))
    if filters.programme:
        found.append(Deal.programme_id == _id_of(Programme, filters.programme))
    if filters.partner:
        found.append(Deal.organisation_id == _id_of(Organisation, filters.partner))
    if filters.mine:
        found.append((DealReview.reviewer_id if who.is_staff else Deal.author_id) == who.person_id)
    if filters.due == "late":
        found.append(Deal.due_at < at)
    elif filters.due:
        found.append(Deal.due_at.between(at, at + SOON))
    if filters.sort == "due":
        found.append(Deal.due_at.is_not(None))
    if filters.protected or filters.sort == "ending":
        found += [Deal.state == State.APPROVED, Deal.protected_until > at]
    if filters.protected == "ending":
        found.append(Deal.protected_until <= at + ENDING)
    return found


def _id_of(model: Any, ref: str) -> Any:
    return sa.select(model.id).where(model.ref == ref).scalar_subquery()


def order_of(who: Principal, filters: Filters) -> Order:
    """Outsiders see the time of what they can see; notes and first approvals move another one."""
    updated = Deal.activity_at if who.is_staff else Deal.public_at
    column: Any = {"due": Deal.due_at, "ending": Deal.protected_until}.get(filters.sort, updated)
    return Order((column, Deal.ref), is_descending=filters.sort.startswith("-"))


def list_statement(session: Session, who: Principal, filters: Filters) -> sa.Select[*tuple[Any, ...]]:
    """The rows that the filters leave, without order."""
    statement = (_FOR_STAFF if who.is_staff else _FOR_OUTSIDERS).where(*conditions(who, filters, now()))
    if not filters.q:
        return statement
    found = matches(session.get_bind().dialect.name, who, filters.q)
    return statement.where(among(Deal.id, found) if found is not None else sa.false())


@dataclass(frozen=True, slots=True)
class Line:
    """A registration in the list, as far as its reader sees it; what is outside their lens is empty."""

    ref: str
    customer: str
    state: str
    programme: str
    amount: int | None
    currency: str
    due_at: datetime | None
    protected_until: datetime | None
    updated_at: datetime
    organisation: str
    is_own_company: bool = False
    reviewer: str = ""
    is_late: bool = False


def list_deals(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """One page of lines. Raises BadRequest for a place that is none in this list."""
    statement, order = list_statement(session, who, filters), order_of(who, filters)
    page = fetch_page(session, statement, order, size, after=after, before=before)
    return replace(page, rows=_lines(session, who, page.rows))


def every_deal(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    """The lines of all pages, in batches, so that memory stays bounded."""
    statement, order = list_statement(session, who, filters), order_of(who, filters)
    for rows in every_page(session, statement, order, batch):
        yield _lines(session, who, rows)


def _lines(session: Session, who: Principal, rows: Sequence[Any]) -> list[Line]:
    companies = {} if who.is_staff else _companies(session, who, rows)
    return [_line(who, row, companies, now()) for row in rows]


def _line(who: Principal, row: Any, companies: dict[int, str], at: datetime) -> Line:
    return Line(
        ref=row.ref,
        customer=row.customer_name,
        state=row.state,
        programme=in_language(row.programme, voice().language) if row.programme else "",
        amount=row.amount,
        currency=row.currency,
        due_at=row.due_at,
        protected_until=row.protected_until if row.state == State.APPROVED else None,
        updated_at=row.activity_at if who.is_staff else row.public_at,
        organisation=(row.organisation if who.is_staff else companies.get(row.organisation_id)) or "",
        is_own_company=not who.is_staff and row.organisation_id == who.organisation_id,
        reviewer=(row.reviewer or "") if who.is_staff else "",
        is_late=who.is_staff and row.due_at is not None and row.due_at < at,
    )


def _companies(session: Session, who: Principal, rows: Sequence[Any]) -> dict[int, str]:
    """What the companies of an outsider's rows are called, where they know them: almost always their own alone."""
    names: dict[int, str] = {who.organisation_id or 0: who.organisation_name}
    if unknown := {row.organisation_id for row in rows} - names.keys():
        statement = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(unknown)))
        names.update({row.id: row.name for row in session.execute(statement)})
    return names


def programmes(session: Session) -> list[tuple[str, str]]:
    """What the list may be narrowed to: reference and name of each programme."""
    rows = session.execute(sa.select(Programme.ref, Programme.names).order_by(Programme.id))
    return [(row.ref, in_language(row.names, voice().language)) for row in rows]


def partner_named(session: Session, filters: Filters) -> tuple[str, str] | None:
    """The partner that the address names, where it is within reach."""
    if not filters.partner:
        return None
    row = session.execute(
        sa.select(Organisation.ref, Organisation.name).where(Organisation.ref == filters.partner)
    ).one_or_none()
    return (row.ref, row.name) if row else None
