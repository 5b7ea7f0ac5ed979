"""What is written into the contact history is promised to be told, in the same transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction

from portal.access.scope import ScopedSession
from portal.jobs.outbox import enqueue_all
from portal.organisations.models import Activity
from portal.webhooks.events import type_of
from portal.webhooks.rules import any_live

# An import writes thousands of entries in one transaction: so many of them go into one job.
AT_ONCE = 100
_HELD = "webhook_events"


def _notice(session: Session, context: UOWTransaction) -> None:
    new = [row.ref for row in session.new if isinstance(row, Activity) and type_of(row.kind, row.params or {})]
    if new:
        session.info.setdefault(_HELD, []).extend(new)


def _promise(session: Session) -> None:
    """At the end of the transaction, in one statement where nobody listens."""
    if session.in_nested_transaction():
        return
    session.flush()
    happened: list[str] = session.info.pop(_HELD, [])
    if happened and any_live(session):
        enqueue_all("webhooks.tell", ((None, {"activities": part}) for part in _parts(happened)))


def _parts(happened: list[str]) -> Iterable[list[str]]:
    return (happened[start : start + AT_ONCE] for start in range(0, len(happened), AT_ONCE))


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_HELD, None)


event.listen(ScopedSession, "after_flush", _notice)
event.listen(ScopedSession, "before_commit", _promise)
event.listen(ScopedSession, "after_rollback", _forget)
