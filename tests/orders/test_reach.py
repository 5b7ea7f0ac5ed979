"""Who reaches which orders, and how much of them: rivals never meet."""

import pytest
import sqlalchemy as sa

from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderDetails, OrderEvent, OrderLine
from tests.orders.helpers import OrderWorld
from tests.world import World

PARTS = (OrderDetails, OrderLine, OrderEvent)


@pytest.fixture
def cast_of_orders(orders: OrderWorld) -> dict[str, Order]:
    return {
        "glass": orders.sales("glass"),
        "bakery": orders.sales("bakery"),
        "glass-by-wolf": orders.sales("glass", reseller="wolf"),
        "offer": orders.quotation("glass"),
        "foundry-buys": orders.sales("foundry"),
        "wolf-buys": orders.resale("wolf"),
        "herons-buys": orders.resale("herons"),
        "looms": orders.purchase("looms"),
        "paper": orders.purchase("paper"),
        "foundry-sells": orders.purchase("foundry"),
    }


SALES = {"glass", "bakery", "glass-by-wolf", "offer", "foundry-buys", "wolf-buys", "herons-buys"}
PURCHASE = {"looms", "paper", "foundry-sells"}
GLASS = {"glass", "glass-by-wolf", "offer"}


@pytest.mark.parametrize(
    ("hint", "acting", "seen", "whole"),
    [
        ("customer", "", GLASS, GLASS),
        ("customer-admin", "", GLASS, GLASS),
        ("supplier", "", {"looms"}, {"looms"}),
        # Of linked customers where they stand, of resale everything.
        ("partner", "", {"glass", "glass-by-wolf", "wolf-buys"}, {"glass-by-wolf", "wolf-buys"}),
        ("rival-partner", "", {"bakery", "herons-buys"}, {"herons-buys"}),
        ("agent", "", SALES, SALES),
        ("buyer", "", PURCHASE, PURCHASE),
        (
            "channel-manager",
            "",
            {"glass-by-wolf", "wolf-buys", "herons-buys"},
            {"glass-by-wolf", "wolf-buys", "herons-buys"},
        ),
        ("auditor", "", SALES | PURCHASE, SALES | PURCHASE),
        ("moderator", "", set(), set()),
        ("admin", "", set(), set()),
    ],
)
def test_everybody_reaches_theirs_alone(
    world: World, cast_of_orders: dict[str, Order], hint: str, acting: str, seen: set[str], whole: set[str]
) -> None:
    names = {order.id: name for name, order in cast_of_orders.items()}
    with world.as_(hint, acting) as session:
        assert {names[found] for found in session.scalars(sa.select(Order.id))} == seen
        for part in PARTS:
            assert {names[found] for found in session.scalars(sa.select(part.order_id))} == whole


@pytest.mark.parametrize("hint", ["account-manager", "auditor"])
def test_margins_are_for_whoever_sees_finance(world: World, cast_of_orders: dict[str, Order], hint: str) -> None:
    with world.as_(hint) as session:
        assert session.scalars(sa.select(OrderCost.id)).all()


@pytest.mark.parametrize("hint", ["customer", "partner", "agent", "channel-manager", "buyer", "supplier"])
def test_margins_are_for_nobody_else(world: World, cast_of_orders: dict[str, Order], hint: str) -> None:
    with world.as_(hint) as session:
        assert session.scalars(sa.select(OrderCost.id)).all() == []


def test_without_the_area_there_are_no_orders(world: World, cast_of_orders: dict[str, Order]) -> None:
    from portal.accounts.models import Membership

    with world.session() as session:
        session.execute(sa.update(Membership).values(in_orders=False))
        session.commit()
    for hint in ("customer-admin", "supplier", "partner"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(Order.id)).all() == []
