"""Where the scorecards of suppliers hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.orders.words import quantity_text
from portal.scorecards.words import MEANINGS, MEASURES

bp = Blueprint("scorecards", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {"MEASURES": MEASURES, "MEANINGS": MEANINGS, "quantity_text": quantity_text}
