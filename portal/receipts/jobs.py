"""The job of every night: the head over what was issued."""

from datetime import datetime

from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.receipts.heads import make_head


@job("receipts.head")
def sign_head(params: Params, at: datetime) -> None:
    """No params: whatever day it is, the last one that is over gets its head, unless it has one."""
    make_head(db.session(), at)
