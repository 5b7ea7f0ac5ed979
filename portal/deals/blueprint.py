"""Where the pages of deal registrations hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.deals.steps import STEPS
from portal.deals.words import STATE_TONES, STATES
from portal.text import to_html

bp = Blueprint("deals", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {"STEPS": STEPS, "STATES": STATES, "STATE_TONES": STATE_TONES, "to_html": to_html}
