"""Signed messages of other systems: believed for five minutes, done once, or not at all."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from portal.access import Role
from portal.api.models import ApiKey
from portal.clock import now
from portal.extensions import limiter
from portal.orders.models import Order
from portal.organisations.models import Activity, ExternalId
from portal.products.models import Product
from portal.tickets.models import Ticket
from portal.webhooks import jobs
from portal.webhooks.models import WebhookReceipt, WebhookSource
from tests.api.conftest import Program
from tests.conftest import make_app
from tests.databases import Database, dispose
from tests.orders.helpers import OrderWorld
from tests.webhooks.conftest import Hooks, MakeProgram
from tests.world import World

LAMP = {"external_id": "P-1", "code": "XX-900", "names": {"en": "Reading lamp"}, "unit": "C62"}
TICKET = {"external_id": "T-1", "subject": "The lamp flickers", "body": "Every evening.", "category": "problem"}


class Sender:
    """Signs as the standard's own library does."""

    def __init__(self, app: Flask, source: WebhookSource, secret: str) -> None:
        self.source, self.secret, self.client = source, secret, FlaskClient(app, app.response_class)

    def send(
        self, content: Any, message_id: str = "msg-1", *, at: datetime | None = None, secret: str = "", **headers: str
    ) -> TestResponse:
        body = content if isinstance(content, str) else json.dumps(content)
        at = at or now()
        signed = Webhook(secret or self.secret).sign(message_id, at, body)
        sent = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signed,
            "Content-Type": "application/json",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1/webhooks/{self.source.ref}", data=body, headers=sent)


@pytest.fixture
def erp_key(program: MakeProgram) -> Program:
    return program(roles=(Role.ACCOUNT_MANAGER,))


@pytest.fixture
def erp(app: Flask, hooks: Hooks, erp_key: Program) -> Sender:
    source = hooks.source(erp_key.key)
    return Sender(app, source, hooks.secret(source))


def upsert(*records: dict[str, Any], noun: str = "products") -> dict[str, Any]:
    return {"type": f"{noun}.upsert", "data": list(records)}


def count(world: World, model: Any) -> int:
    with world.session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_erp_tells_a_product(erp: Sender, hooks: Hooks, world: World, erp_key: Program) -> None:
    answer = erp.send(upsert(LAMP))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert [result["outcome"] for result in answer.json["results"]] == ["create"]
    assert erp_key.get("products/by-external-id/erp/P-1").json["code"] == "XX-900"
    assert [(row.type, row.status, row.records, row.accepted_id) for row in hooks.receipts] == [
        ("products.upsert", 200, 1, "msg-1")
    ]


def test_one_record_needs_no_list(erp: Sender) -> None:
    answer = erp.send({"type": "products.upsert", "timestamp": "2026-01-01T00:00:00Z", "data": LAMP})
    assert [result["status"] for result in answer.json["results"]] == [201]


def test_an_order_is_told_like_everywhere_else(erp: Sender, orders: OrderWorld, world: World, erp_key: Program) -> None:
    shape = orders.shape("glass", kind="sales")
    del shape["kind"]
    assert erp.send(upsert(shape, noun="orders")).status_code == 200
    assert erp_key.get(f"orders/by-external-id/erp/{shape['external_id']}").json["total"] == "3686.87"
    with world.session() as session:
        assert set(session.scalars(sa.select(Activity.channel).where(Activity.order_id.is_not(None)))) == {"api"}


def test_what_comes_a_second_time_is_not_done_again(erp: Sender, hooks: Hooks, world: World) -> None:
    first = upsert(LAMP)
    assert erp.send(first).status_code == 200
    again = erp.send(upsert({**LAMP, "names": {"en": "Another name"}}))
    assert (again.status_code, again.headers["Webhook-Replayed"], again.json) == (200, "true", {"results": []})
    with world.session() as session:
        assert session.scalar(sa.select(Product.names).where(Product.code == "XX-900")) == {"en": "Reading lamp"}
    assert len(hooks.receipts) == 1
    assert erp.send(first, "msg-2").json["results"][0]["outcome"] == "unchanged"


def test_two_sources_may_use_the_same_id(app: Flask, erp: Sender, erp_key: Program, hooks: Hooks) -> None:
    other = hooks.source(erp_key.key, name="shop")
    assert erp.send(upsert(LAMP)).status_code == 200
    answer = Sender(app, other, hooks.secret(other)).send(upsert({**LAMP, "code": "XX-901"}))
    assert "Webhook-Replayed" not in answer.headers
    assert answer.json["results"][0]["outcome"] == "create"


