"""What a linked partner cannot see of an order moves nothing that they see of it."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Programs, program
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.orders.test_list import refs

__all__ = ["program"]
pytestmark = pytest.mark.usefixtures("in_english")

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)


def dearer(shape: dict[str, Any]) -> dict[str, Any]:
    return {**shape, "lines": [{**LINES[0], "unit_price": "126.00"}, LINES[1]], "payment_terms": "30 days net"}


def later(shape: dict[str, Any]) -> dict[str, Any]:
    return {**shape, "lines": [{**LINES[0], "promised_on": "2030-04-15"}, LINES[1]]}


@pytest.fixture
def watched(orders: OrderWorld) -> list[dict[str, Any]]:
    """Two orders of a linked customer, the newer one last, as the ERP tells them."""
    shapes = [orders.shape("glass"), orders.shape("glass")]
    for hour, shape in enumerate(shapes):
        orders.feed(shape, at=MONDAY + timedelta(hours=hour))
    return shapes


@time_machine.travel(MONDAY + timedelta(days=1), tick=False)
def test_a_price_moves_nothing_in_the_partners_list(
    sign_in: SignIn, orders: OrderWorld, watched: list[dict[str, Any]]
) -> None:
    partner = sign_in("partner")
    before = refs(partner.get("/orders"))
    orders.feed(dearer(watched[0]))
    assert refs(partner.get("/orders")) == before
    assert refs(sign_in("customer-admin").get("/orders")) == before[::-1]
    orders.feed(later(watched[0]))
    assert refs(partner.get("/orders")) == before[::-1]


@time_machine.travel(MONDAY + timedelta(days=1), tick=False)
def test_a_price_moves_neither_time_nor_etag_of_the_partners_program(
    program: Programs, orders: OrderWorld, watched: list[dict[str, Any]]
) -> None:
    reader, owner = program("partner-admin"), program("customer-admin")
    listed = reader.get("orders").json["items"]
    [of_partner, of_owner] = [one.get(f"orders/{listed[0]['ref']}").headers["ETag"] for one in (reader, owner)]
    orders.feed(dearer(watched[0]))
    assert reader.get("orders").json["items"] == listed
    assert reader.get("orders?updated_since=2030-03-04T23:00:00Z").json["items"] == []
    assert len(owner.get("orders?updated_since=2030-03-04T23:00:00Z").json["items"]) == 1
    assert reader.get(f"orders/{listed[0]['ref']}").headers["ETag"] == of_partner
    assert owner.get(f"orders/{listed[0]['ref']}").headers["ETag"] != of_owner
    orders.feed(later(watched[0]))
    assert len(reader.get("orders?updated_since=2030-03-04T23:00:00Z").json["items"]) == 1


def changed(**line: Any) -> dict[str, Any]:
    return {"lines": [{**LINES[0], **line}, LINES[1]]}


CHANGES: list[dict[str, Any]] = [
    {"payment_terms": "60 days net"},
    {"remark": "To the back door"},
    {"customer_reference": "OTHER-1"},
    {"payment_state": "paid", "paid": "3686.87"},
    {"state": "shipped"},
    {"state": "delivered", "delivered_on": "2030-03-14"},
    {"shipped_on": "2030-03-12"},
    changed(unit_price="99.00"),
    changed(discount="0"),
    changed(cost="1.00"),
    changed(quantity="11"),
    changed(delivered="5"),
    changed(shipped="10", delivered="10"),
    changed(promised_on="2030-03-16"),
    changed(confirmed_on="2030-04-01"),
    changed(descriptions={"en": "Another lantern"}),
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4))
def test_the_partners_time_moves_just_when_something_that_they_see_moves(
    program: Programs, orders: OrderWorld, steps: list[dict[str, Any]]
) -> None:
    shape = orders.shape("glass")
    order = orders.sales("glass", external_id=(key := shape["external_id"]), at=MONDAY)
    reader, at = program("partner-admin"), MONDAY
    for step in steps:
        before = reader.get(f"orders/{order.ref}").json
        at += timedelta(hours=1)
        orders.feed({**shape, "external_id": key, **step}, at=at)
        after = reader.get(f"orders/{order.ref}").json
        has_moved = before.pop("updated_at") != after.pop("updated_at")
        assert has_moved == (before != after), step


@time_machine.travel(MONDAY + timedelta(days=1), tick=False)
def test_a_price_moves_nothing_in_the_partners_calendar(
    client: FlaskClient, sign_in: SignIn, orders: OrderWorld, watched: list[dict[str, Any]]
) -> None:
    browser = sign_in("partner")
    assert browser.send("/account/calendars", {}).status_code == HTTPStatus.SEE_OTHER
    url = re.findall(r"http://localhost(/calendars/[\w-]+\.ics)", browser.get("/account/calendars").text)[-1]
    before = client.get(url).data
    orders.feed(dearer(watched[0]))
    assert client.get(url).data == before
    orders.feed(later(watched[0]))
    assert client.get(url).data != before
