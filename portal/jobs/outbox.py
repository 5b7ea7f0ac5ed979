"""The outbox: work is promised in the transaction that causes it, and done afterwards, once.

A job is claimed with a lease and marked done in the transaction of its effect. Whoever dies in between loses
nothing: the lease runs out and somebody else takes the job again. What fails is tried again, ever later, and given
up in the end.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import ScopedSession, acting_as, unscoped
from portal.accounts.sessions import principal_of_person
from portal.clock import now
from portal.extensions import db
from portal.jobs.models import Job
from portal.logs import hide_in_text

# Longer than anything that a job may take: a mail server that answers slowly at every step takes half of it.
LEASE = timedelta(minutes=5)
# With waits of 15 s, 30 s, 60 s … and an hour at most, about a day passes before a job is given up.
MOST_ATTEMPTS = 30
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
KEEP_DONE = timedelta(days=14)
# Where handlers are registered; loaded by the first drain, so that a web process never pays for them.
HANDLERS = (
    "portal.mail.jobs",
    "portal.api.jobs",
    "portal.deals.jobs",
    "portal.leads.jobs",
    "portal.matching.jobs",
    "portal.orders.waiting",
    "portal.quotations.jobs",
    "portal.rfqs.jobs",
    "portal.receipts.jobs",
    "portal.rooms.jobs",
    "portal.files.forgetting",
    "portal.imports.jobs",
    "portal.webhooks.jobs",
)

Params = dict[str, Any]
Handler = Callable[[Params, datetime], None]

log = logging.getLogger("portal.jobs")
_table = cast(sa.Table, Job.__table__)
_job = _table.c


class GiveUp(Exception):
    """Trying again cannot help: the job is put aside for a person to look at."""


class LeaseLost(Exception):
    """The job took longer than its lease, and somebody else has it now: what was done here must not stand."""


@dataclass(frozen=True, slots=True)
class Kind:
    handler: Handler
    # Parameters that are blanked once the job is over.
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    kind: str
    params: Params
    attempts: int
    leased_until: datetime


_kinds: dict[str, Kind] = {}


def job(kind: str, *, secrets: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
    """Register what does jobs of this kind. It runs as the system or, where promised so, on behalf of a person."""

    def register(handler: Handler) -> Handler:
        _kinds[kind] = Kind(handler, secrets)
        return handler

    return register


# ── Promising ─────────────────────────────────────────────────────────────────────────────────────


def enqueue(
    kind: str,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    on_behalf_of: Principal | None = None,
    **params: Any,
) -> bool:
    """Promise a job in the current transaction; False where one with this key was promised before.

    `params` are JSON and hold references, not content: what they name is read, and rights are asked, when it runs.
    """
    if on_behalf_of is not None:
        acting = on_behalf_of.acting
        params["on_behalf_of"] = [on_behalf_of.person_id, acting.key if acting else ""]
    return enqueue_all(kind, [(key, params)], run_at=run_at) == 1


def enqueue_all(kind: str, wanted: Iterable[tuple[str | None, Params]], *, run_at: datetime | None = None) -> int:
    """Promise several jobs of a kind in one statement; returns how many were not promised before."""
    at, session = now(), db.session()
    rows = [
        {"kind": kind, "key": key, "params": params, "created_at": at, "run_at": run_at or at, "attempts": 0,
         "last_error": ""}
        for key, params in wanted
    ]  # fmt: skip
    if not rows:
        return 0
    new = len(insert_new(session, Job, rows, unless=("key",)))
    session.info["bell"] = True
    return new


def insert_new(
    session: Session, model: Any, rows: list[dict[str, Any]], *, unless: tuple[str, ...]
) -> list[sa.Row[Any]]:
    """Insert those rows that no row with the same `unless` columns forestalls; returns what was inserted.

    Below row scope, because people write outbox rows and others' notices that they can never read.
    """
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    table = model.__table__
    with unscoped("outbox"):
        statement = insert(table).on_conflict_do_nothing(index_elements=list(unless)).returning(table)
        return list(connection.execute(statement, rows))


def _after_commit(session: Session) -> None:
    if session.info.get("bell") and not session.in_nested_transaction():
        from portal.jobs.queue import ring

        del session.info["bell"]
        ring()


def _after_rollback(session: Session) -> None:
    session.info.pop("bell", None)


event.listen(ScopedSession, "after_commit", _after_commit)
event.listen(ScopedSession, "after_rollback", _after_rollback)


# ── Keeping the promise ───────────────────────────────────────────────────────────────────────────


def drain(at: datetime, *, most: int = 500, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Do what is due, at most so many jobs; counts the done, failed, given up and lost ones.

    May run in any number of threads and processes at once.
    """
    for module in HANDLERS:
        import_module(module)
    began = time.monotonic()
    counts: Counter[str] = Counter()
    for _ in range(most):
        moment = at + timedelta(seconds=time.monotonic() - began)
        if stop() or (claimed := _claim(moment)) is None:
            break
        counts[_run(claimed, moment)] += 1
    return counts


