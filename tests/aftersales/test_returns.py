"""Returns are decided on by whoever looks after the customer, in words that the customer reads."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.accounts.models import Portfolio
from portal.orders.models import Order
from portal.orders.requests import OrderRequest
from tests.aftersales.test_requests import DELIVERED, RETURN, ask, text, ticket_of
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

CONFIRM = {"decision": "confirm", "words": "Send it to the ramp in Liberec.", "version": 1}


@pytest.fixture
def order(orders: OrderWorld) -> Order:
    return orders.sales(lines=DELIVERED)


def request_of(world: World) -> OrderRequest:
    with world.session() as session:
        return session.scalars(sa.select(OrderRequest).order_by(OrderRequest.id.desc())).first()  # type: ignore[return-value]


def decide(client: FlaskClient, world: World, **changes: object) -> Any:
    return client.send(f"/orders/returns/{request_of(world).ref}/decision", {**CONFIRM, **changes})


@pytest.mark.parametrize(("decision", "words"), [("confirm", "Confirmed"), ("refuse", "Refused")])
def test_decided_so_that_the_customer_reads_why(
    sign_in: SignIn, order: Order, world: World, decision: str, words: str
) -> None:
    client, staff = sign_in("customer"), sign_in("account-manager")
    ticket = ticket_of(world, ask(client, order, **RETURN))
    inbox = staff.get("/orders/returns")
    assert "Meadow garden lantern" in text(inbox)
    assert audit(inbox.text) == []
    page = staff.get(f"/orders/returns/{request_of(world).ref}")
    assert "Dented." in text(page)
    assert audit(page.text) == []
    assert decide(staff, world, decision=decision).status_code == 303
    for address in (f"/tickets/{ticket.ref}", f"/orders/{order.ref}", f"/orders/returns/{request_of(world).ref}"):
        answer = client.get(address)
        assert words in text(answer), address
        assert audit(answer.text) == []
    assert "Send it to the ramp in Liberec." in text(client.get(f"/tickets/{ticket.ref}"))
    assert "Meadow garden lantern" not in text(staff.get("/orders/returns"))
    assert decide(staff, world, version=2).status_code == 409


def test_a_refused_return_can_be_asked_for_again(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales(lines=[{**LINES[0], "delivered": "7"}])
    client, staff = sign_in("customer"), sign_in("account-manager")
    ask(client, order, **{**RETURN, "quantity": "7"})
    decide(staff, world, decision="refuse")
    assert ask(client, order, **{**RETURN, "quantity": "7"}).status_code == 303
    decide(staff, world)
    assert ask(client, order, **{**RETURN, "quantity": "1"}).status_code == 422


@pytest.mark.parametrize("changes", [{"decision": ""}, {"decision": "maybe"}, {"words": " "}, {"version": ""}])
def test_what_is_unsound_is_refused(sign_in: SignIn, order: Order, world: World, changes: dict[str, object]) -> None:
    ask(sign_in("customer"), order, **RETURN)
    assert decide(sign_in("account-manager"), world, **changes).status_code == 422
    assert request_of(world).decision == ""


def test_a_stale_decision_keeps_its_words(sign_in: SignIn, order: Order, world: World) -> None:
    ask(sign_in("customer"), order, **RETURN)
    answer = decide(sign_in("account-manager"), world, version=7)
    assert (answer.status_code, "ramp in Liberec" in text(answer)) == (409, True)


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "agent", "auditor", "channel-manager", "buyer"])
def test_nobody_else_decides(sign_in: SignIn, order: Order, world: World, hint: str) -> None:
    ask(sign_in("customer"), order, **RETURN)
    assert decide(sign_in(hint), world).status_code == 403


def test_an_account_manager_decides_for_their_own_customers_alone(sign_in: SignIn, order: Order, world: World) -> None:
    ask(sign_in("customer"), order, **RETURN)
    with world.session() as session:
        session.execute(sa.delete(Portfolio))
        session.commit()
    staff = sign_in("account-manager")
    assert "Meadow garden lantern" not in text(staff.get("/orders/returns"))
    assert "Meadow garden lantern" in text(staff.get("/orders/returns?all=1"))
    assert decide(staff, world).status_code == 403


@pytest.mark.parametrize(
    ("hint", "seen"),
    [("agent", True), ("auditor", True), ("customer", True), ("buyer", False), ("supplier", False),
     ("partner", False), ("rival-partner", False), ("channel-manager", False)],
)  # fmt: skip
def test_who_reads_of_returns(sign_in: SignIn, order: Order, world: World, hint: str, seen: bool) -> None:
    ask(sign_in("customer"), order, **RETURN)
    browser = sign_in(hint)
    answer = browser.get("/orders/returns")
    assert ("Meadow garden lantern" in text(answer)) == seen
    assert audit(answer.text) == []
    status = browser.get(f"/orders/returns/{request_of(world).ref}").status_code
    assert status == (200 if seen else 404)


def test_a_stale_decision_loses_no_words(sign_in: SignIn, order: Order, world: World) -> None:
    client, staff = sign_in("customer"), sign_in("account-manager")
    ticket_of(world, ask(client, order, **RETURN))
    assert decide(staff, world).status_code == 303
    stale = decide(staff, world, decision="refuse", words="Keep the lanterns.")
    assert (stale.status_code, "Keep the lanterns." in text(stale)) == (409, True)


def test_nobody_returns_half_a_lantern(sign_in: SignIn, order: Order, world: World) -> None:
    answer = ask(sign_in("customer"), order, **{**RETURN, "quantity": "0.5"})
    assert (answer.status_code, "there is no part" in text(answer)) == (409, True)
