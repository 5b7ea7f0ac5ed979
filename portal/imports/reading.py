"""Reading a file row by row, whatever it is: CSV, a workbook, or JSON lines. The file may be of any length."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, BinaryIO, Literal

from flask_babel import lazy_gettext as _l

Kind = Literal["csv", "xlsx", "jsonl"]
# As many rows are looked at to learn the form of a file, and so many are shown.
LOOKED_AT = 1000
SHOWN = 5
MOST_COLUMNS = 300


class UnreadableFile(Exception):
    """The file cannot be read, or not from a line on; `message` says why, for the reader."""

    def __init__(self, message: Any, line: int | None = None) -> None:
        super().__init__(message, line)
        self.message, self.line = message, line

    @property
    def told(self) -> Any:
        if self.line is None:
            return self.message
        return _l("Line %(line)s: %(message)s", line=self.line, message=self.message)

    def __str__(self) -> str:
        return str(self.told)


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written down. What could not be told is empty: `decimal` is `,` or `.`, `date_order` dmy or mdy.

    `encoding` and `delimiter` are of CSV alone, `sheet` and `sheets` of a workbook.
    """

    kind: Kind
    columns: list[str]
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = ""
    date_order: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    # Where files lie that a cell names; set by the command alone.
    folder: str = ""
    # The first rows by column, as they stand in the file.
    sample: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def kept(self) -> dict[str, Any]:
        """All but the sample, for a JSON column."""
        return {name: value for name, value in asdict(self).items() if name != "sample"}

    @classmethod
    def of_kept(cls, kept: dict[str, Any]) -> "FileForm":
        names = {known.name for known in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in names})


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line of the file where it begins (of a workbook the row), counted from 1.

    `problem` says what is wrong with the row as a whole; such a row has no cells.
    """

    number: int
    cells: dict[str, Any]
    problem: Any = None


def describe(file: BinaryIO, *, sheet: str = "") -> FileForm:
    """What form a file is in, by looking into it; raises UnreadableFile. `sheet`: of a workbook this one, not the
    first."""
    from portal.imports import delimited, jsonlines, workbooks
    from portal.imports.sniffing import kind_of

    match kind_of(file):
        case "xlsx":
            return workbooks.describe(file, sheet)
        case "jsonl":
            return jsonlines.describe(file)
        case _:
            return delimited.describe(file)


def rows(file: BinaryIO, form: FileForm, *, skip: int = 0) -> Iterator[Row]:
    """The rows below the heading, without empty ones; those up to line `skip` are passed over.

    Raises UnreadableFile where the file cannot be read on.
    """
    from portal.imports import delimited, jsonlines, workbooks

    reader = {"csv": delimited.rows, "xlsx": workbooks.rows, "jsonl": jsonlines.rows}[form.kind]
    file.seek(0)
    return (row for row in reader(file, form) if row.number > skip)


def unique(names: list[str]) -> list[str]:
    """Names of columns: one that is empty goes by its number, one that comes again by how often it has come."""
    found: list[str] = []
    for place, name in enumerate(names, 1):
        wanted = name or f"#{place}"
        count, column = 1, wanted
        while column in found:
            count += 1
            column = f"{wanted} ({count})"
        found.append(column)
    return found
