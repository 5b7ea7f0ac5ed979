"""Writing what came of the records of an import into its journal, many at a time, in a session of the system."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import unscoped
from portal.database import Base
from portal.imports.models import ImportContent, ImportRow, ImportRun
from portal.imports.verdicts import Verdict


def change(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Each of these rows by its id. The library does not mark such statements as those of a session."""
    if rows:
        with unscoped("journal of imports"):
            session.execute(sa.update(model), list(rows))


def write(session: Session, verdicts: Sequence[Verdict], *, are_applied: bool = False) -> None:
    """What came of them; where it stands now, also how the import left the records."""
    ids = [verdict.item.id for verdict in verdicts]
    found = sa.select(ImportContent.row_id, ImportContent.id).where(ImportContent.row_id.in_(ids))
    contents = {row.row_id: row.id for row in session.execute(found)}
    rows, told = [], []
    for verdict in verdicts:
        row = {"id": verdict.item.id, "action": verdict.action, "fields": verdict.fields}
        content = {
            "id": contents[verdict.item.id],
            "before": verdict.before,
            "after": verdict.after,
            "problems": verdict.problems,
            "record_id": verdict.record_id,
        }
        is_applied = are_applied and verdict.has_effect
        rows.append({**row, "is_applied": is_applied})
        told.append({**content, "version_after": verdict.version if is_applied else None})
    change(session, ImportRow, rows)
    change(session, ImportContent, told)


def count(session: Session, run: ImportRun) -> dict[str, int]:
    """How many records there are of each kind of result, and how many of them have been brought in."""
    rows = session.execute(
        sa.select(ImportRow.action, ImportRow.is_applied, sa.func.count())
        .where(ImportRow.run_id == run.id)
        .group_by(ImportRow.action, ImportRow.is_applied)
    )
    counts: dict[str, int] = {"applied": 0}
    for action, is_applied, number in rows:
        counts[action] = counts.get(action, 0) + number
        counts["applied"] += number if is_applied else 0
    return counts
