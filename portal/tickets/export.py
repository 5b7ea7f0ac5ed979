"""The list of tickets as a table for spreadsheets: the rows, the columns and the words that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import BYTE_ORDER_MARK, csv_text, see_one_moment, time_cells, time_titles
from portal.languages import number_text
from portal.tickets.listing import Filters, Line, every_ticket
from portal.tickets.words import CATEGORIES, PRIORITIES, states_told

# The last line says so where an export ends here.
MOST_EXPORTED = 50_000
BATCH = 500


def csv_of(session: Session, who: Principal, filters: Filters) -> Iterator[str]:
    """The lines of all pages as CSV, batch by batch; the byte order mark tells spreadsheets that it is UTF-8."""
    see_one_moment(session)
    states = {name: words for name, (words, tone) in states_told(staff=who.is_staff).items()}
    yield BYTE_ORDER_MARK + csv_text([_titles(who)])
    room = MOST_EXPORTED
    for lines in every_ticket(session, who, filters, batch=BATCH):
        yield csv_text([_cells(who, line, states) for line in lines[:room]])
        if len(lines) > room:
            most = number_text(MOST_EXPORTED)
            yield csv_text(
                [[_("Only the first %(most)s tickets are here. Narrow the list to export others.", most=most)]]
            )
            return
        room -= len(lines)


def _titles(who: Principal) -> list[object]:
    titles = [_("Reference"), _("Subject"), _("Organisation"), _("State"), _("Category")]
    titles += [_("Priority"), _("Team"), _("Assigned to")] if who.is_staff else [_("Opened by")]
    return [*titles, *(title for name in (_("Opened"), _("Updated")) for title in time_titles(name))]


def _cells(who: Principal, line: Line, states: dict[str, str]) -> list[object]:
    cells: list[object] = [line.ref, line.subject, line.organisation, states[line.state], CATEGORIES[line.category]]
    cells += [PRIORITIES[line.priority], line.team, line.assignee] if who.is_staff else [line.author]
    return [*cells, *(text for moment in (line.created_at, line.updated_at) for text in time_cells(moment))]
