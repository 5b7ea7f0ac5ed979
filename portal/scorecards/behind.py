"""The lines behind a figure: which were late, so that whoever is judged by them can look at each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.filtering import AddressFilters
from portal.languages import number_text, voice
from portal.orders.money import THOUSAND
from portal.paging import Order as Sorting
from portal.products.models import in_language
from portal.scorecards.figures import Period
from portal.scorecards.reach import Measure, Rule, Window, details, line, with_details

PAGE_SIZE = 25
OUTCOMES = ("missed", "met", "all")


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """Which figure, of which month or quarter, and whether what was missed or met."""

    endpoint = "scorecards.lines"

    measure: str = Measure.OTIF.value
    outcome: str = OUTCOMES[0]
    period: str = ""

    def url_of(self, ref: str, endpoint: str = "", **more: str) -> str:
        """The same of that supplier, or a download of it."""
        return self._address(url_for(endpoint or self.endpoint, ref=ref), more)


@dataclass(frozen=True, slots=True)
class Line:
    order_ref: str
    order_number: str
    position: int
    name: str
    ordered_on: date | None
    confirmed_at: datetime | None
    # The last day on which it could be confirmed in time.
    confirm_by: date | None
    agreed_on: date | None
    delivered_on: date | None
    quantity: int
    delivered: int
    unit: str
    is_met: bool

    @property
    def delivered_text(self) -> str:
        return number_text(Decimal(self.delivered) / THOUSAND)


def read_filters(arguments: MultiDict[str, str], periods: Mapping[str, Period]) -> Filters:
    """Raises BadRequest for a value that is none."""
    given = {name: arguments[name] for name in Filters.defaults() if arguments.get(name)}
    filters = Filters(**given)
    if filters.measure not in set(Measure) or filters.outcome not in OUTCOMES:
        raise BadRequest
    if filters.period and filters.period not in periods:
        raise BadRequest
    return filters


def listed(filters: Filters, window: Window, supplier_id: int, period: Period | None) -> tuple[sa.Select[Any], Sorting]:
    """The last day first."""
    measure, rule = Measure(filters.measure), Rule(window, supplier_id)
    met, placed = rule.met(measure), rule.order.c
    day = rule.day(measure).label("counted_on")
    found = rule.of_lines(
        *(placed.ref, details.number, line.position, placed.ordered_on, line.confirmed_at),
        *(line.descriptions, line.code, line.quantity, line.delivered, line.unit),
        placed.until.label("confirm_until"),
        rule.agreed_on.label("agreed_on"),
        rule.delivered_on.label("delivered_on"),
        sa.case((met, 1), else_=0).label("is_met"),
        day,
    )
    found = with_details(found, rule).where(rule.counts(measure))
    if filters.outcome != "all":
        # What is not known to be met is missed: a comparison with nothing is neither.
        found = found.where(sa.case((met, 1), else_=0) == int(filters.outcome == "met"))
    if period is not None:
        found = found.where(day.element.between(*_bounds(period)))
    return found, Sorting((day, placed.ref, line.position), is_descending=True)


def _bounds(period: Period) -> tuple[date, date]:
    (year, month), last = period.months[0], period.months[-1]
    following = date(last[0] + last[1] // 12, last[1] % 12 + 1, 1)
    return date(year, month, 1), date.fromordinal(following.toordinal() - 1)


def lines_of(rows: Sequence[Any], window: Window) -> list[Line]:
    language = voice().language
    return [
        Line(
            order_ref=row.ref,
            order_number=row.number or row.ref,
            position=row.position,
            name=in_language(row.descriptions, language) or row.code,
            ordered_on=row.ordered_on,
            confirmed_at=row.confirmed_at,
            confirm_by=window.last_day_before(row.confirm_until) if row.confirm_until else None,
            agreed_on=row.agreed_on,
            delivered_on=row.delivered_on,
            quantity=row.quantity,
            delivered=row.delivered,
            unit=row.unit,
            is_met=bool(row.is_met),
        )
        for row in rows
    ]
