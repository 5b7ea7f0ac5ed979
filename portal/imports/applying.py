"""Bringing records in: what the preview said is what happens, or nothing does.

Record by record, each transaction holds some records together with their rows of the journal and the place that has
been reached: whoever dies in between loses nothing and doubles nothing.

All or nothing is one transaction. Staged rows that become visible at once would have to be hidden by the scope of every
model until then. One transaction asks that of nobody, but on SQLite others cannot write meanwhile: it is bounded
(`MOST_AT_ONCE`) except on the command line.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.imports.journal import count, write
from portal.imports.messages import kept
from portal.imports.models import ImportRow, ImportRun, RowAction, State
from portal.imports.verdicts import Item, Savepoint, Verdict, feed, items

# Records that one transaction brings in, or takes back, while others wait: some ten seconds.
MOST_AT_ONCE = 5000
_STANDS = (RowAction.CREATE, RowAction.UPDATE)


class NotWhole(Exception):
    """All or nothing: something cannot be brought in, so nothing is."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__(f"{len(verdicts)} cannot be brought in")
        self.verdicts = verdicts


def next_items(session: Session, run: ImportRun) -> list[Item]:
    """The next records to bring in: those of which the preview says so, or all where there was none."""
    actions = [RowAction.PENDING, *_STANDS, *([RowAction.CONFLICT] if run.overwrites else [])]
    return items(session, run.id, ImportRow.number > run.position, ImportRow.action.in_(actions))


def bring_in_some(session: Session, run: ImportRun, who: Principal, at: datetime) -> bool:
    """Bring in the next records, with their rows of the journal; flushed. False when that was all of them."""
    wanted = next_items(session, run)
    if not wanted:
        run.counts = count(session, run)
        run.records_done = run.records
        run.end(State.DONE, at)
        return False
    _feed(session, run, wanted, who, at)
    run.records_done += _passed(session, run, wanted[-1].number)
    run.position = wanted[-1].number
    run.moved_at = at
    session.flush()
    return True


def bring_in_whole(
    session: Session, find: Callable[[], ImportRun], who: Principal, at: datetime, tick: Callable[[ImportRun], Any]
) -> None:
    """Bring in everything in the transaction that is under way. Raises NotWhole."""
    while bring_in_some(session, find(), who, at):
        session.expunge_all()
        tick(find())


def _passed(session: Session, run: ImportRun, number: int) -> int:
    """Records from where it stands up to there, those of which nothing comes included."""
    between = (ImportRow.number > run.position, ImportRow.number <= number)
    return session.scalar(sa.select(sa.func.count()).where(ImportRow.run_id == run.id, *between)) or 0


def _feed(session: Session, run: ImportRun, wanted: Sequence[Item], who: Principal, at: datetime) -> None:
    """Feed them until only such stand as may: whatever turned out otherwise is left alone."""
    left_out: list[Verdict] = []
    rest = list(wanted)
    while rest:
        savepoint = Savepoint(session)
        verdicts = feed(session, run, rest, who, at)
        wrong = [_left_alone(verdict) for verdict in verdicts if not _may_stand(run, verdict)]
        if not wrong:
            savepoint.keep()
            write(session, verdicts, are_applied=True)
            break
        savepoint.roll_back()
        left_out += wrong
        ids = {verdict.item.id for verdict in wrong}
        rest = [item for item in rest if item.id not in ids]
    if left_out and run.is_whole:
        raise NotWhole(left_out)
    if left_out:
        write(session, left_out)


def _may_stand(run: ImportRun, verdict: Verdict) -> bool:
    if not verdict.is_as_foretold:
        return False
    if verdict.action == RowAction.CONFLICT:
        return run.overwrites
    return verdict.action != RowAction.REFUSE


def _left_alone(verdict: Verdict) -> Verdict:
    if verdict.is_as_foretold:
        return verdict
    problem = ["", kept(_l("Something has changed since the preview, so it was left alone.")), verdict.item.number]
    return Verdict(
        verdict.item, RowAction.MOVED, verdict.before, verdict.after, verdict.fields, [problem, *verdict.problems]
    )
