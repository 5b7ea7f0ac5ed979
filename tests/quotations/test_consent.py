"""A quotation is accepted as it was read, in time, by whoever may; and what was agreed to stays evident."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.orders.lifecycle import Side, State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.quotations import jobs
from portal.quotations.consent import accept, decline, digest_of
from tests.orders.helpers import LINES, TOTAL, OrderWorld
from tests.world import World

DAY = date(2030, 12, 31)


def agree(orders: OrderWorld, order: Order, hint: str = "customer-admin", **changes: Any) -> None:
    with orders.held(order, hint) as (held, who):
        facts = {"today": DAY, "name": "Jana Malá", "wording": "I accept.", "language": "en", "seen": digest_of(held)}
        accept(held, who, now(), **({"version": held.version_for(who)} | facts | changes))


def last_event(world: World, order: Order) -> OrderEvent:
    with world.session() as session:
        found = sa.select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id.desc())
        return session.scalars(found.limit(1)).one()


def test_what_was_agreed_to_is_written_down(orders: OrderWorld, world: World) -> None:
    order = orders.quotation()
    agree(orders, order)
    event = last_event(world, order)
    assert orders.reload(order).state == State.ACCEPTED
    assert (event.verb, event.side, event.actor_id) == ("accept", Side.CUSTOMER, world.person_id("customer-admin"))
    assert {name: value for name, value in event.params.items() if name != "on"} == {
        "name": "Jana Malá",
        "total": TOTAL,
        "currency": "EUR",
        "wording": "I accept.",
        "language": "en",
        "sha256": digest_of(orders.reload(order)),
    }


def test_a_later_change_is_evident(orders: OrderWorld, world: World) -> None:
    shape = orders.shape(kind="quotation", state="offered", valid_until="2030-12-31")
    (outcome,) = orders.feed(shape)
    agree(orders, outcome.record)  # type: ignore[arg-type]
    orders.feed({**shape, "state": "accepted", "lines": [{**LINES[0], "unit_price": "125.01"}, dict(LINES[1])]})
    order = orders.reload(outcome.record)  # type: ignore[arg-type]
    assert last_event(world, order).params.get("sha256") != digest_of(order)


def test_what_has_changed_since_it_was_read_is_not_accepted(orders: OrderWorld) -> None:
    order = orders.quotation()
    with pytest.raises(Stale):
        agree(orders, order, seen="0" * 64)
    with pytest.raises(Stale):
        agree(orders, order, version=order.public_version + 1)
    assert orders.reload(order).state == State.OFFERED


def test_the_last_day_counts_and_the_next_does_not(orders: OrderWorld) -> None:
    late, just = orders.quotation(valid_until="2030-12-30"), orders.quotation()
    for act in (agree, refuse):
        with pytest.raises(RuleBroken):
            act(orders, late)
    agree(orders, just)


def refuse(orders: OrderWorld, order: Order) -> None:
    with orders.held(order, "customer-admin") as (held, who):
        decline(held, who, now(), held.version_for(who), today=DAY, reason="Too dear.")


def test_declined_with_a_reason(orders: OrderWorld, world: World) -> None:
    order = orders.quotation()
    refuse(orders, order)
    assert (orders.reload(order).state, last_event(world, order).reason) == (State.DECLINED, "Too dear.")


@pytest.mark.parametrize("state", ["accepted", "declined", "expired", "withdrawn", "ordered"])
def test_what_is_not_open_cannot_be_accepted(orders: OrderWorld, state: str) -> None:
    order = orders.quotation(state=state)
    with pytest.raises(RuleBroken):
        agree(orders, order)


def test_the_clock_ends_what_is_over(orders: OrderWorld, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    over, open_, done = orders.quotation(), orders.quotation(valid_until="2031-01-01"), orders.quotation()
    endless = orders.quotation(valid_until=None)
    agree(orders, done)
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
    with world.session() as session:
        # Still the 31st where we work, then no longer.
        for at in (datetime(2030, 12, 31, 23, tzinfo=UTC), datetime(2031, 1, 1, 0, 30, tzinfo=UTC)):
            jobs.expire({}, at)
            states = [session.get_one(Order, order.id).state for order in (over, open_, done, endless)]
            is_over = at.year == 2031
            assert states == [State.EXPIRED if is_over else State.OFFERED, "offered", "accepted", "offered"]
        jobs.expire({}, at)
        session.commit()
    assert last_event(world, over).side == Side.CLOCK
