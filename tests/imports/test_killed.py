"""kill -9 in the middle of an import loses nothing and doubles nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from portal.config import Settings
from portal.imports.models import ImportRun, State
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld

# Drawn by lot, counted on, or the time of writing.
ACCIDENTAL = frozenset(
    {"id", "ref", "created_at", "activity_at", "public_at", "stated_at", "version", "public_version"}
)

# Dies by a signal that nobody can catch, in the middle of the piece that is named: fed, and not committed.
DOOMED = """
import sys, time
from pathlib import Path
from portal import create_app
from portal.access import Principal
from portal.clock import now
from portal.config import load_settings
from portal.extensions import db
from portal.imports import applying, previewing, runs, staging, undoing, verdicts

url, files, marker, ref, module, doomed = sys.argv[1:]
for part in (applying, previewing, undoing):
    part.AT_ONCE = 5
verdicts.AT_ONCE = staging.AT_ONCE = 5
verdicts.items.__kwdefaults__["most"] = 5
app = create_app(load_settings(environment="test", database_url=url, storage_url=files, base_url="http://localhost"))
place = {"apply": applying, "check": previewing, "undo": undoing, "read": staging}[module]
name = {"apply": "write", "check": "write", "undo": "change", "read": "forget"}[module]
inner, times = getattr(place, name), []

def dying(*args, **kwargs):
    inner(*args, **kwargs)
    times.append(1)
    if len(times) == int(doomed):
        db.session.flush()
        Path(marker).touch()
        time.sleep(60)

setattr(place, name, dying)
with app.app_context():
    runs.advance(db.session(), ref, Principal.system("test"), now())
"""


def kill(app: Flask, run: ImportRun, folder: Path, module: str, piece: int) -> None:
    """Work on it in a process of its own, and kill that in the middle of this piece."""
    settings: Settings = app.extensions["portal_settings"]
    marker = folder / f"{module}-{piece}"
    told = [settings.database_url, settings.storage_url, str(marker), run.ref, module, str(piece)]
    worker = subprocess.Popen([sys.executable, "-c", DOOMED, *told])
    try:
        deadline = time.monotonic() + 60
        while not marker.exists() and time.monotonic() < deadline and worker.poll() is None:
            time.sleep(0.05)
        assert marker.exists()
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)


@pytest.mark.parametrize("is_whole", [False, True])
def test_an_import_goes_on_as_if_nothing_had_happened(
    app: Flask, imports: ImportWorld, orders: OrderWorld, tmp_path: Path, is_whole: bool
) -> None:
    known = [orders.shape() for _ in range(4)]
    content = jsonl(*({**shape, "state": "shipped"} for shape in known), *(orders.shape() for _ in range(16)))
    orders.feed(*known)
    undisturbed = imports.brought_in(content)
    expected, journal = imports.counts(), imports.actions(undisturbed)
    dump = imports.dump(but=ACCIDENTAL)
    assert imports.undo(undisturbed).state == State.UNDONE

    orders.feed(*known)
    before = imports.counts()
    run = imports.checked(content)
    run = imports.apply(run, is_whole=is_whole, work=False)
    kill(app, run, tmp_path, "apply", 3)
    between = imports.counts()
    # Two pieces of five stand, one was under way; of all or nothing nothing stands.
    assert between["trade_order"] == before["trade_order"] + (0 if is_whole else 6)
    done = imports.work(run)
    assert (done.state, done.brought_in) == (State.DONE, 20)
    assert imports.actions(done) == journal
    assert dump["trade_order"] == imports.dump(but=ACCIDENTAL)["trade_order"]
    assert {name: count - before[name] for name, count in imports.counts().items()}["order_line"] == 32
    assert imports.counts()["external_id"] == expected["external_id"]
    # Whatever else there is: a second worker finds nothing to do.
    again = imports.counts()
    imports.work(run)
    assert imports.counts() == again


def test_a_preview_that_was_killed_goes_on(
    app: Flask, imports: ImportWorld, orders: OrderWorld, tmp_path: Path, world: object
) -> None:
    content = jsonl(*(orders.shape() for _ in range(12)))
    before = imports.counts()
    run = imports.draft(content)
    imports.begin(run)
    kill(app, run, tmp_path, "check", 2)
    assert imports.counts() == before
    checked = imports.work(run)
    assert (checked.state, checked.counts) == (State.CHECKED, {"create": 12, "applied": 0})


def test_an_undo_that_was_killed_begins_anew(
    app: Flask, imports: ImportWorld, orders: OrderWorld, tmp_path: Path
) -> None:
    before = imports.dump()
    run = imports.brought_in(jsonl(*(orders.shape() for _ in range(12))))
    full = imports.dump()
    imports.begin_undo(run)
    kill(app, run, tmp_path, "undo", 2)
    assert imports.dump() == full
    assert imports.work(run).state == State.UNDONE
    assert imports.dump() == before
