"""When a line of a purchase order counts, and when it is met: said once, for every figure and every list behind it.

The agreed day is the one that was confirmed, else the one that was promised; a change that both sides have accepted is
a confirmation. A line counts from the day after it was due, so that what is early is not counted before what is late.

Raw tables, since the figures are the same for whoever may read them, and narrowing row by row makes them ten times as
slow; who may ask for them is checked before, and outsiders ask for their own company alone.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import Condition, unscoped
from portal.business_hours.calendar import Calendar
from portal.database import UtcDateTime
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderLine
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.paging import Page, fetch_page
from portal.shipments.models import Shipment, ShipmentLine, ShipmentState

line, order, details, organisation, _part, _shipment = (
    model.__table__.c for model in (OrderLine, Order, OrderDetails, Organisation, ShipmentLine, Shipment)
)
MONTHS = 12
DAY = timedelta(days=1)


class Measure(StrEnum):
    CONFIRMED = "confirmed"
    IN_TIME = "in-time"
    IN_FULL = "in-full"
    OTIF = "otif"


@dataclass(frozen=True, slots=True)
class Window:
    """The last twelve calendar months, the present one at the end, as days go where we work.

    `limits` is for each day of order the moment before which a line has to be confirmed; days whose limit is not over
    yet are not among them.
    """

    calendar: Calendar
    first: date
    today: date
    limits: Mapping[date, datetime]

    @property
    def months(self) -> list[tuple[int, int]]:
        number = self.first.year * 12 + self.first.month - 1
        return [(month // 12, month % 12 + 1) for month in range(number, number + MONTHS)]

    def last_day_before(self, limit: datetime) -> date:
        return self.calendar.day_of(limit) - DAY


def window_of(calendar: Calendar, at: datetime, confirm_days: int) -> Window:
    today = calendar.day_of(at)
    number = today.year * 12 + today.month - MONTHS
    first = date(number // 12, number % 12 + 1, 1)
    days = [first + n * DAY for n in range((today - first).days + 1)]
    open_days = [day for day in days if calendar.windows[day.weekday()] and not calendar.is_closed_on(day)]
    limits: dict[date, datetime] = {}
    for day in days:
        last = bisect_right(open_days, day) + confirm_days - 1
        if confirm_days and last >= len(open_days):
            break
        # The day itself counts to its end.
        limit = datetime.combine((open_days[last] if confirm_days else day) + DAY, time(), calendar.time_zone)
        if limit > at:
            break
        limits[day] = limit
    return Window(calendar, first, today, limits)


class Rule:
    """The measures as conditions on a line, for one window; of one supplier, or of all."""

    def __init__(self, window: Window, supplier_id: int | None = None) -> None:

        self.order = _orders(window, supplier_id)
        placed = self.order.c
        self.arrived = _arrived(supplier_id)
        self.agreed_on: sa.ColumnElement[date] = sa.func.coalesce(line.confirmed_on, line.promised_on)
        in_whole = self.arrived.c.quantity >= line.delivered
        # What is told of the line itself, else by its shipments where they are all of it, else of the order.
        self.delivered_on: sa.ColumnElement[date | None] = sa.func.coalesce(
            line.delivered_on, sa.case((in_whole, self.arrived.c.day)), placed.delivered_on
        )
        is_due = self.agreed_on.between(window.first, window.today - DAY)
        is_known = sa.and_(is_due, sa.or_(line.delivered <= 0, self.delivered_on.is_not(None)))
        is_whole = line.delivered >= line.quantity
        in_time = sa.and_(line.delivered > 0, self.delivered_on <= self.agreed_on)
        # What the portal has heard of too late could not be confirmed here in time.
        was_here = placed.created_at < placed.until
        confirmed = sa.and_(line.confirmed_on.is_not(None), line.confirmed_at < placed.until)
        self._counts: dict[Measure, Condition] = {
            Measure.CONFIRMED: was_here,
            Measure.IN_TIME: is_known,
            Measure.IN_FULL: is_due,
            Measure.OTIF: is_known,
        }
        self._met: dict[Measure, Condition] = {
            Measure.CONFIRMED: confirmed,
            Measure.IN_TIME: in_time,
            Measure.IN_FULL: is_whole,
            Measure.OTIF: sa.and_(in_time, is_whole),
        }

    def counts(self, measure: Measure) -> Condition:
        return self._counts[measure]

    def met(self, measure: Measure) -> Condition:
        return self._met[measure]

    def day(self, measure: Measure) -> Any:
        """By which a line belongs to a month."""
        return self.order.c.ordered_on if measure == Measure.CONFIRMED else self.agreed_on

    def columns(self, *measures: Measure) -> list[sa.ColumnElement[int]]:
        """How many count and how many of these are met, for each measure."""
        found: list[sa.ColumnElement[int]] = []
        for measure in measures:
            counts = self.counts(measure)
            found.append(sa.func.count(sa.case((counts, 1))))
            found.append(sa.func.count(sa.case((sa.and_(counts, self.met(measure)), 1))))
        return found

    def of_lines(self, *columns: Any) -> sa.Select[Any]:
        """These columns of the lines that may count at all."""
        return (
            sa.select(*columns)
            .select_from(self.order)
            .join(OrderLine.__table__, line.order_id == self.order.c.id)
            .outerjoin(self.arrived, self.arrived.c.line_id == line.id)
            .where(line.quantity > 0)
        )


def _orders(window: Window, supplier_id: int | None) -> sa.Subquery:
    """Orders of which a line may count, each with the moment before which its lines have to be confirmed."""
    # The last of the days of its lines stands with the order.
    recent = sa.or_(*(day >= window.first for day in (order.ordered_on, order.confirmed_on, order.promised_on)))
    names = ("id", "ref", "organisation_id", "ordered_on", "delivered_on", "created_at")
    until = sa.type_coerce(_limit(list(window.limits.items())), UtcDateTime())
    found = sa.select(*(order[name] for name in names), until.label("until")).where(
        order.kind == Kind.PURCHASE, order.state != State.CANCELLED, recent
    )
    if supplier_id is not None:
        found = found.where(order.organisation_id == supplier_id)
    return found.subquery("placed")


def _limit(limits: Sequence[tuple[date, datetime]]) -> Any:
    """By the day of order. Halves of halves: a join with a list of days would be searched from end to end each time."""
    if len(limits) <= 1:
        found = [(order.ordered_on == day, sa.literal(until, UtcDateTime())) for day, until in limits]
        return sa.case(*found) if found else sa.null()
    middle = len(limits) // 2
    return sa.case((order.ordered_on < limits[middle][0], _limit(limits[:middle])), else_=_limit(limits[middle:]))


def named(lines: sa.Subquery, supplier_id: sa.ColumnElement[int], *columns: Any) -> sa.Select[Any]:
    """These columns of lines that were grouped by supplier, and of the suppliers themselves."""
    return sa.select(*columns).select_from(lines).join(Organisation.__table__, organisation.id == supplier_id)


def with_details(statement: sa.Select[Any], rule: Rule) -> sa.Select[Any]:
    return statement.join(OrderDetails.__table__, details.order_id == rule.order.c.id)


def _arrived(supplier_id: int | None) -> Any:
    """How much of each line the shipments that have arrived brought, and when the last of them came."""
    found = (
        sa.select(
            _part.line_id,
            sa.func.sum(_part.quantity).label("quantity"),
            sa.func.max(_shipment.delivered_on).label("day"),
        )
        .select_from(ShipmentLine.__table__)
        .join(Shipment.__table__, _shipment.id == _part.shipment_id)
        .join(Order.__table__, order.id == _shipment.order_id)
        .where(
            _shipment.state == ShipmentState.DELIVERED,
            _shipment.delivered_on.is_not(None),
            order.kind == Kind.PURCHASE,
        )
        .group_by(_part.line_id)
    )
    if supplier_id is not None:
        found = found.where(order.organisation_id == supplier_id)
    return found.subquery("arrived")


_WHY = "a supplier's figures"


def rows_of(session: Session, statement: sa.Select[Any]) -> Sequence[Any]:
    with unscoped(_WHY):
        return session.connection().execute(statement).all()


def page_of(
    session: Session, statement: sa.Select[Any], sorting: Sorting, size: int, *, after: str = "", before: str = ""
) -> Page:
    with unscoped(_WHY):
        return fetch_page(session.connection(), statement, sorting, size, after=after, before=before)


def every_row(session: Session, statement: sa.Select[Any], sorting: Sorting, batch: int) -> Iterator[Any]:
    """The rows of all pages, read batch by batch."""
    after: str | None = ""
    while after is not None:
        page = page_of(session, statement, sorting, batch, after=after)
        yield from page.rows
        after = page.next_cursor
