"""Orders for the bench, written below the feed: how they came is not what is measured."""

import random
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.access import Capacity, Principal
from portal.access.scope import acting_as, unscoped
from portal.clock import now
from portal.database import new_ref
from portal.extensions import db
from portal.orders.lifecycle import RUNNING, Kind, State
from portal.orders.models import PREFIXES, Order
from portal.orders.money import totals_of
from portal.orders.parts import OrderDetails, OrderEvent, OrderLine
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.tickets.messages import SearchEntry, capacity_token
from tests.bench.deals import write

# Of a hundred: most are over.
STATES = {
    State.ORDERED: 4,
    State.CONFIRMED: 8,
    State.SHIPPED: 8,
    State.DELIVERED: 20,
    State.CLOSED: 55,
    State.CANCELLED: 5,
}
MANY_LINES = 200


def fill_orders(app: Flask, count: int, customer_id: int) -> str:
    """Of all companies, a tenth of them this customer's; the reference of the one with 200 lines, which is theirs."""
    with app.app_context(), acting_as(db.session(), Principal.system("bench")), unscoped("bench"):
        luck, at = random.Random(7), now()
        columns = (Organisation.id, Organisation.is_customer, Organisation.is_supplier)
        companies = [tuple(row) for row in db.session.execute(sa.select(*columns)) if row[1] or row[2]]
        products = [tuple(row) for row in db.session.execute(sa.select(Product.id, Product.code))]
        connection = db.session.connection()
        first = (connection.scalar(sa.select(sa.func.max(Order.__table__.c.id))) or 0) + 1
        orders, lines, details = [], [], []
        for place in range(count):
            is_long = place == count - 1
            company = (customer_id, True, False) if is_long or luck.random() < 0.1 else luck.choice(companies)
            found = _lines(luck, first + place, products, MANY_LINES if is_long else luck.choice((1, 2, 3, 4)))
            state = State.CONFIRMED if is_long else luck.choices(list(STATES), weights=list(STATES.values()))[0]
            orders.append(_order(luck, at, first + place, company, state, place / count, found))
            details.append(_details(luck, orders[-1], found))
            lines += found
        write(connection, Order, orders)
        write(connection, OrderDetails, details)
        write(connection, OrderLine, lines)
        write(connection, OrderEvent, [_event(order) for order in orders])
        write(connection, SearchEntry, [_entry(*pair) for pair in zip(orders, details, strict=True)])
        db.session.commit()
    with app.app_context(), unscoped("bench"), db.engine.connect() as fresh:
        fresh.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return str(orders[-1]["ref"])


def _lines(luck: random.Random, order_id: int, products: list[Any], count: int) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order_id,
            "position": place * 10,
            "product_id": product_id,
            "code": code,
            "descriptions": {"en": f"Article {code}", "cs": f"Zboží {code}"},
            "quantity": luck.randint(1, 40) * 1000,
            "unit": "C62",
            "unit_price": luck.randint(100, 500_000),
            "price_per": 1,
            "discount": luck.choice((0, 0, 500)),
            "tax_rate": 2100,
            "promised_on": date(2026, 1, 1) + timedelta(days=luck.randint(0, 400)),
        }
        for place in range(1, count + 1)
        for product_id, code in (luck.choice(products),)
    ]


def _order(
    luck: random.Random, at: Any, id_: int, company: Any, state: State, age: float, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    organisation_id, is_customer, _ = company
    kind = Kind.SALES if is_customer else Kind.PURCHASE
    created = at - timedelta(minutes=1) - 1_000 * age * timedelta(days=1)
    done = 100 if state in (State.DELIVERED, State.CLOSED) else 0
    return {
        "id": id_,
        "ref": new_ref(PREFIXES[kind]),
        "kind": kind.value,
        "organisation_id": organisation_id,
        "capacity": (Capacity.CUSTOMER if is_customer else Capacity.SUPPLIER).value,
        "state": state.value,
        "ordered_on": created.date(),
        "promised_on": max(line["promised_on"] for line in lines),
        "due_on": at.date() + timedelta(days=luck.randint(-20, 40)) if state in RUNNING else None,
        "shipped_percent": done or (luck.choice((50, 100)) if state == State.SHIPPED else 0),
        "delivered_percent": done,
        "invoiced_percent": 100 if state == State.CLOSED else 0,
        "created_at": created,
        "activity_at": created,
        "public_at": created,
        "stated_at": created,
    }


class _Line:
    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def _details(luck: random.Random, order: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    totals = totals_of([_Line(line) for line in lines], "document")  # type: ignore[misc]
    for line, net in zip(lines, totals.nets, strict=True):
        line["net"] = net
    return {
        "order_id": order["id"],
        "number": f"26-{order['id']:06}",
        "customer_reference": f"PO{luck.randint(10_000, 99_999)}",
        "currency": luck.choice(("EUR", "CZK", "PLN")),
        "net": totals.net,
        "tax": totals.tax,
        "total": totals.total,
        "payment_state": "paid" if order["state"] == State.CLOSED else "",
    }


def _event(order: dict[str, Any]) -> dict[str, Any]:
    told = {"side": "erp", "at": order["created_at"], "state": order["state"], "params": {}}
    return {"order_id": order["id"], "verb": "order", **told}


def _entry(order: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    tokens = f"{capacity_token(order['organisation_id'], order['capacity'])} @order"
    words = f"{order['ref']} {details['number']} {details['customer_reference']}".casefold().replace("-", " ")
    return {"order_id": order["id"], "tokens": tokens, "words": words}
