"""Pages of imports, and of the records of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.accounts.models import Person
from portal.exporting import Row
from portal.feeds.outcome import flat
from portal.imports.messages import spoken
from portal.imports.models import ImportContent, ImportRow, ImportRun, RowAction
from portal.imports.rules import reads_records
from portal.imports.words import ACTIONS, field_name, value_text
from portal.paging import Order, Page, fetch_page

SIZE = 50
_EXPORTED_AT_ONCE = 500
# Of one record, so many changes are shown; the download has all of them.
MOST_CHANGES = 12
_UNSAID: tuple[Any, ...] = (None, "", "0", [], {})
ORDER = Order((ImportRun.created_at, ImportRun.ref), is_descending=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the file as its reader may see it."""

    number: int
    action: str
    is_applied: bool
    external_id: str
    fields: list[str]
    # Field, old and new value.
    changes: list[tuple[str, str, str]]
    # Field, what is wrong, and on which line.
    problems: list[tuple[str, str, int]]


def list_runs(session: Session, *, after: str, before: str) -> Page:
    columns = (
        *(ImportRun.ref, ImportRun.kind, ImportRun.source, ImportRun.filename, ImportRun.state),
        *(ImportRun.created_at, ImportRun.records, ImportRun.counts, Person.name.label("author")),
    )
    statement = sa.select(*columns).outerjoin(Person, Person.id == ImportRun.author_id)
    return fetch_page(session, statement, ORDER, SIZE, after=after, before=before)


@dataclass(frozen=True, slots=True)
class Listed:
    """The import whose records are listed; an export outlives what was loaded of it."""

    run_id: int
    kind: str
    side: str

    @classmethod
    def of(cls, run: ImportRun) -> "Listed":
        return cls(run.id, run.kind, run.side)


def list_lines(
    session: Session, who: Principal, of: Listed, action: str, *, after: int = 0, size: int = SIZE
) -> list[Line]:
    """The records from this line of the file on, one more than `size` where there are more."""
    columns: list[Any] = [ImportRow.number, ImportRow.action, ImportRow.is_applied, ImportRow.fields]
    told = (ImportContent.external_id, ImportContent.before, ImportContent.after, ImportContent.problems)
    sees = reads_records(who, of.kind, of.side)
    statement = sa.select(*columns, *(told if sees else ()))
    if sees:
        statement = statement.join(ImportContent, ImportContent.row_id == ImportRow.id)
    statement = statement.where(ImportRow.run_id == of.run_id, ImportRow.number > after)
    if action:
        statement = statement.where(ImportRow.action == action)
    rows = session.execute(statement.order_by(ImportRow.number).limit(size + 1))
    return [_line(of.kind, row, sees=sees) for row in rows]


def _line(kind: str, row: Any, *, sees: bool) -> Line:
    fields = [field_name(kind, name) for name in row.fields]
    if not sees:
        return Line(row.number, row.action, row.is_applied, "", fields, [], [])
    return Line(
        row.number,
        row.action,
        row.is_applied,
        row.external_id,
        fields,
        list(_changes(kind, row.before, row.after)),
        [(field_name(kind, name) if name else "", spoken(message), line) for name, message, line in row.problems],
    )


def _changes(kind: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    old, new = flat(before), flat(after)
    for name in sorted(old | new):
        # Of what is new, what goes without saying is not said.
        if old.get(name) != new.get(name) and (before or new.get(name) not in _UNSAID):
            yield field_name(kind, name), value_text(name, old.get(name)), value_text(name, new.get(name))


def exported(session: Session, who: Principal, of: Listed, action: str) -> Iterator[Row]:
    """The records with everything that their reader may see, a line for each change and each problem."""
    yield [
        _("Line"),
        _("Result"),
        _("ID in the other system"),
        _("Field"),
        _("Old value"),
        _("New value"),
        _("Problem"),
    ]
    after = 0
    size = _EXPORTED_AT_ONCE
    while lines := list_lines(session, who, of, action, after=after, size=size)[:size]:
        for line in lines:
            head = [line.number, str(ACTIONS[RowAction(line.action)]), line.external_id]
            # What is new is in the file.
            changes = [] if line.action == RowAction.CREATE else line.changes
            rows: list[Row] = [[*head, *change, ""] for change in changes]
            rows += [[place, *head[1:], field, "", "", message] for field, message, place in line.problems]
            if not rows:
                rows = [[*head, field, "", "", ""] for field in line.fields] or [[*head, "", "", "", ""]]
            yield from rows
        after = lines[-1].number


def tabs(run: ImportRun, action: str) -> list[tuple[str, str, bool, int]]:
    """The records by what comes of them, with how many there are of each."""
    found = [(url_for("imports.show", ref=run.ref), _("All"), not action, run.records)]
    for name, label in ACTIONS.items():
        if count := run.counts.get(name):
            url = url_for("imports.show", ref=run.ref, action=str(name))
            found.append((url, str(label), action == name, count))
    return found
