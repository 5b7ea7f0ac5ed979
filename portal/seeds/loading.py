"""Many rows at once: executemany on SQLite, COPY on PostgreSQL; ids and references are counted, not asked for."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal.database import ALPHABET, Base, HasRef

_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_BITS = (1 << 40) - 1


def counted_ref(prefix: str, number: int) -> str:
    """The reference of the row with this id: looks drawn by lot, and no two ids share one.

    Multiplying by an odd number and folding the high bits onto the low ones can each be undone, so none is lost.
    """
    mixed = (number * 0x9E3779B97F4A7C15) & _BITS
    mixed ^= mixed >> 19
    mixed = (mixed * 0xD1B54A32D192ED03) & _BITS
    mixed ^= mixed >> 21
    pairs = _PAIRS
    return f"{prefix}-{pairs[mixed >> 30]}{pairs[mixed >> 20 & 1023]}{pairs[mixed >> 10 & 1023]}{pairs[mixed & 1023]}"


class Sink:
    """The rows of one table that wait to be written: tuples in the order of the columns that were named."""

    def __init__(self, model: type[Base], columns: Sequence[str], next_id: int) -> None:
        assert isinstance(model.__table__, sa.Table)
        self.table = model.__table__
        self.next_id = next_id
        self.prefix = model.ref_prefix if issubclass(model, HasRef) else ""
        counted = ("id", "ref") if self.prefix else ("id",)
        constants = {
            column.name: _plain(column.default.arg)
            for column in self.table.columns
            if column.name not in columns and column.default is not None and column.default.is_scalar
        }
        missing = {
            column.name
            for column in self.table.columns
            if not column.nullable and column.name not in (*columns, *counted, *constants)
        }
        if missing or not set(columns) <= set(self.table.columns.keys()):
            raise ValueError(f"{self.table.name} has other columns: {', '.join(sorted(missing)) or columns}")
        self.columns = (*counted, *columns, *constants)
        self.constants = tuple(constants.values())
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> int:
        """Queue a row; returns its id."""
        number = self.next_id
        self.next_id = number + 1
        if self.prefix:
            self.rows.append((number, counted_ref(self.prefix, number), *values, *self.constants))
        else:
            self.rows.append((number, *values, *self.constants))
        return number


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


class Loader:
    """Writes rows past the ORM, within the transaction of a connection; times and JSON are given as texts."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"
        self._zone = "+00" if self.is_postgresql else ""
        self._sinks: dict[type[Base], Sink] = {}

    def sink(self, model: type[Base], *columns: str) -> Sink:
        if model not in self._sinks:
            self._sinks[model] = Sink(model, columns, self._last_id(model) + 1)
        return self._sinks[model]

    def _last_id(self, model: type[Base]) -> int:
        return self.connection.execute(sa.select(sa.func.max(model.__table__.c.id))).scalar() or 0

    def time(self, moment: datetime) -> str:
        """As the database keeps it: SQLite compares times as texts, so every one has six decimals."""
        return moment.replace(tzinfo=None).isoformat(" ", "microseconds") + self._zone

    @staticmethod
    def json(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def write(self) -> int:
        """Write what is queued, in the order in which the tables were named; returns how many rows."""
        written = 0
        for sink in self._sinks.values():
            if sink.rows:
                self._write_rows(sink.table.name, sink.columns, sink.rows)
                if self.is_postgresql:
                    sequence = sa.func.pg_get_serial_sequence(sink.table.name, "id")
                    self.connection.execute(sa.select(sa.func.setval(sequence, sink.next_id - 1)))
                written += len(sink.rows)
                sink.rows = []
        return written

    def _write_rows(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        names = ", ".join(map(self.connection.dialect.identifier_preparer.quote, columns))
        cursor = self.connection.connection.cursor()
        try:
            if self.is_postgresql:
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  # our names
        finally:
            cursor.close()
