"""Where the pages of requests for quotation hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.rfqs.words import ANSWER_TONES, ANSWERS, STATE_TONES, STATES
from portal.text import to_html

bp = Blueprint("rfqs", __name__, url_prefix="/requests-for-quotation")


@bp.context_processor
def words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "TONES": STATE_TONES,
        "ANSWERS": ANSWERS,
        "ANSWER_TONES": ANSWER_TONES,
        "to_html": to_html,
    }
