"""JSON lines: a record on each line, with the lists in it nested, or a row on each."""

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l

from portal.imports.reading import LOOKED_AT, MOST_COLUMNS, SHOWN, FileForm, Row, UnreadableFile

_LONGEST_LINE = 4_000_000


def describe(file: BinaryIO) -> FileForm:
    looked_at = list(islice(_rows(file), LOOKED_AT))
    columns = list(dict.fromkeys(name for row in looked_at for name in row.cells))
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFile(_l("The file has more than %(count)s columns.", count=MOST_COLUMNS))
    return FileForm("jsonl", columns, encoding="utf-8", decimal=".", sample=[row.cells for row in looked_at[:SHOWN]])


def rows(file: BinaryIO, form: FileForm) -> Iterator[Row]:
    return _rows(file)


def _rows(file: BinaryIO) -> Iterator[Row]:
    file.seek(0)
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if not line.endswith(b"\n") and len(line) >= _LONGEST_LINE:
            raise UnreadableFile(_l("The line is too long."), number)
        if not line.strip():
            continue
        record = _record(line, number)
        if isinstance(record, dict):
            yield from (Row(number, cells) for cells in _flat(record))
        else:
            yield Row(number, {}, record)


def _record(line: bytes, number: int) -> Any:
    """The record of a line, or what is wrong with it."""
    try:
        record = json.loads(line.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _l("The line is not a JSON object.")
    return record if isinstance(record, dict) else _l("The line is not a JSON object.")


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _flat(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`{"id": 1, "lines": [{"q": 1}, {"q": 2}]}` as two rows with `id` and `lines.q`: as a flat file has them."""
    head = _scalars("", {name: value for name, value in record.items() if not _is_list(value)})
    lists = {name: value for name, value in record.items() if _is_list(value)}
    length = max((len(value) for value in lists.values()), default=0)
    for place in range(max(1, length)):
        row = dict(head)
        for name, items in lists.items():
            if place < len(items):
                row |= _scalars(f"{name}.", items[place])
        yield row


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _scalars(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= _scalars(f"{prefix}{name}.", value)
        elif isinstance(value, list):
            found[prefix + name] = ", ".join(str(item) for item in value)
        else:
            found[prefix + name] = value
    return found
