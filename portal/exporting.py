"""A list as a table for spreadsheets: what each room gives as rows becomes CSV or a workbook (XLSX)."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

from flask import Response, stream_with_context
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from portal.clock import now
from portal.languages import currency_exponent, date_text, datetime_text, number_text, voice
from portal.text import clean_cell, csv_safe

# Excel takes a file for UTF-8 only where it begins with this mark.
BYTE_ORDER_MARK = "\ufeff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 32_000
MOST_EXPORTED = 50_000
Row = list[object]


def table(name: str, form: str, rows: Iterable[Row]) -> Response:
    """A download of these rows, of which the first is the titles; the form is csv or xlsx."""
    lines = _workbook(rows) if form == "xlsx" else _csv(rows)
    answer = Response(stream_with_context(lines), mimetype=XLSX if form == "xlsx" else "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{now():%Y-%m-%d}.{form}"'
    return answer


def see_one_moment(session: Session) -> None:
    """Let all batches see the rows as they stand now: one that moves meanwhile is neither lost nor here twice."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def capped(rows: Iterable[Row], words: Callable[[str], object]) -> Iterator[Row]:
    """As many of the rows as one export holds; where there are more, the last line says so in these words."""
    left = iter(rows)
    yield from islice(left, MOST_EXPORTED)
    if next(left, None) is not None:
        yield [words(number_text(MOST_EXPORTED))]


def _csv(rows: Iterable[Row]) -> Iterator[str]:
    buffer = StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([csv_safe(cell) for cell in row])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _workbook(rows: Iterable[Row]) -> Iterator[bytes]:
    """One sheet, read from the reader's side, its titles in sight while one scrolls."""
    with TemporaryFile() as file:
        with Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
            sheet = book.add_worksheet()
            if voice().table.direction == "rtl":
                sheet.right_to_left()
            sheet.freeze_panes(1, 0)
            formats = {
                "title": book.add_format({"bold": True}),
                datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                date: book.add_format({"num_format": "yyyy-mm-dd"}),
            }
            for number, row in enumerate(rows):
                if number == 0:
                    sheet.set_column(0, len(row) - 1, 20)
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, formats)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write(sheet: Any, row: int, column: int, cell: object, formats: dict[Any, Any]) -> None:
    """Numbers and dates as such, all else as text: never as a formula or a link."""
    if isinstance(cell, int | float | Decimal) and row:
        sheet.write_number(row, column, cell)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, formats[type(cell)])
    elif cell is not None:
        sheet.write_string(row, column, clean_cell(cell), None if row else formats["title"])


# Spreadsheets sort and count with ISO 8601 in any language; they know no other calendar, so the date as it is shown
# stands beside it there.
def time_titles(name: str) -> list[str]:
    title = f"{name} ({voice().time_zone})"
    return [name, title] if voice().calendar == "jalali" else [title]


def time_cells(moment: datetime | None) -> Row:
    """As many as there are titles, the last one to the second where the reader is; empty where nothing has happened."""
    if moment is None:
        return [""] * len(time_titles(""))
    local = moment.astimezone(voice().zone).replace(tzinfo=None, microsecond=0)
    return [datetime_text(moment, "short"), local] if voice().calendar == "jalali" else [local]


def day_titles(name: str) -> list[str]:
    return [name, f"{name} (ISO 8601)"] if voice().calendar == "jalali" else [name]


def day_cells(day: date | None) -> Row:
    """As many as there are titles; empty where there is none."""
    if day is None:
        return [""] * len(day_titles(""))
    return [date_text(day, "short"), day] if voice().calendar == "jalali" else [day]


def amount_cell(amount: int | None, currency: str) -> object:
    """Minor units as whole ones with decimals, as spreadsheets count with it in any language; empty for none."""
    return "" if amount is None else Decimal(amount).scaleb(-currency_exponent(currency) if currency else 0)
