"""What a linked partner cannot see of an order moves nothing that they see of it."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

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
