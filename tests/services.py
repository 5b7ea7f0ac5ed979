"""The services that a full run of the suite uses; a pytest plugin that names each one that is missing.

Where `CI=true` a missing service ends the run at once: nothing is skipped there.
"""

import os
import shutil
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import psycopg
import pytest
import redis


@cache
def postgresql_url() -> str | None:
    """A server on which the tests may create databases, as an SQLAlchemy address; None when there is none."""
    chosen = os.environ.get("TEST_DATABASE_URL")
    users = ("root", "postgres", os.environ.get("USER", "postgres"))
    for url in [chosen] if chosen else [f"postgresql://{user}@127.0.0.1:5432/postgres" for user in users]:
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        except psycopg.OperationalError:
            continue
        if row and row[0]:
            return url.replace("postgresql://", "postgresql+psycopg://", 1)
    return None


@cache
def redis_url() -> str | None:
    """A Redis server that the tests may write to; None when there is none."""
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
    client = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        client.ping()
    except redis.RedisError:
        return None
    finally:
        client.close()
    return url


@cache
def chromium_path() -> str | None:
    """The browser that Playwright drives; None when there is none."""
    names = (os.environ.get("TEST_CHROMIUM", "chromium"), "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Service(NamedTuple):
    find: Callable[[], str | None]
    how: str


SERVICES = {
    "PostgreSQL": Service(
        postgresql_url,
        "apt-get install -y postgresql && pg_ctlcluster 15 main start"
        " && su postgres -c 'createuser --superuser root' # or set TEST_DATABASE_URL",
    ),
    "Redis": Service(
        redis_url, "apt-get install -y redis-server && redis-server --daemonize yes # or set TEST_REDIS_URL"
    ),
    "Chromium": Service(chromium_path, "apt-get install -y chromium # or set TEST_CHROMIUM"),
}


def require(name: str) -> str:
    """Where the service is; skips the running test without it."""
    if found := SERVICES[name].find():
        return found
    pytest.skip(f"{name} is missing: {SERVICES[name].how}")


def missing() -> list[str]:
    return [f"{name} is missing: {service.how}" for name, service in SERVICES.items() if not service.find()]


def pytest_report_header() -> list[str]:
    return missing()


def pytest_sessionstart(session: pytest.Session) -> None:
    if os.environ.get("CI") == "true" and (lines := missing()):
        raise pytest.UsageError("\n".join(lines))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in missing():
        terminalreporter.write_line(line, yellow=True)
