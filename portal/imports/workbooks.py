"""Workbooks (.xlsx): the values of one sheet, row by row. Macros, formulas and links are never looked at."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from flask_babel import lazy_gettext as _l
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.exceptions import InvalidFileException

from portal.imports import sniffing
from portal.imports.reading import LOOKED_AT, MOST_COLUMNS, SHOWN, FileForm, Row, UnreadableFile, unique
from portal.imports.sheets import SheetReader
from portal.text import clean_line

_BROKEN = _l("The workbook cannot be read. Open it, save it again, and try once more.")
_TOO_LARGE = _l("Unpacked, the workbook is too large. Divide it, or save the sheet as CSV.")
# Of all that is packed in it, and of what the library keeps in memory: the texts of its cells.
_MOST_BYTES = 1_000_000_000
_MOST_TEXT = 100_000_000
_MOST_PARTS = 2000
_LAST_ROW = 1_048_576


def describe(file: BinaryIO, sheet: str) -> FileForm:
    with _opened(file) as book:
        sheets = [sheet.name for sheet, part in book.parser.find_sheets() if part.Type.endswith("/worksheet")]
        if sheet and sheet not in sheets:
            raise UnreadableFile(_l("The workbook has no sheet called “%(name)s”.", name=sheet))
        if not sheets:
            raise UnreadableFile(_BROKEN)
        chosen = sheet or sheets[0]
        table = _records(book, chosen)
        _number, heading = next(table, (1, []))
        if not heading:
            raise UnreadableFile(_l("The sheet “%(name)s” is empty.", name=chosen))
        columns = _columns(heading)
        cells = [cells for _number, cells in islice(table, LOOKED_AT)]
    flat = [cell for row in cells for cell in row]
    return FileForm(
        "xlsx",
        columns,
        encoding="",
        delimiter="",
        decimal=sniffing.decimal_of(flat),
        date_order=sniffing.date_order_of(flat),
        sheet=chosen,
        sheets=sheets,
        sample=[dict(zip(columns, row, strict=False)) for row in cells[:SHOWN]],
    )


def rows(file: BinaryIO, form: FileForm) -> Iterator[Row]:
    width = len(form.columns)
    with _opened(file) as book:
        table = _records(book, form.sheet)
        next(table, None)
        for number, cells in table:
            if any(not _is_empty(cell) for cell in cells[width:]):
                told = _l("There are cells in the row behind the last column that has a heading.")
                yield Row(number, {}, told)
            else:
                padded = [*cells[:width], *[None] * (width - len(cells))]
                yield Row(number, dict(zip(form.columns, padded, strict=True)))


def _columns(heading: list[Any]) -> list[str]:
    names = ["" if name is None else clean_line(str(name)) for name in heading]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(_l("The file has more than %(count)s columns.", count=MOST_COLUMNS))
    return unique(names)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Any]:
    """The workbook; whatever is wrong with it inside becomes UnreadableFile."""
    file.seek(0)
    try:
        _check_size(file)
        reader = ExcelReader(file, read_only=True, keep_vba=False, data_only=True, keep_links=False, rich_text=False)
        # In this order, and no more than this: worksheets would be read to their ends for their sizes.
        reader.read_manifest()
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        yield reader
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, ExpatError) as error:
        raise UnreadableFile(_BROKEN) from error
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, OverflowError, NotImplementedError) as error:
        # What the library says of workbooks that are not as they should be.
        raise UnreadableFile(_BROKEN) from error


def _check_size(file: BinaryIO) -> None:
    """What it says of itself bounds what is unpacked of it: not more than that is read of any part."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    text = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES or text > _MOST_TEXT:
        raise UnreadableFile(_TOO_LARGE)
    file.seek(0)


def _records(book: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """Rows that are not empty, with their numbers."""
    (part,) = (part for found, part in book.parser.find_sheets() if found.name == name)
    reader = SheetReader(book.shared_strings, book.wb._date_formats, book.wb._timedelta_formats, book.wb.epoch)
    with book.archive.open(part.target) as source:
        for number, cells in reader.rows(source):
            if number > _LAST_ROW:
                raise UnreadableFile(_BROKEN)
            told = {place: value for place, value in cells.items() if not _is_empty(value)}
            if not told:
                continue
            if max(told) >= MOST_COLUMNS:
                raise UnreadableFile(_l("The file has more than %(count)s columns.", count=MOST_COLUMNS), number)
            yield number, [told.get(place) for place in range(max(told) + 1)]


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
