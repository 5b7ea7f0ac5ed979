"""A file comes in: it is kept, looked into, and mapped as such files were mapped last."""

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
    run = ImportRun(
        kind=kind,
        side=KINDS[kind] if who.is_system else side_of(who, kind) or Side.BOTH,
        source=source,
        filename=safe_filename(filename),
        sha256=stored.sha256,
        size=stored.size,
        form=form.kept(),
        mapping=suggest(session, kind, source, form),
        language=voice().language,
        author_id=who.person_id,
        created_at=at,
        moved_at=at,
    )
    session.add(run)
    session.flush()
    return run


def suggest(session: Session, kind: str, source: str, form: FileForm) -> dict[str, str]:
    """As it was settled last for the same columns, else what their headings say."""
    known = _remembered(session, kind, source)
    if known is not None and set(known.columns) == set(form.columns):
        return {column: name for column, name in known.columns.items() if name}
    return guess(kind, form.columns)


def remember(session: Session, run: ImportRun, at: datetime) -> None:
    """The next file of this kind, source and columns is read in the same way."""
    columns = {column: run.mapping.get(column, "") for column in run.form["columns"]}
    known = _remembered(session, run.kind, run.source)
    if known is None:
        session.add(ImportMapping(kind=run.kind, source=run.source, columns=columns, changed_at=at))
    elif known.columns != columns:
        known.columns, known.changed_at = columns, at


def _remembered(session: Session, kind: str, source: str) -> ImportMapping | None:
    named = (ImportMapping.kind == kind, ImportMapping.source == source)
    return session.scalars(sa.select(ImportMapping).where(*named)).one_or_none()
