"""The list of orders as its reader sees it: columns through the lens, filters by plain names, order, pages.

Where an order stands and when is read of every row; number, sums and payment only of those that are read whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Capacity, Ground, Noun, Principal, Role
from portal.accounts.models import Portfolio
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.database import among
from portal.filtering import AddressFilters, in_address
from portal.languages.reading import parse_date
from portal.orders.lifecycle import OVER, RUNNING, Kind, State
from portal.orders.models import Order, moved_for
from portal.orders.parts import OrderDetails, OrderLine
from portal.orders.search import matches
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.paging import Page, every_page, fetch_page
from portal.products.models import Product
from portal.text import clean_line
from portal.tickets.search import LONGEST_QUESTION

PAGE_SIZE = 25
SORTS = ("-updated", "updated", "-ordered", "ordered", "due")
# Beside the states themselves. A quotation that has become an order is over.
_DONE = frozenset({*OVER, State.DELIVERED})
STATE_GROUPS: dict[str, frozenset[State]] = {
    "running": frozenset(RUNNING),
    "open": frozenset(State) - _DONE,
    "over": _DONE,
}
STATES = STATE_GROUPS | {state.value: frozenset({state}) for state in State}
_KINDS_OF_GROUND = {
    Ground.PURCHASE: frozenset({Kind.PURCHASE}),
    Ground.ALL: frozenset(Kind),
}
_SALES = frozenset({Kind.SALES, Kind.QUOTATION})
_OF_COMPANIES = frozenset({"customer", "supplier"})
DAYS = ("from_", "to")

_COLUMNS = (
    Order.id,
    Order.ref,
    Order.kind,
    Order.organisation_id,
    Order.state,
    Order.ordered_on,
    Order.valid_until,
    Order.due_on,
    Order.shipped_percent,
    Order.delivered_percent,
    Order.delivered_on,
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address; refused before it gets here if it is not theirs to ask."""

    endpoint = "orders.index"
    in_sight = frozenset({"q", "mine", "sort"})

    q: str = ""
    kind: str = ""
    state: str = ""
    # Ordered on these days or between them, as ISO dates; or what was typed, where that is none.
    from_: str = ""
    to: str = ""
    product: str = ""
    reference: str = ""
    customer_reference: str = ""
    customer: str = ""
    supplier: str = ""
    late: str = ""
    mine: str = ""
    sort: str = SORTS[0]

    @property
    def unreadable(self) -> list[str]:
        """The fields in which something stands that is no day."""
        return [name for name in DAYS if not _is_day(getattr(self, name))]


FILTERS = tuple(Filters.__dataclass_fields__)
_TEXTS = ("q", "product", "reference", "customer_reference")


def kinds_of(who: Principal) -> list[Kind]:
    """What may be within this reader's reach at all."""
    if not who.is_staff:
        return [Kind.PURCHASE] if who.capacity == Capacity.SUPPLIER else [Kind.SALES, Kind.QUOTATION]
    found = {kind for reach in who.reach(Noun.ORDERS) for kind in _KINDS_OF_GROUND.get(reach.ground, _SALES)}
    return [kind for kind in Kind if kind in found]


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, and for a field outside the reader's lens."""
    asked = {name: arguments.get(in_address(name), "") for name in FILTERS}
    given = {name: value[:LONGEST_QUESTION] for name, value in asked.items() if value}
    if not who.is_staff and not _OF_COMPANIES.isdisjoint(given.keys() - _companies_of(who)):
        raise BadRequest
    choices: dict[str, Any] = {
        "kind": kinds_of(who),
        "state": STATES,
        "late": ("1",),
        "mine": ("1",) if Role.ACCOUNT_MANAGER in who.roles else (),
        "sort": SORTS,
    }
    if any(given.get(name, "") not in ("", *allowed) for name, allowed in choices.items()):
        raise BadRequest
    for name in _TEXTS:
        given[name] = clean_line(given.get(name, ""))
    for name in DAYS:
        given[name] = _day_of(given.get(name, ""))
    return Filters(**given)


