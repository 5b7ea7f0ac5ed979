"""The list of registrations as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.deals.listing import Filters, Line, every_deal
from portal.deals.words import STATES
from portal.exporting import Row, amount_cell, capped, see_one_moment, time_cells, time_titles

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    yield _titles(who)
    batches = every_deal(session, who, filters, batch=BATCH)
    cells = (_cells(who, line) for lines in batches for line in lines)
    yield from capped(cells, _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s registrations are here. Narrow the list to export others.", most=most)


def _titles(who: Principal) -> Row:
    titles: Row = [_("Reference"), _("End customer")]
    titles += [_("Partner"), _("Reviewer")] if who.is_staff else [_("Registered by")]
    titles += [_("Programme"), _("Size"), _("Currency"), _("State")]
    names = (_("Decision due"), _("Protected until"), _("Updated"))
    return [*titles, *(title for name in names for title in time_titles(name))]


def _cells(who: Principal, line: Line) -> Row:
    cells: Row = [line.ref, line.customer, line.organisation]
    cells += [line.reviewer] if who.is_staff else []
    cells += [line.programme, amount_cell(line.amount, line.currency or ""), line.currency, STATES[line.state]]
    moments = (line.due_at, line.protected_until, line.updated_at)
    return [*cells, *(text for moment in moments for text in time_cells(moment))]
