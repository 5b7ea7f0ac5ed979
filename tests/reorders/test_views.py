"""Ordering again over HTTP: who may, what is refused, and what each side reads of it."""

import html
import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.products.models import Product, ProductPrice
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def made(client: FlaskClient, orders: OrderWorld, order: Order | None = None) -> Order:
    """A draft from an order with two lines."""
    order = order or orders.sales()
    answer = client.send(f"/orders/{order.ref}/reorders")
    assert answer.status_code == 303, text(answer)
    with orders.world.session() as session:
        found = session.scalars(sa.select(Order).where(Order.ref == answer.location.rpartition("/")[2])).one()
    return orders.reload(found)


def typed(orders: OrderWorld, draft: Order, **changes: object) -> dict[str, object]:
    found = orders.reload(draft)
    quantities = {f"quantity_{line.position}": str(line.quantity // 1000) for line in found.lines}
    known = {"version": found.public_version, "customer_reference": "OUR-77", "delivery_address": "Dvůr 2"}
    return {**known, **quantities, **changes}


def sent(client: FlaskClient, orders: OrderWorld, order: Order | None = None) -> Order:
    draft = made(client, orders, order)
    assert client.send(f"/orders/{draft.ref}/request", typed(orders, draft)).status_code == 303
    return orders.reload(draft)


def price(world: World, unit_price: int) -> None:
    organisation_id = world.organisation("glass").id
    with world.session() as session:
        session.execute(sa.delete(ProductPrice))
        product_id = session.scalars(sa.select(Product.id).where(Product.code == "LN-100")).one()
        session.add(
            ProductPrice(
                product_id=product_id,
                organisation_id=organisation_id,
                currency="EUR",
                unit_price=unit_price,
                valid_from=date(2020, 1, 1),
            )
        )
        session.commit()


def test_from_an_order_to_an_order(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client, staff = orders.sales(), sign_in("customer"), sign_in("account-manager")
    assert "Reorder" in text(client.get(f"/orders/{order.ref}"))
    draft = made(client, orders, order)
    page = client.get(f"/orders/{draft.ref}")
    assert "Price of the order before" in text(page)
    assert audit(page.text) == []
    assert staff.get(f"/orders/{draft.ref}").status_code == 404
    fields = typed(orders, draft, quantity_10="2", remove_20="y", wished_on="2090-07-01", remark="At the ramp.")
    assert client.send(f"/orders/{draft.ref}/draft", fields).status_code == 303
    found = orders.reload(draft)
    assert [(line.position, line.quantity) for line in found.lines] == [(10, 2_000)]
    assert (found.details.wished_on, found.details.remark) == (date(2090, 7, 1), "At the ramp.")
    assert client.send(f"/orders/{draft.ref}/request", typed(orders, draft, quantity_10="3")).status_code == 303
    found = orders.reload(draft)
    assert (found.state, found.lines[0].quantity, found.lines[0].net) == (State.REQUESTED, 3_000, 33_750)
    for browser in (client, staff, sign_in("agent"), sign_in("auditor")):
        answer = browser.get(f"/orders/{draft.ref}")
        assert "OUR-77" in text(answer)
        assert audit(answer.text) == []
    version = {"version": found.version}
    assert staff.send(f"/orders/{draft.ref}/acceptance", version).status_code == 303
    assert orders.reload(draft).state == State.ORDERED


def test_not_accepted_with_a_reason_that_the_customer_reads(sign_in: SignIn, orders: OrderWorld) -> None:
    client, staff = sign_in("customer"), sign_in("account-manager")
    order = sent(client, orders)
    url, version = f"/orders/{order.ref}/rejection", {"version": order.version}
    assert staff.send(url, version).status_code == 422
    stale = staff.send(url, {"version": 1, "rejected_because": "We make no more of them."})
    assert (stale.status_code, "We make no more of them." in text(stale)) == (409, True)
    assert staff.send(url, {**version, "rejected_because": "We make no more of them."}).status_code == 303
    assert "We make no more of them." in text(client.get(f"/orders/{order.ref}"))


def test_withdrawn_and_deleted(sign_in: SignIn, orders: OrderWorld) -> None:
    client = sign_in("customer")
    draft, order = made(client, orders), sent(client, orders)
    assert client.send(f"/orders/{draft.ref}/removal", {"version": draft.public_version + 1}).status_code == 409
    assert client.send(f"/orders/{draft.ref}/removal", {"version": draft.public_version}).status_code == 303
    assert client.get(f"/orders/{draft.ref}").status_code == 404
    assert client.send(f"/orders/{order.ref}/removal", {"version": order.public_version}).status_code == 409
    assert client.send(f"/orders/{order.ref}/withdrawal", {"version": order.public_version}).status_code == 303
    assert orders.reload(order).state == State.WITHDRAWN


def test_a_second_time_leads_to_the_same_draft(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.sales(), sign_in("customer")
    assert made(client, orders, order).ref == made(sign_in("customer-admin"), orders, order).ref


def test_what_is_left_out_is_told(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    with world.session() as session:
        session.execute(sa.update(Product).where(Product.code == "LN-200").values(is_reorderable=False))
        session.commit()
    client = sign_in("customer")
    draft = made(client, orders)
    assert "Left out" in text(client.get(f"/orders/{draft.ref}"))
    assert "Harbour street light" in text(client.get(f"/orders/{draft.ref}"))


def test_a_price_that_has_changed_is_shown_before_it_is_sent(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    client = sign_in("customer")
    draft = made(client, orders)
    fields = typed(orders, draft)
    price(world, 15_000)
    answer = client.send(f"/orders/{draft.ref}/request", fields)
    assert (answer.status_code, "€150.00" in text(answer)) == (409, True)
    assert "Today’s price" in text(answer)
    assert orders.reload(draft).state == State.DRAFT
    assert client.send(f"/orders/{draft.ref}/request", typed(orders, draft)).status_code == 303
    assert orders.reload(draft).lines[0].net == 150_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity_10", "0"), ("quantity_10", "-1"), ("quantity_10", "many"), ("quantity_10", "1.0001"),
     ("quantity_10", "10000000"), ("wished_on", "2020-01-01"), ("wished_on", "soon"), ("version", "")],
)  # fmt: skip
def test_what_is_unsound_is_refused_with_what_was_typed(
    sign_in: SignIn, orders: OrderWorld, field: str, value: str
) -> None:
    client = sign_in("customer")
    draft = made(client, orders)
    answer = client.send(f"/orders/{draft.ref}/draft", typed(orders, draft, **{field: value, "remark": "At the ramp."}))
    assert (answer.status_code, "At the ramp." in text(answer)) == (422, True)


def test_a_stale_draft_is_not_saved(sign_in: SignIn, orders: OrderWorld) -> None:
    client = sign_in("customer")
    draft = made(client, orders)
    fields = typed(orders, draft)
    sign_in("customer-admin").send(f"/orders/{draft.ref}/draft", {**fields, "quantity_10": "7"})
    stale = client.send(f"/orders/{draft.ref}/draft", {**fields, "quantity_10": "9", "remark": "At the ramp."})
    assert stale.status_code == 409
    assert orders.reload(draft).lines[0].quantity == 7_000
    # What was typed is where it was, and can be sent as it is once it has been looked at.
    assert "At the ramp." in text(stale)
    assert 'value="9"' in stale.text


def test_nobody_orders_half_a_lantern(sign_in: SignIn, orders: OrderWorld) -> None:
    client = sign_in("customer")
    draft = made(client, orders)
    answer = client.send(f"/orders/{draft.ref}/draft", typed(orders, draft, quantity_10="2.5"))
    assert (answer.status_code, "there is no part" in text(answer)) == (422, True)


def test_a_stale_answer_tells_what_has_happened_since_and_keeps_the_words(sign_in: SignIn, orders: OrderWorld) -> None:
    client, staff = sign_in("customer"), sign_in("account-manager")
    order = sent(client, orders)
    looked_at = {"version": order.version}
    mine = {"version": orders.reload(order).public_version}
    assert staff.send(f"/orders/{order.ref}/acceptance", looked_at).status_code == 303
    stale = staff.send(f"/orders/{order.ref}/rejection", {**looked_at, "rejected_because": "We make no more of them."})
    assert stale.status_code == 409
    told = text(stale).split('id="problem"')[1].split("</section>")[0]
    assert "accepted the order" in told
    assert "sent the order" not in told
    # The form is gone with the decision: what was typed is told beside it.
    assert "We make no more of them." in told
    withdrawn = client.send(f"/orders/{order.ref}/withdrawal", mine)
    assert withdrawn.status_code == 409
    assert "accepted the order" in text(withdrawn).split('id="problem"')[1].split("</section>")[0]


ASKED = ("reorders", "draft", "request", "removal", "withdrawal")


@pytest.mark.parametrize("hint", ["agent", "account-manager", "buyer", "channel-manager", "auditor", "moderator"])
def test_staff_ask_for_nothing(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    order, client = orders.sales(), sign_in(hint)
    for what in ASKED:
        assert client.send(f"/orders/{order.ref}/{what}").status_code == 403


def test_strangers_find_nothing(sign_in: SignIn, orders: OrderWorld) -> None:
    draft = made(sign_in("customer"), orders)
    for hint in ("rival-partner", "partner", "supplier"):
        for what in ASKED:
            assert sign_in(hint).send(f"/orders/{draft.ref}/{what}").status_code == 404


def test_a_linked_partner_and_a_supplier_reorder_nothing(sign_in: SignIn, orders: OrderWorld) -> None:
    assert sign_in("partner").send(f"/orders/{orders.sales('glass').ref}/reorders").status_code == 403
    assert sign_in("supplier").send(f"/orders/{orders.purchase('looms').ref}/reorders").status_code == 403


def test_a_partner_orders_a_resale_again(sign_in: SignIn, orders: OrderWorld) -> None:
    client = sign_in("partner")
    draft = made(client, orders, orders.resale("wolf"))
    assert client.send(f"/orders/{draft.ref}/request", typed(orders, draft)).status_code == 303
    assert sign_in("rival-partner").get(f"/orders/{draft.ref}").status_code == 404


@pytest.mark.parametrize("hint", ["customer-admin", "agent", "channel-manager", "auditor", "buyer"])
def test_nobody_else_answers(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    order = sent(sign_in("customer"), orders)
    for what in ("acceptance", "rejection"):
        assert sign_in(hint).send(f"/orders/{order.ref}/{what}", {"version": order.version}).status_code == 403


def test_an_account_manager_answers_for_their_own_customers_alone(
    sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    from portal.accounts.models import Portfolio

    order = sent(sign_in("customer"), orders)
    with world.session() as session:
        session.execute(sa.delete(Portfolio))
        session.commit()
    staff = sign_in("account-manager")
    assert staff.get(f"/orders/{order.ref}").status_code == 200
    assert staff.send(f"/orders/{order.ref}/acceptance", {"version": order.version}).status_code == 403


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    ref = orders.sales().ref
    for what in (*ASKED, "acceptance", "rejection"):
        answer = client.send(f"/orders/{ref}/{what}")
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True)


def test_as_many_statements_for_many_lines(app: Flask, sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [{**LINES[0], "position": position} for position in range(1, 40)]
    client = sign_in("customer")
    few, many = made(client, orders), made(client, orders, orders.sales(lines=lines))
    counts = []
    for draft in (few, few, many):
        with statements(app) as found:
            assert re.search("quantity_10", client.get(f"/orders/{draft.ref}").text)
        counts.append(len(found))
    assert counts[1] == counts[2]
