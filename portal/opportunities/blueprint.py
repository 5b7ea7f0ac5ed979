"""Where the pages of opportunities hang, and the words that their templates use."""

from typing import Any

from flask import Blueprint

from portal.opportunities.words import EVENTS, FIELDS, REASONS, STAGES, STATUS_TONES, STATUSES

bp = Blueprint("opportunities", __name__)


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "EVENTS": EVENTS,
        "FIELDS": FIELDS,
        "REASONS": REASONS,
        "STAGES": STAGES,
        "STATUSES": STATUSES,
        "STATUS_TONES": STATUS_TONES,
    }
