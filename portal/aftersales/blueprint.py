"""Where the pages hang of what is started from an order."""

from typing import Any

from flask import Blueprint

from portal.orders.blueprint import words
from portal.text import to_html

bp = Blueprint("aftersales", __name__)
bp.context_processor(words)


@bp.context_processor
def prose() -> dict[str, Any]:
    return {"to_html": to_html}
