"""References are drawn by lot (`HasRef`), so one may be taken: the request is then answered anew, with others.

A view commits once, last, so nothing of the first attempt is left. Jobs need none of this: the outbox tries them again.
"""

import re

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from portal.access.gate import principal
from portal.access.scope import serve
from portal.extensions import db

# How PostgreSQL and SQLite name the broken constraint.
_TAKEN = re.compile(r'"uq_\w+_ref"|UNIQUE constraint failed: \w+\.ref$')


def init_app(app: Flask) -> None:
    dispatch = app.dispatch_request

    def dispatch_request() -> ResponseReturnValue:
        noted = len(g.get("access_notes", []))
        try:
            return dispatch()
        except IntegrityError as fault:
            if not _TAKEN.search(str(fault.orig)):
                raise
        _start_over(noted)
        return dispatch()

    app.dispatch_request = dispatch_request  # type: ignore[method-assign]  # it knows the view; no hook goes round it


def _start_over(noted: int) -> None:
    """As it was before the view began: nothing written, nothing noted, files unread."""
    db.session.rollback()
    serve(db.session(), principal())
    del g.setdefault("access_notes", [])[noted:]
    for files in request.files.listvalues():
        for file in files:
            file.stream.seek(0)
