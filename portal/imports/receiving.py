"""A file comes in: it is kept, looked into, and mapped as such files were mapped last."""

from dataclasses import replace
from datetime import datetime
from typing import IO, BinaryIO, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.files.names import safe_filename
from portal.files.storage import storage
from portal.imports.mapping import guess
from portal.imports.models import ImportMapping, ImportRun, Side
from portal.imports.reading import FileForm, describe
from portal.imports.rules import KINDS, side_of
from portal.languages import voice

# Bytes; a year of a busy ERP is a tenth of it.
LARGEST = 200 * 1000**2


def receive(
    session: Session, file: IO[bytes], filename: str, kind: str, source: str, who: Principal, at: datetime
) -> ImportRun:
    """A new run, added to the session. Raises TooLarge and UnreadableFile."""
    stored = storage().put(file, LARGEST)
    with storage().open(stored.sha256) as kept:
        form = describe(cast(BinaryIO, kept))
    known = _remembered(session, kind, source, form)
    if known is not None:
        form = replace(form, decimal=known.decimal or form.decimal, date_order=known.date_order or form.date_order)
    run = ImportRun(
        kind=kind,
        side=KINDS[kind] if who.is_system else side_of(who, kind) or Side.BOTH,
        source=source,
        filename=safe_filename(filename),
        sha256=stored.sha256,
        size=stored.size,
        form=form.kept(),
        mapping=_as_before(known) if known is not None else guess(kind, form.columns),
        language=voice().language,
        author_id=who.person_id,
        created_at=at,
        moved_at=at,
    )
    session.add(run)
    session.flush()
    return run


def _as_before(known: ImportMapping) -> dict[str, str]:
    return {column: name for column, name in known.columns.items() if name}


def remember(session: Session, run: ImportRun, at: datetime) -> None:
    """The next file of this kind, source and columns is read in the same way."""
    settled = {
        "columns": {column: run.mapping.get(column, "") for column in run.form["columns"]},
        "decimal": run.form.get("decimal") or "",
        "date_order": run.form.get("date_order") or "",
    }
    known = _settled_last(session, run.kind, run.source)
    if known is None:
        session.add(ImportMapping(kind=run.kind, source=run.source, **settled, changed_at=at))
    elif settled != {name: getattr(known, name) for name in settled}:
        for name, value in settled.items():
            setattr(known, name, value)
        known.changed_at = at


def _remembered(session: Session, kind: str, source: str, form: FileForm) -> ImportMapping | None:
    """What was settled last, where the file has the same columns."""
    known = _settled_last(session, kind, source)
    return known if known is not None and set(known.columns) == set(form.columns) else None


def _settled_last(session: Session, kind: str, source: str) -> ImportMapping | None:
    named = (ImportMapping.kind == kind, ImportMapping.source == source)
    return session.scalars(sa.select(ImportMapping).where(*named)).one_or_none()
