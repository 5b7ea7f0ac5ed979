"""What administrators configure: the way in to its pages."""

from flask import Response, url_for
from flask_babel import lazy_gettext as _l

from portal.access import Action
from portal.access.gate import principal, refuse, signed_in
from portal.settings import access_log, break_glass, business_hours, portfolio, staff, staff_person, teams
from portal.settings.blueprint import bp
from portal.web import render

__all__ = ["access_log", "bp", "break_glass", "business_hours", "portfolio", "staff", "staff_person", "teams"]


# Who may go there, icon, endpoint, title and what it is for.
PAGES = (
    (
        Action.TEAMS_MANAGE,
        "people",
        "settings.teams",
        _l("Teams"),
        _l("Who works on which tickets, and where new ones go."),
    ),
    (
        Action.STAFF_GRANT,
        "shield",
        "settings.staff",
        _l("Staff"),
        _l("Who works here, in which roles and for which organisations."),
    ),
    (
        Action.HOURS_MANAGE,
        "clock",
        "settings.business_hours",
        _l("Business hours"),
        _l("When you work and which holidays you keep: deadlines are counted by it."),
    ),
    (
        Action.STAFF_GRANT,
        "file",
        "imports.index",
        _l("Imports"),
        _l("Files from other systems: see what would come of them, bring them in, take them back."),
    ),
    (
        Action.PARTNER_TERMS_MANAGE,
        "flag",
        "partners.tiers",
        _l("Partner tiers"),
        _l("What partners have to reach for each tier, and what it brings them."),
    ),
    (
        Action.DEAL_DECIDE,
        "person",
        "partners.absences",
        _l("Absences"),
        _l("When you are away, and who decides on deals in your stead."),
    ),
    (
        Action.PRODUCT_MANAGE,
        "shop",
        "products.index",
        _l("Products"),
        _l("What partners register and what you sell."),
    ),
    (
        Action.ACCESS_LOG_READ,
        "history",
        "settings.access_log",
        _l("Access log"),
        _l("Who signed in, what was refused, and who looked at what."),
    ),
    (
        Action.API_KEY_MANAGE,
        "key",
        "api.integration_keys",
        _l("API keys"),
        _l("For other systems, such as the ERP: what they may read and tell."),
    ),
    (
        Action.BREAK_GLASS_READ,
        "key",
        "settings.break_glass",
        _l("Break-glass access"),
        _l("Content for an administrator, for a while and with a reason."),
    ),
)


@bp.get("/settings")
@signed_in
def index() -> Response:
    """Each may see other pages; who may see none of them has no business here."""
    allowed = [
        (icon, url_for(endpoint), title, text)
        for action, icon, endpoint, title, text in PAGES
        if principal().may(action) and (principal().is_staff or action != Action.API_KEY_MANAGE)
    ]
    if not allowed:
        refuse()
    return render("settings/index.html", pages=allowed)
