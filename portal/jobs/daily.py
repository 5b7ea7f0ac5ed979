"""What is done once a day, whoever asks for it: any worker promises it, at its start and when the day (UTC) changes."""

from datetime import UTC, date, datetime

from portal.extensions import db
from portal.jobs.outbox import enqueue

# A job is told nothing but the time, and does what has been left undone since it last ran.
KINDS = ("receipts.head", "match.freshen", "quotations.expire", "orders.remind", "api.forget", "webhooks.forget")


def promise(at: datetime) -> date:
    """Promise each of them for this day, unless somebody has; returns the day."""
    today = at.astimezone(UTC).date()
    for kind in KINDS:
        enqueue(kind, key=f"{kind}:{today}")
    db.session.commit()
    return today
