"""The blueprint that the pages of this room hang on, and the words that its templates use."""

from typing import Any

from flask import Blueprint

from portal.access.words import CAPACITIES
from portal.organisations.words import CHANNELS
from portal.text import to_html
from portal.tickets.words import CATEGORIES, PRIORITIES, PRIORITY_TONES, state_tone, state_words

bp = Blueprint("tickets", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {
        "CAPACITIES": CAPACITIES,
        "CATEGORIES": CATEGORIES,
        "CHANNELS": CHANNELS,
        "PRIORITIES": PRIORITIES,
        "PRIORITY_TONES": PRIORITY_TONES,
        "state_tone": state_tone,
        "state_words": state_words,
        "to_html": to_html,
    }
