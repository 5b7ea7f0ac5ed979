"""What the frame of every page needs to know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.local import LocalProxy

from portal.access import Action, Capacity, Principal
from portal.access.gate import principal
from portal.access.scope import keep
from portal.clock import now
from portal.config import Settings
from portal.extensions import db
from portal.languages import LANGUAGES, voice
from portal.notices.models import Notice
from portal.web import page_here

# The bell says 99+ from here on, and never counts further.
MOST_COUNTED = 100
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    logo_url: str
    colour: str


# How many notices wait for the person, up to a cap. Put together once, for every page asks it.
_WAITING = (
    sa.select(Notice.id)
    .where(Notice.person_id == sa.bindparam("person_id"), Notice.read_at.is_(None))
    .limit(MOST_COUNTED)
    .subquery()
)
_UNREAD = keep(sa.select(sa.func.count()).select_from(_WAITING))


def unread_notices() -> int:
    """How many notices wait for the person, up to a cap; asked once in a request, and only by pages that show it."""
    if "unread_notices" not in g:
        who = principal()
        g.unread_notices = 0
        if who.is_signed_in:
            g.unread_notices = db.session.scalar(_UNREAD, {"person_id": who.person_id}) or 0
    count: int = g.unread_notices
    return count


def capacity_name(capacity: Capacity | str) -> str:
    name: str = {
        Capacity.CUSTOMER: _("customer"),
        Capacity.SUPPLIER: _("supplier"),
        Capacity.PARTNER: _("partner"),
    }[Capacity(capacity)]
    return name


@dataclass(frozen=True, slots=True)
class Signed:
    """The signed-in person, as the frame shows them."""

    name: str
    is_staff: bool
    organisation_name: str
    capacity: str
    memberships: list[tuple[str, str, bool]]


def _signed(who: Principal) -> Signed | None:
    if not who.is_signed_in:
        return None
    several = len({choice.organisation_id for choice in who.choices}) < len(who.choices)
    return Signed(
        name=who.name,
        is_staff=who.is_staff,
        organisation_name=who.organisation_name,
        capacity=capacity_name(who.capacity) if who.capacity else "",
        memberships=[
            (
                choice.key,
                _(
                    "%(organisation)s, as %(capacity)s",
                    organisation=choice.organisation_name,
                    capacity=capacity_name(choice.capacity),
                )
                if several
                else choice.organisation_name,
                choice == who.acting,
            )
            for choice in who.choices
        ],
    )


@dataclass(frozen=True, slots=True)
class Glass:
    """The break-glass access that is open: until when, and how many minutes are left, the last one begun."""

    until: datetime
    minutes: int


def _glass(who: Principal) -> Glass | None:
    if who.glass_until is None:
        return None
    return Glass(who.glass_until, max(1, -((now() - who.glass_until) // timedelta(minutes=1))))


def _navigation(who: Principal) -> list[tuple[str, str, bool]]:
    room = request.blueprint or ""
    entries = [("home", url_for("home.index"), _("Start"))] if who.is_signed_in else []
    if who.may(Action.TICKET_READ):
        entries.append(("tickets", url_for("tickets.index"), _("Tickets")))
    if who.may(Action.ORDER_READ):
        entries.append(("orders", url_for("orders.index"), _("Orders")))
    if who.may(Action.DEAL_READ):
        entries.append(("deals", url_for("deals.index"), _("Deals")))
    if who.may(Action.ORGANISATION_READ):
        if who.acting and not who.is_staff and who.capacity != Capacity.PARTNER:
            url = url_for("organisations.show", ref=who.acting.organisation_ref)
            entries.append(("organisations", url, _("My company")))
        else:
            entries.append(("organisations", url_for("organisations.index"), _("Organisations")))
    if (
        who.may(Action.TEAMS_MANAGE)
        or who.may(Action.STAFF_GRANT)
        or who.may(Action.PARTNER_TERMS_MANAGE)
        or (who.is_staff and who.may(Action.ACCESS_LOG_READ))
    ):
        entries.append(("settings", url_for("settings.index"), _("Settings")))
    # What registrations become, and the leads that come before them, are reached from them.
    room = _UNDER.get(room, room)
    return [(url, label, name == room) for name, url, label in entries]


_UNDER = {
    **dict.fromkeys(("opportunities", "leads"), "deals"),
    **dict.fromkeys(("aftersales", "purchasing", "quotations", "reorders", "rfqs", "scorecards"), "orders"),
}


def _theme() -> str:
    theme = request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


# Where what differs from page to page goes in what is kept; no text of ours or of anybody's holds a NUL.
_SLOT = Markup("\0")


def _keeper(app: Flask) -> Callable[..., Markup]:
    """Draws the parts of the frame that are alike for everybody in one language and theme, once for each of them.

    A part knows nothing of who asks; what does differ, it is given as Markup in `slot`.
    """
    languages = [(code, table.own_name) for code, table in LANGUAGES.items()]
    drawn: dict[tuple[str, str, str, str], Markup] = {}

    def kept(name: str, slot: Markup = _SLOT) -> Markup:
        speaker, theme = voice(), _theme()
        key = (name, request.environ.get("SCRIPT_NAME", ""), speaker.language, theme)
        found = drawn.get(key)
        if found is None or app.debug:
            part = app.jinja_env.get_template(name)
            told = {"language": speaker.language, "direction": speaker.table.direction, "languages": languages}
            found = drawn[key] = Markup(part.render(told, theme=theme, slot=_SLOT))  # noqa: S704  # a template drew it
        return found.replace(_SLOT, slot)

    return kept


def init_app(app: Flask, settings: Settings) -> None:
    brand = Brand(settings.brand_name, settings.brand_logo or "", settings.brand_colour or "")
    app.jinja_env.globals.update(kept=_keeper(app), page_here=page_here)

    @app.context_processor
    def frame() -> dict[str, Any]:
        who, speaker = principal(), voice()
        return {
            "who": _signed(who),
            "language": speaker.language,
            "direction": speaker.table.direction,
            "theme": _theme(),
            "brand": brand,
            "navigation": LocalProxy(lambda: _navigation(who)),
            "unread_notices": LocalProxy(unread_notices),
            "glass": _glass(who),
            "request_id": g.get("request_id", ""),
        }
