"""My calendar feeds: making one, revoking it, and what a calendar reads at its secret address."""

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Principal
from portal.access.gate import principal, public, requires
from portal.access.scope import acting_as
from portal.accounts.models import Person
from portal.accounts.pages.sign_in import sign_in_rate
from portal.accounts.sessions import digest, principal_of_person
from portal.calendars.models import CalendarFeed, token_of
from portal.clock import now
from portal.config import settings
from portal.errors import RuleBroken
from portal.extensions import db, limiter
from portal.languages import speaking
from portal.web import find_or_404, go_to, render

bp = Blueprint("calendars", __name__)
# One for each calendar program and company is plenty.
MOST_FEEDS = 10


@bp.get("/account/calendars")
@requires(Action.ORDER_READ)
def index() -> Response:
    live = sa.select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None)).order_by(CalendarFeed.id)
    names = {choice.key: choice for choice in principal().choices}
    feeds = [
        (feed, names.get(feed.acting_key), settings().base_url + url_for("calendars.show", token=token_of(feed.ref)))
        for feed in db.session.scalars(live)
    ]
    return render("calendars/index.html", feeds=feeds)


@bp.post("/account/calendars")
@requires(Action.ORDER_READ)
def create() -> BaseResponse:
    who = principal()
    live = sa.select(sa.func.count(CalendarFeed.id)).where(CalendarFeed.revoked_at.is_(None))
    if (db.session.scalar(live) or 0) >= MOST_FEEDS:
        raise RuleBroken(_("You have as many calendar addresses as one may have. Revoke one that you do not need."))
    db.session.add(CalendarFeed.make(who.person_id or 0, _key(who), now()))
    db.session.commit()
    flash(_("The address is ready. Give it to your calendar."), "success")
    return go_to(url_for("calendars.index"))


@bp.post("/account/calendars/<ref>/revocation")
@requires(Action.ORDER_READ)
def create_revocation(ref: str) -> BaseResponse:
    find_or_404(CalendarFeed, ref=ref, lock=True).revoke(now())
    db.session.commit()
    flash(_("The address leads nowhere any more."), "success")
    return go_to(url_for("calendars.index"))


@bp.get("/calendars/<token>.ics")
@public
@limiter.limit(sign_in_rate)
def show(token: str) -> Response:
    """For a calendar program: nobody signs in here, the address is the secret."""
    from portal.calendars.drawing import calendar_of

    session = db.session()
    with acting_as(session, Principal.system("whose calendar it is")):
        statement = (
            sa.select(
                CalendarFeed.person_id,
                CalendarFeed.acting_key,
                *(Person.language, Person.time_zone, Person.calendar, Person.digits),
            )
            .join(Person, Person.id == CalendarFeed.person_id)
            .where(CalendarFeed.token_hash == digest(token), CalendarFeed.revoked_at.is_(None))
        )
        feed = session.execute(statement).one_or_none()
    who = principal_of_person(feed.person_id, feed.acting_key) if feed else None
    # Rights are those of this moment; who no longer acts so reads nothing.
    if feed is None or who is None or _key(who) != feed.acting_key or not who.may(Action.ORDER_READ):
        abort(404)
    with acting_as(session, who), speaking(feed.language, feed.time_zone, feed.calendar, feed.digits):
        response = Response(calendar_of(session, who), mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _key(who: Principal) -> str:
    return who.acting.key if who.acting is not None and not who.is_staff else ""
