"""What a feed has done to an order is taken back, unless people have done something with it."""

from typing import Any

import pytest
import sqlalchemy as sa

from portal.access import Principal
from portal.clock import now
from portal.errors import RuleBroken
from portal.feeds.outcome import Action
from portal.orders.lifecycle import Verb
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderEvent, OrderLine
from portal.organisations.models import Activity, ActivityOrganisation, ExternalId
from portal.tickets.messages import SearchEntry
from tests.feeds.helpers import feed, take_back
from tests.orders.helpers import LINES, OrderWorld
from tests.world import World

WRITTEN = (Order, OrderLine, OrderCost, OrderEvent, Activity, ActivityOrganisation, ExternalId, SearchEntry)


def _counts(world: World) -> list[Any]:
    with world.session() as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in WRITTEN]


def test_an_order_that_was_new_goes_with_all_that_was_written_of_it(world: World, orders: OrderWorld) -> None:
    before = _counts(world)
    (outcome,) = feed(world, "orders", orders.shape())
    take_back(world, "orders", "X00001", outcome)
    assert _counts(world) == before


def test_an_order_that_was_changed_is_as_it_was(world: World, orders: OrderWorld) -> None:
    shape = orders.shape("wolf", capacity="partner")
    feed(world, "orders", shape)
    lines = [{**LINES[0], "quantity": "8", "cost": "1.00", "confirmed_on": "2030-04-01"}, {**LINES[1], "position": 30}]
    changed = {**shape, "state": "shipped", "shipped_on": "2030-03-20", "number": "N", "lines": lines, "paid": "1.00"}
    (outcome,) = feed(world, "orders", changed)
    assert outcome.action == Action.UPDATE
    take_back(world, "orders", "X00001", outcome)
    (again,) = feed(world, "orders", {**shape, "shipped_on": None, "paid": "0"})
    assert again.action == Action.UNCHANGED


def test_who_sells_it_on_is_told_and_brought_back(world: World, orders: OrderWorld) -> None:
    shape = orders.shape()
    feed(world, "orders", shape)
    wolf = world.organisation("wolf").ref
    (outcome,) = feed(world, "orders", {**shape, "reseller": wolf})
    assert outcome.changes == {"reseller": ("", wolf)}
    take_back(world, "orders", "X00001", outcome)
    (again,) = feed(world, "orders", shape)
    assert again.action == Action.UNCHANGED
    assert again.after["reseller"] == ""


def test_what_somebody_has_acted_on_stays(world: World, orders: OrderWorld) -> None:
    (outcome,) = feed(world, "orders", orders.shape(kind="quotation", state="offered", valid_until="2030-12-31"))
    with world.session() as session:
        order = session.get_one(Order, outcome.record.id)  # type: ignore[union-attr]
        order.happened(Verb.ACCEPT, Principal.system("somebody"), now())
        session.commit()
    with pytest.raises(RuleBroken):
        take_back(world, "orders", "X00001", outcome)
