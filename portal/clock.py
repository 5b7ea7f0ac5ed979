"""The one clock: everything that needs the time asks here, so that tests can move it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
