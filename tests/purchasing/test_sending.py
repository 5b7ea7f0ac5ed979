"""Confirming, shipping and invoicing below HTTP."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.purchasing.confirming import confirm
from portal.purchasing.invoices import Bill, InvoiceState, SupplierInvoice
from portal.purchasing.shipping import Consignment, announce
from portal.shipments.models import Shipment
from tests.orders.helpers import TOTAL, OrderWorld

TODAY = date(2026, 1, 2)


def confirmed(orders: OrderWorld, order: Order, days: dict[int, date | None] | None = None) -> Order:
    with orders.held(order, "supplier") as (held, who):
        confirm(held, who, now(), held.public_version, days)
    return orders.reload(order)


def sent(orders: OrderWorld, order: Order, quantities: dict[int, int], **told: Any) -> Order:
    with orders.held(order, "supplier") as (held, who):
        announce(held, quantities, Consignment(**{"shipped_on": TODAY, **told}), who, now(), held.public_version)
    return orders.reload(order)


def invoiced(orders: OrderWorld, order: Order, number: str = "FV-1", **told: Any) -> SupplierInvoice:
    bill = Bill(**{"number": number, "issued_on": TODAY, "due_on": None, "currency": "EUR", "total": TOTAL, **told})
    files = [orders.world.stored("invoice.pdf", b"%PDF-1.7 of it")]
    with orders.held(order, "supplier") as (held, who):
        return SupplierInvoice.receive(held, bill, files, who, now(), held.public_version)


def test_confirmed_whole_at_the_promised_days(orders: OrderWorld) -> None:
    order = confirmed(orders, orders.purchase())
    assert order.state == State.CONFIRMED
    assert [line.confirmed_on for line in order.lines] == [line.promised_on for line in order.lines]


def test_confirmed_line_by_line(orders: OrderWorld) -> None:
    order = confirmed(orders, orders.purchase(), {20: date(2030, 3, 20)})
    assert (order.state, order.lines[1].confirmed_on) == (State.ORDERED, date(2030, 3, 20))
    order = confirmed(orders, order)
    assert order.state == State.CONFIRMED
    with orders.world.session() as session:
        verbs = session.scalars(sa.select(OrderEvent.verb).order_by(OrderEvent.id)).all()
    assert list(verbs) == ["order", "confirm-lines", "confirm-lines"]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({}, "at least one line"),
        ({10: date(2030, 4, 1)}, "propose it"),
        ({10: date(2020, 4, 1)}, "over already"),
        ({10: None}, "no day"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(orders: OrderWorld, days: dict[int, date | None], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        confirmed(orders, orders.purchase(), days)


def test_a_stale_confirmation_is_none(orders: OrderWorld) -> None:
    order = orders.purchase()
    with pytest.raises(Stale), orders.held(order, "supplier") as (held, who):
        confirm(held, who, now(), held.public_version + 1)


def test_several_shipments_until_everything_is_sent(orders: OrderWorld) -> None:
    order = confirmed(orders, orders.purchase())
    order = sent(orders, order, {10: 4_000}, carrier="Swift", parcels=("P1", "P2"))
    assert (order.state, order.lines[0].shipped, order.shipped_percent) == (State.SHIPPED, 4_000, 28)
    order = sent(orders, order, {10: 6_000, 20: 4_000})
    assert (order.state, order.shipped_percent, order.shipped_on) == (State.SHIPPED, 100, TODAY)
    with pytest.raises(RuleBroken, match="still open"):
        sent(orders, order, {20: 1})
    with orders.world.session() as session:
        assert len(session.scalars(sa.select(Shipment)).all()) == 2


@pytest.mark.parametrize(
    ("quantities", "told", "words"),
    [
        ({}, {}, "at least one line"),
        ({10: 0}, {}, "at least one line"),
        ({10: -1}, {}, "at least one line"),
        ({30: 1}, {}, "at least one line"),
        ({10: 10_001}, {}, "still open"),
        ({10: 1_000}, {"shipped_on": date(2050, 1, 1)}, "on which it leaves"),
        ({10: 1_000}, {"expected_on": date(2020, 1, 1)}, "before it leaves"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    orders: OrderWorld, quantities: dict[int, int], told: dict[str, Any], words: str
) -> None:
    order = confirmed(orders, orders.purchase())
    with pytest.raises(RuleBroken, match=words):
        sent(orders, order, quantities, **told)


def test_what_is_not_confirmed_is_not_sent(orders: OrderWorld) -> None:
    with pytest.raises(RuleBroken, match="Confirm the order first"):
        sent(orders, orders.purchase(), {10: 1_000})


def test_an_invoice_is_checked_once(orders: OrderWorld) -> None:
    invoice = invoiced(orders, orders.purchase())
    with orders.world.as_("buyer") as session:
        found, who = session.get_one(SupplierInvoice, invoice.id), session.info["principal"]
        with pytest.raises(RuleBroken, match="Say why"):
            found.reject(who, now(), found.version, reason="")
        with pytest.raises(Stale):
            found.accept(who, now(), found.version + 1)
        found.reject(who, now(), found.version, reason="Not what we **agreed**.")
        session.commit()
    with orders.world.as_("buyer") as session:
        found, who = session.get_one(SupplierInvoice, invoice.id), session.info["principal"]
        with pytest.raises(RuleBroken, match="checked already"):
            found.accept(who, now(), found.version)
    with orders.world.as_("supplier") as session:
        assert session.get_one(SupplierInvoice, invoice.id).reason == "Not what we **agreed**."


def test_a_number_comes_in_once_unless_it_was_rejected(orders: OrderWorld) -> None:
    first = invoiced(orders, orders.purchase(), "FV 2026/1")
    other = orders.purchase()
    with pytest.raises(RuleBroken, match="with this number"):
        invoiced(orders, other, "fv  2026/1")
    with orders.world.as_("buyer") as session:
        found = session.get_one(SupplierInvoice, first.id)
        found.reject(session.info["principal"], now(), found.version, reason="A digit is wrong.")
        session.commit()
    assert invoiced(orders, other, "FV 2026/1").state == InvoiceState.RECEIVED


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"total": 0}, "more than nothing"),
        ({"issued_on": date(2050, 1, 1)}, "later than today"),
        ({"due_on": date(2020, 1, 1)}, "before it was issued"),
    ],
)
def test_what_is_no_invoice_is_refused(orders: OrderWorld, told: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        invoiced(orders, orders.purchase(), **told)


def test_nothing_is_invoiced_on_a_cancelled_order(orders: OrderWorld) -> None:
    with pytest.raises(RuleBroken, match="nothing to be invoiced"):
        invoiced(orders, orders.purchase(state="cancelled"))
