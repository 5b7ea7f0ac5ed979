"""What the clock does for the API."""

from datetime import datetime

from portal.api.rules import prune_answers
from portal.jobs.outbox import Params, job


@job("api.forget")
def forget(params: Params, at: datetime) -> None:
    """Forget the answers of idempotency keys that are over a day old."""
    prune_answers(at)
