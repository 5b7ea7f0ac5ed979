"""A backup holds everything, and goes from either database into either."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.access import Principal
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Team
from portal.clock import now
from portal.database import Base
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.jobs.outbox import enqueue
from portal.tickets.messages import SearchEntry
from portal.tickets.models import Ticket
from tests.conftest import make_app
from tests.databases import Database, PostgresqlDatabase, SqliteDatabase, dispose
from tests.world import World

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000


@pytest.fixture
def full(app: Flask, world: World) -> Iterator[Flask]:
    """A portal with rows in its tables and a file in its storage."""
    first, second = world.make_ticket("customer"), world.make_ticket("customer")
    with world.session() as session:
        # A reference to a row that comes later in its own table.
        session.execute(sa.update(Ticket).where(Ticket.id == first.id).values(follows_id=second.id))
        stored = storage().put(io.BytesIO(PICTURE))
        message_id = session.scalar(sa.select(sa.func.min(SearchEntry.message_id)))
        session.add(
            Attachment(
                message_id=message_id,
                sha256=stored.sha256,
                filename="تصویر.png",
                media_type="image/png",
                size=stored.size,
                created_at=now(),
            )
        )
        enqueue("test", key="once", nested={"числа": [1, 2.5, None]})
        session.commit()
    yield app
    for found in list(_in(app, lambda: list(storage().iter_all()))):
        _in(app, lambda found=found: storage().delete(found.sha256))


@pytest.fixture(params=["into-sqlite", "into-postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A portal on a database in which nothing is, not even tables."""
    folder = tmp_path / "new"
    folder.mkdir()
    kind: Database = SqliteDatabase(folder) if request.param == "into-sqlite" else PostgresqlDatabase()
    app = make_app(kind, folder / "files")
    yield app
    dispose(app)
    kind.drop()


def _in(app: Flask, work: Any) -> Any:
    with app.app_context():
        return work()


def run(app: Flask, *arguments: object) -> tuple[int, str]:
    from portal.ops import cli

    name, *rest = map(str, arguments)
    with app.app_context():
        result = app.test_cli_runner().invoke(getattr(cli, name), rest)
    return result.exit_code, result.output


def everything(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    with app.app_context(), unscoped("test"), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.id))]
            for table in Base.metadata.sorted_tables
        }


def test_everything_comes_back(full: Flask, new: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    code, output = run(full, "backup", file)
    assert code == 0, output
    assert "1 files are backed up" in output
    assert file.stat().st_mode & 0o077 == 0
    code, output = run(new, "restore", file)
    assert code == 0, output
    before, after = everything(full), everything(new)
    assert before == after
    assert any(row for row in before["ticket"])
    assert _in(new, lambda: [storage().read(f.sha256) for f in storage().iter_all()]) == [PICTURE]


def test_restored_portal_can_be_worked_with(full: Flask, new: Flask, tmp_path: Path) -> None:
    run(full, "backup", tmp_path / "backup.tar")
    run(new, "restore", tmp_path / "backup.tar")
    with new.app_context(), acting_as(db.session(), Principal.system("test")):
        db.session.add(Team(name="A new one"))
        db.session.commit()
        newest = db.session.scalar(sa.select(sa.func.max(Team.id)).where(Team.name != "A new one"))
        assert db.session.scalar(sa.select(Team.id).where(Team.name == "A new one")) == (newest or 0) + 1
    ready = new.test_client().get("/readyz")
    assert ready.status_code == 200


def test_full_database_is_kept_unless_forced(full: Flask, world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    run(full, "backup", file)
    before = everything(full)
    with full.app_context():
        stray = storage().put(io.BytesIO(b"stored after the backup"))
    world.make_ticket("rival")
    code, output = run(full, "restore", file)
    assert code == 1
    assert "not empty" in output
    assert everything(full) != before
    code, output = run(full, "restore", file, "--force")
    assert code == 0, output
    assert everything(full) == before
    assert not _in(full, lambda: storage().exists(stray.sha256))


def test_existing_file_is_never_overwritten(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("precious")
    code, output = run(app, "backup", file)
    assert (code, file.read_text()) == (1, "precious")
    assert "exists already" in output


def test_lost_contents_are_reported(full: Flask, tmp_path: Path) -> None:
    with full.app_context():
        for found in list(storage().iter_all()):
            storage().delete(found.sha256)
    code, output = run(full, "backup", tmp_path / "backup.tar")
    assert code == 0
    assert "contents of 1 attached files are missing" in output


def rewritten(source: Path, target: Path, change: Any) -> Path:
    with tarfile.open(source) as old, tarfile.open(target, "w") as made:
        for entry in old:
            contents = change(entry.name, old.extractfile(entry).read())
            if contents is not None:
                entry.size = len(contents)
                made.addfile(entry, io.BytesIO(contents))
    return target


def _other_migration(name: str, contents: bytes) -> bytes:
    return json.dumps(json.loads(contents) | {"revision": "9999"}).encode() if name == "manifest.json" else contents


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_other_migration, "made at migration 9999"),
        (lambda n, c: None if n == "tables/ticket.jsonl" else c, "not a whole backup"),
        (lambda n, c: c.split(b"\n", 1)[1] if n == "tables/ticket.jsonl" else c, "of its"),
        (lambda n, c: c[:-40] if n == "tables/team.jsonl" else c, "not a whole backup"),
        (lambda n, c: c + b"!" if n.startswith("files/") else c, "is damaged"),
        (lambda n, c: None if n == "manifest.json" else c, "not a whole backup"),
    ],
)
@pytest.mark.parametrize("new", ["into-sqlite"], indirect=True)
def test_broken_backup_changes_no_row(full: Flask, new: Flask, tmp_path: Path, change: Any, says: str) -> None:
    run(full, "backup", tmp_path / "backup.tar")
    run(new, "restore", tmp_path / "backup.tar")
    before = everything(new)
    broken = rewritten(tmp_path / "backup.tar", tmp_path / "broken.tar", change)
    code, output = run(new, "restore", broken, "--force")
    assert code == 1
    assert says in output
    assert everything(new) == before


@pytest.mark.parametrize("part", [0, 0.01, 0.5])
def test_file_that_is_no_backup_is_refused(app: Flask, tmp_path: Path, part: float) -> None:
    run(app, "backup", tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * part)])
    before = everything(app)
    assert run(app, "restore", tmp_path / "cut.tar", "--force")[0] == 1
    assert everything(app) == before
