"""What carriers tell is written down once, and moves the order no further than it is."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from portal.access import Principal
from portal.clock import now
from portal.feeds.outcome import Action
from portal.feeds.shapes import ShipmentShape
from portal.feeds.shipment_values import shape_of as shape_of_values
from portal.feeds.shipment_values import snapshot
from portal.feeds.shipments import feed_shipments, take_back
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.organisations.models import Activity, ExternalId
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine
from tests.orders.helpers import LINES, OrderWorld
from tests.shipments.helpers import shape_of, ship, shipment_of
from tests.statements import statements
from tests.world import World

PARTS = (Shipment, ShipmentLine, Parcel, ShipmentEvent, ExternalId)


def count(world: World, model: type) -> int:
    statement = sa.select(sa.func.count()).select_from(model)
    if model is ExternalId:
        statement = statement.where(ExternalId.kind == "shipment")
    with world.session() as session:
        return session.scalar(statement) or 0


def test_a_shipment_is_written_down_with_its_parts(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    shipment = shipment_of(world, order)
    assert shipment.ref.startswith("SM-")
    with world.session() as session:
        found = session.get(Shipment, shipment.id)
        assert found is not None
        assert [(part.line.position, part.quantity) for part in found.lines] == [(10, 5_000)]
        assert [(parcel.tracking_number, parcel.weight) for parcel in found.parcels] == [("PN123-1", 12_500)]
        assert [event.at for event in found.events] == [datetime(2030, 3, 10, 8, tzinfo=UTC)]
        kinds = session.scalars(sa.select(Activity.kind).where(Activity.order_id == order.id)).all()
        assert kinds == ["order-order", "order-shipment"]


def test_the_same_again_changes_nothing(orders: OrderWorld, world: World) -> None:
    shape = shape_of(orders.sales())
    (first,), (second,) = ship(world, shape), ship(world, shape)
    assert (first.action, second.action) == (Action.CREATE, Action.UNCHANGED)
    assert [count(world, model) for model in PARTS] == [1, 1, 1, 1, 1]


def test_what_has_changed_is_told_with_old_and_new_values(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    ship(world, shape_of(order))
    least = {"external_id": "S1", "order": order.ref}
    (outcome,) = ship(world, {**least, "state": "delivered", "delivered_on": "2030-03-13"})
    assert outcome.action == Action.UPDATE
    assert outcome.changes == {
        "state": ("in-transit", "delivered"),
        "delivered_on": (None, "2030-03-13"),
        "order_lines.10.delivered": ("0", "5"),
    }
    with world.session() as session:
        verbs = session.scalars(sa.select(OrderEvent.verb).order_by(OrderEvent.id)).all()
        assert verbs == ["order", "shipment", "shipment-state"]


def test_the_lines_of_the_order_are_raised_and_never_lowered(orders: OrderWorld, world: World) -> None:
    order = orders.sales(lines=[{**LINES[0], "shipped": "7"}, dict(LINES[1])])
    shipment_of(world, order, lines=[{"position": 10, "quantity": "5"}, {"position": 20, "quantity": "4"}])
    after = orders.reload(order)
    assert [(line.shipped, line.delivered) for line in after.lines] == [(7_000, 0), (4_000, 0)]
    assert after.shipped_percent == 78


def test_what_is_only_announced_is_not_shipped_yet(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    shipment_of(world, order, state="announced")
    assert orders.reload(order).shipped_percent == 0


def test_what_arrived_is_owed_no_more(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    lines = [{"position": 10, "quantity": "10"}]
    shipment_of(world, order, state="delivered", lines=lines)
    after = orders.reload(order)
    assert (after.due_on, after.delivered_percent) == (date(2030, 3, 22), 71)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("order", {"order": "SO-00000000"}),
        ("lines.10.quantity", {"lines": [{"position": 10, "quantity": "10.001"}]}),
        ("lines.30", {"lines": [{"position": 30, "quantity": "1"}]}),
        ("lines.10", {"lines": [{"position": 10, "quantity": "1"}, {"position": 10, "quantity": "1"}]}),
        ("tracking_url", {"tracking_url": "http://track.example.com/1"}),
        ("tracking_url", {"tracking_url": "https://127.0.0.1/1"}),
        ("delivered_on", {"delivered_on": "2030-03-09"}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    orders: OrderWorld, world: World, field: str, fields: dict[str, object]
) -> None:
    order = orders.sales()
    (outcome,) = ship(world, shape_of(order, **fields))
    assert outcome.action == Action.REFUSE
    assert field in [problem.field for problem in outcome.problems]
    assert [count(world, model) for model in PARTS] == [0, 0, 0, 0, 0]
    assert orders.reload(order).version == order.version


def test_two_shipments_together_hold_no_more_than_was_ordered(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    rest = {**shape_of(order), "external_id": "S2", "lines": [{"position": 10, "quantity": "6"}]}
    first, second = ship(world, shape_of(order), rest)
    assert (first.action, second.action) == (Action.CREATE, Action.REFUSE)
    # What came back may be sent again.
    back = {"external_id": "S1", "order": order.ref, "state": "returned"}
    assert [outcome.action for outcome in ship(world, back, rest)] == [Action.UPDATE, Action.CREATE]


def test_nothing_is_shipped_of_a_quotation(orders: OrderWorld, world: World) -> None:
    (outcome,) = ship(world, shape_of(orders.quotation()))
    assert outcome.action == Action.REFUSE


def test_a_shipment_stays_with_its_order(orders: OrderWorld, world: World) -> None:
    ship(world, shape_of(orders.sales()))
    (outcome,) = ship(world, shape_of(orders.sales()))
    assert [problem.field for problem in outcome.problems] == ["order"]


def test_the_order_goes_by_what_the_source_calls_it(orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    (outcome,) = orders.feed(shape)
    assert isinstance(outcome.record, Order)
    (shipped,) = ship(world, shape_of(outcome.record, order=shape["external_id"]))
    assert shipped.action == Action.CREATE


def test_what_a_supplier_announced_is_known_again(orders: OrderWorld, world: World) -> None:
    order = orders.purchase()
    with world.session() as session:
        announced = Shipment(
            order_id=order.id, tracking_number="PN123", author_id=world.person_id("supplier"), created_at=now()
        )
        session.add(announced)
        session.commit()
        kept = announced.id
    (outcome,) = ship(world, shape_of(order))
    assert outcome.action == Action.UPDATE
    assert outcome.record is not None
    assert outcome.record.id == kept
    (again,) = ship(world, shape_of(order))
    assert again.action == Action.UNCHANGED
    assert count(world, Shipment) == 1


def test_a_snapshot_says_what_a_shape_says(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    shipment = shipment_of(world, order)
    with world.session() as session:
        found = session.get_one(Shipment, shipment.id)
        values = snapshot(found, found.order)
    (outcome,) = ship(world, shape_of_values(values, "S1").model_dump())
    assert outcome.action == Action.UNCHANGED


def test_an_undone_change_is_gone(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    (created,) = ship(world, shape_of(order))
    change = {"external_id": "S1", "order": order.ref, "state": "delivered", "parcels": [], "events": []}
    (updated,) = ship(world, {**change, "lines": [{"position": 20, "quantity": "1"}]})
    assert count(world, Parcel) == 0
    for outcome, lines in ((updated, [(5_000, 0), (0, 0)]), (created, [(0, 0), (0, 0)])):
        with world.session() as session:
            shipment = session.get_one(Shipment, outcome.record.id)  # type: ignore[union-attr]
            take_back(session, shipment, outcome.before, Principal.system("undo"), now())
            session.commit()
        assert [(line.shipped, line.delivered) for line in orders.reload(order).lines] == lines
    assert [count(world, model) for model in PARTS] == [0, 0, 0, 0, 0]


def test_statements_do_not_grow_with_the_batch(orders: OrderWorld, world: World) -> None:
    found = []
    for size in (1, 6):
        shapes = [
            ShipmentShape(**{**shape_of(orders.sales()), "external_id": f"{size}-{number}"}) for number in range(size)
        ]
        with world.session() as session, statements(world.app) as seen:
            feed_shipments(session, "erp", shapes, Principal.system("the ERP"), now())
        found.append(len([statement for statement in seen if statement.startswith("SELECT")]))
    assert found[0] == found[1]
