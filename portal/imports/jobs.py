"""The worker goes on with an import on behalf of whoever asked for it, a while at a time."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.access import Principal
from portal.access.finding import principal_of
from portal.access.scope import acting_as
from portal.clock import now
from portal.extensions import db
from portal.imports.models import WORKING, ImportRun, State
from portal.imports.rules import may_run
from portal.imports.runs import advance
from portal.jobs.outbox import Params, enqueue, job

# Well within the lease of a job, and within what a worker that is asked to stop waits for.
SLICE = 20.0


def promise(run: ImportRun, who: Principal) -> None:
    """In the current transaction: go on with it as soon as it is committed."""
    enqueue("import.advance", on_behalf_of=who, run=run.ref)


@job("import.advance")
def go_on(params: Params, at: datetime) -> None:
    """Params: run (its reference)."""
    session = db.session()
    who = principal_of(session)
    with acting_as(session, Principal.system(f"import {params['run']}")):
        run = session.scalars(sa.select(ImportRun).where(ImportRun.ref == params["run"])).one_or_none()
        if run is None or run.state not in WORKING:
            return
        if not may_run(who, run):
            return _stop(run)
        session.rollback()
    if advance(session, params["run"], who, at, seconds=SLICE):
        enqueue("import.advance", on_behalf_of=who, run=params["run"])


def _stop(run: ImportRun) -> None:
    """What has been brought in stays, for a colleague to go on with; what has not begun does not begin."""
    reason = _l("Whoever started it may not bring in such records any more.")
    if run.state == State.APPLYING:
        run.reason = reason
    else:
        run.end(State.DONE if run.state == State.UNDOING else State.FAILED, now(), reason)
