"""A form that was sent after the session ended: kept for an hour, offered back to the same person."""

from datetime import timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from flask import flash, g, request, session
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form

from portal.access import Principal
from portal.access.gate import principal
from portal.access.scope import acting_as
from portal.accounts.blueprint import bp
from portal.accounts.models import KeptForm, Person, SignInSession
from portal.accounts.sessions import digest
from portal.clock import now
from portal.extensions import db
from portal.web import is_page

F = TypeVar("F", bound=Form)

KEEP_FOR = timedelta(hours=1)
# Enough for a long description; what is larger is not worth a row that nobody signed for.
LARGEST = 200_000
MOST = 5
# Under which the browser's session remembers who has signed out in it.
LEFT = "left"


def keep_form() -> str:
    """Keep what was posted for the person whose session has ended; where to return to after sign-in."""
    page = page_of_form()
    person_id = g.get("ended_session_of") or _who_left()
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


def remember_who_leaves(token: str) -> None:
    """Signing out in one window must not lose what is being typed in another: it is still known whose that is.

    Empties the browser's session; what stays opens nothing, for the row behind it has ended.
    """
    csrf_token = session.get("csrf_token")
    session.clear()
    session.update({LEFT: token, "csrf_token": csrf_token} if csrf_token else {})


def _who_left() -> int | None:
    if LEFT not in session:
        return None
    with acting_as(db.session(), Principal.system("whose form it is")):
        return db.session.scalar(
            sa.select(SignInSession.person_id)
            .join(Person, Person.id == SignInSession.person_id)
            .where(
                SignInSession.token_hash == digest(session[LEFT]),
                SignInSession.ended_at > now() - KEEP_FOR,
                Person.disabled_at.is_(None),
            )
        )


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


def page_of_form() -> str:
    """The page that the form stood on, or the nearest above the address that it was sent to."""
    here = request.headers.get("HX-Current-URL") or request.referrer or ""
    page = "/" + here.removeprefix(request.host_url) if here.startswith(request.host_url) else request.path
    path, mark, query = page.partition("?")
    if is_page(path):
        return path + mark + query
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] or "/"
        if is_page(path):
            break
    return path


def kept_fields(*actions: str) -> MultiDict[str, str] | None:
    """What the reader of a page with `?kept=` had typed into a form that is sent to one of `actions`."""
    kept = _kept(*actions)
    return MultiDict([(name, value) for name, value in kept.fields]) if kept else None


def refill(form: F, *actions: str) -> F:
    """Put back into a fresh form what its reader had typed when their session ended, and say so.

    `actions` are the addresses that the form may be sent to.
    """
    if kept := _kept(*actions):
        g.kept_is_back = True
        form.process(MultiDict([(name, value) for name, value in kept.fields]))
        if kept.had_files:
            flash(_("What you had typed is here again. Files have to be chosen once more."))
        else:
            flash(_("What you had typed is here again."))
    return form


@bp.app_template_global()
def kept_form() -> KeptForm | None:
    """What no form of the page has taken back: the reader may send it as it was."""
    return None if "kept_is_back" in g else _kept()


def _kept(*actions: str) -> KeptForm | None:
    """What `?kept=` names, if it is the reader's own; sent from this page to one of `actions`, where they are given."""
    ref = request.args.get("kept")
    if not ref or request.method != "GET" or not principal().is_signed_in:
        return None
    wanted = [
        KeptForm.ref == ref,
        KeptForm.person_id == principal().person_id,
        KeptForm.path == request.path,
        KeptForm.created_at > now() - KEEP_FOR,
    ]
    return db.session.scalar(sa.select(KeptForm).where(*wanted, *([KeptForm.action.in_(actions)] if actions else [])))
