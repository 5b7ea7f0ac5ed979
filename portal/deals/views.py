"""The pages of deal registrations; their routes stand by noun in modules of their own."""

from portal.deals import (
    act_views,
    board_views,
    decision_views,
    form_views,
    index_views,
    programme_views,
    queue_views,
    receipt_words,
    record_views,
    state_views,
    work_views,
)
from portal.deals.blueprint import bp

__all__ = [
    "act_views",
    "board_views",
    "bp",
    "decision_views",
    "form_views",
    "index_views",
    "programme_views",
    "queue_views",
    "receipt_words",
    "record_views",
    "state_views",
    "work_views",
]
