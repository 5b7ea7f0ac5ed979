"""The blueprint that the pages of this room hang on, and the words that its templates use."""

from typing import Any

from flask import Blueprint

from portal.access import Capacity
from portal.access.words import CAPACITIES, LEVELS, ROLES
from portal.languages import LANGUAGES, list_text
from portal.organisations.sentences import tell
from portal.organisations.words import CHANNELS, PHASES, TIERS
from portal.text import to_html
from portal.tickets.words import state_tone, state_words

bp = Blueprint("organisations", __name__)


def capacity_words(record: Any) -> str:
    """The capacities of a row that has a column for each."""
    return " · ".join(str(CAPACITIES[capacity]) for capacity in Capacity if getattr(record, f"is_{capacity}", False))


def role_words(roles: list[str]) -> str:
    return list_text(ROLES[role] for role in roles)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "CHANNELS": CHANNELS,
        "LANGUAGES": LANGUAGES,
        "LEVELS": LEVELS,
        "PHASES": PHASES,
        "TIERS": TIERS,
        "capacity_words": capacity_words,
        "role_words": role_words,
        "state_tone": state_tone,
        "state_words": state_words,
        "tell": tell,
        "to_html": to_html,
    }
