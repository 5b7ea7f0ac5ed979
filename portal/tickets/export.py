"""The list of tickets as a table for spreadsheets: the rows, the columns and the words that its reader sees there."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.languages import datetime_text, number_text, voice
from portal.text import csv_safe
from portal.tickets.listing import Filters, Line, every_ticket
from portal.tickets.words import CATEGORIES, PRIORITIES, states_told

# The last line says so where an export ends here.
MOST_EXPORTED = 50_000
BATCH = 500


def csv_of(session: Session, who: Principal, filters: Filters) -> Iterator[str]:
    """The lines of all pages as CSV, batch by batch; the byte order mark tells spreadsheets that it is UTF-8."""
    _see_one_moment(session)
    states = {name: words for name, (words, tone) in states_told(staff=who.is_staff).items()}
    yield "\ufeff" + _csv([_titles(who)])
    room = MOST_EXPORTED
    for lines in every_ticket(session, who, filters, batch=BATCH):
        yield _csv([_cells(who, line, states) for line in lines[:room]])
        if len(lines) > room:
            most = number_text(MOST_EXPORTED)
            yield _csv([[_("Only the first %(most)s tickets are here. Narrow the list to export others.", most=most)]])
            return
        room -= len(lines)


def _see_one_moment(session: Session) -> None:
    """Let all batches see the tickets as they stand now: one that moves meanwhile is neither lost nor here twice."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _csv(rows: list[list[object]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows([csv_safe(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _titles(who: Principal) -> list[object]:
    titles = [_("Reference"), _("Subject"), _("Organisation"), _("State"), _("Category")]
    titles += [_("Priority"), _("Team"), _("Assigned to")] if who.is_staff else [_("Opened by")]
    return [*titles, *(title for name in (_("Opened"), _("Updated")) for title in _time_titles(name))]


def _cells(who: Principal, line: Line, states: dict[str, str]) -> list[object]:
    cells: list[object] = [line.ref, line.subject, line.organisation, states[line.state], CATEGORIES[line.category]]
    cells += [PRIORITIES[line.priority], line.team, line.assignee] if who.is_staff else [line.author]
    return [*cells, *(text for moment in (line.created_at, line.updated_at) for text in _time_cells(moment))]


# Spreadsheets sort and count with ISO 8601 in any language; they know no other calendar, so the date as it is shown
# stands beside it there.
def _time_titles(name: str) -> list[str]:
    title = f"{name} ({voice().time_zone})"
    return [name, title] if voice().calendar == "jalali" else [title]


def _time_cells(moment: datetime) -> list[str]:
    local = moment.astimezone(voice().zone).strftime("%Y-%m-%d %H:%M:%S")
    return [datetime_text(moment, "short"), local] if voice().calendar == "jalali" else [local]
