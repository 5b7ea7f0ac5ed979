"""What the doctor finds, well and ill."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask

from portal import create_app
from portal.access import Principal
from portal.access.scope import acting_as, unscoped
from portal.clock import now
from portal.config import load_settings
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from portal.ops import cli
from tests.databases import Database, dispose
from tests.misbehaving_provider import misbehaving_provider

PLAIN = {
    "name": "forge",
    "label": "Forge",
    "kind": "oauth2",
    "client_id": "portal",
    "token_url": "http://127.0.0.1:9/token",
    "userinfo_url": "http://127.0.0.1:9/user",
}


def examined(app: Flask) -> tuple[int, dict[str, tuple[str, str]]]:
    result = app.test_cli_runner().invoke(cli.doctor)
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    return result.exit_code, {rest.split("  ")[0]: (state, rest.split("  ", 1)[1].strip()) for state, rest in lines}


@contextmanager
def mail_server(**options: Any) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(object(), hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture
def portal(app: Flask, database: Database, tmp_path: Path) -> Iterator[Any]:
    """Makes the portal on the test's database with other settings."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        ours = {"environment": "test", "database_url": database.url, "storage_url": f"file:{tmp_path}/files"}
        made.append(other := create_app(load_settings(**ours | settings)))
        return other

    yield make
    for other in made:
        dispose(other)


def test_healthy_portal_passes(portal: Any) -> None:
    with misbehaving_provider() as provider, mail_server() as server:
        honest = {"name": "honest", "label": "Honest", "issuer": provider.issuer, "client_id": "portal"}
        plain = PLAIN | {"authorize_url": f"{provider.issuer}/authorize"}
        app = portal(smtp_url=f"smtp://{server}", providers=[honest, plain])
        code, found = examined(app)
    assert code == 0, found
    assert {subject for subject, (state, _) in found.items() if state == "ok"} == {
        "secret key",
        "database",
        "migrations",
        "storage",
        "queue",
        "receipts",
        "webhooks",
        "smtp",
        "sign-in honest",
        "sign-in forge",
    }
    assert found["settings"][0] == "note"


def test_everything_that_is_wrong_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where the folder should be")
    settings = load_settings(
        environment="test",
        secret_key="weak",
        database_url="postgresql://127.0.0.1:9/portal",
        storage_url=f"file:{tmp_path}/a file",
        smtp_url="smtp://127.0.0.1:9",
        providers=[
            {"name": "gone", "label": "Gone", "issuer": "http://127.0.0.1:9", "client_id": "portal"},
            PLAIN | {"authorize_url": "http://127.0.0.1:9/authorize"},
        ],
    )
    code, found = examined(create_app(settings))
    assert code == 1
    wrong = {subject for subject, (state, _) in found.items() if state == "wrong"}
    assert wrong == {"database", "storage", "smtp", "sign-in gone", "sign-in forge"}
    assert found["secret key"] == ("note", "the key is shorter than 32 characters")
    assert found["migrations"] == ("note", "not looked at: first mend database")
    assert "127.0.0.1:9" in found["smtp"][1]


def test_provider_that_names_another_issuer_is_found(portal: Any) -> None:
    with misbehaving_provider() as provider:
        liar = {"name": "liar", "label": "Liar", "issuer": f"{provider.issuer}/", "client_id": "portal"}
        code, found = examined(portal(providers=[liar]))
    assert code == 1
    assert found["sign-in liar"][0] == "wrong"
    assert "wrong issuer in metadata" in found["sign-in liar"][1]


def test_wrong_mail_password_is_found_and_not_shown(portal: Any) -> None:
    def refuse(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    with mail_server(authenticator=refuse, auth_require_tls=False) as server:
        code, found = examined(portal(smtp_url=f"smtp://user:hunter2@{server}"))
    assert code == 1
    assert found["smtp"][0] == "wrong"
    assert "Authentication" in found["smtp"][1]
    assert "hunter2" not in str(found)


def test_missing_database_is_not_made_by_looking(tmp_path: Path) -> None:
    app = create_app(load_settings(environment="test", database_url=f"sqlite:///{tmp_path}/none.db"))
    _, found = examined(app)
    assert found["database"][0] == "wrong"
    assert "portal db upgrade" in found["database"][1]
    assert not tmp_path.joinpath("none.db").exists()


def test_work_that_nobody_does_is_found(portal: Any) -> None:
    app = portal()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        enqueue("test", run_at=now() - timedelta(hours=2))
        db.session.commit()
    code, found = examined(app)
    assert code == 1
    assert found["queue"][0] == "wrong"
    assert "portal worker" in found["queue"][1]


def test_work_that_was_given_up_is_worth_a_note(portal: Any) -> None:
    app = portal()
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        db.session.add(Job(kind="test", created_at=now(), run_at=now(), given_up_at=now(), last_error="no"))
        db.session.commit()
    _, found = examined(app)
    assert found["queue"] == ("note", "1 jobs were given up after several attempts: portal jobs")


def test_database_of_a_newer_version_is_told_as_such(app: Flask) -> None:
    with app.app_context(), unscoped("test"), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    _code, found = examined(app)
    assert found["migrations"] == ("wrong", "at 9999, which this version does not know: is it an old one?")


def test_place_of_a_storage_that_fails_is_named(portal: Any, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where the folder should be")
    _code, found = examined(portal(storage_url=f"file:{tmp_path}/a file"))
    assert found["storage"][1].startswith(f"{tmp_path}/a file: ")