def _claim(at: datetime) -> Claimed | None:
    due = (
        sa.select(_job.id)
        .where(
            _job.done_at.is_(None),
            _job.given_up_at.is_(None),
            _job.run_at <= at,
            sa.or_(_job.leased_until.is_(None), _job.leased_until <= at),
        )
        .order_by(_job.run_at, _job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    statement = (
        sa.update(_table)
        .where(_job.id == due.scalar_subquery())
        .values(leased_until=at + LEASE, attempts=_job.attempts + 1)
        .returning(_job.id, _job.kind, _job.params, _job.attempts, _job.leased_until)
    )
    with unscoped("outbox"), db.engine.begin() as connection:
        row = connection.execute(statement).one_or_none()
    return Claimed(*row) if row else None


def _run(claimed: Claimed, at: datetime) -> str:
    if claimed.attempts > MOST_ATTEMPTS:
        # Nobody lived to say why: the worker died of it each time, or was stopped in the middle of it.
        return _give_up(claimed, at, "it was begun too often without an end")
    session = db.session()
    try:
        _do(session, claimed, at)
    except LeaseLost:
        session.rollback()
        log.warning("job %s (%s) outlived its lease", claimed.id, claimed.kind)
        return "lost"
    except GiveUp as reason:
        session.rollback()
        return _give_up(claimed, at, str(reason))
    except Exception as fault:
        session.rollback()
        log.warning("job %s (%s) failed", claimed.id, claimed.kind, exc_info=True)
        return _put_off(claimed, at, f"{type(fault).__name__}: {fault}")
    return "done"


def _do(session: Session, claimed: Claimed, at: datetime) -> None:
    kind = _kinds.get(claimed.kind)
    if kind is None:
        raise LookupError(f"nothing here does jobs of the kind {claimed.kind}")
    params = dict(claimed.params)
    who: Principal | None = Principal.system(f"job {claimed.kind}")
    if behalf := params.pop("on_behalf_of", None):
        who = principal_of_person(*behalf)
    if who is None:
        session.rollback()
        raise GiveUp("the person who asked for it may do nothing any more")
    with acting_as(session, who):
        kind.handler(params, at)
        session.flush()
        kept = {name: None if name in kind.secrets else value for name, value in claimed.params.items()}
        _settle(session.connection(), claimed, done_at=at, params=kept, last_error="")
        session.commit()


def _settle(connection: sa.Connection, claimed: Claimed, **values: Any) -> None:
    """Write the outcome, provided that the lease is still ours."""
    with unscoped("outbox"):
        settled = connection.execute(
            sa.update(_table)
            .where(
                _job.id == claimed.id,
                _job.leased_until == claimed.leased_until,
                _job.done_at.is_(None),
                _job.given_up_at.is_(None),
            )
            .values(leased_until=None, **values)
        )
    if settled.rowcount != 1:
        raise LeaseLost


def _give_up(claimed: Claimed, at: datetime, reason: str) -> str:
    log.error("job %s (%s) is given up: %s", claimed.id, claimed.kind, reason)
    return _settle_apart(claimed, "given up", given_up_at=at, last_error=_short(reason))


def _put_off(claimed: Claimed, at: datetime, reason: str) -> str:
    if claimed.attempts >= MOST_ATTEMPTS:
        return _give_up(claimed, at, reason)
    wait = min(FIRST_WAIT * 2 ** min(claimed.attempts - 1, 20), LONGEST_WAIT)
    return _settle_apart(claimed, "failed", run_at=at + wait, last_error=_short(reason))


def _settle_apart(claimed: Claimed, outcome: str, **values: Any) -> str:
    try:
        with db.engine.begin() as connection:
            _settle(connection, claimed, **values)
    except LeaseLost:
        return "lost"
    return outcome


def _short(reason: str) -> str:
    return hide_in_text(" ".join(reason.split()))[:500]


# ── Looking after it ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the outbox stands: jobs that are due, since when the oldest of them is, and jobs that were given up."""

    due: int
    due_since: datetime | None
    given_up: int


def backlog(at: datetime) -> Backlog:
    open_ = sa.and_(_job.done_at.is_(None), _job.given_up_at.is_(None))
    due = sa.select(sa.func.count(), sa.func.min(_job.run_at)).where(open_, _job.run_at <= at)
    dead = sa.select(sa.func.count()).where(_job.done_at.is_(None), _job.given_up_at.is_not(None))
    with unscoped("outbox"), db.engine.connect() as connection:
        count, since = connection.execute(due).one()
        return Backlog(count, since, connection.scalar(dead) or 0)


def given_up(most: int = 100) -> list[sa.Row[Any]]:
    """The jobs that wait for a person to look at them, newest first."""
    with unscoped("outbox"), db.engine.connect() as connection:
        return list(
            connection.execute(
                sa.select(_table)
                .where(_job.done_at.is_(None), _job.given_up_at.is_not(None))
                .order_by(_job.given_up_at.desc(), _job.id.desc())
                .limit(most)
            )
        )


def retry(at: datetime, ids: Iterable[int] | None = None) -> int:
    """Put jobs that were given up back into the outbox, all of them or these; returns how many."""
    dead = sa.and_(_job.done_at.is_(None), _job.given_up_at.is_not(None))
    if ids is not None:
        dead = sa.and_(dead, _job.id.in_(list(ids)))
    with unscoped("outbox"), db.engine.begin() as connection:
        again = sa.update(_table).where(dead)
        found = connection.execute(again.values(given_up_at=None, attempts=0, run_at=at, leased_until=None))
    return found.rowcount


def prune(at: datetime) -> int:
    """Forget jobs that were done a fortnight ago, a bounded number at a time."""
    old = sa.select(_job.id).where(_job.done_at < at - KEEP_DONE).limit(5000)
    with unscoped("outbox"), db.engine.begin() as connection:
        gone = connection.execute(sa.delete(_table).where(_job.id.in_(old)))
    return gone.rowcount
