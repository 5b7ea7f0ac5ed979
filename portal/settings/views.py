"""What administrators configure: the way in to its pages."""

from flask import Response, url_for
from flask_babel import gettext as _

from portal.access import Action
from portal.access.gate import principal, refuse, signed_in
from portal.settings import access_log, break_glass, portfolio, staff, staff_person, teams
from portal.settings.blueprint import bp
from portal.web import render

__all__ = ["access_log", "bp", "break_glass", "portfolio", "staff", "staff_person", "teams"]


@bp.get("/settings")
@signed_in
def index() -> Response:
    """Each may see other pages; who may see none of them has no business here."""
    pages = [
        (
            Action.TEAMS_MANAGE,
            "people",
            url_for("settings.teams"),
            _("Teams"),
            _("Who works on which tickets, and where new ones go."),
        ),
        (
            Action.STAFF_GRANT,
            "shield",
            url_for("settings.staff"),
            _("Staff"),
            _("Who works here, in which roles and for which organisations."),
        ),
        (
            Action.ACCESS_LOG_READ,
            "history",
            url_for("settings.access_log"),
            _("Access log"),
            _("Who signed in, what was refused, and who looked at what."),
        ),
        (
            Action.BREAK_GLASS_READ,
            "key",
            url_for("settings.break_glass"),
            _("Break-glass access"),
            _("Content for an administrator, for a while and with a reason."),
        ),
    ]
    allowed = [page[1:] for page in pages if principal().may(page[0])]
    if not allowed:
        refuse()
    return render("settings/index.html", pages=allowed)