def test_the_same_message_twice_at_once_is_done_once(
    app: Flask, hooks: Hooks, program: MakeProgram, world: World
) -> None:
    source = hooks.source(program("customer-admin").key)
    secret, start = hooks.secret(source), threading.Barrier(6)

    def send(_number: int) -> TestResponse:
        start.wait()
        return Sender(app, source, secret).send(upsert(TICKET, noun="tickets"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert sum("Webhook-Replayed" not in answer.headers for answer in answers) == 1
    assert count(world, Ticket) == 1
    assert len(hooks.receipts) == 1


# ── What is refused ───────────────────────────────────────────────────────────────────────────────


def test_an_unknown_address_and_a_wrong_signature_are_answered_alike(app: Flask, erp: Sender, hooks: Hooks) -> None:
    wrong = erp.send(upsert(LAMP), secret="whsec_" + "A" * 43 + "=")
    stranger = Sender(app, WebhookSource(ref="WS-00000000"), erp.secret).send(upsert(LAMP))
    nobody = erp.client.post(f"/api/v1/webhooks/{erp.source.ref}", json=upsert(LAMP))
    answers = []
    for answer in (wrong, stranger, nobody):
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        answers.append({name: value for name, value in answer.json.items() if name != "instance"})
    assert answers[0] == answers[1] == answers[2]
    assert hooks.receipts == []


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,not base64"},
        {"webhook_signature": "v2,AAAA v1a,BBBB"},
        {"webhook_id": "msg-2"},
        {"webhook_id": ""},
        {"webhook_timestamp": "1700000000"},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "soon"},
    ],
)
def test_what_was_changed_on_its_way_is_refused(erp: Sender, hooks: Hooks, headers: dict[str, str]) -> None:
    assert erp.send(upsert(LAMP), **headers).status_code == 401
    assert hooks.receipts == []


def test_one_right_signature_among_several_is_enough(erp: Sender) -> None:
    at, body = now(), json.dumps(upsert(LAMP))
    right = Webhook(erp.secret).sign("msg-1", at, body)
    several = f"v1,AAAA v2,BBBB {right} v1,CCCC"
    assert erp.send(body, at=at, webhook_signature=several).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(-5.2, 400), (-4.8, 200), (4.8, 200), (5.2, 400), (-600, 400)])
def test_five_minutes_to_either_side_and_no_more(erp: Sender, hooks: Hooks, minutes: float, status: int) -> None:
    answer = erp.send(upsert(LAMP), at=now() + timedelta(minutes=minutes))
    assert answer.status_code == status
    assert len(hooks.receipts) == (status == 200)


def test_the_old_secret_counts_for_a_day_after_a_rotation(app: Flask, hooks: Hooks, program: MakeProgram) -> None:
    source = hooks.source(program("customer-admin").key)
    old = hooks.secret(source)
    hooks.change(WebhookSource, generation=2, previous_until=now() + timedelta(hours=24))
    sender = Sender(app, hooks.reload(source), hooks.secret(hooks.reload(source)))
    assert sender.send(upsert(TICKET, noun="tickets")).status_code == 200
    assert sender.send(upsert(TICKET, noun="tickets"), "msg-2", secret=old).status_code == 200
    hooks.change(WebhookSource, previous_until=now())
    assert sender.send(upsert(TICKET, noun="tickets"), "msg-3", secret=old).status_code == 401


def test_what_is_refused_changes_nothing_and_may_come_again(
    erp: Sender, hooks: Hooks, world: World, erp_key: Program
) -> None:
    before = count(world, Product)
    wrong = {**LAMP, "external_id": "P-2", "code": "XX-901", "unit": "no such unit at all"}
    answer = erp.send(upsert(LAMP, wrong))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/data/1/unit"}
    assert (count(world, Product), count(world, ExternalId)) == (before, 0)
    (receipt,) = hooks.receipts
    assert (receipt.status, receipt.accepted_id, receipt.message_id) == (422, None, "msg-1")
    assert receipt.errors[0][0] == "/data/1/unit"
    again = erp.send(upsert(LAMP, {**wrong, "unit": "C62"}))
    assert [result["status"] for result in again.json["results"]] == [201, 201]
    assert "Webhook-Replayed" not in again.headers


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"type": "products.delete", "data": LAMP}, 422),
        ({"type": "documents.upsert", "data": LAMP}, 422),
        ({"type": ["products.upsert"], "data": LAMP}, 422),
        ({"data": LAMP}, 422),
        ({"type": "products.upsert"}, 422),
        ({"type": "products.upsert", "data": []}, 422),
        ({"type": "products.upsert", "data": [LAMP] * 501}, 422),
        ({"type": "products.upsert", "data": "lamp"}, 422),
        ({"type": "products.upsert", "data": LAMP, "source": "other"}, 422),
        ("[]", 422),
        ("{", 400),
        ('{"type": "\\u0000"}', 400),
        ('{"type": "' + "x" * 70 + '"}', 422),
        ("\N{LATIN SMALL LETTER R WITH CARON}", 400),
    ],
)
def test_what_is_malformed_is_refused_and_written_down(erp: Sender, hooks: Hooks, content: Any, status: int) -> None:
    assert erp.send(content).status_code == status
    assert [row.status for row in hooks.receipts] == [status]


