"""Counting what a request asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from portal.extensions import db

_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that are run inside the block, `BEGIN`, `COMMIT` and `PRAGMA` apart."""
    seen: list[str] = []

    def see(connection: sa.Connection, cursor: object, statement: str, *rest: object) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)
