"""What is issued when, and that it stays as it is."""

import sqlalchemy as sa

from portal.access import Principal
from portal.clock import now
from portal.documents.content import Content
from portal.documents.models import DocumentKind, OrderDocument
from portal.feeds.undone_orders import restore
from portal.orders.models import Order
from tests.orders.helpers import LINES, SOURCE, TOTAL, OrderWorld
from tests.shipments.helpers import shape_of, ship
from tests.world import World


def issued(world: World) -> list[OrderDocument]:
    with world.session() as session:
        return list(session.scalars(sa.select(OrderDocument).order_by(OrderDocument.id)))


def kinds(world: World) -> list[str]:
    return [document.kind for document in issued(world)]


def content(document: OrderDocument) -> Content:
    return Content.model_validate(document.content)


def test_each_kind_of_order_gets_its_own(orders: OrderWorld, world: World) -> None:
    orders.quotation()
    orders.sales()
    orders.purchase()
    assert kinds(world) == ["quotation", "confirmation", "purchase-order"]
    assert {document.total for document in issued(world)} == {TOTAL}
    assert [document.number for document in issued(world)] == ["24-00001", "24-00002", "24-00003"]


def test_what_is_not_confirmed_has_none(orders: OrderWorld, world: World) -> None:
    shape = orders.shape(state="ordered")
    orders.feed(shape)
    assert kinds(world) == []
    orders.feed({**shape, "state": "confirmed"})
    assert kinds(world) == ["confirmation"]


def test_the_same_again_issues_nothing(orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    orders.feed(shape)
    orders.feed(shape)
    orders.feed({**shape, "remark": "Ring twice."})
    assert kinds(world) == ["confirmation"]


def test_what_was_issued_stays_and_a_change_makes_another(orders: OrderWorld, world: World) -> None:
    shape = orders.shape()
    orders.feed(shape)
    orders.feed({**shape, "lines": [{**LINES[0], "quantity": "8"}, dict(LINES[1])]})
    before, after = issued(world)
    assert [content(document).lines[0].quantity for document in (before, after)] == [10_000, 8_000]
    assert before.total == TOTAL
    assert after.total == content(after).totals.total < TOTAL


def test_a_delivery_note_goes_with_the_goods(orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    ship(world, shape_of(order, state="announced"))
    assert kinds(world) == ["confirmation"]
    ship(world, {"external_id": "S1", "order": order.ref, "state": "in-transit"})
    ship(world, {"external_id": "S1", "order": order.ref, "state": "delivered"})
    _confirmation, note = issued(world)
    assert (note.kind, note.number, note.total) == (DocumentKind.DELIVERY_NOTE, "DN-1", None)
    said = content(note)
    assert [(line.position, line.quantity) for line in said.lines] == [(10, 5_000)]
    assert (said.carrier, said.tracking_number) == ("Posta Nova", "PN123")


def test_a_delivery_note_holds_no_price(orders: OrderWorld, world: World) -> None:
    ship(world, shape_of(orders.sales()))
    note = issued(world)[-1]
    assert "125" not in str(note.content)
    assert "price" not in str(note.content)


def test_a_supplier_writes_its_own(orders: OrderWorld, world: World) -> None:
    ship(world, shape_of(orders.purchase()))
    assert kinds(world) == ["purchase-order"]


def test_names_come_from_the_catalogue_where_the_line_has_none(orders: OrderWorld, world: World) -> None:
    lines = [{name: value for name, value in line.items() if name != "descriptions"} for line in LINES]
    orders.sales(lines=lines)
    assert content(issued(world)[0]).lines[0].names["en"]


def test_an_address_does_not_name_the_company_twice(orders: OrderWorld, world: World) -> None:
    name = world.organisation("glass").name
    orders.sales(billing_address=f"{name}\nSkelná 1")
    assert content(issued(world)[0]).buyer.address == "Skelná 1"


def test_an_order_that_was_taken_back_leaves_no_paper(orders: OrderWorld, world: World) -> None:
    (outcome,) = orders.feed(orders.shape())
    with world.session() as session:
        order = session.get_one(Order, outcome.record.id)  # type: ignore[union-attr]
        restore(session, SOURCE, "X00001", None, order, Principal.system("undo"), now())
        session.commit()
    assert issued(world) == []
