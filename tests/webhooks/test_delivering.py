"""What happens is told to whoever may read of it, at least once, under one id, and given up in the end."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from standardwebhooks import Webhook, WebhookVerificationError

from portal.access import Principal
from portal.access.scope import unscoped
from portal.api.models import ApiKey
from portal.clock import now
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.organisations.models import Activity
from portal.webhooks import jobs, pump, sending
from portal.webhooks.models import Pause, WebhookEndpoint
from tests.orders.helpers import OrderWorld
from tests.statements import statements
from tests.webhooks.conftest import Hooks, MakeProgram, Receiver, told, trial
from tests.world import World

pytestmark = pytest.mark.usefixtures("lan")


def test_an_order_is_told_to_its_customer_and_to_nobody_else(
    hooks: Hooks, program: MakeProgram, orders: OrderWorld, receiver: Receiver, other_receiver: Receiver
) -> None:
    hooks.endpoint(program("customer-admin").key, receiver.url)
    for rival in ("rival", "supplier-admin", "partner-admin"):
        hooks.endpoint(program(rival).key, other_receiver.url)
    order = orders.sales("glass")
    hooks.work()
    assert told(receiver) == [("order.placed", order.ref)]
    assert other_receiver.taken == []


def test_it_is_signed_as_the_standard_has_it(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, receiver: Receiver
) -> None:
    orders.sales("glass")
    hooks.work()
    one = receiver.taken[0]
    headers = {name.lower(): value for name, value in one.headers.items()}
    Webhook(hooks.secret(endpoint)).verify(one.body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(hooks.secret(endpoint)).verify(one.body + b" ", headers)
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] in {delivery.ref for delivery in hooks.deliveries}


def test_after_a_rotation_both_secrets_sign_for_a_day(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, receiver: Receiver
) -> None:
    old = hooks.secret(endpoint)
    hooks.change(WebhookEndpoint, generation=2, previous_until=now() + timedelta(hours=24))
    new = hooks.secret(hooks.reload(endpoint))
    assert old != new
    orders.sales("glass")
    hooks.work()
    one = receiver.taken[0]
    for secret in (old, new):
        Webhook(secret).verify(one.body, dict(one.headers.items()))
    hooks.change(WebhookEndpoint, previous_until=now() - timedelta(seconds=1))
    orders.sales("glass")
    hooks.work()
    one = receiver.taken[-1]
    Webhook(new).verify(one.body, dict(one.headers.items()))
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(one.body, dict(one.headers.items()))


def test_no_price_no_name_and_no_word_is_in_it(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    orders.sales("glass", remark="Ring twice")
    world.make_ticket("customer", subject="Swordfish", body="Marlin")
    hooks.work()
    assert {kind for kind, _ref in told(receiver)} >= {"order.placed", "ticket.opened"}
    for one in receiver.taken:
        body = json.loads(one.body)
        assert set(body) == {"type", "timestamp", "data"}
        assert set(body["data"]) == {"kind", "ref", "url"}


def test_what_is_rolled_back_is_told_to_nobody(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    from portal.feeds.orders import feed_orders
    from portal.feeds.shapes import OrderShape

    with world.session() as session:
        feed_orders(session, "erp", [OrderShape(**orders.shape())], Principal.system("the ERP"), now())
        session.flush()
        assert session.scalar(sa.select(sa.func.count(Activity.id)).where(Activity.order_id.is_not(None)))
        session.rollback()
        session.commit()
    assert [job for job in hooks.rows(Job) if job.kind == "webhooks.tell"] == []
    hooks.work()
    assert receiver.taken == []


def test_what_a_savepoint_takes_back_is_told_to_nobody(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    from portal.feeds.orders import feed_orders
    from portal.feeds.shapes import OrderShape

    first, second = orders.shape(), orders.shape()
    with world.session() as session:
        with unscoped("a part that fails"), session.begin_nested() as part:
            feed_orders(session, "erp", [OrderShape(**first)], Principal.system("the ERP"), now())
            part.rollback()
        (kept,) = feed_orders(session, "erp", [OrderShape(**second)], Principal.system("the ERP"), now())
        ref = kept.record.ref  # type: ignore[union-attr]
        session.commit()
    hooks.work()
    assert {found for _type, found in told(receiver)} == {ref}


def test_an_event_that_is_told_twice_is_delivered_once(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, receiver: Receiver
) -> None:
    orders.sales("glass")
    hooks.work()
    count = len(receiver.taken)
    assert count
    hooks.change(Job, Job.kind.like("webhooks.%"), done_at=None)
    hooks.work()
    assert len(receiver.taken) == count


def test_whoever_dies_after_sending_sends_again_under_the_same_id(
    app: Flask,
    hooks: Hooks,
    endpoint: WebhookEndpoint,
    orders: OrderWorld,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders.sales("glass")

    class Killed(BaseException):
        """As a signal would: nothing of ours catches it."""

    def die(self: pump.Pump, delivery_id: int, answer: Any) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(pump.Pump, "_write", die)
        with pytest.raises(Killed):
            hooks.work()
    assert len(receiver.taken) == 1
    assert {state for _type, state in hooks.states} == {"pending"}
    hooks.work(now() + timedelta(minutes=6))
    assert receiver.ids.count(receiver.ids[0]) == 2
    assert {state for _type, state in hooks.states} == {"delivered"}


def test_a_failure_is_tried_again_later_and_later_and_given_up(
    hooks: Hooks, endpoint: WebhookEndpoint, key: ApiKey, receiver: Receiver
) -> None:
    trial(hooks, endpoint)
    receiver.answers += [(500, {}, b"Out of order")] * 20
    at = now() + timedelta(seconds=1)
    waits = []
    for _ in range(15):
        hooks.work(at)
        (delivery,) = hooks.deliveries
        if delivery.state != "pending":
            break
        waits.append((delivery.next_at - at).total_seconds())
        at = delivery.next_at + timedelta(minutes=6)
        hooks.change(WebhookEndpoint, failing_since=at)
    assert (delivery.state, delivery.attempts, len(receiver.taken)) == ("dead", 10, 10)
    assert set(receiver.ids) == {delivery.ref}
    planned = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(wait == pytest.approx(plan * 1.05, rel=0.06, abs=1.5) for wait, plan in zip(waits, planned, strict=True))
    assert [(row.status, row.error, row.answer) for row in hooks.attempts] == [(500, "status", "Out of order")] * 10
    hooks.work(at + timedelta(days=3))
    assert len(receiver.taken) == 10


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_whatever_is_no_success_is_a_failure(
    hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver, status: int
) -> None:
    trial(hooks, endpoint)
    receiver.answers.append((status, {"Location": receiver.url}, b""))
    hooks.work()
    assert hooks.states == [("webhook.test", "pending")]
    hooks.work(now() + timedelta(seconds=20))
    assert hooks.states == [("webhook.test", "delivered")]
    assert len(receiver.taken) == 2


def test_who_says_410_is_told_nothing_more_and_its_owner_hears_of_it(
    hooks: Hooks, endpoint: WebhookEndpoint, key: ApiKey, orders: OrderWorld, receiver: Receiver
) -> None:
    trial(hooks, endpoint, 3)
    receiver.answers.append((410, {}, b""))
    hooks.work()
    assert len(receiver.taken) == 1
    assert {state for _type, state in hooks.states} == {"dead"}
    assert hooks.reload(endpoint).pause == Pause.GONE
    notices = [row for row in hooks.rows(Notice) if row.kind == "webhook-paused"]
    assert [row.person_id for row in notices] == [key.person_id]
    orders.sales("glass")
    hooks.work()
    assert len(hooks.deliveries) == 3


def test_who_fails_for_days_is_told_nothing_more(hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    hooks.change(WebhookEndpoint, failing_since=now() - timedelta(days=5, minutes=1))
    trial(hooks, endpoint)
    receiver.answers.append((500, {}, b""))
    hooks.work()
    assert hooks.reload(endpoint).pause == Pause.FAILING
    assert [row.kind for row in hooks.rows(Notice)] == ["webhook-paused"]


def test_a_success_forgives_what_failed_before(hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    hooks.change(WebhookEndpoint, failing_since=now() - timedelta(days=9), failures=7)
    trial(hooks, endpoint)
    hooks.work()
    found = hooks.reload(endpoint)
    assert (found.failures, found.failing_since, found.is_live) == (0, None, True)


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("999999", 3600), ("0", 5)])
def test_retry_after_is_honoured_within_bounds(
    hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver, header: str, seconds: int
) -> None:
    trial(hooks, endpoint, 2)
    receiver.answers.append((429, {"Retry-After": header}, b""))
    at = now() + timedelta(seconds=1)
    hooks.work(at)
    assert len(receiver.taken) == 1
    hooks.work(at + timedelta(seconds=seconds - 2))
    assert len(receiver.taken) == 1, "the other one waits too"
    hooks.work(at + timedelta(seconds=seconds * 1.1 + 3))
    assert len(receiver.taken) == 3


def test_a_failing_receiver_holds_up_nobody_else(
    hooks: Hooks, program: MakeProgram, endpoint: WebhookEndpoint, receiver: Receiver, other_receiver: Receiver
) -> None:
    healthy = hooks.endpoint(program("supplier-admin").key, other_receiver.url)
    receiver.answers += [(500, {}, b"")] * 50
    trial(hooks, endpoint, 20)
    trial(hooks, healthy, 3)
    hooks.work()
    assert len(receiver.taken) == 1, "it is left alone for a while"
    assert len(other_receiver.taken) == 3


def test_a_slow_receiver_rests_while_others_have_their_turn(
    hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sending.post
    monkeypatch.setattr(
        sending,
        "post",
        lambda *parts, **more: sending.Answer(real(*parts, **more).status, "", milliseconds=3000, text=""),
    )
    trial(hooks, endpoint, 2)
    at = now() + timedelta(seconds=1)
    hooks.work(at)
    assert len(receiver.taken) == 1
    hooks.work(at + timedelta(seconds=14))
    assert len(receiver.taken) == 2


def test_one_request_at_a_time_so_that_mail_has_its_thread(
    hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    trial(hooks, endpoint)
    with jobs._sending:
        hooks.work()
    assert receiver.taken == []
    hooks.work(now() + timedelta(seconds=5))
    assert len(receiver.taken) == 1


def test_what_somebody_is_at_already_is_left_to_them(
    hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    trial(hooks, endpoint)
    hooks.change(WebhookEndpoint, busy_until=now() + timedelta(minutes=2))
    hooks.work()
    assert receiver.taken == []
    trial(hooks, endpoint)
    hooks.work(now() + timedelta(minutes=3))
    assert len(receiver.taken) == 2


# ── Cost ──────────────────────────────────────────────────────────────────────────────────────────


def test_where_nobody_listens_a_change_asks_one_statement(app: Flask, hooks: Hooks, orders: OrderWorld) -> None:
    with statements(app) as seen:
        orders.feed(*(orders.shape() for _ in range(3)))
    assert sum("webhook" in statement for statement in seen) == 1


def test_many_events_of_one_transaction_are_few_jobs(
    app: Flask, hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, receiver: Receiver
) -> None:
    with statements(app) as seen:
        orders.feed(*(orders.shape() for _ in range(30)))
    assert sum("webhook" in statement for statement in seen) == 1
    assert len([job for job in hooks.rows(Job) if job.kind == "webhooks.tell"]) == 1
    hooks.work()
    assert len({delivery.record_ref for delivery in hooks.deliveries}) == 30


def test_old_deliveries_are_forgotten(app: Flask, hooks: Hooks, endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    trial(hooks, endpoint)
    hooks.work()
    assert (len(hooks.deliveries), len(hooks.attempts)) == (1, 1)
    with hooks.world.session() as session:
        jobs.forget({}, now() + timedelta(days=29))
        session.commit()
    assert len(hooks.deliveries) == 1
    with hooks.world.session() as session:
        jobs.forget({}, now() + timedelta(days=31))
        session.commit()
    assert (hooks.deliveries, hooks.attempts) == ([], [])
