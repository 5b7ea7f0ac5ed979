"""Where the pages of purchasing hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.orders.blueprint import words as words_of_orders

bp = Blueprint("purchasing", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return words_of_orders()
