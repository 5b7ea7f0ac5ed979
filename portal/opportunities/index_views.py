"""The list of opportunities: filters, search, pages and export, through the reader's lens."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.access import Action, Principal
from portal.access.gate import principal, requires
from portal.exporting import table
from portal.extensions import db
from portal.opportunities import listing
from portal.opportunities.blueprint import bp
from portal.opportunities.export import rows_of
from portal.opportunities.listing import Filters
from portal.opportunities.words import STAGES, STATUSES
from portal.web import place, render_list

Options = list[tuple[str, Any]]


@bp.get("/opportunities")
@requires(Action.DEAL_READ)
def index() -> Response:
    who = principal()
    filters = listing.read_filters(request.args, who)
    page = listing.list_opportunities(db.session(), who, filters, **place())
    return render_list(
        "opportunities",
        page,
        filters,
        rows=page.rows,
        is_staff=who.is_staff,
        tabs=_tabs(filters),
        fields=_fields(who, filters),
    )


@bp.get("/opportunities/export.csv", defaults={"form": "csv"})
@bp.get("/opportunities/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.DEAL_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    filters = listing.read_filters(request.args, who)
    return table("opportunities", form, rows_of(db.session(), who, filters))


def _tabs(filters: Filters) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    views = [(_("All"), Filters()), *((words, Filters(state=state)) for state, words in STATUSES.items())]
    return [(view.url(), label, view == filters) for label, view in views]


def _fields(who: Principal, filters: Filters) -> list[tuple[str, str, Options]]:
    """The selects above the list: name, label, choices; what is outside the lens is not among them."""
    anything: Options = [("", _("All"))]
    fields = [
        ("state", _("State"), anything + list(STATUSES.items())),
        ("stage", _("Stage"), anything + list(STAGES.items())),
    ]
    if who.is_staff:
        origins: Options = [("deal", _("From a registration")), ("direct", _("Direct sale"))]
        fields.append(("origin", _("Origin"), anything + origins))
    return [*fields, ("sort", _("Order"), [("-updated", _("Updated last")), ("updated", _("Updated first"))])]
