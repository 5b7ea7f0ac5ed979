"""What a message held goes with its words: contents that no attachment names any more leave the storage.

The same bytes are stored once. Whoever sends them again just now finds them there, before an attachment says so:
contents that were written since they were given up stay for an hour, then the question is asked again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.clock import now
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.imports.models import ImportRun
from portal.jobs.outbox import Params, enqueue, job

# Longer than any request lasts, from the upload of a file to its attachment.
WAIT = timedelta(hours=1)
# Storage may date a file by the last tick of a clock that is this coarse: just before it was written.
TICK = timedelta(milliseconds=10)


def forget_later(hashes: Iterable[str], run_at: datetime | None = None) -> None:
    """Promise, in the current transaction, that these contents are deleted where nothing names them any more."""
    # What was written before this look at it does not put it off once more.
    given_up = (run_at - WAIT + TICK if run_at else now()).isoformat()
    for sha256 in sorted(hashes):
        enqueue("files.forget", run_at=run_at, sha256=sha256, given_up=given_up)


@job("files.forget")
def forget(params: Params, at: datetime) -> None:
    """Params: sha256, given_up (ISO 8601)."""
    sha256 = params["sha256"]
    if _is_attached(sha256):
        return
    written = storage().written_at(sha256)
    if written is not None and written > datetime.fromisoformat(params["given_up"]) - TICK:
        forget_later([sha256], at + WAIT)
    elif written is not None:
        storage().delete(sha256)


def _is_attached(sha256: str) -> bool:
    named = sa.select(Attachment.id).where(sa.or_(Attachment.sha256 == sha256, Attachment.thumbnail_sha256 == sha256))
    if db.session.scalar(named.limit(1)) is not None:
        return True
    imported = sa.select(ImportRun.id).where(ImportRun.sha256 == sha256)
    return db.session.scalar(imported.limit(1)) is not None
