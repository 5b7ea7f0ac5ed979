"""Where the pages of leads hang."""

from typing import Any

from flask import Blueprint

from portal.leads.words import STATE_TONES, STATES
from portal.text import to_html

bp = Blueprint("leads", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {"STATES": STATES, "TONES": STATE_TONES, "to_html": to_html}
