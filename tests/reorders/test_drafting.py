"""Ordering again, below HTTP: what goes into the draft, at what price, and who sees it when."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from portal.access.finding import find
from portal.access.scope import OutOfScope
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.orders.lifecycle import State, Verb
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderEvent
from portal.products.models import Product, ProductPrice
from portal.reorders import drafting
from portal.reorders.drafting import Wishes
from tests.orders.helpers import LINES, OrderWorld
from tests.world import World

TODAY = date(2030, 6, 3)


def price(world: World, code: str = "LN-100", company: str = "glass", **facts: Any) -> None:
    organisation_id = world.organisation(company).id
    with world.session() as session:
        product = session.scalars(sa.select(Product).where(Product.code == code)).one()
        known = {"currency": "EUR", "minimum": 0, "unit_price": 13_000, "price_per": 1, "valid_from": date(2030, 1, 1)}
        values = {**known, **facts, "product_id": product.id, "organisation_id": organisation_id}
        session.add(ProductPrice(**values))
        session.commit()


def again(orders: OrderWorld, order: Order, hint: str = "customer", acting: str = "") -> Order:
    with orders.held(order, hint, acting) as (held, who):
        draft, _left_out = drafting.reorder(sa.orm.object_session(held), held, who, now(), TODAY)
    return orders.reload(draft)


def wishes(draft: Order, **changes: Any) -> Wishes:
    known = {
        "quantities": {line.position: line.quantity for line in draft.lines},
        "customer_reference": "OUR-77",
        "delivery_address": "Dvůr 2",
        "wished_on": None,
        "remark": "",
    }
    return Wishes(**{**known, **changes})


def edit(orders: OrderWorld, draft: Order, hint: str = "customer", **changes: Any) -> None:
    with orders.held(draft, hint) as (held, who):
        version = changes.pop("version", held.version_for(who))
        drafting.edit(held, who, now(), version, wishes(held, **changes), TODAY)


def act(orders: OrderWorld, order: Order, verb: Verb, hint: str, **params: Any) -> None:
    with orders.held(order, hint) as (held, who):
        if verb == Verb.SEND:
            drafting.send(held, who, now(), held.version_for(who))
        elif verb == Verb.ACCEPT_REQUEST:
            drafting.accept(held, who, now(), held.version_for(who), TODAY)
        else:
            held.move(verb, who, now(), held.version_for(who), **params)


def test_a_draft_has_what_was_ordered_at_the_old_price(orders: OrderWorld, world: World) -> None:
    order = orders.sales(lines=[{**LINES[0], "delivered": "10"}, dict(LINES[1])])
    draft = again(orders, order)
    assert (draft.state, draft.author_id, draft.reseller_id) == (State.DRAFT, world.person_id("customer"), None)
    assert [(line.quantity, line.unit_price, line.discount, line.delivered) for line in draft.lines] == [
        (10_000, 12_500, 1_000, 0),
        (4_000, 48_050, 0, 0),
    ]
    assert (draft.details.total, draft.details.source_id) == (order.details.total, order.id)
    assert (draft.details.number, draft.details.customer_reference) == ("", "")


def test_the_price_of_today_counts(orders: OrderWorld, world: World) -> None:
    price(world, unit_price=13_000)
    price(world, unit_price=11_000, minimum=20_000)
    price(world, unit_price=9_000, valid_from=date(2030, 2, 1), valid_until=date(2030, 6, 2))
    price(world, unit_price=8_000, valid_from=date(2030, 6, 4))
    price(world, unit_price=7_000, currency="CZK")
    price(world, company="bakery", unit_price=6_000)
    draft = again(orders, orders.sales())
    line = draft.lines[0]
    assert (line.unit_price, line.discount, line.net) == (13_000, 0, 130_000)
    edit(orders, draft, quantities={10: 20_000, 20: 4_000})
    line = orders.reload(draft).lines[0]
    assert (line.unit_price, line.net) == (11_000, 220_000)
    assert orders.reload(draft).lines[1].unit_price == 48_050


def test_what_is_no_longer_sold_is_left_out(orders: OrderWorld, world: World) -> None:
    order = orders.sales(lines=[dict(LINES[0]), dict(LINES[1]), {"position": 30, "quantity": "1"}])
    with world.session() as session:
        session.execute(sa.update(Product).where(Product.code == "LN-200").values(is_active=False))
        session.commit()
    draft = again(orders, order)
    assert [line.code for line in draft.lines] == ["LN-100"]
    with world.session() as session:
        params = session.scalars(sa.select(OrderEvent.params).where(OrderEvent.order_id == draft.id)).one()
        assert [line["code"] for line in params["left_out"]] == ["LN-200", ""]
        session.execute(sa.update(Product).values(is_reorderable=False))
        session.commit()
    with pytest.raises(RuleBroken):
        again(orders, order)
    with pytest.raises(RuleBroken):
        act(orders, draft, Verb.SEND, "customer")


def test_only_what_has_been_ordered_is_ordered_again(orders: OrderWorld) -> None:
    for order in (orders.quotation(), orders.sales(state="cancelled")):
        with pytest.raises(RuleBroken):
            again(orders, order)


def test_a_draft_is_for_the_company_alone(orders: OrderWorld, world: World) -> None:
    draft = again(orders, orders.sales(reseller="wolf"))
    assert all(_sees(world, hint, draft) for hint in ("customer", "customer-admin"))
    for hint in ("partner", "account-manager", "agent", "auditor", "channel-manager", "admin"):
        assert not _sees(world, hint, draft), hint
    act(orders, draft, Verb.SEND, "customer-admin")
    assert all(_sees(world, hint, draft) for hint in ("customer", "account-manager", "agent", "auditor"))
    assert not any(_sees(world, hint, draft) for hint in ("partner", "channel-manager", "buyer"))


def _sees(world: World, hint: str, order: Order) -> bool:
    with world.as_(hint) as session:
        return find(session, Order, Order.id == order.id) is not None


def test_a_partner_orders_a_resale_again_for_themselves(orders: OrderWorld, world: World) -> None:
    for order in (orders.resale("wolf"), orders.sales("glass", reseller="wolf")):
        draft = again(orders, order, "partner")
        wolf = world.organisation("wolf").id
        assert (draft.organisation_id, draft.reseller_id, draft.capacity) == (wolf, wolf, "partner")
    assert (draft.details.billing_address, draft.details.payment_terms) == ("", "")
    assert not _sees(world, "customer-admin", draft)
    assert not _sees(world, "rival-partner", draft)


def test_a_linked_customer_s_order_is_not_theirs_to_order_again(orders: OrderWorld) -> None:
    """They read where it stands, not what it is of."""
    with pytest.raises((OutOfScope, RuleBroken)):
        again(orders, orders.sales("glass"), "partner")


def test_edited_by_the_company(orders: OrderWorld) -> None:
    draft = again(orders, orders.sales())
    edit(orders, draft, "customer-admin", quantities={10: 2_500}, wished_on=date(2030, 7, 1), remark="At the ramp.")
    found = orders.reload(draft)
    assert [(line.position, line.quantity) for line in found.lines] == [(10, 2_500)]
    assert found.details.net == 28_125
    assert (found.details.wished_on, found.details.customer_reference) == (date(2030, 7, 1), "OUR-77")
    with pytest.raises(RuleBroken):
        edit(orders, draft, quantities={10: 0})
    with pytest.raises(Stale):
        edit(orders, draft, version=1)


def test_sent_accepted_and_taken_over_by_the_erp(orders: OrderWorld, world: World) -> None:
    draft = again(orders, orders.sales())
    act(orders, draft, Verb.SEND, "customer")
    with pytest.raises(RuleBroken):
        edit(orders, draft)
    act(orders, draft, Verb.ACCEPT_REQUEST, "account-manager")
    found = orders.reload(draft)
    assert (found.state, found.ordered_on) == (State.ORDERED, TODAY)
    shape = orders.shape(ref=draft.ref, state="confirmed", number="24-90001")
    (outcome,) = orders.feed(shape)
    assert not outcome.problems
    found = orders.reload(draft)
    assert (found.state, found.details.number) == (State.CONFIRMED, "24-90001")


def test_not_accepted_with_a_reason(orders: OrderWorld, world: World) -> None:
    draft = again(orders, orders.sales())
    act(orders, draft, Verb.SEND, "customer")
    act(orders, draft, Verb.REFUSE_REQUEST, "account-manager", reason="We make no more of them.")
    assert orders.reload(draft).state == State.REFUSED
    with world.as_("customer") as session:
        assert "We make no more of them." in session.scalars(sa.select(OrderEvent.reason)).all()


def test_withdrawn_by_the_customer(orders: OrderWorld) -> None:
    draft = again(orders, orders.sales())
    act(orders, draft, Verb.SEND, "customer")
    act(orders, draft, Verb.WITHDRAW, "customer-admin")
    assert orders.reload(draft).state == State.WITHDRAWN
    with pytest.raises(RuleBroken):
        act(orders, draft, Verb.ACCEPT_REQUEST, "account-manager")


def test_a_deleted_draft_leaves_nothing(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    draft = again(orders, order)
    with orders.held(draft, "customer") as (held, who):
        drafting.remove(held, who, held.version_for(who))
    with world.session() as session:
        assert session.scalars(sa.select(Order.id)).all() == [order.id]
        assert session.scalars(sa.select(OrderDetails.order_id)).all() == [order.id]
    sent = again(orders, order)
    act(orders, sent, Verb.SEND, "customer")
    with pytest.raises(RuleBroken), orders.held(sent, "customer") as (held, who):
        drafting.remove(held, who, held.version_for(who))


@pytest.mark.parametrize("hint", ["agent", "auditor", "channel-manager"])
def test_nobody_else_accepts(orders: OrderWorld, hint: str) -> None:
    draft = again(orders, orders.sales())
    act(orders, draft, Verb.SEND, "customer")
    with pytest.raises((OutOfScope, AssertionError)):
        act(orders, draft, Verb.ACCEPT_REQUEST, hint)
