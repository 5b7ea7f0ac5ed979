"""Scorecards as tables for spreadsheets: what the pages show."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session

from portal.exporting import Row, capped, day_cells, day_titles, see_one_moment, time_cells, time_titles
from portal.orders.money import THOUSAND
from portal.paging import Order as Sorting
from portal.scorecards.behind import Line, lines_of
from portal.scorecards.figures import Period, Shares
from portal.scorecards.listing import suppliers_of
from portal.scorecards.reach import Measure, Window, every_row
from portal.scorecards.words import MEASURES

BATCH = 500


def rows_of_suppliers(session: Session, statement: Any, order: Sorting) -> Iterator[Row]:
    see_one_moment(session)
    yield [_("Reference"), _("Supplier"), *_share_titles()]
    found = (one for row in every_row(session, statement, order, BATCH) for one in suppliers_of([row]))
    yield from capped(([one.ref, one.name, *_share_cells(one.shares)] for one in found), _too_many)


def rows_of_periods(periods: Sequence[Period], total: Shares) -> Iterator[Row]:
    yield [_("Period"), *_share_titles()]
    for period in periods:
        yield [f"{period.label} {period.note}".strip(), *_share_cells(period.shares)]
    yield [_("Together"), *_share_cells(total)]


def rows_of_lines(session: Session, window: Window, statement: Any, order: Sorting) -> Iterator[Row]:
    see_one_moment(session)
    titles = [_("Reference"), _("Order number"), _("Line"), _("Description"), *day_titles(pgettext("order", "Ordered"))]
    titles += [*time_titles(pgettext("scorecard", "Confirmed")), *day_titles(_("Agreed day"))]
    titles += [*day_titles(pgettext("order", "Delivered")), _("Quantity"), _("Quantity delivered"), _("Unit")]
    yield [*titles, pgettext("scorecard", "Met")]
    lines = (line for row in every_row(session, statement, order, BATCH) for line in lines_of([row], window))
    yield from capped(map(_line_cells, lines), _too_many)


def _line_cells(line: Line) -> Row:
    cells: Row = [line.order_ref, line.order_number, line.position, line.name, *day_cells(line.ordered_on)]
    cells += [*time_cells(line.confirmed_at), *day_cells(line.agreed_on), *day_cells(line.delivered_on)]
    cells += [Decimal(line.quantity) / THOUSAND, Decimal(line.delivered) / THOUSAND, line.unit]
    return [*cells, int(line.is_met)]


def _share_titles() -> Row:
    titles: Row = []
    for measure in Measure:
        name = MEASURES[measure]
        titles += [_("%(measure)s, lines", measure=name), _("%(measure)s, of these", measure=name)]
        titles.append(_("%(measure)s, per cent", measure=name))
    return titles


def _share_cells(shares: Shares) -> Row:
    cells: Row = []
    for measure in Measure:
        share = shares[measure]
        cells += [share.counted, share.met]
        cells.append(round(Decimal(share.met * 100) / share.counted, 1) if share.counted else "")
    return cells


def _too_many(most: str) -> object:
    return _("Only the first %(most)s rows are here. Narrow the list to export others.", most=most)
