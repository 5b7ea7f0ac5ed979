"""What a file is, told by its bytes: its kind, its code page, its delimiter, its decimal mark, its order of dates."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l

from portal.imports.letters import code_page_of, words_of_code_page
from portal.imports.reading import Kind, UnreadableFile

_PIECE = 1 << 16
_SAVE_AS_UTF8 = _l("The file is in UTF-16. Save it as CSV in UTF-8, then try again.")
_OLD_WORKBOOK = _l("The workbook is of the old kind or protected by a password. Save it as .xlsx without one.")
_NO_TABLE = _l("This is neither CSV, nor a workbook (.xlsx), nor JSON lines.")
_EMPTY = _l("The file is empty.")
_BINARY = {b"%PDF": _NO_TABLE, b"\xd0\xcf\x11\xe0": _OLD_WORKBOOK, b"\x1f\x8b": _NO_TABLE, b"\x89PNG": _NO_TABLE}


def kind_of(file: BinaryIO) -> Kind:
    """By its first bytes, never by its name; raises UnreadableFile."""
    file.seek(0)
    start = file.read(4096)
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableFile(_EMPTY)
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    for mark, message in _BINARY.items():
        if start.startswith(mark):
            raise UnreadableFile(message)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _is_wide(start):
        raise UnreadableFile(_SAVE_AS_UTF8)
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"{"):
        return "jsonl"
    if text.startswith((b"[{", b"[\n", b"[\r")):
        raise UnreadableFile(_l("This is one JSON list. Write each record on a line of its own."))
    return "csv"


def _is_wide(start: bytes) -> bool:
    """Two bytes for each letter, one of them zero."""
    half = len(start) // 2
    return half > 3 and max(start[::2].count(0), start[1::2].count(0)) > half * 0.7


def pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


# ── Code pages ────────────────────────────────────────────────────────────────────────────────────


def encoding_of(file: BinaryIO) -> str:
    """UTF-8 where the whole file is; else the code page whose letters make words."""
    file.seek(0)
    has_mark = file.read(3) == codecs.BOM_UTF8
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces(file):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if has_mark:
            raise UnreadableFile(_l("The file begins as UTF-8, but is something else further on.")) from error
        return code_page_of(words_of_code_page(pieces(file)))
    return "utf-8-sig" if has_mark else "utf-8"


# ── Delimiters ────────────────────────────────────────────────────────────────────────────────────

DELIMITERS = (";", ",", "\t")


def delimiter_of(lines: Sequence[str]) -> str:
    """The one by which the rows have the same number of cells as the heading, and the most of them."""
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            table = [row for row in csv.reader(lines, delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        width = len(table[0]) if table else 0
        if width < 2:
            continue
        even = sum(len(row) == width for row in table) / len(table)
        if (even, width) > best:
            best, found = (even, width), delimiter
    return found


# ── Numbers and dates ─────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(r"[-+−]?\d[\d\s.,'’\u00a0\u202f\u2009]*")
_SLASHED = re.compile(r"\s*(\d{1,2})\s*([/-])\s*(\d{1,2})\s*\2\s*\d{4}\b")


def decimal_of(cells: Iterable[Any]) -> str:
    """The mark before decimals, where the cells tell: `1.234` alone does not."""
    votes: Counter[str] = Counter()
    for cell in cells:
        if not isinstance(cell, str) or not _NUMBER.match(cell):
            continue
        number = _NUMBER.match(cell.strip())
        if number is None or ("." not in number[0] and "," not in number[0]):
            continue
        votes[_decimal_mark(number[0].strip())] += 1
    votes.pop("", None)
    if not votes:
        return ""
    (mark, count), *others = votes.most_common()
    return mark if not others or count > 4 * others[0][1] else ""


def _decimal_mark(number: str) -> str:
    """Of one number; empty when it could be either, or when it is no number at all."""
    points, commas = number.count("."), number.count(",")
    last = max(number.rfind("."), number.rfind(","))
    if points and commas:
        return number[last] if min(points, commas) == 1 and number.count(number[last]) == 1 else ""
    if points + commas > 1:
        return ""
    whole, rest = number[:last].lstrip("-+−"), number[last + 1 :]
    could_be_thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return "" if could_be_thousands or not rest.isdigit() else number[last]


def date_order_of(cells: Iterable[Any]) -> str:
    """Whether the day or the month comes first in dates with slashes, where a number above 12 tells."""
    firsts = seconds = 0
    for cell in cells:
        if isinstance(cell, str) and (match := _SLASHED.match(cell)):
            firsts += int(match[1]) > 12
            seconds += int(match[3]) > 12
    if bool(firsts) == bool(seconds):
        return ""
    return "dmy" if firsts else "mdy"
