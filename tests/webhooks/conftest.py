"""Receivers on loopback, endpoints of the cast's keys, and sources that sign what they tell."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from ipaddress import ip_network
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.api.models import ApiKey
from portal.clock import now
from portal.jobs.models import Job
from portal.jobs.outbox import HANDLERS, drain, enqueue
from portal.webhooks import signing
from portal.webhooks.events import TRIAL, body_of
from portal.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookReceipt,
    WebhookSource,
)
from tests.api.conftest import Program, orders, program
from tests.world import World

__all__ = ["orders", "program"]
SINK = "http://127.0.0.1:9/"


@dataclass
class Taken:
    headers: Message
    body: bytes
    path: str


@dataclass
class Receiver:
    """Answers 204, or what it is told to answer, first come first served."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    # Seconds between the bytes of an answer.
    drip: float = 0.0

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.taken]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.taken.append(Taken(self.headers, body, self.path))
        status, headers, words = self.receiver.answers.pop(0) if self.receiver.answers else (204, {}, b"")
        if self.receiver.drip:
            for byte in b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 1000:
                self.wfile.write(bytes([byte]))
                time.sleep(self.receiver.drip)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def do_GET(self) -> None:
        self.receiver.taken.append(Taken(self.headers, b"", self.path))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        return


class _Server(ThreadingHTTPServer):
    def handle_error(self, *arguments: Any) -> None:
        """A client that hangs up is what some tests are about."""


def serve() -> tuple[Receiver, _Server]:
    receiver = Receiver()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": receiver}))
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return receiver, server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found, server = serve()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    found, server = serve()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def lan(app: Flask) -> Iterator[None]:
    """The operator lets webhooks into this machine."""
    before = app.extensions["portal_settings"]
    networks = (ip_network("127.0.0.0/8"),)
    app.extensions["portal_settings"] = before.model_copy(update={"webhook_networks": networks})
    yield
    app.extensions["portal_settings"] = before


@dataclass
class Hooks:
    """Rows of webhooks, made and read as the system; every step is committed, what is returned is detached."""

    app: Flask
    world: World

    def endpoint(self, key: ApiKey, url: str = SINK, types: tuple[str, ...] = ("*",), **facts: Any) -> WebhookEndpoint:
        return self._add(
            WebhookEndpoint(
                **self._signed(key, facts), url=url, types=list(types), failures=0, **{"pause": "", **facts}
            )
        )

    def source(self, key: ApiKey, **facts: Any) -> WebhookSource:
        return self._add(WebhookSource(**self._signed(key, facts), **{"name": "erp", **facts}))

    @staticmethod
    def _signed(key: ApiKey, facts: dict[str, Any]) -> dict[str, Any]:
        known = {"person_id": key.person_id, "created_at": now(), "confirmed_at": now(), "generation": 1}
        return {"api_key_id": key.id, **{name: value for name, value in known.items() if name not in facts}}

    def _add(self, row: Any) -> Any:
        with self.world.session() as session:
            session.add(row)
            session.commit()
            return row

    def work(self, at: datetime | None = None) -> None:
        """What a worker does until nothing is due; the mail that nobody takes here is put away first."""
        self.change(Job, Job.kind.like("mail.%"), done_at=now())
        # The first drain loads them, which would take time from what is due.
        for module in HANDLERS:
            import_module(module)
        with self.app.app_context():
            drain(at or now() + timedelta(milliseconds=50))

    def change(self, model: Any, *where: Any, **values: Any) -> None:
        with self.world.session() as session:
            session.execute(sa.update(model).where(*where).values(**values))
            session.commit()

    def rows(self, model: Any) -> list[Any]:
        with self.world.session() as session:
            return list(session.scalars(sa.select(model).order_by(model.id)))

    @property
    def deliveries(self) -> list[WebhookDelivery]:
        return self.rows(WebhookDelivery)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(row.type, row.state) for row in self.deliveries]

    @property
    def attempts(self) -> list[WebhookAttempt]:
        return self.rows(WebhookAttempt)

    @property
    def receipts(self) -> list[WebhookReceipt]:
        return self.rows(WebhookReceipt)

    def reload(self, row: Any) -> Any:
        with self.world.session() as session:
            return session.get_one(type(row), row.id)

    def secret(self, row: Any) -> str:
        with self.app.app_context():
            return signing.shown(signing.secret_of(row.ref, row.generation))


@pytest.fixture
def hooks(app: Flask, world: World) -> Hooks:
    return Hooks(app, world)


MakeProgram = Callable[..., Program]


@pytest.fixture
def key(program: MakeProgram) -> ApiKey:
    """Of a company."""
    return program("customer-admin").key


@pytest.fixture
def endpoint(hooks: Hooks, key: ApiKey, receiver: Receiver) -> WebhookEndpoint:
    """Of that key, for everything that it may read of."""
    return hooks.endpoint(key, receiver.url)


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """Types and references that came in, in their order."""
    bodies = [json.loads(one.body) for one in receiver.taken]
    return [(body["type"], body["data"].get("ref", "")) for body in bodies]


def trial(hooks: Hooks, endpoint: WebhookEndpoint, count: int = 1) -> None:
    """Test events that are due, and the job that sends them."""
    with hooks.world.session() as session:
        for _ in range(count):
            session.add(
                WebhookDelivery(
                    endpoint_id=endpoint.id, type=TRIAL, body=body_of(TRIAL, now()), created_at=now(), next_at=now()
                )
            )
        enqueue("webhooks.send", endpoint=endpoint.id)
        session.commit()
