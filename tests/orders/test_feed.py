"""What the ERP tells is written down once, whole or not at all, and adds up."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from portal.feeds.outcome import Action
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderEvent
from portal.organisations.models import Activity, ExternalId
from tests.orders.helpers import LINES, NET, TAX, TOTAL, OrderWorld
from tests.world import World

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)


def test_an_order_is_written_down_with_its_sums(orders: OrderWorld, world: World) -> None:
    order = orders.sales(at=MONDAY)
    assert (order.details.net, order.details.tax, order.details.total) == (NET, TAX, TOTAL)
    assert order.ref.startswith("SO-")
    assert [line.net for line in order.lines] == [112_500, 192_200]
    assert (order.promised_on, order.due_on) == (date(2030, 3, 22), date(2030, 3, 15))
    with world.session() as session:
        costs = session.scalars(sa.select(OrderCost.cost).order_by(OrderCost.line_id)).all()
        assert costs == [70_000, 120_000]
        activity = session.scalars(sa.select(Activity).where(Activity.order_id == order.id)).one()
        assert (activity.kind, activity.channel, activity.at) == ("order-order", "api", MONDAY)


def test_the_same_again_changes_nothing(orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    (first,), (second,) = orders.feed(shape), orders.feed(shape)
    assert (first.action, second.action) == (Action.CREATE, Action.UNCHANGED)
    with world.session() as session:
        for model in (Order, OrderEvent, ExternalId):
            count = sa.select(sa.func.count()).select_from(model)
            if model is ExternalId:
                count = count.where(ExternalId.kind == "order")
            assert session.scalar(count) == 1


def test_what_has_changed_is_told_with_old_and_new_values(orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    lines = [{**LINES[0], "quantity": "8", "confirmed_on": "2030-03-18"}, dict(LINES[1])]
    (outcome,) = orders.feed({**shape, "state": "shipped", "lines": lines})
    assert outcome.action == Action.UPDATE
    assert outcome.changes["state"] == ("confirmed", "shipped")
    assert outcome.changes["lines.10.quantity"] == ("10", "8")
    assert outcome.changes["lines.10.confirmed_on"] == (None, "2030-03-18")
    assert outcome.changes["total"][0] == "3686.87"


def test_what_is_not_given_stays(orders: OrderWorld) -> None:
    order = orders.sales()
    least = {"external_id": "X00001", "organisation": order.organisation_id, "currency": "EUR"}
    least["organisation"] = orders.world.organisation("glass").ref
    (outcome,) = orders.feed({**least, "state": "delivered"})
    assert set(outcome.changes) == {"state"}
    again = orders.reload(order)
    assert (again.state, len(again.lines), again.details.number) == (State.DELIVERED, 2, "24-00001")


def test_what_is_not_given_of_a_line_stays(orders: OrderWorld) -> None:
    """What a supplier has confirmed or sent is not wiped by an ERP that does not know of it yet."""
    order = orders.purchase(lines=[{**LINES[0], "confirmed_on": "2030-03-18", "shipped": "4", "cost": None}])
    told = {"external_id": "X00001", "kind": "purchase", "organisation": orders.world.organisation("looms").ref}
    line = {"position": 10, "quantity": "12"}
    (outcome,) = orders.feed({**told, "currency": "EUR", "state": "ordered", "net": "1350.00", "lines": [line]})
    assert set(outcome.changes) >= {"lines.10.quantity", "net"}
    kept = orders.reload(order).lines[0]
    assert (kept.confirmed_on, kept.shipped, kept.unit_price, kept.code) == (date(2030, 3, 18), 4000, 12_500, "LN-100")
    (outcome,) = orders.feed({**told, "currency": "EUR", "state": "ordered", "lines": [{**line, "confirmed_on": None}]})
    assert orders.reload(order).lines[0].confirmed_on is None


def test_a_line_that_is_gone_goes(orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    (outcome,) = orders.feed({**shape, "lines": [dict(LINES[1])]})
    order = orders.reload(outcome.record)  # type: ignore[arg-type]
    assert [line.position for line in order.lines] == [20]
    assert order.details.net == 192_200


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("organisation", {"organisation": "O-00000000"}),
        ("reseller", {"reseller": "bakery"}),
        ("total", {"total": "3686.88"}),
        ("net", {"net": "3047.01"}),
        ("lines.10.net", {"lines": [{**LINES[0], "net": "1125.01"}]}),
        ("lines.10", {"lines": [dict(LINES[0]), dict(LINES[0])]}),
        ("lines.10.product", {"lines": [{**LINES[0], "product": "NONE"}]}),
        ("state", {"state": "offered"}),
        ("paid", {"paid": "1.001"}),
        ("deal", {"deal": "D-00000000"}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    orders: OrderWorld, world: World, field: str, fields: dict[str, object]
) -> None:
    (outcome,) = orders.feed(orders.shape(**fields))
    assert outcome.action == Action.REFUSE
    assert field in [problem.field for problem in outcome.problems]
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_sums_that_are_right_are_accepted(orders: OrderWorld) -> None:
    (outcome,) = orders.feed(orders.shape(net="3047.00", tax="639.87", total="3686.87"))
    assert outcome.action == Action.CREATE


def test_one_that_is_refused_does_not_keep_back_the_others(orders: OrderWorld) -> None:
    good, bad = orders.shape(), orders.shape(total="1.00")
    assert [outcome.action for outcome in orders.feed(good, bad)] == [Action.CREATE, Action.REFUSE]


def test_two_sources_may_use_the_same_id(orders: OrderWorld) -> None:
    shape = orders.shape()
    (one,), (other,) = orders.feed(shape), orders.feed(shape, source="other")
    assert other.action == Action.CREATE
    assert one.record.id != other.record.id  # type: ignore[union-attr]


def test_partial_deliveries_count_as_parts(orders: OrderWorld) -> None:
    lines = [{**LINES[0], "shipped": "10", "delivered": "10"}, {**LINES[1], "shipped": "1"}]
    order = orders.sales(lines=lines)
    assert (order.shipped_percent, order.delivered_percent, order.invoiced_percent) == (78, 71, 0)
    assert order.due_on == date(2030, 3, 22)


def test_a_file_in_one_language_leaves_the_others_of_a_line(orders: OrderWorld) -> None:
    shape = orders.shape(lines=[dict(LINES[0])])
    orders.feed(shape)
    again = {**shape, "lines": [{**LINES[0], "descriptions": {"cs": "Lucerna Luka"}}]}
    (outcome,) = orders.feed(again)
    assert isinstance(outcome.record, Order)
    (line,) = orders.reload(outcome.record).lines
    assert line.descriptions == {"en": "Meadow garden lantern", "cs": "Lucerna Luka"}
    # Another product in its place is described anew.
    other = {**again, "lines": [{**LINES[1], "position": 10, "descriptions": {"en": "Harbour street light"}}]}
    orders.feed(other)
    (line,) = orders.reload(outcome.record).lines
    assert line.descriptions == {"en": "Harbour street light"}