def _companies_of(who: Principal) -> set[str]:
    """Partners tell their customers apart; other outsiders have orders of one company alone."""
    return {"customer"} if who.capacity == Capacity.PARTNER else set()


def _day_of(typed: str) -> str:
    """Typed as the reader writes days, kept as everybody's browser sends it."""
    try:
        return parse_date(typed).isoformat()
    except ValueError:
        return clean_line(typed)


def _is_day(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text) is not None
    except ValueError:
        return False


def conditions(who: Principal, filters: Filters, today: date) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of an order. A reference that is nothing within reach matches nothing."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.kind:
        found.append(Order.kind == filters.kind)
    if filters.state:
        found.append(_in_states(filters.state))
    if filters.from_:
        found.append(Order.ordered_on >= date.fromisoformat(filters.from_))
    if filters.to:
        found.append(Order.ordered_on <= date.fromisoformat(filters.to))
    if filters.late:
        found.append(Order.due_on < today)
    if filters.sort == "due":
        found.append(Order.due_on.is_not(None))
    if filters.sort.endswith("ordered"):
        found.append(Order.ordered_on.is_not(None))
    if filters.mine:
        found.append(in_portfolio(who))
    if filters.customer:
        found += [Order.organisation_id == _company(filters.customer), Order.kind != Kind.PURCHASE]
    if filters.supplier:
        found += [Order.organisation_id == _company(filters.supplier), Order.kind == Kind.PURCHASE]
    return found + _in_the_whole(filters)


def in_portfolio(who: Principal) -> sa.ColumnElement[bool]:
    cared_for = sa.select(Portfolio.organisation_id).where(Portfolio.person_id == who.person_id)
    return among(Order.organisation_id, cared_for)


def _in_states(name: str) -> sa.ColumnElement[bool]:
    if name not in STATE_GROUPS:
        return Order.state == name
    # Said the other way round: SQLite would look up all orders in these states and sort them, where reading the list
    # in its order finds a page of them soon.
    is_one_of = Order.state.not_in(sorted(frozenset(State) - STATES[name]))
    has_become_order = sa.and_(Order.kind == Kind.QUOTATION, Order.state == State.ORDERED)
    return sa.or_(is_one_of, has_become_order) if name == "over" else sa.and_(is_one_of, sa.not_(has_become_order))


