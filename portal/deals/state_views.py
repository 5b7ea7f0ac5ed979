"""The table of the states of a deal registration, drawn from what enforces it."""

from flask import Response

from portal.access import Action
from portal.access.gate import requires
from portal.deals.blueprint import bp
from portal.deals.lifecycle import TRANSITIONS
from portal.deals.words import SIDES, STATE_TONES, STATES, VERBS
from portal.languages import list_text
from portal.web import render


@bp.get("/deals/states")
@requires(Action.DEAL_READ)
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
    return render("deals/states.html", rows=rows)
