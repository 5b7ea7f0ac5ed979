"""My devices: the browsers that I am signed in with, and signing them out."""

import re
from typing import NamedTuple

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import note, principal, signed_in
from portal.accounts.blueprint import bp
from portal.accounts.models import SignInSession
from portal.accounts.sessions import end_sessions, live_session
from portal.clock import now
from portal.extensions import db
from portal.languages import number_text
from portal.web import find_or_404, go_to, render

# The more particular name first: Edge and Opera call themselves Chrome as well, and Chrome Safari.
_BROWSERS = (
    ("Edg(A|iOS)?", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Device(NamedTuple):
    browser: str
    system: str


def device_of(user_agent: str) -> Device:
    """What a person would call it; empty where it does not say."""
    browser = next((name for sign, name in _BROWSERS if re.search(rf"{sign}[/ ]", user_agent)), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return Device(browser, system)


@bp.get("/account/sessions")
@signed_in
def sessions() -> Response:
    rows = db.session.execute(
        sa.select(
            SignInSession.id,
            SignInSession.ref,
            SignInSession.user_agent,
            SignInSession.address,
            SignInSession.created_at,
            SignInSession.last_seen_at,
        )
        .where(SignInSession.person_id == principal().person_id, live_session(SignInSession, now()))
        .order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())
    ).all()
    mine = principal().session_id
    devices = [
        {"row": row, "device": device_of(row.user_agent), "is_this": row.id == mine}
        for row in sorted(rows, key=lambda row: row.id != mine)
    ]
    return render("accounts/sessions.html", devices=devices)


@bp.post("/account/sessions/<ref>/ending")
@signed_in
def end_session(ref: str) -> BaseResponse:
    row = find_or_404(SignInSession, ref=ref)
    end_sessions(row.person_id, now(), only=row.id)
    db.session.commit()
    note("sign-out", elsewhere=True)
    flash(_("The device is signed out."), "success")
    return go_to(url_for("accounts.sessions"))


@bp.post("/account/sessions/endings")
@signed_in
def end_other_sessions() -> BaseResponse:
    who = principal()
    assert who.person_id is not None
    count = end_sessions(who.person_id, now(), but=who.session_id)
    db.session.commit()
    note("sign-out", elsewhere=True, count=count)
    flash(
        ngettext(
            "%(count)s other device is signed out.",
            "%(count)s other devices are signed out.",
            count,
            count=number_text(count),
        ),
        "success",
    )
    return go_to(url_for("accounts.sessions"))
