"""The preview: the very feed that imports, in a savepoint that is rolled back. Nobody else ever sees anything of it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.imports.journal import count, write
from portal.imports.models import ImportContent, ImportRow, ImportRun, RowAction, State
from portal.imports.verdicts import AT_ONCE, Item, Savepoint, Verdict, claim_of, feed, items, spoken_of

# What an earlier record of the file would have brought about, had it stood.
_BRINGS = (RowAction.CREATE, RowAction.UPDATE, RowAction.CONFLICT)
_MOST_BEFORE = 2 * AT_ONCE


def check_some(session: Session, run: ImportRun, who: Principal, at: datetime) -> None:
    """See what would come of the next records; the last time it sums up."""
    wanted = items(session, run.id, ImportRow.number > run.position, ImportRow.action == RowAction.PENDING)
    if not wanted:
        run.counts = count(session, run)
        run.end(State.CHECKED, at)
        return
    write(session, foresee(session, run, wanted, who, at))
    run.position = wanted[-1].number
    run.records_done += len(wanted)
    run.moved_at = at


def foresee(session: Session, run: ImportRun, wanted: Sequence[Item], who: Principal, at: datetime) -> list[Verdict]:
    """What would come of these, after those before them in the file which they speak of."""
    first = _prerequisites(session, run, wanted)
    savepoint = Savepoint(session)
    try:
        verdicts = feed(session, run, [*first, *wanted], who, at)[len(first) :]
    finally:
        savepoint.roll_back()
    for verdict in verdicts:
        if verdict.after.get("quotation") and spoken_of(verdict.item):
            # Its reference here may be gone again.
            verdict.after["quotation"] = spoken_of(verdict.item)
    return verdicts


def _prerequisites(session: Session, run: ImportRun, wanted: Sequence[Item]) -> list[Item]:
    """The earlier records of the file that bear on these, and those that bear on them."""
    names, claims = {""}, {""}
    found: list[Item] = []
    told = {item.external_id for item in wanted if item.repeats is not None}
    latest: Sequence[Item] = wanted
    while len(found) < _MOST_BEFORE:
        told |= set(map(spoken_of, latest))
        claimed = {claim_of(run.kind, item.told) for item in latest}
        if told <= names and claimed <= claims:
            break
        names, claims = names | told, claims | claimed
        latest = found = _before(session, run, wanted[0].number, names - {""}, claims - {""})
        told = {item.external_id for item in found}
    return found


def _before(session: Session, run: ImportRun, number: int, names: set[str], claims: set[str]) -> list[Item]:
    return items(
        session,
        run.id,
        ImportRow.number < number,
        ImportRow.action.in_(_BRINGS),
        sa.or_(ImportContent.external_id.in_(sorted(names)), ImportContent.claim.in_(sorted(claims))),
        most=_MOST_BEFORE,
    )
