"""Taking an import back: all of it in one transaction, as long as nothing newer touched what it brought in.

A record is as the import left it while it has the version that the journal noted. One transaction makes it all or
nothing, and after a kill the import stands as it was: the undo then begins anew.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.exc import StaleDataError

from portal.access import Principal
from portal.accounts.models import Person
from portal.documents.models import OrderDocument
from portal.errors import RuleBroken
from portal.feeds.registry import FEEDS
from portal.imports.journal import change
from portal.imports.models import ImportContent, ImportRow, ImportRun, State
from portal.imports.verdicts import AT_ONCE, plain
from portal.orders.models import Order
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.shipments.models import Shipment

# Of the records that have moved since, so many are told.
MOST_TOLD = 100
_MODELS: dict[str, Any] = {
    "orders": Order,
    "purchase-orders": Order,
    "products": Product,
    "organisations": Organisation,
    "people": Person,
    "shipments": Shipment,
    "documents": OrderDocument,
}


class Touched(Exception):
    """Something has happened to what it brought in; the numbers of their lines in the file."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"{len(numbers)} have changed since")
        self.numbers = list(numbers)


def touched(session: Session, run: ImportRun) -> list[int]:
    """The records that have changed since, or are gone, by their lines in the file. For a session of the system."""
    model = _MODELS[run.kind]
    later, later_row = aliased(ImportContent), aliased(ImportRow)
    # Where the file speaks of a record more than once, what counts is how the last of it left the record.
    again = (
        sa.select(later.id)
        .join(later_row, later_row.id == later.row_id)
        .where(
            later.run_id == ImportContent.run_id,
            later.external_id == ImportContent.external_id,
            later_row.number > ImportRow.number,
            later_row.is_applied,
        )
        .exists()
    )
    feed = FEEDS[run.kind]
    statement = (
        sa.select(ImportRow.number, ImportContent.record_id, ImportContent.after)
        .join(ImportContent, ImportContent.row_id == ImportRow.id)
        .where(ImportRow.run_id == run.id, ImportRow.is_applied, ~again)
        .order_by(ImportRow.number)
    )
    if feed.moved is not None:
        return _moved(session, statement, feed.moved)
    has_moved = sa.or_(model.id.is_(None), model.version != ImportContent.version_after)
    statement = statement.outerjoin(model, model.id == ImportContent.record_id).where(has_moved).limit(MOST_TOLD)
    return [row.number for row in session.execute(statement)]


def _moved(session: Session, statement: sa.Select[Any], moved: Callable[..., set[int]]) -> list[int]:
    """The same where what was told has to be compared, as no version counts the changes."""
    found: list[int] = []
    last = 0
    while len(found) < MOST_TOLD:
        rows = session.execute(statement.where(ImportRow.number > last).limit(AT_ONCE)).all()
        if not rows:
            break
        gone = moved(session, {row.record_id: row.after for row in rows})
        found += [row.number for row in rows if row.record_id in gone]
        last = rows[-1].number
    return found[:MOST_TOLD]


def take_back(
    session: Session, find: Callable[[], ImportRun], who: Principal, at: datetime, tick: Callable[[ImportRun], Any]
) -> None:
    """Take back everything in the transaction that is under way, last first. Raises Touched."""
    if numbers := touched(session, find()):
        raise Touched(numbers)
    before: int | None = None
    while rows := _last(session, find(), before):
        run = find()
        _restore(session, run, rows, who, at)
        before = rows[-1].number
        run.records_done += len(rows)
        session.flush()
        session.expunge_all()
        tick(find())
    run = find()
    run.counts = {**run.counts, "applied": 0}
    run.end(State.UNDONE, at)


def _last(session: Session, run: ImportRun, before: int | None) -> list[Any]:
    statement = (
        sa.select(
            *(ImportRow.id, ImportRow.number, ImportContent.external_id),
            *(ImportContent.before, ImportContent.record_id),
        )
        .join(ImportContent, ImportContent.row_id == ImportRow.id)
        .where(ImportRow.run_id == run.id, ImportRow.is_applied)
        .order_by(ImportRow.number.desc())
        .limit(AT_ONCE)
    )
    if before is not None:
        statement = statement.where(ImportRow.number < before)
    return list(session.execute(statement))


def _restore(session: Session, run: ImportRun, rows: Sequence[Any], who: Principal, at: datetime) -> None:
    model, feed = _MODELS[run.kind], FEEDS[run.kind]
    for row in rows:
        record = session.get(model, row.record_id)
        try:
            feed.restore(session, run.source, row.external_id, row.before, record, who, at)
            session.flush()
        except (IntegrityError, StaleDataError, RuleBroken):
            # Something else has come to hang on it, which moves nothing of it.
            raise Touched([row.number]) from None
    change(session, ImportRow, [{"id": row.id, "is_applied": False} for row in rows])
    _pass_back(session, run, [row for row in rows if row.before], model)


def _pass_back(session: Session, run: ImportRun, rows: Sequence[Any], model: Any) -> None:
    """An earlier import that left them as they are again can be taken back too: the versions are news to it alone."""
    if not rows or not hasattr(model, "version"):
        return
    restored = {row.record_id: row.before for row in rows}
    found = session.execute(sa.select(model.id, model.version).where(model.id.in_(restored)))
    versions = {row.id: row.version for row in found}
    earlier = session.execute(
        sa.select(ImportContent.id, ImportContent.record_id, ImportContent.after)
        .join(ImportRow, ImportRow.id == ImportContent.row_id)
        .join(ImportRun, ImportRun.id == ImportRow.run_id)
        .where(
            ImportContent.record_id.in_(restored),
            ImportRow.is_applied,
            ImportRun.kind == run.kind,
            ImportRun.source == run.source,
        )
        .order_by(ImportContent.id)
    )
    last = {row.record_id: row for row in earlier}
    changes = [
        {"id": row.id, "version_after": versions[record_id]}
        for record_id, row in last.items()
        if record_id in versions and row.after == plain(restored[record_id])
    ]
    change(session, ImportContent, changes)


def told(numbers: Sequence[int]) -> Any:
    """In words, for the page of the import."""
    lines = ", ".join(str(number) for number in numbers)
    return _l(
        "It cannot be taken back: something newer has happened to what these lines brought in: %(lines)s.", lines=lines
    )
