"""The list of tickets as a table for spreadsheets: the rows, the columns and the words that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import Row, capped, see_one_moment, time_cells, time_titles
from portal.tickets.listing import Filters, Line, every_ticket
from portal.tickets.words import CATEGORIES, PRIORITIES, states_told

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    states = {name: words for name, (words, tone) in states_told(staff=who.is_staff).items()}
    yield _titles(who)
    batches = every_ticket(session, who, filters, batch=BATCH)
    cells = (_cells(who, line, states) for lines in batches for line in lines)
    yield from capped(cells, _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s tickets are here. Narrow the list to export others.", most=most)


def _titles(who: Principal) -> Row:
    titles = [_("Reference"), _("Subject"), _("Organisation"), _("State"), _("Category")]
    titles += [_("Priority"), _("Team"), _("Assigned to")] if who.is_staff else [_("Opened by")]
    return [*titles, *(title for name in (_("Opened"), _("Updated")) for title in time_titles(name))]


def _cells(who: Principal, line: Line, states: dict[str, str]) -> Row:
    cells: Row = [line.ref, line.subject, line.organisation, states[line.state], CATEGORIES[line.category]]
    cells += [PRIORITIES[line.priority], line.team, line.assignee] if who.is_staff else [line.author]
    return [*cells, *(text for moment in (line.created_at, line.updated_at) for text in time_cells(moment))]
