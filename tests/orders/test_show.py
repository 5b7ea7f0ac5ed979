"""The page of one order, through HTTP: what each of its readers is told."""

from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from portal.orders.models import Order
from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.test_pages import audit

pytestmark = pytest.mark.usefixtures("in_english")

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND = HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND


def page(client: FlaskClient, order: Order) -> str:
    answer = client.get(f"/orders/{order.ref}")
    assert answer.status_code == OK
    return answer.text


def test_customer_and_staff_read_the_same_page(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    for hint in ("customer", "customer-admin", "agent", "account-manager", "auditor"):
        text = page(sign_in(hint), order)
        for told in ("24-00001", "PURCHASE-00001", "Meadow garden lantern", "€1,125.00", "€639.87", "€3,686.87"):
            assert told in text, (hint, told)
        assert audit(text) == []


@pytest.mark.parametrize("hint", ["moderator", "admin"])
def test_who_reads_no_orders_is_refused(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    assert sign_in(hint).get(f"/orders/{orders.sales().ref}").status_code == FORBIDDEN


@pytest.mark.parametrize("hint", ["rival-partner", "supplier", "buyer", "channel-manager"])
def test_whoever_it_is_not_for_finds_nothing_as_where_nothing_is(
    sign_in: SignIn, orders: OrderWorld, hint: str
) -> None:
    stranger = sign_in(hint)
    assert stranger.get(f"/orders/{orders.sales().ref}").status_code == NOT_FOUND
    assert stranger.get("/orders/SO-00000000").status_code == NOT_FOUND


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    answer = client.get(f"/orders/{orders.sales().ref}")
    assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)
