"""Work is promised with the transaction that causes it, and done once, whatever happens in between."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.access import Principal
from portal.access.finding import principal_of
from portal.access.scope import unscoped
from portal.accounts.models import AccessLog, Person
from portal.clock import now
from portal.config import Settings
from portal.extensions import db
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.jobs.outbox import GiveUp, drain, enqueue
from tests.world import World

KIND = "test.write"


def write(params: dict[str, Any], at: datetime) -> None:
    """An effect that can be counted."""
    db.session.add(AccessLog(at=at, kind="job-ran", reference=params.get("name", "")))


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, outbox.Kind]:
    # A drain loads them, and they register once in the life of the process: not into the copy.
    for module in outbox.HANDLERS:
        import_module(module)
    known = dict(outbox._kinds)
    monkeypatch.setattr(outbox, "_kinds", known)
    outbox.job(KIND)(write)
    return known


def promise(world: World, kind: str = KIND, **params: Any) -> None:
    with world.session() as session:
        enqueue(kind, **params)
        session.commit()


def run(app: Flask, at: datetime | None = None) -> Counter[str]:
    with app.app_context():
        return drain(at or now())


def effects(world: World) -> list[str]:
    with world.session() as session:
        return list(session.scalars(sa.select(AccessLog.reference).where(AccessLog.kind == "job-ran")))


def jobs(world: World) -> list[Job]:
    with world.session() as session:
        return list(session.scalars(sa.select(Job).order_by(Job.id)))


def test_a_promise_is_kept_once(app: Flask, world: World) -> None:
    promise(world, name="a")
    assert run(app) == {"done": 1}
    assert run(app) == {}
    assert effects(world) == ["a"]
    assert jobs(world)[0].done_at is not None


def test_what_is_rolled_back_was_never_promised(app: Flask, world: World) -> None:
    with world.session() as session:
        enqueue(KIND, name="a")
        session.rollback()
    assert run(app) == {}


def test_one_key_is_one_job_however_often_it_is_asked_for(app: Flask, world: World) -> None:
    with world.session() as session:
        assert enqueue(KIND, key="k", name="a")
        assert not enqueue(KIND, key="k", name="b")
        session.commit()
        assert not enqueue(KIND, key="k", name="c")
        session.commit()
    run(app)
    promise(world, key="k", name="d")
    assert run(app) == {}
    assert effects(world) == ["a"]


def test_a_customer_promises_work_without_reading_the_outbox(app: Flask, world: World) -> None:
    with world.as_("customer") as session:
        enqueue(KIND, name="a")
        session.commit()
        assert session.scalars(sa.select(Job)).all() == []
    assert run(app) == {"done": 1}


def test_work_waits_for_its_time(app: Flask, world: World) -> None:
    promise(world, name="later", run_at=now() + timedelta(hours=1))
    assert run(app) == {}
    assert run(app, now() + timedelta(hours=2)) == {"done": 1}


def test_what_fails_leaves_nothing_and_is_tried_again_ever_later(app: Flask, world: World, kinds: Any) -> None:
    outcomes: list[Exception | None] = [OSError("no route"), OSError("password=hunter2 refused"), None]

    @outbox.job("test.flaky")
    def flaky(params: dict[str, Any], at: datetime) -> None:
        write(params, at)
        db.session.flush()
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    promise(world, "test.flaky", name="a")
    at = now()
    assert run(app, at) == {"failed": 1}
    first = jobs(world)[0]
    assert first.run_at - at >= outbox.FIRST_WAIT
    assert "no route" in first.last_error
    assert run(app, at + timedelta(seconds=5)) == {}
    assert run(app, first.run_at) == {"failed": 1}
    second = jobs(world)[0]
    assert second.run_at - first.run_at >= outbox.FIRST_WAIT * 2
    assert "hunter2" not in second.last_error
    assert effects(world) == []
    assert run(app, second.run_at) == {"done": 1}
    assert effects(world) == ["a"]
    assert jobs(world)[0].last_error == ""


def test_what_always_fails_is_given_up_and_can_be_tried_again(app: Flask, world: World) -> None:
    broken = [True]

    @outbox.job("test.broken")
    def fail(params: dict[str, Any], at: datetime) -> None:
        if broken:
            raise OSError("still down")
        write(params, at)

    promise(world, "test.broken", name="a")
    at, total = now(), Counter[str]()
    for _ in range(outbox.MOST_ATTEMPTS + 3):
        total += run(app, at)
        at += outbox.LONGEST_WAIT * 2
    assert total == {"failed": outbox.MOST_ATTEMPTS - 1, "given up": 1}
    with app.app_context():
        assert outbox.backlog(at).given_up == 1
        assert [row.last_error for row in outbox.given_up()] == ["OSError: still down"]
        broken.clear()
        assert outbox.retry(at) == 1
    assert run(app, at) == {"done": 1}


def test_a_job_that_says_it_is_hopeless_is_given_up_at_once(app: Flask, world: World) -> None:
    @outbox.job("test.hopeless")
    def hopeless(params: dict[str, Any], at: datetime) -> None:
        raise GiveUp("no such mailbox")

    promise(world, "test.hopeless")
    assert run(app) == {"given up": 1}
    assert jobs(world)[0].last_error == "no such mailbox"


def test_secrets_are_blanked_once_the_job_is_over(app: Flask, world: World) -> None:
    seen = []

    @outbox.job("test.secret", secrets=("link",))
    def keep(params: dict[str, Any], at: datetime) -> None:
        seen.append(params["link"])

    promise(world, "test.secret", link="https://example.com/token", email="a@example.com")
    run(app)
    assert seen == ["https://example.com/token"]
    assert jobs(world)[0].params == {"link": None, "email": "a@example.com"}


def test_work_on_somebodys_behalf_has_their_rights_of_that_moment(app: Flask, world: World) -> None:
    seen: list[Principal] = []

    @outbox.job("test.behalf")
    def who(params: dict[str, Any], at: datetime) -> None:
        assert params == {}
        seen.append(principal_of(db.session()))

    for _ in range(2):
        promise(world, "test.behalf", on_behalf_of=world.principal("customer"))
    with app.app_context():
        assert drain(now(), most=1) == {"done": 1}
    assert seen[0].person_id == world.person_id("customer")
    assert not seen[0].is_system
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).disabled_at = now()
        session.commit()
    assert run(app) == {"given up": 1}
    assert len(seen) == 1


def test_a_handler_that_outlives_its_lease_leaves_nothing(app: Flask, world: World) -> None:
    @outbox.job("test.slow")
    def slow(params: dict[str, Any], at: datetime) -> None:
        write(params, at)
        db.session.flush()
        db.session.connection()
        with unscoped("another worker took it meanwhile"):
            db.session.connection().execute(sa.update(Job.__table__).values(leased_until=at + timedelta(days=1)))

    promise(world, "test.slow", name="a")
    assert run(app) == {"lost": 1}
    assert effects(world) == []


def test_many_threads_do_each_job_once(app: Flask, world: World) -> None:
    with world.session() as session:
        outbox.enqueue_all(KIND, [(None, {"name": str(n)}) for n in range(40)])
        session.commit()
    counts: list[Counter[str]] = []
    threads = [threading.Thread(target=lambda: counts.append(run(app))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts, Counter()) == {"done": 40}
    assert sorted(effects(world), key=int) == [str(n) for n in range(40)]


def test_a_drain_is_bounded_and_stops_when_asked(app: Flask, world: World) -> None:
    with world.session() as session:
        outbox.enqueue_all(KIND, [(None, {}) for _ in range(5)])
        session.commit()
    with app.app_context():
        assert drain(now(), most=2) == {"done": 2}
        assert drain(now(), stop=lambda: True) == {}
    assert run(app) == {"done": 3}


def test_old_jobs_are_forgotten_but_not_the_given_up_ones(app: Flask, world: World) -> None:
    promise(world)
    promise(world, "test.unknown")
    at = now()
    with app.app_context():
        drain(at)
        for _ in range(outbox.MOST_ATTEMPTS):
            at += outbox.LONGEST_WAIT * 2
            drain(at)
        assert outbox.prune(at + outbox.KEEP_DONE) == 1
    assert [job.kind for job in jobs(world)] == ["test.unknown"]


KILLED = """
import sys, time
from pathlib import Path
from portal import create_app
from portal.accounts.models import AccessLog
from portal.clock import now
from portal.config import load_settings
from portal.extensions import db
from portal.jobs import outbox

