"""The list of registrations and the board: views, filters, search and pages, through the reader's lens."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import pgettext

from portal.access import Action, Level, Principal
from portal.access.gate import principal, requires
from portal.deals import listing
from portal.deals.blueprint import bp
from portal.deals.export import rows_of
from portal.deals.lifecycle import State
from portal.deals.listing import Filters
from portal.deals.words import STATE_TONES, STATES
from portal.exporting import table
from portal.extensions import db
from portal.web import place, render_list

Options = list[tuple[str, Any]]


@bp.get("/deals")
@requires(Action.DEAL_READ)
def index() -> Response:
    who = principal()
    filters = listing.read_filters(request.args, who)
    page = listing.list_deals(db.session(), who, filters, **place())
    return render_list(
        "deals",
        page,
        filters,
        lines=page.rows,
        is_staff=who.is_staff,
        may_register=may_register(),
        states=STATES,
        tones=STATE_TONES,
        tabs=tabs(who, filters),
        fields=_fields(who, filters),
    )


def may_register() -> bool:
    return principal().may(Action.DEAL_WRITE)


def tabs(who: Principal, filters: Filters | None) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    if who.is_staff:
        views = [
            (_("All"), Filters()),
            (_("Overdue"), Filters(due="late", sort="due")),
            (_("Protected"), Filters(protected="now")),
        ]
        if who.may(Action.DEAL_DECIDE):
            views.insert(1, (_("Mine"), Filters(mine="1", state="open")))
    else:
        views = [
            (_("All"), Filters()),
            (_("Drafts"), Filters(state="draft")),
            (_("Waiting for a decision"), Filters(state="waiting")),
            (_("Returned"), Filters(state="returned")),
            (_("Protected"), Filters(protected="now")),
        ]
        if who.acting is not None and who.acting.level == Level.ADMIN:
            views.insert(1, (_("Mine"), Filters(mine="1")))
    return [(view.url(), label, view == filters) for label, view in views]


def _fields(who: Principal, filters: Filters) -> list[tuple[str, str, Options]]:
    """The selects above the list: name, label, choices; what is outside the lens is not among them."""
    anything: Options = [("", _("All"))]
    groups: Options = [
        ("waiting", _("Waiting for a decision")),
        ("open", pgettext("registrations", "Open")),
        ("over", _("Over")),
    ]
    states: Options = [(state.value, STATES[state]) for state in State]
    due: Options = [("late", _("Overdue")), ("soon", _("Due within a day"))]
    protected: Options = [("now", _("Protected now")), ("ending", _("Ends within two weeks"))]
    fields = [
        ("state", _("State"), anything + groups + states),
        ("programme", _("Programme"), anything + listing.programmes(db.session())),
        ("due", _("Decision"), anything + due),
        ("protected", _("Protection"), anything + protected),
    ]
    if who.is_staff and (partner := listing.partner_named(db.session(), filters)):
        fields.append(("partner", _("Partner"), [*anything, partner]))
    orders: Options = [("-updated", _("Updated last")), ("updated", _("Updated first"))]
    orders += [("due", _("Decision due first")), ("ending", _("Protection ending first"))]
    return [*fields, ("sort", _("Order"), orders)]


@bp.get("/deals/export.csv", defaults={"form": "csv"})
@bp.get("/deals/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.DEAL_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    filters = listing.read_filters(request.args, who)
    return table("deals", form, rows_of(db.session(), who, filters))
