"""A form that was sent after the session ended: kept for an hour, offered back to the same person."""

from datetime import timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from flask import current_app, flash, g, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from wtforms import Form

from portal.access import Principal
from portal.access.gate import principal
from portal.access.scope import acting_as
from portal.accounts.models import KeptForm
from portal.clock import now
from portal.extensions import db

F = TypeVar("F", bound=Form)

KEEP_FOR = timedelta(hours=1)
# Enough for a long description; what is larger is not worth a row that nobody signed for.
LARGEST = 200_000
MOST = 5


def keep_form() -> str:
    """Keep what was posted for the person whose session has ended; where to return to after sign-in."""
    page = _page_of_form()
    person_id = g.get("ended_session_of")
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if person_id is None or not any(value.strip() for _name, value in fields):
        return page
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return page
    parts = urlsplit(page)
    at = now()
    with acting_as(db.session(), Principal.system("keep what was typed")):
        _forget(person_id)
        kept = KeptForm(
            person_id=person_id,
            path=parts.path,
            action=request.path,
            fields=fields,
            had_files=any(file.filename for file in request.files.values()),
            created_at=at,
        )
        db.session.add(kept)
        db.session.commit()
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "kept"]
        return f"{parts.path}?{urlencode([*query, ('kept', kept.ref)])}"


def _forget(person_id: int) -> None:
    """Nothing is kept for longer than it is offered, and only so many forms of one person."""
    newest = (
        sa.select(KeptForm.id)
        .where(KeptForm.person_id == person_id)
        .order_by(KeptForm.id.desc())
        .limit(1)
        .offset(MOST - 2)
    )
    db.session.execute(
        sa.delete(KeptForm)
        .where(
            sa.or_(
                KeptForm.created_at < now() - KEEP_FOR,
                sa.and_(KeptForm.person_id == person_id, KeptForm.id < newest.scalar_subquery()),
            )
        )
        .execution_options(synchronize_session=False)
    )


def _page_of_form() -> str:
    """The page that the form stood on, or the nearest above the address that it was sent to."""
    here = request.headers.get("HX-Current-URL") or request.referrer or ""
    page = "/" + here.removeprefix(request.host_url) if here.startswith(request.host_url) else request.path
    path, mark, query = page.partition("?")
    if _can_be_opened(path):
        return path + mark + query
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] or "/"
        if _can_be_opened(path):
            break
    return path


def _can_be_opened(path: str) -> bool:
    """A refused form is drawn at the address that it was sent to, which often answers to POST alone."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True


def kept_fields(action: str) -> MultiDict[str, str] | None:
    """On a page that is asked for with `?kept=`: what its reader had typed into the form that posts to `action`."""
    kept = _kept(action)
    return MultiDict([(name, value) for name, value in kept.fields]) if kept else None


def refill(form: F, action: str) -> F:
    """Put back into a fresh form what its reader had typed when their session ended, and say so."""
    if kept := _kept(action):
        form.process(MultiDict([(name, value) for name, value in kept.fields]))
        if kept.had_files:
            flash(_("What you had typed is here again. Files have to be chosen once more."))
        else:
            flash(_("What you had typed is here again."))
    return form


def _kept(action: str) -> KeptForm | None:
    ref = request.args.get("kept")
    if not ref or request.method != "GET" or not principal().is_signed_in:
        return None
    return db.session.scalar(
        sa.select(KeptForm).where(
            KeptForm.ref == ref,
            KeptForm.person_id == principal().person_id,
            KeptForm.path == request.path,
            KeptForm.action == action,
            KeptForm.created_at > now() - KEEP_FOR,
        )
    )
