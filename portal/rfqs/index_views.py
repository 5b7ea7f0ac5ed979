"""The list of requests for quotation, and the tables of their states."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.access import Action
from portal.access.gate import principal, requires
from portal.clock import now
from portal.exporting import table
from portal.extensions import db
from portal.rfqs.blueprint import bp
from portal.rfqs.export import rows_of
from portal.rfqs.lifecycle import INVITATION, REQUEST, Answer, State
from portal.rfqs.listing import Filters, list_rfqs, read_filters
from portal.rfqs.words import ANSWER_TONES, ANSWERS, SIDES, STATE_TONES, STATES, VERBS
from portal.web import place, render, render_list


@bp.get("")
@requires(Action.RFQ_READ)
def index() -> Response:
    who = principal()
    filters = read_filters(request.args, who)
    page = list_rfqs(db.session(), who, filters, **place())
    return render_list(
        "rfqs",
        page,
        filters,
        lines=page.rows,
        is_staff=who.is_staff,
        at=now(),
        may_write=who.may(Action.RFQ_WRITE),
        tabs=_tabs(filters, is_staff=who.is_staff),
    )


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.RFQ_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    return table("requests-for-quotation", form, rows_of(db.session(), who, read_filters(request.args, who)))


def _tabs(filters: Filters, *, is_staff: bool) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    words: Any = STATES if is_staff else ANSWERS
    views = [(_("All"), Filters())]
    wanted: Any = State if is_staff else (Answer.INVITED, Answer.OFFERED, Answer.WON)
    views += [(str(words[state]), Filters(state=state)) for state in wanted]
    return [(view.url(), label, view == filters) for label, view in views]


@bp.get("/states")
@requires(Action.RFQ_READ)
def states() -> Response:
    """A supplier learns of the life of its invitation; how buyers go about the request is theirs."""
    tables = [(_("An invitation, as its supplier sees it"), "invitation", _rows(INVITATION.rows))]
    if principal().is_staff:
        tables.insert(0, (_("The request, as buyers see it"), "request", _rows(REQUEST.rows)))
    return render("layouts/states.html", title=_("The states of a request for quotation"), tables=tables)


def _rows(table: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [
        {
            "sources": [_badge(row.source)],
            "verb": VERBS[row.verb],
            "target": _badge(row.target),
            "who": [SIDES[side] for side in sorted(row.sides)],
        }
        for row in table
        if row.source != Answer.CHOSEN or principal().is_staff
    ]


def _badge(state: State | Answer) -> tuple[Any, str]:
    if isinstance(state, State):
        return STATES[state], STATE_TONES[state]
    return ANSWERS[state], ANSWER_TONES[state]
