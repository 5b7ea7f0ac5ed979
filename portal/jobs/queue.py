"""The bell of the outbox: huey wakes a worker as soon as a transaction that promised work has been committed.

Nothing is lost with it. It carries no work, only "look into the outbox", and the worker looks by itself now and then.
"""

import json
import logging
import threading
import time
from typing import Any

from flask import Flask
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from portal import paths
from portal.clock import now
from portal.config import Settings
from portal.extensions import this_app
from portal.jobs.outbox import drain

log = logging.getLogger("portal.jobs")

# A queue that did not answer is left alone for so many seconds, so that requests do not wait for it one by one.
PAUSE = 15.0
# huey keeps its own tables; in a schema of their own they are no business of the migrations.
SCHEMA = "portal_queue"


class JsonSerializer(Serializer):
    """Unlike pickle it makes nothing but data of what lies in the queue."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def make_queue(settings: Settings) -> Huey:
    """Redis where there is one, else the PostgreSQL that there is anyway, else a file in the instance folder."""
    common: dict[str, Any] = {"name": "portal", "results": False, "serializer": JsonSerializer()}
    if settings.redis_url:
        from redis import ConnectionPool
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # The library would try for many seconds while a request waits.
        pool = ConnectionPool.from_url(
            settings.redis_url, socket_connect_timeout=2, socket_timeout=10, retry=Retry(NoBackoff(), 1)
        )
        return RedisHuey(connection_pool=pool, **common)
    if settings.environment == "test":
        return MemoryHuey(**common)
    if settings.sqlalchemy_url.startswith("postgresql"):
        return _postgres_queue(settings, common)
    folder = paths.instance_folder()
    folder.mkdir(parents=True, exist_ok=True)
    # A bell that is lost in a power cut is no loss, so it need not wait for the disk.
    return SqliteHuey(filename=str(folder / "queue.db"), fsync=False, cache_mb=0, **common)


def _postgres_queue(settings: Settings, common: dict[str, Any]) -> Huey:
    import psycopg

    address = settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)

    def connect() -> psycopg.Connection[Any]:
        options = f"-c search_path={SCHEMA} -c client_min_messages=warning"
        return psycopg.connect(address, autocommit=True, connect_timeout=3, options=options)

    with connect() as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
    return PostgresHuey(connection=connect, **common)


class Bell:
    """The queue of one app in one process, made when it is first needed."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._queue: Huey | None = None
        self._task: Any = None

    def queue(self) -> Huey:
        with self._lock:
            if self._queue is None:
                queue = make_queue(self._app.extensions["portal_settings"])
                self._task = queue.task(name="drain")(self.look)
                self._queue = queue
            return self._queue

    def look(self) -> None:
        """What a worker does when the bell rings."""
        stop = self._app.extensions.get("portal_worker_stop")
        with self._app.app_context():
            drain(now(), stop=stop.is_set if stop else lambda: False)

    def ring(self) -> None:
        """Never fails: a queue that is down makes mail a few seconds later, not a request wrong."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self.queue()
            self._task()
        except Exception as fault:
            self._silent_until = time.monotonic() + PAUSE
            log.warning("the queue cannot be reached: %s", type(fault).__name__)


_making = threading.Lock()


def bell_of(app: Flask) -> Bell:
    with _making:
        bell: Bell = app.extensions.setdefault("portal_bell", Bell(app))
        return bell


def ring() -> None:
    """Wake a worker."""
    bell_of(this_app()).ring()
