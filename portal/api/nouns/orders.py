"""Sales orders, purchase orders and quotations."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.access import FieldGroup, Principal
from portal.api.answers import OrderAnswer
from portal.api.nouns.noun import Filter, MovingNoun, day, equals, money, quantity, rate, told
from portal.documents.models import OrderDocument
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order, moved_for
from portal.orders.parts import OrderCost, OrderDetails, OrderLine
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.shipments.models import Shipment

_HEADER = (
    *("ref", "state", "capacity", "ordered_on", "promised_on", "confirmed_on", "shipped_on", "delivered_on"),
    *("invoiced_on", "valid_until", "due_on", "shipped_percent", "delivered_percent", "invoiced_percent"),
)
_DETAILS = (
    *("number", "customer_reference", "currency", "payment_state", "payment_due_on"),
    *("payment_terms", "delivery_terms", "billing_address", "delivery_address", "remark"),
)
_LINE = ("position", "code", "descriptions", "unit", "price_per", "promised_on", "confirmed_on", "delivered_on")
_QUANTITIES = ("quantity", "shipped", "delivered", "invoiced", "returned")
_RESELLER = aliased(Organisation)
_STATES = {
    Kind.SALES: (
        *(State.DRAFT, State.REQUESTED, State.REFUSED, State.WITHDRAWN, State.ORDERED, State.CONFIRMED),
        *(State.SHIPPED, State.DELIVERED, State.CLOSED, State.CANCELLED),
    ),
    Kind.PURCHASE: (*(State.ORDERED, State.CONFIRMED, State.SHIPPED, State.DELIVERED, State.CLOSED, State.CANCELLED),),
    Kind.QUOTATION: (*(State.OFFERED, State.ACCEPTED, State.DECLINED, State.EXPIRED, State.WITHDRAWN, State.ORDERED),),
}
_SAYS = {
    Kind.SALES: "What customers and partners buy. Of its linked customers a partner reads states and days alone.",
    Kind.PURCHASE: "What suppliers deliver to us; a supplier reads its own.",
    Kind.QUOTATION: "What was offered, and what became of it.",
}


class Orders(MovingNoun):
    model = Order
    kind = "order"
    answer = OrderAnswer

    def __init__(self, name: str, of: Kind) -> None:
        self.name, self.of, self.says = name, of, _SAYS[of]
        self.filters = {
            "state": Filter("Only those in this state.", equals(Order.state), tuple(map(str, _STATES[of]))),
            "organisation": Filter("Of this organisation (its reference).", equals(Organisation.ref), (), "O-7F3KQ92D"),
            "number": Filter("With this number of the ERP.", equals(OrderDetails.number), (), "24-00017"),
            "customer_reference": Filter(
                "With this purchase number of the customer.", equals(OrderDetails.customer_reference), (), "P-4711"
            ),
            "ordered_from": Filter(
                "Ordered on this day or later.", lambda who, value: Order.ordered_on >= day(value), (), "2026-01-01"
            ),
        }
        super().__init__()

    def moved(self, who: Principal) -> Any:
        return moved_for(who)

    def statement(self, who: Principal) -> sa.Select[Any]:
        return (
            sa.select(
                Order.id,
                self.moved(who),
                *(getattr(Order, name) for name in _HEADER),
                Organisation.ref.label("organisation"),
                Organisation.name.label("organisation_name"),
                _RESELLER.ref.label("reseller"),
                OrderDetails.id.label("details_id"),
                *(getattr(OrderDetails, name) for name in (*_DETAILS, "net", "tax", "total", "paid")),
            )
            .outerjoin(Organisation, Organisation.id == Order.organisation_id)
            .outerjoin(_RESELLER, _RESELLER.id == Order.reseller_id)
            .outerjoin(OrderDetails, OrderDetails.order_id == Order.id)
            .where(Order.kind == self.of)
        )

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [_in_brief(row) | self.updated(row, who) for row in rows]

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        if row.details_id is None:
            return {}
        return {
            "lines": _lines(session, row, who),
            "documents": list(_refs(session, OrderDocument, row.id)),
            "shipments": list(_refs(session, Shipment, row.id)),
        }


def _in_brief(row: Any) -> dict[str, Any]:
    found = told(row, *_HEADER, "organisation", "organisation_name", "reseller")
    if row.details_id is None:
        # Where it stands and when: what a partner reads of a linked customer's.
        return found
    sums = {name: money(getattr(row, name), row.currency) for name in ("net", "tax", "total", "paid")}
    return found | told(row, *_DETAILS) | sums


def _lines(session: Session, order: Any, who: Principal) -> list[dict[str, Any]]:
    columns = [getattr(OrderLine, name) for name in (*_LINE, *_QUANTITIES, "unit_price", "discount", "tax_rate", "net")]
    statement = (
        sa.select(*columns, Product.ref.label("product"))
        .outerjoin(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.position)
    )
    sees_costs = who.sees(FieldGroup.FINANCE)
    if sees_costs:
        statement = statement.add_columns(OrderCost.cost).outerjoin(OrderCost, OrderCost.line_id == OrderLine.id)
    found = []
    for row in session.execute(statement):
        line = told(row, *_LINE, "product") | {name: quantity(getattr(row, name)) for name in _QUANTITIES}
        line |= {"discount": rate(row.discount), "tax_rate": rate(row.tax_rate)}
        line |= {name: money(getattr(row, name), order.currency) for name in ("unit_price", "net")}
        if sees_costs:
            line["cost"] = money(row.cost, order.currency)
        found.append(line)
    return found


def _refs(session: Session, model: Any, order_id: int) -> Sequence[str]:
    return session.scalars(sa.select(model.ref).where(model.order_id == order_id).order_by(model.id)).all()
