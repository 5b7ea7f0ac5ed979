"""How connections behave: SQLite's locking, PostgreSQL's compiler, and the guard on every engine."""

from typing import Any

import sqlalchemy as sa
from flask import Flask, g, has_request_context, request
from sqlalchemy import event

from portal.access.gate import SAFE
from portal.access.scope import guard
from portal.extensions import db


def _set_up_sqlite(connection: Any, record: Any) -> None:
    # The driver's own transaction handling would begin too late: see `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_up_postgresql(connection: Any, record: Any) -> None:
    # Who may read what makes statements long, so that they seem costly: compiling one takes 90 ms, running it 10.
    connection.execute("SET jit = off")
    connection.commit()


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at once: a plain BEGIN that writes later fails when another writer came between.

    A request that only reads must not queue behind the one writer that SQLite allows; a view that changes something
    on GET (a sign-in callback does) says so in `g.writes_anyway`.
    """
    reads = has_request_context() and request.method in SAFE and not g.get("writes_anyway")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def init_app(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", _set_up_sqlite)
                event.listen(engine, "begin", _begin)
            elif engine.dialect.name == "postgresql":
                event.listen(engine, "connect", _set_up_postgresql)
            guard(engine)