def _in_the_whole(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What is asked of the details: they are narrowed to orders that are read whole."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.reference:
        numbered = OrderDetails.number.in_(_spellings(filters.reference))
        is_ours = Order.ref == filters.reference.upper()
        found.append(sa.or_(is_ours, among(Order.id, sa.select(OrderDetails.order_id).where(numbered))))
    if filters.customer_reference:
        named = OrderDetails.customer_reference.in_(_spellings(filters.customer_reference))
        found.append(among(Order.id, sa.select(OrderDetails.order_id).where(named)))
    return found


def _spellings(text: str) -> list[str]:
    """As it was typed and in either case, so that an index answers."""
    return sorted({text, text.upper(), text.lower()})


def _company(ref: str) -> Any:
    return sa.select(Organisation.id).where(Organisation.ref == ref).scalar_subquery()


def sorting_of(who: Principal, filters: Filters) -> Sorting:
    """By day, or by when they moved as far as the reader sees them move."""
    column: Any = {"due": Order.due_on, "ordered": Order.ordered_on}.get(filters.sort.lstrip("-"), moved_for(who))
    return Sorting((column, Order.ref), is_descending=filters.sort.startswith("-"))


def list_statement(session: Session, who: Principal, filters: Filters, today: date) -> sa.Select[*tuple[Any, ...]]:
    """The rows that the filters leave, without order."""
    statement = sa.select(*_COLUMNS, moved_for(who)).where(*conditions(who, filters, today))
    if filters.product:
        # Asked before, so that the database knows how common it is.
        product = session.scalar(sa.select(Product.id).where(Product.code.in_(_spellings(filters.product))))
        lines = sa.select(OrderLine.order_id).where(OrderLine.product_id == product)
        statement = statement.where(Order.id.in_(lines) if product is not None else sa.false())
    if not filters.q:
        return statement
    found = matches(session.get_bind().dialect.name, who, filters.q)
    return statement.where(among(Order.id, found) if found is not None else sa.false())


def today_of(session: Session) -> date:
    """Which day it is where we work: what was due before it is late."""
    return vendor_calendar(session).day_of(now())


@dataclass(frozen=True, slots=True)
class Line:
    """An order in the list, as far as its reader sees it; what is outside their lens is empty."""

    ref: str
    kind: str
    state: str
    organisation: str
    ordered_on: date | None
    valid_until: date | None
    due_on: date | None
    delivered_on: date | None
    is_late: bool
    is_own: bool
    shipped_percent: int
    delivered_percent: int
    updated_at: datetime
    is_whole: bool = False
    number: str = ""
    customer_reference: str = ""
    currency: str = ""
    total: int | None = None
    payment_state: str = ""

    @property
    def title(self) -> str:
        """The number of the ERP for whoever reads it whole, where it has one; else our reference."""
        return self.number or self.ref


def list_orders(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """One page of lines. Raises BadRequest for a place that is none in this list."""
    today, sorting = today_of(session), sorting_of(who, filters)
    statement = list_statement(session, who, filters, today)
    page = fetch_page(session, statement, sorting, size, after=after, before=before)
    return replace(page, rows=_lines(session, who, page.rows, today))


def every_order(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    """The lines of all pages, in batches, so that memory stays bounded."""
    today, sorting = today_of(session), sorting_of(who, filters)
    for rows in every_page(session, list_statement(session, who, filters, today), sorting, batch):
        yield _lines(session, who, rows, today)


def _lines(session: Session, who: Principal, rows: Sequence[Any], today: date) -> list[Line]:
    wholes, names = _wholes(session, rows), _names(session, who, rows)
    return [_line(who, row, wholes.get(row.id), names.get(row.organisation_id, ""), today) for row in rows]


def _line(who: Principal, row: Any, whole: Any, name: str, today: date) -> Line:
    line = Line(
        ref=row.ref,
        kind=row.kind,
        state=row.state,
        organisation=name,
        ordered_on=row.ordered_on,
        valid_until=row.valid_until if row.state == State.OFFERED else None,
        due_on=row.due_on,
        delivered_on=row.delivered_on,
        is_late=row.due_on is not None and row.due_on < today,
        is_own=row.organisation_id == who.organisation_id,
        shipped_percent=row.shipped_percent,
        delivered_percent=row.delivered_percent,
        updated_at=getattr(row, moved_for(who).key),
    )
    if whole is None:
        return line
    return replace(
        line,
        is_whole=True,
        number=whole.number,
        customer_reference=whole.customer_reference,
        currency=whole.currency,
        total=whole.total,
        payment_state=whole.payment_state,
    )


def _wholes(session: Session, rows: Sequence[Any]) -> dict[int, Any]:
    """The details of those rows that are read whole: asked of a page of rows, they cost little on any database."""
    if not rows:
        return {}
    statement = sa.select(
        OrderDetails.order_id,
        OrderDetails.number,
        OrderDetails.customer_reference,
        OrderDetails.currency,
        OrderDetails.total,
        OrderDetails.payment_state,
    ).where(OrderDetails.order_id.in_([row.id for row in rows]))
    return {row.order_id: row for row in session.execute(statement)}


def _names(session: Session, who: Principal, rows: Sequence[Any]) -> dict[int, str]:
    """What the companies of the rows are called, where the reader knows them; one's own goes without saying."""
    unknown = {row.organisation_id for row in rows} - {who.organisation_id}
    if not unknown:
        return {}
    statement = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(unknown)))
    return {row.id: row.name for row in session.execute(statement)}


def company_named(session: Session, ref: str) -> tuple[str, str] | None:
    """The company that the address names, where it is within reach."""
    if not ref:
        return None
    row = session.execute(sa.select(Organisation.ref, Organisation.name).where(Organisation.ref == ref)).one_or_none()
    return (row.ref, row.name) if row else None
