"""Accepting and declining over HTTP: a form of the page alone, by whoever may, on what was read."""

import html
import re
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Membership
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.text import isolate
from tests.conftest import SignIn
from tests.orders.helpers import LINES, TOTAL, OrderWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

WORDING = f"I accept the quotation {isolate('24-00001')} of {isolate('€3,686.87')} on behalf of"


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def fields(client: FlaskClient, order: Order) -> dict[str, object]:
    """What the form on the page carries, as its reader fills it in."""
    page = client.get(f"/orders/{order.ref}").text
    found = dict(re.findall(r'type="hidden" name="(version|seen|language)" value="([^"]*)"', page))
    return {**found, "agrees": "y", "full_name": "Jana Malá", "refused_because": "Too dear."}


def let(world: World, hint: str) -> None:
    with world.session() as session:
        mine = sa.update(Membership).where(Membership.person_id == world.person_id(hint))
        session.execute(mine.values(decides_quotations=True))
        session.commit()


def test_accepted_in_words_that_both_sides_read(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    page = client.get(f"/orders/{order.ref}")
    assert WORDING in text(page)
    assert audit(page.text) == []
    assert client.send(f"/orders/{order.ref}/consent", fields(client, order)).status_code == 303
    assert orders.reload(order).state == State.ACCEPTED
    with world.session() as session:
        params = session.scalars(sa.select(OrderEvent.params).where(OrderEvent.verb == "accept")).one()
    assert params["wording"].startswith(WORDING)
    assert (params["name"], params["total"], params["language"]) == ("Jana Malá", TOTAL, "en")
    for hint in ("customer", "customer-admin", "agent", "account-manager", "auditor"):
        answer = sign_in(hint).get(f"/orders/{order.ref}")
        for told in (WORDING, "Jana Malá", params["sha256"], "says today what it said then"):
            assert told in text(answer), (hint, told)
        assert audit(answer.text) == []


def test_a_change_after_the_consent_is_told(sign_in: SignIn, orders: OrderWorld) -> None:
    shape = orders.shape(kind="quotation", state="offered", valid_until="2030-12-31")
    (outcome,) = orders.feed(shape)
    order, client = outcome.record, sign_in("customer-admin")
    assert isinstance(order, Order)
    client.send(f"/orders/{order.ref}/consent", fields(client, order))
    orders.feed({**shape, "state": "accepted", "lines": [{**LINES[0], "unit_price": "99.00"}]})
    page = text(client.get(f"/orders/{order.ref}"))
    assert "has been changed since it was accepted" in page
    assert "€3,686.87" in page


def test_declined_with_a_reason(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    assert client.send(f"/orders/{order.ref}/refusal", fields(client, order)).status_code == 303
    assert orders.reload(order).state == State.DECLINED
    assert "Too dear." in text(sign_in("account-manager").get(f"/orders/{order.ref}"))


def test_opening_an_address_accepts_nothing(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    sent = fields(client, order)
    for what in ("consent", "refusal"):
        assert client.get(f"/orders/{order.ref}/{what}", query_string=sent).status_code == 405
    # Nor does a form of another site.
    assert client.post(f"/orders/{order.ref}/consent", data=sent).status_code == 400
    assert orders.reload(order).state == State.OFFERED


@pytest.mark.parametrize(("field", "value"), [("agrees", ""), ("full_name", " "), ("version", "")])
def test_without_box_or_name_it_is_not_accepted(sign_in: SignIn, orders: OrderWorld, field: str, value: str) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    answer = client.send(f"/orders/{order.ref}/consent", {**fields(client, order), field: value})
    assert answer.status_code == 422
    if field == "agrees":
        assert "Jana Malá" in text(answer)
    assert client.send(f"/orders/{order.ref}/refusal", {"version": order.public_version}).status_code == 422
    assert orders.reload(order).state == State.OFFERED


@pytest.mark.parametrize("changed", [{"seen": "0" * 64}, {"version": 99}, {"language": "cs"}])
def test_what_was_not_read_so_is_not_accepted(sign_in: SignIn, orders: OrderWorld, changed: dict[str, object]) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    answer = client.send(f"/orders/{order.ref}/consent", {**fields(client, order), **changed})
    assert answer.status_code == 409
    # The name is still there; the box is to be ticked anew.
    assert "Jana Malá" in text(answer)
    assert "checked" not in text(answer).partition('id="agrees"')[2][:200]
    assert orders.reload(order).state == State.OFFERED


def test_one_whose_time_is_over_is_not_accepted(sign_in: SignIn, orders: OrderWorld) -> None:
    client, order = sign_in("customer-admin"), orders.quotation()
    sent = fields(client, order)
    orders.feed({**orders.shape(), "external_id": "X00001", "kind": "quotation", "state": "offered",
                              "number": order.details.number, "valid_until": "2020-01-31"})  # fmt: skip
    sent["version"] = orders.reload(order).public_version
    answer = client.send(f"/orders/{order.ref}/consent", sent)
    assert answer.status_code == 409
    assert "valid until" in text(answer)
    assert 'name="agrees"' not in client.get(f"/orders/{order.ref}").text


def test_a_member_decides_once_their_administrator_lets_them(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, client = orders.quotation(), sign_in("customer")
    sent = fields(sign_in("customer-admin"), order)
    assert "administrators decide" in text(client.get(f"/orders/{order.ref}"))
    for what in ("consent", "refusal"):
        assert client.send(f"/orders/{order.ref}/{what}", sent).status_code == 403
    let(world, "customer")
    assert 'name="agrees"' in client.get(f"/orders/{order.ref}").text
    assert client.send(f"/orders/{order.ref}/consent", sent).status_code == 303


@pytest.mark.parametrize(
    ("hint", "status"),
    [
        ("partner", 403),
        ("partner-admin", 403),
        ("rival-partner", 403),
        ("supplier", 403),
        ("agent", 403),
        ("account-manager", 403),
        ("buyer", 403),
        ("channel-manager", 403),
        ("auditor", 403),
        ("moderator", 403),
        ("admin", 403),
        ("other-customer", 404),
    ],
)
def test_nobody_else_decides(sign_in: SignIn, orders: OrderWorld, hint: str, status: int) -> None:
    """Not even the partner through whom it is sold, who reads it whole."""
    order = orders.quotation(reseller="wolf")
    sent = fields(sign_in("customer-admin"), order)
    client = sign_in("customer-admin") if hint == "other-customer" else sign_in(hint)
    if hint == "other-customer":
        order = orders.quotation("bakery")
    for what in ("consent", "refusal"):
        assert client.send(f"/orders/{order.ref}/{what}", sent).status_code == status
    assert orders.reload(order).state == State.OFFERED


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    answer = client.send(f"/orders/{orders.quotation().ref}/consent", {})
    assert (answer.status_code, "/sign-in" in answer.location) == (303, True)


def test_the_reseller_reads_of_it_without_names(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.quotation(reseller="wolf"), sign_in("customer-admin")
    client.send(f"/orders/{order.ref}/consent", fields(client, order))
    page = text(sign_in("partner").get(f"/orders/{order.ref}"))
    assert "Accepted" in page
    assert "Jana Malá" not in page


def test_of_two_at_once_one_decides(sign_in: SignIn, orders: OrderWorld) -> None:
    order, one, other = orders.quotation(), sign_in("customer-admin"), sign_in("customer-admin")
    sent, statuses, barrier = fields(one, order), list[int](), Barrier(2)
    tokens = [browser.csrf_token() for browser in (one, other)]

    def send(browser: FlaskClient, token: str, what: str) -> None:
        barrier.wait()
        data = {**sent, "csrf_token": token}
        statuses.append(browser.post(f"/orders/{order.ref}/{what}", data=data).status_code)

    threads = [
        Thread(target=send, args=(browser, token, what))
        for browser, token, what in zip((one, other), tokens, ("consent", "refusal"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    assert orders.reload(order).state in (State.ACCEPTED, State.DECLINED)


def test_as_many_statements_for_many_lines(app: Flask, sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [{**LINES[0], "position": position} for position in range(1, 60)]
    few, many, client = orders.quotation(), orders.quotation(lines=lines), sign_in("customer-admin")
    counts = []
    for order in (few, few, many):
        with statements(app) as found:
            client.get(f"/orders/{order.ref}")
        counts.append(len(found))
    assert counts[1] == counts[2]
