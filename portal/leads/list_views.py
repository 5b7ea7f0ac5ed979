"""The list of leads, and the table of their states."""

from flask import Response, request
from flask_babel import gettext as _

from portal.access import Action
from portal.access.gate import principal, requires
from portal.exporting import table
from portal.extensions import db
from portal.languages import list_text
from portal.leads.blueprint import bp
from portal.leads.export import rows_of
from portal.leads.lifecycle import TRANSITIONS, State
from portal.leads.listing import Filters, list_leads, read_filters
from portal.leads.words import SIDES, STATE_TONES, STATES, VERBS
from portal.web import place, render, render_list


@bp.get("/leads")
@requires(Action.LEAD_READ)
def index() -> Response:
    who = principal()
    filters = read_filters(request.args, who)
    page = list_leads(db.session(), who, filters, **place())
    return render_list(
        "leads",
        page,
        filters,
        lines=page.rows,
        is_staff=who.is_staff,
        may_write=who.may(Action.LEAD_HAND_OUT),
        tabs=_tabs(filters, is_staff=who.is_staff),
    )


@bp.get("/leads/export.csv", defaults={"form": "csv"})
@bp.get("/leads/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.LEAD_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    filters = read_filters(request.args, who)
    return table("leads", form, rows_of(db.session(), who, filters))


def _tabs(filters: Filters, *, is_staff: bool) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    views = [(_("All"), Filters()), (_("Offered"), Filters(state=State.OFFERED))]
    views.append((_("Accepted"), Filters(state=State.ACCEPTED)))
    if is_staff:
        views.insert(1, (_("Mine"), Filters(mine="1")))
        views.insert(2, (_("Drafts"), Filters(state=State.DRAFT)))
        views.append((_("Nobody took it"), Filters(state=State.EXHAUSTED)))
        views.append((_("Taken back"), Filters(state=State.WITHDRAWN)))
    return [(view.url(), label, view == filters) for label, view in views]


@bp.get("/leads/states")
@requires(Action.LEAD_READ)
def states() -> Response:
    rows = [
        {
            "source": (STATES[row.source], STATE_TONES[row.source]),
            "verb": VERBS[row.verb],
            "target": (STATES[row.target], STATE_TONES[row.target]),
            "who": list_text(SIDES[side] for side in sorted(row.sides)),
        }
        for row in TRANSITIONS
    ]
    return render("leads/states.html", rows=rows)
