"""Keyset pages in both directions: a page knows its neighbours, never how many rows there are."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A name's key is the longest thing that a list is sorted by.
_LONGEST_CURSOR = 4000


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by, all columns in one direction; the last one makes the order total.

    The columns travel in the address, so they are such as the reader may know: times, days, names, shares,
    references, no ids.
    """

    columns: tuple[Any, ...]
    is_descending: bool = False

    def cursor(self, row: Any) -> str:
        """The place of a row, as an opaque text for addresses. The row carries the columns under their names."""
        values = [getattr(row, column.key) for column in self.columns]
        plain = [_plain(value) for value in values]
        return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).rstrip(b"=").decode()

    def place(self, cursor: str) -> tuple[Any, ...]:
        """What `cursor` wrote. Raises ValueError for anything that it cannot have written."""
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError("too long for a cursor")
        try:
            values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, UnicodeError, RecursionError) as error:
            raise ValueError("not a cursor") from error
        if not isinstance(values, list) or len(values) != len(self.columns):
            raise ValueError("a cursor of another list")
        return tuple(_read(value, _kind_of(column)) for value, column in zip(values, self.columns, strict=True))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return value.isoformat() if isinstance(value, date) else value


def _kind_of(column: Any) -> Any:
    # A type of our own is what the type that it decorates is.
    return getattr(column.type, "impl_instance", column.type).python_type


def _read(value: object, kind: type) -> Any:
    if kind is datetime and type(value) is int:
        try:
            return _EPOCH + value * _MICROSECOND
        except OverflowError as error:
            raise ValueError("no time") from error
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is int and type(value) is int and abs(value) < 2**31:
        return value
    # PostgreSQL stores no NUL, and lone surrogates cannot be sent at all (UnicodeEncodeError is a ValueError).
    if kind is str and isinstance(value, str) and "\0" not in value and value.encode() is not None:
        return value
    raise ValueError("a cursor of another list")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list, and the places to go on from, where it goes on, on either side."""

    rows: Sequence[Any]
    next_cursor: str | None = None
    previous_cursor: str | None = None


def fetch_page(
    session: Session | sa.Connection,
    statement: sa.Select[Any],
    order: Order,
    size: int,
    *,
    after: str = "",
    before: str = "",
) -> Page:
    """The page after a place, the one before it, or the first, in one statement.

    Going back to the beginning gives the first page, whole. Raises BadRequest for what is no place in this list.
    """
    try:
        place = order.place(after or before) if after or before else None
    except ValueError:
        raise BadRequest from None
    if after or not before:
        found = _fetch(session, statement, order, size, place)
        rows, has_more = found[:size], len(found) > size
        back = (order.cursor(rows[0]) if rows else after) if after else None
        return Page(rows, order.cursor(rows[-1]) if has_more else None, back)
    found = _fetch(session, statement, order, size, place, backwards=True)
    if len(found) < size:
        return fetch_page(session, statement, order, size)
    rows = found[size - 1 :: -1]
    return Page(rows, order.cursor(rows[-1]), order.cursor(rows[0]) if len(found) > size else None)


def every_page(session: Session, statement: sa.Select[Any], order: Order, size: int) -> Iterator[Sequence[Any]]:
    """The rows of all pages, a page at a time, so that memory stays bounded."""
    after: str | None = ""
    while after is not None:
        page = fetch_page(session, statement, order, size, after=after)
        yield page.rows
        after = page.next_cursor


def _fetch(
    session: Session | sa.Connection,
    statement: sa.Select[Any],
    order: Order,
    size: int,
    place: tuple[Any, ...] | None,
    *,
    backwards: bool = False,
) -> Sequence[Any]:
    """One row more than the page holds, when there is one; backwards, the nearest to the place first."""
    is_descending = order.is_descending != backwards
    if place is not None:
        key = sa.tuple_(*order.columns)
        statement = statement.where(key < place if is_descending else key > place)
    columns = [column.desc() if is_descending else column.asc() for column in order.columns]
    return session.execute(statement.order_by(*columns).limit(size + 1)).all()
