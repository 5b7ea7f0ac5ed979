"""The states of orders, quotations and purchase orders, drawn from what enforces them."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from portal.access import Action
from portal.access.gate import requires
from portal.orders.blueprint import bp
from portal.orders.lifecycle import TRANSITIONS, Kind, State, Table
from portal.orders.words import KINDS, SIDES, STATE_TONES, STATES, VERBS
from portal.web import render


@bp.get("/orders/states")
@requires(Action.ORDER_READ)
def states() -> Response:
    tables = [(KINDS[kind], kind, _rows(TRANSITIONS[kind])) for kind in Kind]
    return render("layouts/states.html", title=_("The states of an order"), tables=tables)


def _rows(table: Table) -> list[dict[str, Any]]:
    """What leads to the same end by the same hands is one row, from wherever it starts."""
    sources: dict[tuple[Any, ...], list[State]] = {}
    for row in table:
        sources.setdefault((row.verb, row.target, row.sides), []).append(row.source)
    return [
        {
            "sources": [_badge(state) for state in found],
            "verb": VERBS[verb],
            "target": _badge(target),
            "who": [SIDES[side] for side in sorted(sides)],
        }
        for (verb, target, sides), found in sources.items()
    ]


def _badge(state: State) -> tuple[Any, str]:
    return STATES[state], STATE_TONES[state]
