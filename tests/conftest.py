"""An app on each database, a fresh world with the cast for each test, and clients that are signed in."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal import create_app
from portal.access import Principal
from portal.accounts.models import Person, SignInSession
from portal.accounts.sessions import digest, new_token
from portal.clock import now
from portal.config import Settings, load_settings
from portal.extensions import db
from portal.seeds.cast import plant_cast
from tests.databases import Database, PostgresqlDatabase, SqliteDatabase, dispose
from tests.world import World

# The machine may be busy with something else, and a slow example is no false one.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")

ISSUER = "http://127.0.0.1:9/idp"
SignIn = Callable[..., FlaskClient]


_used_engines: set[sa.Engine] = set()


@event.listens_for(sa.Engine, "engine_connect")
def _remember_engine(connection: sa.Connection) -> None:
    _used_engines.add(connection.engine)


@pytest.fixture(autouse=True)
def close_connections() -> Iterator[None]:
    """Whatever app a test made: a connection left to the garbage collector is blamed on the test that runs then."""
    yield
    while _used_engines:
        _used_engines.pop().dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Each kind of database, once in a run."""
    kind: Database = (
        SqliteDatabase(tmp_path_factory.mktemp("database")) if request.param == "sqlite" else PostgresqlDatabase()
    )
    yield kind
    kind.drop()


@pytest.fixture(scope="session")
def session_app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app of a whole run; tests use `app`, whose database is fresh."""
    app = make_app(database, tmp_path_factory.mktemp("files"))
    with app.app_context():
        from flask_migrate import upgrade

        upgrade()
        db.session().serve(Principal.system("plant the cast"))
        plant_cast(db.session(), issuer=ISSUER, at=now() - timedelta(days=30))
        db.session.commit()
    dispose(app)
    database.keep_as_template()
    yield app
    dispose(app)


def make_settings(database: Database, files: Path, **overrides: object) -> Settings:
    """Settings for a test; nothing listens on port 9."""
    known: dict[str, object] = {
        "environment": "test",
        "database_url": database.url,
        "storage_url": f"file:{files}",
        "base_url": "http://localhost",
        "smtp_url": "smtp://127.0.0.1:9",
        "mail_from": "portal@example.com",
    }
    return load_settings(**known | overrides)


def make_app(database: Database, files: Path, **overrides: object) -> Flask:
    return create_app(make_settings(database, files, **overrides), RATELIMIT_ENABLED=False)


@pytest.fixture
def app(session_app: Flask, database: Database) -> Flask:
    """The app on a fresh database that holds the cast, without stored files."""
    dispose(session_app)
    database.refresh()
    folder = session_app.extensions["portal_settings"].storage_folder
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        file.unlink()
    return session_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in; each request has an app context of its own."""
    return Browser(app, app.response_class)


@pytest.fixture
def world(app: Flask) -> World:
    """Looks up and makes rows as the system; never inside a request."""
    return World(app)


@pytest.fixture
def in_english(world: World) -> None:
    """Everybody is spoken to in English, so that tests can read what a page says."""
    with world.session() as session:
        session.execute(sa.update(Person).values(language="en"))
        session.commit()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """`sign_in("customer")`: a browser in which that member of the cast is signed in."""

    def sign_in(hint: str, *, acting: str = "") -> FlaskClient:
        token = new_token()
        world = World(app)
        with world.session() as session:
            at = now()
            session.add(
                SignInSession(
                    token_hash=digest(token),
                    person_id=world.person_id(hint),
                    provider="demo",
                    acting_key=world.acting_key(hint, acting) if acting else "",
                    created_at=at,
                    last_seen_at=at,
                    expires_at=at + timedelta(hours=12),
                )
            )
            session.commit()
        browser = Browser(app, app.response_class)
        with browser.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return browser

    return sign_in


class Browser(FlaskClient):
    """A test client that sends the CSRF token of its session, as every form of ours does."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        """Reads every answer to its end: an export that a test only glances at would keep its connection."""
        return super().open(*args, buffered=buffered, **kwargs)

    def csrf_token(self) -> str:
        with self.application.test_request_context():
            from flask import session as cookie
            from flask_wtf.csrf import generate_csrf

            with self.session_transaction() as mine:
                cookie.update(mine)
                token = generate_csrf()
                mine.update(cookie)
        return token

    def send(self, url: str, data: dict[str, object] | None = None, **kwargs: object):
        """POST a form with its CSRF token."""
        return self.post(url, data={**(data or {}), "csrf_token": self.csrf_token()}, **kwargs)

    def htmx(self, url: str, data: dict[str, object] | None = None, **kwargs: object):
        """The same request as htmx makes it: a GET without data, else a POST."""
        headers = {"HX-Request": "true", **dict(kwargs.pop("headers", {}))}
        if data is None:
            return self.get(url, headers=headers, **kwargs)
        return self.send(url, data, headers=headers, **kwargs)
