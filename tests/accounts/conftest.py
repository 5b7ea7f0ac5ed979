"""Providers that the portal signs people in through: the demonstration's own, and one that lies."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import TestResponse

from portal.accounts.models import AccessLog, Identity, SignInSession
from portal.demo.provider import create_provider
from portal.demo.provider_store import Client
from tests.conftest import Browser
from tests.misbehaving_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    MisbehavingProvider,
    come_back,
    misbehaving_provider,
    served,
    settings_for,
)
from tests.world import World

CALLBACK = "http://localhost/sign-in/demo/callback"
LANDING = "http://localhost/signed-out"


@pytest.fixture(scope="session")
def demo_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration's provider over real HTTP; its address."""
    state_dir = tmp_path_factory.mktemp("provider")
    registered = Client(CLIENT_ID, CLIENT_SECRET, (CALLBACK,), (LANDING,))

    def at(address: str) -> Flask:
        issuer = f"{address}/demo/idp"
        provider = create_provider(issuer, clients=[registered], state_dir=state_dir, environment="test")
        root = Flask("root")
        root.wsgi_app = DispatcherMiddleware(root.wsgi_app, {"/demo/idp": provider})
        return root

    with served(at) as address:
        yield f"{address}/demo/idp"


@pytest.fixture
def liar(app: Flask) -> Iterator[MisbehavingProvider]:
    """The portal signs people in through a provider that is honest until it is told to lie."""
    with misbehaving_provider() as provider, signing_in_through(app, settings_for(provider.issuer)):
        yield provider


@pytest.fixture
def demo(app: Flask, world: World, demo_issuer: str) -> Iterator[str]:
    """The portal signs the cast in through the demonstration's provider."""
    with world.session() as session:
        session.execute(sa.update(Identity).values(issuer=demo_issuer))
        session.commit()
    with signing_in_through(app, settings_for(demo_issuer, "demo")):
        yield demo_issuer


class signing_in_through:
    """Settings with these providers for as long as it lasts."""

    def __init__(self, app: Flask, *providers: Any) -> None:
        self.app, self.providers = app, providers

    def __enter__(self) -> None:
        self.before = self.app.extensions["portal_settings"]
        self.app.extensions["portal_settings"] = self.before.model_copy(update={"providers": self.providers})

    def __exit__(self, *_: object) -> None:
        self.app.extensions["portal_settings"] = self.before


@pytest.fixture
def go_through() -> Callable[..., TestResponse]:
    """Sign in from end to end over HTTP; the answer of the callback."""

    def go_through(client: FlaskClient, provider: str = "liar", **query: str) -> TestResponse:
        away = client.get(f"/sign-in/{provider}", query_string=query)
        assert away.status_code == 302, away.text
        return come_back(client, away.location)

    return go_through


@pytest.fixture
def browser(app: Flask) -> Callable[[], Browser]:
    """A browser in which nobody is signed in yet, as often as it is called."""
    return lambda: Browser(app, app.response_class)


@pytest.fixture
def sessions(world: World) -> Callable[[], list[SignInSession]]:
    """Every session row, in order."""

    def sessions() -> list[SignInSession]:
        with world.session() as session:
            return list(session.scalars(sa.select(SignInSession).order_by(SignInSession.id)))

    return sessions


@pytest.fixture
def log(world: World) -> Callable[[], list[AccessLog]]:
    """Every row of the access log, in order."""

    def log() -> list[AccessLog]:
        with world.session() as session:
            return list(session.scalars(sa.select(AccessLog).order_by(AccessLog.id)))

    return log
