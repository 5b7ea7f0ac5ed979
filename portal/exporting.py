"""What lists share that become tables for spreadsheets."""

import csv
from datetime import datetime
from io import StringIO

from sqlalchemy.orm import Session

from portal.languages import datetime_text, voice
from portal.text import csv_safe

BYTE_ORDER_MARK = "\ufeff"


def see_one_moment(session: Session) -> None:
    """Let all batches see the rows as they stand now: one that moves meanwhile is neither lost nor here twice."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def csv_text(rows: list[list[object]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows([csv_safe(cell) for cell in row] for row in rows)
    return buffer.getvalue()


# Spreadsheets sort and count with ISO 8601 in any language; they know no other calendar, so the date as it is shown
# stands beside it there.
def time_titles(name: str) -> list[str]:
    title = f"{name} ({voice().time_zone})"
    return [name, title] if voice().calendar == "jalali" else [title]


def time_cells(moment: datetime | None) -> list[str]:
    """As many as there are titles; empty where nothing has happened."""
    if moment is None:
        return [""] * len(time_titles(""))
    local = moment.astimezone(voice().zone).strftime("%Y-%m-%d %H:%M:%S")
    return [datetime_text(moment, "short"), local] if voice().calendar == "jalali" else [local]
