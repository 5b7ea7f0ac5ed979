"""Purchase lines as they are ordered, confirmed and delivered, told by the ERP and carriers."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal.clock import now
from portal.orders.models import Order
from portal.scorecards.figures import Share, added, months_of, window_at
from portal.scorecards.reach import Measure
from tests.orders.helpers import LINES, OrderWorld
from tests.shipments.helpers import ship
from tests.world import World

CONFIRMED, IN_TIME, IN_FULL, OTIF = Measure


def moment(day: str, clock: str = "09:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), UTC)


def days_ago(count: int) -> str:
    return (now().date() - timedelta(days=count)).isoformat()


def weekday_ago(count: int) -> str:
    """A Monday at least so many days ago, so that no weekend lies within the days that follow."""
    day = now().date() - timedelta(days=count)
    return (day - timedelta(days=day.weekday())).isoformat()


class Deliveries:
    """One line of ten, of which things happen; everything is committed."""

    def __init__(self, orders: OrderWorld) -> None:
        self.orders = orders
        self._shipments = 0

    def line(
        self,
        ordered: str,
        *,
        promised: str,
        confirmed: tuple[str, datetime] | None = None,
        arrived: tuple[tuple[str, str], ...] = (),
        came: datetime | None = None,
        company: str = "looms",
        quantity: str = "10",
        **told: Any,
    ) -> Order:
        """`confirmed`: for which day, and when; `arrived`: days with how much; `told`: how the ERP ends it."""
        line = {**LINES[0], "quantity": quantity, "promised_on": promised}
        line.pop("cost")
        shape = self.orders.shape(company, kind="purchase", state="ordered", ordered_on=ordered, lines=[line])
        self.orders.feed(shape, at=came or moment(ordered))
        if confirmed:
            line = {**line, "confirmed_on": confirmed[0]}
            self.orders.feed({**shape, "state": "confirmed", "lines": [line]}, at=confirmed[1])
        (outcome,) = self.orders.feed({**shape, "lines": [line | told.pop("line", {})], **told})
        order = outcome.record
        assert isinstance(order, Order), outcome.problems
        for day, part in arrived:
            self._arrive(order, day, part)
        return self.orders.reload(order)

    def _arrive(self, order: Order, day: str, quantity: str) -> None:
        self._shipments += 1
        shape = {"external_id": f"SC{self._shipments}", "order": order.ref, "state": "delivered", "delivered_on": day}
        ship(self.orders.world, {**shape, "lines": [{"position": 10, "quantity": quantity}]})


def figures(world: World, at: datetime, company: str = "looms", hint: str = "buyer") -> dict[Measure, Share]:
    """Of the twelve months until then, as that member of the cast reckons them."""
    supplier_id = world.organisation(company).id
    with world.as_(hint) as session:
        return dict(added(months_of(session, window_at(session, at), supplier_id).values()))


def told(found: dict[Measure, Share]) -> list[tuple[int, int]]:
    """How many are met, of how many."""
    return [(found[measure].met, found[measure].counted) for measure in Measure]
