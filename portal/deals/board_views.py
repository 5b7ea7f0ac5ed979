"""The board: registrations on their way, a column for each state, each with its newest few."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.access import Action
from portal.access.gate import principal, requires
from portal.deals import listing
from portal.deals.blueprint import bp
from portal.deals.index_views import may_register
from portal.deals.lifecycle import State
from portal.deals.listing import Filters, Line
from portal.deals.words import STATE_TONES, STATES
from portal.extensions import db
from portal.web import render

CARDS = 8
# What has come to an end stands in the list alone.
COLUMNS = (State.DRAFT.value, "handed-in", *(s.value for s in (State.UNDER_REVIEW, State.RETURNED)))
PROTECTED = (State.APPROVED.value, State.CONVERTED.value)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: Any
    tone: str
    cards: list[Line]
    # Where all of them stand, when there are more than are shown.
    more_url: str


@bp.get("/deals/board")
@requires(Action.DEAL_READ)
def show_board() -> Response:
    who = principal()
    filters = replace(listing.read_filters(request.args, who), state="", sort=listing.SORTS[0])
    # The drafts of partners are their own.
    names = [name for name in (*COLUMNS, *PROTECTED) if not (who.is_staff and name == State.DRAFT)]
    return render(
        "deals/board.html",
        columns=[_column(filters, name) for name in names],
        is_staff=who.is_staff,
        may_register=may_register(),
        list_url=filters.url(),
    )


def _column(filters: Filters, name: str) -> Column:
    shown = replace(filters, state=name)
    page = listing.list_deals(db.session(), principal(), shown, size=CARDS)
    state = State.SUBMITTED if name == "handed-in" else State(name)
    label = _("Submitted") if name == "handed-in" else STATES[state]
    return Column(name, label, STATE_TONES[state], list(page.rows), shown.url() if page.next_cursor else "")