def test_too_much_at_once_is_not_read(erp: Sender, hooks: Hooks) -> None:
    assert erp.send("x" * (2 * 1024 * 1024 + 1)).status_code == 413
    assert hooks.receipts == []


def test_another_media_type_is_refused(erp: Sender) -> None:
    assert erp.send(upsert(LAMP), Content_Type="text/plain").status_code == 415


@pytest.mark.parametrize(
    ("roles", "scopes", "noun"),
    [
        ((Role.ACCOUNT_MANAGER,), ["products:read"], "products"),
        ((Role.AGENT,), ["products:read", "products:write"], "products"),
        ((Role.BUYER,), ["orders:write"], "orders"),
    ],
)
def test_what_the_key_may_not_tell_is_refused(
    app: Flask, hooks: Hooks, program: MakeProgram, roles: Any, scopes: list[str], noun: str
) -> None:
    source = hooks.source(program(roles=roles, scopes=scopes).key)
    answer = Sender(app, source, hooks.secret(source)).send(upsert(LAMP, noun=noun))
    assert answer.status_code == 403
    assert [row.status for row in hooks.receipts] == [403]


def test_a_company_tells_what_its_key_may_and_under_its_own_ids(
    app: Flask, hooks: Hooks, program: MakeProgram, world: World
) -> None:
    mine = program("customer-admin")
    source = hooks.source(mine.key)
    sender = Sender(app, source, hooks.secret(source))
    assert sender.send(upsert(TICKET, noun="tickets")).status_code == 200
    assert sender.send(upsert(LAMP), "msg-2").status_code == 403
    company = world.organisation("glass")
    with world.session() as session:
        (row,) = session.scalars(sa.select(ExternalId).where(ExternalId.kind == "ticket"))
        assert row.source == f"{company.ref}/erp"
        assert session.scalars(sa.select(Ticket.organisation_id)).all() == [company.id]


@pytest.mark.parametrize(
    "facts", [{"revoked_at": now()}, {"expires_at": now() - timedelta(days=1)}, {"confirmed_at": None}]
)
def test_a_key_that_lets_nobody_in_lets_no_message_in(erp: Sender, hooks: Hooks, facts: dict[str, Any]) -> None:
    hooks.change(ApiKey, **facts)
    assert erp.send(upsert(LAMP)).status_code == 401


@pytest.mark.parametrize("facts", [{"removed_at": now()}, {"confirmed_at": None}])
def test_a_source_that_is_removed_or_asleep_takes_nothing(erp: Sender, hooks: Hooks, facts: dict[str, Any]) -> None:
    hooks.change(WebhookSource, **facts)
    assert erp.send(upsert(LAMP)).status_code == 401


def test_a_cookie_lets_nobody_in(erp: Sender, sign_in: Any) -> None:
    answer = sign_in("admin").post(f"/api/v1/webhooks/{erp.source.ref}", json=upsert(LAMP))
    assert answer.status_code == 401


def test_a_receipt_is_kept_longer_than_its_timestamp_holds(erp: Sender, hooks: Hooks) -> None:
    erp.send(upsert(LAMP))
    for days, left in ((29, 1), (31, 0)):
        with hooks.world.session() as session:
            jobs.forget({}, now() + timedelta(days=days))
            session.commit()
        assert len(hooks.rows(WebhookReceipt)) == left
    hooks.change(ApiKey, expires_at=None)
    with time_machine.travel(now() + timedelta(days=31)):
        late = erp.send(upsert(LAMP), at=now() - timedelta(days=31))
    assert late.status_code == 400


def test_who_guesses_is_slowed_down_and_who_tells_too_much(
    database: Database, tmp_path: Any, app: Flask, hooks: Hooks, program: MakeProgram, erp: Sender
) -> None:
    limited = make_app(database, tmp_path, rate_sign_in="3 per minute", rate_api="2 per minute")
    limited.config["RATELIMIT_ENABLED"] = True
    limiter.enabled = True
    limiter.init_app(limited)
    try:
        sender = Sender(limited, erp.source, erp.secret)
        assert [sender.send(upsert(LAMP), f"m-{n}").status_code for n in range(3)] == [200, 200, 429]
        guesser = Sender(limited, erp.source, "whsec_" + "A" * 43 + "=")
        assert [guesser.send(upsert(LAMP)).status_code for _ in range(4)] == [401, 401, 401, 429]
    finally:
        limiter.enabled = False
        dispose(limited)


def test_no_order_of_another_company_is_touched(
    app: Flask, hooks: Hooks, program: MakeProgram, orders: OrderWorld, world: World
) -> None:
    """A company has no write scope for orders, whatever it sends."""
    order = orders.sales("bakery")
    source = hooks.source(program("customer-admin").key, name="x")
    shape = {"external_id": order.ref, "state": "cancelled"}
    answer = Sender(app, source, hooks.secret(source)).send(upsert(shape, noun="orders"))
    assert answer.status_code == 403
    with world.session() as session:
        assert session.get_one(Order, order.id).state == "confirmed"
