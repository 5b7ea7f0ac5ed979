"""Backup and restore: database and stored files in one tar file, the same for SQLite and PostgreSQL.

manifest.json        format, migration and number of rows of each table
tables/NAME.jsonl    a row a line, parents before children
files/SHA256         contents as stored
"""

import base64
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event

from portal.access.scope import unscoped
from portal.database import Base, UtcDateTime
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.storage import Storage, storage
from portal.ops.checks import current_revision, newest_revision

FORMAT = 1
ROWS_AT_ONCE = 1000
IN_MEMORY = 16 * 1024 * 1024
Step = Callable[[str], None]


class CannotDo(Exception):
    """The backup or the restore would not be whole; nothing was changed. The message says why."""


class Done(NamedTuple):
    rows: int
    files: int
    # Attached files whose contents the storage does not hold.
    missing: int


def back_up(target: Path, at: datetime, step: Step = lambda _: None) -> Done:
    """Write everything to `target`, as it was at one moment; `step` hears the name of each part."""
    if target.exists():
        raise CannotDo(f"{target} exists already")
    if (revision := current_revision()) is None:
        raise CannotDo("there is nothing to back up: the database is empty")
    if revision != newest_revision():
        raise CannotDo(f"the database is at migration {revision}, not at {newest_revision()}: portal db upgrade")
    partial = target.with_name(target.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
            done = _write(archive, revision, at, step)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return done


def restore(source: Path, *, force: bool = False, step: Step = lambda _: None) -> Done:
    """Put a backup into the database and the storage; with `force`, in the place of what is there."""
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _manifest(archive)
            _check_target(manifest, force)
            kept = _read_files(archive, step)
            rows = _read_rows(archive, manifest, force, step)
    except (tarfile.TarError, KeyError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CannotDo(f"{source} is not a whole backup: {error}") from error
    files = storage()
    if force:
        for stray in [found.sha256 for found in files.iter_all() if found.sha256 not in kept]:
            files.delete(stray)
    with _snapshot() as connection:
        return Done(rows, len(kept), len(_attached(connection) - kept))


def _write(archive: tarfile.TarFile, revision: str, at: datetime, step: Step) -> Done:
    counts: dict[str, int] = {}
    with _snapshot() as connection, SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        for table in _tables():
            step(table.name)
            spool.seek(0)
            spool.truncate()
            counts[table.name] = _dump(connection, table, spool)
            _add(archive, f"tables/{table.name}.jsonl", spool, at)
        attached = _attached(connection)
    files = storage()
    # After the rows: whatever they name has been stored before them.
    stored = sorted(found.sha256 for found in files.iter_all())
    for sha256 in stored:
        step(sha256[:8])
        with files.open(sha256) as contents:
            _add(archive, f"files/{sha256}", contents, at)
    manifest = {"format": FORMAT, "revision": revision, "made_at": at.isoformat(), "rows": counts}
    _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()), at)
    return Done(sum(counts.values()), len(stored), len(attached - set(stored)))


def _add(archive: tarfile.TarFile, name: str, contents: IO[bytes], at: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = contents.seek(0, os.SEEK_END)
    entry.mtime = int(at.timestamp())
    entry.mode = 0o600
    contents.seek(0)
    archive.addfile(entry, contents)


def _dump(connection: sa.Connection, table: sa.Table, target: IO[bytes]) -> int:
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        sa.select(*table.columns).order_by(*table.primary_key)
    )
    count = 0
    for row in rows:
        line = {column.name: _plain(value) for column, value in zip(table.columns, row, strict=True)}
        target.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value) if isinstance(value, Decimal) else value


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.load(_member(archive, "manifest.json"))
    if manifest.get("format") != FORMAT:
        raise CannotDo(f"this portal does not know format {manifest.get('format')} of backups")
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(f"{name} is no file")
    return file


