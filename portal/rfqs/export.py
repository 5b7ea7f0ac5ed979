"""The list of requests as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import Row, capped, see_one_moment, time_cells, time_titles
from portal.rfqs.listing import Filters, Line, every_rfq
from portal.rfqs.words import ANSWERS, STATES

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    titles: Row = [_("Reference"), _("Title"), _("State"), _("Currency")]
    counts: Row = [_("Invited"), _("Offers")] if who.is_staff else []
    when = _("Created") if who.is_staff else _("Received")
    yield [*titles, *counts, *time_titles(_("Answer until")), *time_titles(when)]
    batches = every_rfq(session, who, filters, batch=BATCH)
    yield from capped((_cells(who, line) for lines in batches for line in lines), _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s requests are here. Narrow the list to export others.", most=most)


def _cells(who: Principal, line: Line) -> Row:
    words = STATES if who.is_staff else ANSWERS
    told: Row = [line.ref, line.title, words[line.state], line.currency]
    told += [line.invited, line.offered] if who.is_staff else []
    return [*told, *time_cells(line.closes_at), *time_cells(line.at)]