url, marker, doomed = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
app = create_app(load_settings(environment="test", database_url=url, base_url="http://localhost"))

@outbox.job("test.write")
def write(params, at):
    db.session.add(AccessLog(at=at, kind="job-ran", reference=params["name"]))
    if params["name"] == doomed:
        # Held back on one database, written but not committed on the other: neither may survive.
        db.session.flush()
        marker.touch()
        time.sleep(60)

with app.app_context():
    outbox.drain(now())
"""


def test_kill_9_in_the_middle_loses_nothing(app: Flask, world: World, tmp_path: Path) -> None:
    for name in "abc":
        promise(world, name=name)
    settings: Settings = app.extensions["portal_settings"]
    marker = tmp_path / "in-the-middle"
    worker = subprocess.Popen([sys.executable, "-c", KILLED, settings.database_url, str(marker), "b"])
    try:
        deadline = time.monotonic() + 30
        while not marker.exists() and time.monotonic() < deadline and worker.poll() is None:
            time.sleep(0.05)
        assert marker.exists()
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    assert effects(world) == ["a"]
    assert run(app) == {"done": 1}
    assert sorted(effects(world)) == ["a", "c"]
    # The killed worker's lease has to run out before its job is taken again.
    assert run(app, now() + outbox.LEASE + timedelta(seconds=1)) == {"done": 1}
    assert sorted(effects(world)) == ["a", "b", "c"]
    assert [job.attempts for job in jobs(world)] == [1, 2, 1]
