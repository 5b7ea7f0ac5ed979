"""The bell wakes a worker through every kind of queue; without it work is late, never lost, and no request fails."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

from portal.clock import now
from portal.config import Settings
from portal.jobs import outbox, queue
from portal.jobs.cli import jobs as jobs_command
from portal.jobs.models import Job
from portal.jobs.outbox import drain, enqueue
from portal.notices.notify import notify
from tests.postbox import changed_settings, free_port, open_postbox
from tests.services import require
from tests.world import World


@pytest.fixture
def ringing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The app with a bell of its own, and whatever it opened closed again."""
    monkeypatch.delitem(app.extensions, "portal_bell", raising=False)
    yield app
    bell = app.extensions.pop("portal_bell", None)
    if bell is not None and bell._queue is not None:
        close(bell._queue)


def close(huey: Huey) -> None:
    if isinstance(huey, RedisHuey):
        with contextlib.suppress(redis.ConnectionError):
            huey.storage.flush_queue()
        huey.storage.pool.disconnect()
    elif isinstance(huey, SqliteHuey | PostgresHuey):
        huey.storage.close()


def promise(world: World, *, key: str | None = None) -> None:
    with world.session() as session:
        enqueue("test.nothing", key=key)
        session.commit()


@pytest.mark.parametrize("kind", ["own", "redis"])
def test_a_commit_rings_the_bell_and_the_worker_looks(
    ringing: Flask, world: World, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path))
    monkeypatch.setitem(outbox._kinds, "test.nothing", outbox.Kind(lambda params, at: None))
    changes: dict[str, Any] = {"environment": "development"}
    if kind == "redis":
        changes["redis_url"] = require("Redis")
    with changed_settings(ringing, **changes):
        promise(world)
        huey = queue.bell_of(ringing).queue()
        expected = RedisHuey if kind == "redis" else PostgresHuey if is_postgresql(ringing) else SqliteHuey
        assert isinstance(huey, expected)
        task = huey.dequeue()
        assert task is not None
        huey.execute(task)
        assert huey.pending_count() == 0
    with world.session() as session:
        assert session.scalars(sa.select(Job.done_at)).one() is not None


def is_postgresql(app: Flask) -> bool:
    settings: Settings = app.extensions["portal_settings"]
    return settings.sqlalchemy_url.startswith("postgresql")


def test_what_is_rolled_back_rings_nobody(ringing: Flask, world: World) -> None:
    with world.session() as session:
        enqueue("test.nothing")
        session.rollback()
    assert queue.bell_of(ringing).queue().pending_count() == 0


def test_a_queue_that_is_down_fails_no_request_and_is_not_asked_each_time(
    ringing: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    make = queue.make_queue

    def count(settings: Settings) -> Huey:
        asked.append(settings)
        return make(settings)

    monkeypatch.setattr(queue, "make_queue", count)
    with changed_settings(ringing, redis_url=f"redis://127.0.0.1:{free_port()}/0"):
        began = time.monotonic()
        for number in range(3):
            promise(world, key=str(number))
        assert time.monotonic() - began < 4
    assert len(asked) == 1
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Job.id))) == 3


def test_nothing_but_data_is_made_of_what_lies_in_the_queue() -> None:
    serializer = queue.JsonSerializer()
    with pytest.raises(ValueError, match=r"utf-8|codec|JSON|Expecting"):
        serializer.deserialize(b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.")


def test_the_worker_sends_what_was_promised_and_stops_when_told(app: Flask, world: World, tmp_path: Path) -> None:
    ticket = world.make_ticket("customer")
    people = [world.person_id("customer")]
    with open_postbox(app) as postbox:
        with world.session() as session:
            notify(people, kind="copied", event="copied:1", at=now(), ticket_id=ticket.id)
            session.commit()
        settings: Settings = app.extensions["portal_settings"]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
            "PORTAL_ENVIRONMENT": "development",
            "PORTAL_INSTANCE": str(tmp_path),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SMTP_URL": settings.smtp_url,
            "PORTAL_MAIL_FROM": settings.mail_from,
        }
        worker = subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], env=environment)
        try:
            deadline = time.monotonic() + 60
            while not postbox.letters and time.monotonic() < deadline and worker.poll() is None:
                time.sleep(0.1)
            assert len(postbox.letters) == 1
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
        finally:
            if worker.poll() is None:
                worker.kill()
                worker.wait(10)


def test_portal_jobs_lists_and_retries_what_was_given_up(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[Exception | None] = [outbox.GiveUp("no such mailbox"), None]

    def once(params: dict[str, Any], at: object) -> None:
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    monkeypatch.setitem(outbox._kinds, "test.once", outbox.Kind(once))
    with world.session() as session:
        enqueue("test.once")
        session.commit()
    with app.app_context():
        drain(now())
    runner = app.test_cli_runner()
    listed = runner.invoke(jobs_command, [])
    assert "1 given up" in listed.output
    assert "no such mailbox" in listed.output
    assert runner.invoke(jobs_command, ["retry"]).exit_code == 2
    assert "1 put back" in runner.invoke(jobs_command, ["retry", "--all"]).output
    with app.app_context():
        assert drain(now()) == {"done": 1}
    assert "0 given up" in runner.invoke(jobs_command, []).output
