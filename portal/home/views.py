"""The start page, preferences of this browser, and the access tables drawn for people."""

import sqlalchemy as sa
from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Kind, Role
from portal.access.gate import principal, public
from portal.accounts.joining import JoinRequest
from portal.accounts.models import Person
from portal.chrome import THEMES
from portal.clock import now
from portal.config import settings
from portal.extensions import db
from portal.home import tasks
from portal.home.access_tables import role_tables
from portal.home.blueprint import bp
from portal.jobs.outbox import backlog
from portal.languages import LANGUAGES
from portal.web import go_to, render, safe_next

__all__ = ["bp"]

YEAR = 365 * 24 * 3600


@bp.get("/")
@public
def index() -> Response:
    """Signed in: what needs them now; signed out: what this is, and the ways in."""
    who, session = principal(), db.session()
    if not who.is_signed_in:
        return render("home/landing.html", providers=settings().providers)
    if who.kind == Kind.NEWCOMER:
        latest = sa.select(JoinRequest).where(JoinRequest.person_id == who.person_id).order_by(JoinRequest.id.desc())
        is_colleague = session.get_one(Person, who.person_id).is_staff
        return render(
            "home/newcomer.html", asked=session.scalars(latest.limit(1)).one_or_none(), is_colleague=is_colleague
        )
    waiting = tasks.tasks_of(session, who)
    counted = zip(waiting, tasks.count(session, waiting), strict=True)
    shown = [(task, count) for task, count in counted if count or not task.is_rare]
    # What waits stands above what does not; otherwise everything keeps its place.
    shown.sort(key=lambda pair: pair[0].is_quiet or not pair[1])
    return render(
        "home/index.html",
        tasks=shown,
        tickets=tasks.first_tickets(session, who),
        most_counted=tasks.MOST_COUNTED,
        given_up=backlog(now()).given_up if Role.ADMIN in who.roles else 0,
        is_moderator=Role.MODERATOR in who.roles,
        capacity=who.capacity,
        acting=who.acting,
    )


@bp.get("/who-sees-what")
@public
def who_sees_what() -> Response:
    return render("home/who_sees_what.html", tables=role_tables(principal()))


@bp.post("/preferences")
@public
def update_preferences() -> BaseResponse:
    """Language and theme, for anyone; a signed-in person's language is kept with the person."""
    response = go_to(safe_next(request.form.get("next")))
    language, theme = request.form.get("language"), request.form.get("theme")
    if language in LANGUAGES:
        response.set_cookie("language", language, max_age=YEAR, samesite="Lax", httponly=True)
        if principal().is_signed_in:
            person = db.session.get_one(Person, principal().person_id)
            person.language = language
            db.session.commit()
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
    return response
