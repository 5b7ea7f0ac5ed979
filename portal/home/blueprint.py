"""The blueprint that the pages of this room hang on, and the words that its templates use."""

from flask import Blueprint

from portal.access.words import CAPACITIES
from portal.tickets.words import state_tone, state_words

bp = Blueprint("home", __name__)
bp.context_processor(lambda: {"CAPACITIES": CAPACITIES, "state_tone": state_tone, "state_words": state_words})
