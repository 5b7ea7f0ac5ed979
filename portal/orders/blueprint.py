"""Where the pages of orders hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.orders.words import KINDS, PAYMENT_STATES, STATE_TONES, STATES, quantity_text
from portal.text import to_html

bp = Blueprint("orders", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {
        "KINDS": KINDS,
        "STATES": STATES,
        "STATE_TONES": STATE_TONES,
        "PAYMENT_STATES": PAYMENT_STATES,
        "quantity_text": quantity_text,
        "to_html": to_html,
    }
