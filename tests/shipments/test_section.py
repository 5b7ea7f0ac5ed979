"""What is on its way, on the page of the order."""

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.organisations.helpers import link_of
from tests.shipments.helpers import shape_of, ship, shipment_of
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def text(page: TestResponse) -> str:
    """What is read, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_a_shipment_with_its_parts_and_the_rest(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    shipment_of(world, order)
    page = sign_in("customer-admin").get(f"/orders/{order.ref}")
    words = text(page)
    for part in ("Shipment DN-1", "On its way", "Posta Nova", "PN123-1", "12.5 kg", "5 pcs Meadow garden lantern"):
        assert part in words, part
    assert 'href="https://track.example.com/PN123" rel="noopener noreferrer external"' in page.text
    rest = words.partition("Still to come")[2]
    assert "5 pcs Meadow garden lantern" in rest
    assert "4 pcs Harbour street light" in rest


def test_moments_are_told_in_the_readers_zone(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    event = {"at": "2030-03-10T22:30:00Z", "state": "exception", "place": "Liberec", "words": {"cs": "Celnice"}}
    shipment_of(world, order, events=[event], state="exception")
    page = sign_in("customer-admin").get(f"/orders/{order.ref}")
    assert "Mar 10, 2030" in text(page) or "Mar 11, 2030" in text(page)
    assert "Held up" in text(page)
    assert 'lang="cs">Celnice' in page.text


def test_all_sent_leaves_no_rest(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales(lines=[LINES[0]])
    shipment_of(world, order, lines=[{"position": 10, "quantity": "10"}])
    assert "Still to come" not in text(sign_in("customer-admin").get(f"/orders/{order.ref}"))


def test_without_shipments_there_is_nothing(orders: OrderWorld, sign_in: SignIn) -> None:
    assert 'id="shipments"' not in sign_in("customer-admin").get(f"/orders/{orders.sales().ref}").text


def test_a_partner_of_the_customer_does_not_see_what_is_sent(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    shipment_of(world, order)
    link_of(world, "wolf", "glass")
    page = sign_in("partner").get(f"/orders/{order.ref}")
    assert page.status_code == 200
    assert "PN123" not in page.text


def test_statements_do_not_grow_with_the_shipments(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    few, many = orders.sales(), orders.sales()
    ship(world, {**shape_of(few), "external_id": "A"})
    for number in range(5):
        lines = [{"position": 10, "quantity": "1"}, {"position": 20, "quantity": "0.5"}]
        ship(world, {**shape_of(many), "external_id": f"B{number}", "lines": lines})
    browser, counts = sign_in("customer-admin"), []
    browser.get(f"/orders/{few.ref}")
    for order in (few, many):
        with statements(world.app) as seen:
            assert browser.get(f"/orders/{order.ref}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
