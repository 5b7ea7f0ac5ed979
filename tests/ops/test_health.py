"""What a load balancer is told."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.access.scope import unscoped
from portal.config import load_settings
from portal.extensions import db
from portal.ops.checks import VERSION


@pytest.fixture
def lost(tmp_path: Path) -> FlaskClient:
    """The portal where no database was ever made."""
    settings = load_settings(
        environment="test", database_url=f"sqlite:///{tmp_path}/none.db", storage_url=f"file:{tmp_path}/files"
    )
    return create_app(settings).test_client()


def test_ready_when_everything_is_there(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok"}


def test_alive_without_a_database(lost: FlaskClient, tmp_path: Path) -> None:
    assert lost.get("/healthz").json == {"status": "ok"}
    assert not tmp_path.joinpath("none.db").exists()


def test_not_ready_without_a_database(lost: FlaskClient, tmp_path: Path) -> None:
    answer = lost.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "failed", "database": "failed", "migrations": "failed", "storage": "ok"}
    assert str(tmp_path) not in answer.text


def test_not_ready_behind_the_newest_migration(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unscoped("test"), db.engine.begin() as connection:
        connection.execute(sa.update(VERSION).values(version_num="0000"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "failed", "database": "ok", "migrations": "failed", "storage": "ok"}


def test_not_ready_without_storage(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def exists(self, sha256: str) -> bool:
            raise OSError("no such bucket")

    monkeypatch.setitem(app.extensions, "portal_storage", Gone())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "bucket" not in answer.text