def _check_target(manifest: dict[str, Any], force: bool) -> None:
    newest = newest_revision()
    if manifest["revision"] != newest:
        raise CannotDo(
            f"the backup was made at migration {manifest['revision']} and this portal is at {newest}:"
            " restore it with the version that made it, then upgrade"
        )
    if (found := current_revision()) is None:
        from flask_migrate import upgrade

        upgrade()
    elif found != newest:
        raise CannotDo(f"the database is at migration {found}, not at {newest}: portal db upgrade")
    with unscoped("restore"), db.engine.connect() as connection:
        full = [t.name for t in _tables() if connection.scalar(sa.select(sa.exists(sa.select(t))))]
    if full and not force:
        raise CannotDo(f"the database is not empty ({', '.join(full[:3])}, …): --force empties it first")


def _read_files(archive: tarfile.TarFile, step: Step) -> set[str]:
    """Before the rows: a row that names a file must never be there without it."""
    files: Storage = storage()
    kept = set()
    for entry in archive:
        folder, _, sha256 = entry.name.partition("/")
        if folder == "files":
            step(sha256[:8])
            if files.put(_member(archive, entry.name)).sha256 != sha256:
                raise CannotDo(f"the file {sha256} in the backup is damaged")
            kept.add(sha256)
    return kept


def _read_rows(archive: tarfile.TarFile, manifest: dict[str, Any], force: bool, step: Step) -> int:
    tables = _tables()
    if unknown := set(manifest["rows"]) ^ {table.name for table in tables}:
        raise CannotDo(f"backup and portal differ in tables: {', '.join(sorted(unknown))}")
    with unscoped("restore"), db.engine.begin() as connection:
        if force:
            _empty(connection, tables)
        for table in tables:
            step(table.name)
            rows = _rows(table, _member(archive, f"tables/{table.name}.jsonl"))
            count = _load(connection, table, rows)
            if count != manifest["rows"][table.name]:
                raise CannotDo(f"{table.name} has {count} of its {manifest['rows'][table.name]} rows")
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection, tables)
    return sum(manifest["rows"].values())


def _empty(connection: sa.Connection, tables: list[sa.Table]) -> None:
    for table in reversed(tables):
        if ahead := _references_ahead(table):
            connection.execute(sa.update(table).values(dict.fromkeys(ahead)))
        connection.execute(sa.delete(table))


def _rows(table: sa.Table, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    readers = {column.name: _reader(column.type) for column in table.columns}
    for line in lines:
        row = json.loads(line)
        yield {name: None if row[name] is None else read(row[name]) for name, read in readers.items()}


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, UtcDateTime | sa.DateTime):
        return datetime.fromisoformat
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode
    if isinstance(kind, sa.Numeric) and kind.asdecimal:
        return Decimal
    return lambda value: value


def _load(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert the rows; references to rows that may come later are filled in at the end."""
    ahead = _references_ahead(table)
    insert, count, later, batch = sa.insert(table), 0, [], []
    for row in rows:
        count += 1
        if any(row[name] is not None for name in ahead):
            later.append({"key": row["id"], **{f"to_{name}": row[name] for name in ahead}})
            row |= dict.fromkeys(ahead)
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            connection.execute(insert, batch)
            batch.clear()
    if batch:
        connection.execute(insert, batch)
    if later:
        values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in ahead}
        connection.execute(sa.update(table).where(table.c.id == sa.bindparam("key")).values(values), later)
    return count


def _references_ahead(table: sa.Table) -> list[str]:
    """Columns that point into the table itself, whose row may not be there yet."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _go_on_counting(connection: sa.Connection, tables: list[sa.Table]) -> None:
    for table in tables:
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        newest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(newest, 1), newest.is_not(None))))


def _attached(connection: sa.Connection) -> set[str]:
    found = connection.execute(sa.select(Attachment.sha256, Attachment.thumbnail_sha256))
    return {sha256 for row in found for sha256 in row if sha256}


def _tables() -> list[sa.Table]:
    return list(Base.metadata.sorted_tables)


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """A connection that sees one moment, keeps nobody waiting and changes nothing."""
    url = db.engine.url
    if url.get_backend_name() == "postgresql":
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        engine = sa.create_engine(url, execution_options=options, poolclass=sa.NullPool)
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        # The driver alone would begin no transaction for reading, and each statement would see another moment.
        event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
