"""Tables as text: CSV with any of three delimiters, in UTF-8 or a code page of ours."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from flask_babel import lazy_gettext as _l

from portal.imports import sniffing
from portal.imports.reading import LOOKED_AT, MOST_COLUMNS, SHOWN, FileForm, Row, UnreadableFile, unique
from portal.text import clean_line

_LONGEST_LINE = 1_000_000
# Of a line that ends as they did on old computers.
_OLD_ENDS = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OPEN_QUOTES = _l("A quotation mark is not closed, or something follows a closed one before the next column.")
_SEPARATOR_LINES = {f"sep={delimiter}": delimiter for delimiter in sniffing.DELIMITERS}


def describe(file: BinaryIO) -> FileForm:
    encoding = sniffing.encoding_of(file)
    lines = list(islice(_lines(file, encoding), LOOKED_AT))
    told = _SEPARATOR_LINES.get(lines[0].strip("\r\n").lower()) if lines else None
    delimiter = told or sniffing.delimiter_of(lines)
    form = FileForm("csv", [], encoding=encoding, delimiter=delimiter)
    table = _records(file, form)
    columns = _columns(next(table, (1, []))[1])
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFile(_l("The file has more than %(count)s columns.", count=MOST_COLUMNS))
    cells = [cells for _number, cells in islice(table, LOOKED_AT)]
    flat = [cell for row in cells for cell in row]
    return FileForm(
        "csv",
        columns,
        encoding=encoding,
        delimiter=delimiter,
        decimal=sniffing.decimal_of(flat),
        date_order=sniffing.date_order_of(flat),
        sample=[dict(zip(columns, row, strict=False)) for row in cells[:SHOWN]],
    )


def rows(file: BinaryIO, form: FileForm) -> Iterator[Row]:
    table = _records(file, form)
    width = len(_columns(next(table, (1, []))[1]))
    for number, cells in table:
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            told = _l(
                "There are more or fewer cells in the row (%(found)s) than in the heading (%(columns)s).",
                found=len(cells),
                columns=width,
            )
            yield Row(number, {}, told)
        else:
            yield Row(number, dict(zip(form.columns, cells, strict=True)))


def _columns(heading: list[str]) -> list[str]:
    names = [clean_line(name) for name in heading]
    while names and not names[-1]:
        names.pop()
    return unique(names)


def _records(file: BinaryIO, form: FileForm) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line where each begins."""
    reader = csv.reader(_lines(file, form.encoding), delimiter=form.delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            number, line = line, reader.line_num + 1
            is_told = number == 1 and "".join(cells).strip().lower() in ("sep=", *_SEPARATOR_LINES)
            if any(cell.strip() for cell in cells) and not is_told:
                yield number, cells
    except csv.Error as error:
        raise UnreadableFile(_OPEN_QUOTES, line) from error


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Line by line, each decoded by itself; raises UnreadableFile where one is no text."""
    file.seek(0)
    number = 0
    while raw := file.readline(_LONGEST_LINE):
        number += 1
        if len(raw) >= _LONGEST_LINE:
            raise UnreadableFile(_l("The line is too long."), number)
        if b"\0" in raw:
            raise UnreadableFile(_l("There is a character that text never has. Is this a CSV file?"), number)
        try:
            line = raw.decode(
                "utf-8-sig" if number == 1 and encoding.startswith("utf-8") else encoding.removesuffix("-sig")
            )
        except UnicodeDecodeError as error:
            raise UnreadableFile(_l("The letters are of another encoding than those before."), number) from error
        if "\r" in line.removesuffix("\r\n"):
            yield from _OLD_ENDS.findall(line)
        else:
            yield line
