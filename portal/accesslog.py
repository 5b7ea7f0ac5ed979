"""Writing down what the gate noted, after the answer and in a transaction of its own."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g
from flask_login import current_user

from portal.access.gate import note_glass
from portal.access.scope import unscoped
from portal.accounts.models import AccessLog
from portal.accounts.sessions import touch
from portal.extensions import db

# Whoever is refused more often than this within a minute is noted no further.
MOST_PER_MINUTE = 60
REFUSALS = ("refused", "not-found", "sign-in-refused", "key-refused")


def _write() -> None:
    notes = g.pop("access_notes", [])
    if not notes:
        return
    table = AccessLog.__table__
    assert isinstance(table, sa.Table)
    refusals = [n for n in notes if n["kind"] in REFUSALS]
    # It counts before it writes: whoever wrote in between would have SQLite refuse what a GET adds.
    wrote_before, g.writes_anyway = g.get("writes_anyway", False), True
    with unscoped("access log"), db.engine.begin() as connection:
        if refusals and _lately(connection, table, notes[0]) >= MOST_PER_MINUTE:
            notes = [n for n in notes if n not in refusals]
        if notes:
            connection.execute(sa.insert(table), notes)
    # An export is only streamed from here on: it reads, and must not keep others from writing meanwhile.
    g.writes_anyway = wrote_before


def _lately(connection: sa.Connection, table: sa.Table, first: dict[str, Any]) -> int:
    """How many refusals this address has had within a minute, up to the cap."""
    refused = (
        sa.select(table.c.id)
        .where(
            table.c.at > first["at"] - timedelta(minutes=1),
            table.c.address == first["address"],
            table.c.kind.in_(REFUSALS),
        )
        .limit(MOST_PER_MINUTE)
    )
    return connection.scalar(sa.select(sa.func.count()).select_from(refused.subquery())) or 0


def init_app(app: Flask) -> None:
    @app.after_request
    def write_down(response: Response) -> Response:
        note_glass(response)
        access = g.get("access")
        is_browser = access is not None and not access.scope and "principal" in g and g.principal.is_signed_in
        user = current_user._get_current_object() if is_browser else None
        has_notes = bool(g.get("access_notes"))
        if has_notes or (user is not None and access is not None and not access.quiet):
            # The request's own transaction is over by now: whatever was to be kept has been committed.
            db.session.rollback()
            _write()
            if user is not None and user.is_authenticated and access is not None and not access.quiet:
                touch(user)
        return response
