"""Keys of the cast, and programs that hold them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Capacity, Role
from portal.api.models import ApiKey
from portal.api.scopes import OF_INTEGRATIONS, OF_ORGANISATIONS
from portal.clock import now
from tests.orders.helpers import OrderWorld
from tests.world import World


class Program:
    """Sends requests with a key."""

    def __init__(self, app: Flask, key: ApiKey, token: str) -> None:
        self.key, self.token = key, token
        self.client = FlaskClient(app, app.response_class)

    def send(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, buffered=True, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.send("GET", f"/api/v1/{path}", **kwargs)

    def put(self, path: str, json: Any, **kwargs: Any) -> TestResponse:
        return self.send("PUT", f"/api/v1/{path}", json=json, **kwargs)

    def post(self, path: str, json: Any, **kwargs: Any) -> TestResponse:
        return self.send("POST", f"/api/v1/{path}", json=json, **kwargs)


Programs = Callable[..., Program]


@pytest.fixture
def orders(world: World) -> OrderWorld:
    return OrderWorld(world)


@pytest.fixture
def program(app: Flask, world: World) -> Programs:
    """`program("customer-admin")`: one with a key of that person's company; `program(roles=[…])`: an integration."""

    def program(hint: str = "admin", *, acting: str = "", roles: tuple[Role, ...] = (), **facts: Any) -> Program:
        who = world.principal(hint, acting)
        place: dict[str, Any] = {"roles": roles}
        if not roles:
            place = {"organisation_id": who.organisation_id, "capacity": Capacity(who.capacity or "")}
        scopes = facts.pop("scopes", OF_INTEGRATIONS if roles else OF_ORGANISATIONS)
        key, token = ApiKey.make(
            label="A program", scopes=scopes, person_id=who.person_id or 0, at=now(), days=30, **place
        )
        key.confirmed_at = now()
        for name, value in facts.items():
            setattr(key, name, value)
        with world.session() as session:
            session.add(key)
            session.commit()
        return Program(app, key, token)

    return program
