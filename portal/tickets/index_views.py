"""The list of tickets: views, filters, search and pages, through the reader's lens."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.access import Action, Level, Principal, Role
from portal.access.gate import principal, requires
from portal.exporting import table
from portal.extensions import db
from portal.tickets import listing
from portal.tickets.blueprint import bp
from portal.tickets.export import rows_of
from portal.tickets.listing import Filters
from portal.tickets.words import CATEGORIES, PRIORITIES, states_told
from portal.web import place, render_list

Options = list[tuple[str, Any]]


@bp.get("/tickets")
@requires(Action.TICKET_READ)
def index() -> Response:
    who = principal()
    filters = listing.read_filters(request.args, who)
    page = listing.list_tickets(db.session(), who, filters, **place())
    return render_list(
        "tickets",
        page,
        filters,
        lines=page.rows,
        is_staff=who.is_staff,
        shows_created=filters.sort.endswith("created"),
        states=states_told(staff=who.is_staff),
        tabs=_tabs(who, filters),
        fields=_fields(who, filters),
    )


def _tabs(who: Principal, filters: Filters) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    if who.is_staff:
        views = [
            (_("All"), Filters()),
            (_("Mine"), Filters(mine="1", state="unfinished")),
            (_("Unassigned"), Filters(team="mine" if who.team_ids else "", assignee="none", state="unfinished")),
            (_("Waiting for customer"), Filters(state="waiting")),
        ]
        if who.team_ids:
            views.insert(3, (_("My teams"), Filters(team="mine", state="unfinished")))
        if Role.ACCOUNT_MANAGER in who.roles:
            views.insert(3, (_("My portfolio"), Filters(organisation="portfolio", state="unfinished")))
    else:
        views = [
            (_("All"), Filters()),
            (_("Unfinished"), Filters(state="unfinished")),
            (_("Waiting for you"), Filters(state="waiting-for-you")),
            (_("Solved"), Filters(state="solved")),
        ]
        if who.acting is not None and who.acting.level == Level.ADMIN:
            views.insert(1, (_("Mine"), Filters(mine="1")))
    if filters.lately:
        # The start page leads here; whoever came sees what they are looking at.
        views.append((_("New in the last 24 hours"), filters))
    return [(view.url(), label, view == filters) for label, view in views]


def _fields(who: Principal, filters: Filters) -> list[tuple[str, str, Options]]:
    """The selects above the list: name, label, choices; what is outside the lens is not among them."""
    anything: Options = [("", _("All"))]
    states: Options = [("unfinished", _("Unfinished")), ("finished", _("Finished"))]
    states += [(name, words) for name, (words, tone) in states_told(staff=who.is_staff).items()]
    fields = [
        ("state", _("State"), anything + states),
        ("category", _("Category"), anything + list(CATEGORIES.items())),
    ]
    if who.is_staff:
        fields += [("priority", _("Priority"), anything + list(PRIORITIES.items())), *_named_fields(who, filters)]
    orders = [("-updated", _("Updated last")), ("updated", _("Updated first")), ("-created", _("Newest"))]
    return [*fields, ("sort", _("Order"), [*orders, ("created", _("Oldest"))])]


def _named_fields(who: Principal, filters: Filters) -> list[tuple[str, str, Options]]:
    anything: Options = [("", _("All"))]
    found: dict[str, Options] = {"team": [], "assignee": [], "organisation": []}
    for choice in listing.choices(db.session(), who, filters):
        found[choice.kind].append((choice.ref, choice.name))
    teams = [("mine", _("My teams"))] if who.team_ids else []
    fields = [
        ("team", _("Team"), anything + teams + found["team"]),
        ("assignee", _("Assigned to"), [*anything, ("me", _("Me")), ("none", _("Nobody")), *found["assignee"]]),
    ]
    if Role.ACCOUNT_MANAGER in who.roles:
        found["organisation"].insert(0, ("portfolio", _("My portfolio")))
    if found["organisation"]:
        fields.append(("organisation", _("Organisation"), anything + found["organisation"]))
    return fields


@bp.get("/tickets/export.csv", defaults={"form": "csv"})
@bp.get("/tickets/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.TICKET_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    filters = listing.read_filters(request.args, who)
    return table("tickets", form, rows_of(db.session(), who, filters))
