"""Orders of the sample world, brought in as the ERP brings them and used by its people below HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal.access import Principal
from portal.access.finding import find
from portal.clock import now
from portal.feeds.orders import feed_orders
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import OrderShape
from portal.orders.models import Order
from tests.world import World

SOURCE = "erp"
LINES: list[dict[str, Any]] = [
    {
        "position": 10,
        "product": "LN-100",
        "descriptions": {"en": "Meadow garden lantern", "cs": "Zahradní lucerna Luka"},
        "quantity": "10",
        "unit_price": "125.00",
        "discount": "10",
        "tax_rate": "21",
        "promised_on": "2030-03-15",
        "cost": "700.00",
    },
    {
        "position": 20,
        "product": "LN-200",
        "descriptions": {"en": "Harbour street light"},
        "quantity": "4",
        "unit_price": "480.50",
        "tax_rate": "21",
        "promised_on": "2030-03-22",
        "cost": "1200.00",
    },
]
# 10 × 125.00 − 10 % = 1,125.00; 4 × 480.50 = 1,922.00; 21 % of 3,047.00 = 639.87.
NET, TAX, TOTAL = 304_700, 63_987, 368_687


class OrderWorld:
    """What a test does with orders; every step is committed, what is returned is detached."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._number = 0

    def feed(self, *shapes: dict[str, Any], at: datetime | None = None, source: str = SOURCE) -> list[Outcome]:
        """What came of these, told by the ERP in this moment."""
        with self.world.session() as session:
            who = Principal.system("the ERP")
            found = feed_orders(session, source, [OrderShape(**shape) for shape in shapes], who, at or now())
            session.commit()
            return found

    def shape(self, company: str = "glass", **fields: Any) -> dict[str, Any]:
        """A sales order of that company with two lines; `reseller` is the key of a company too."""
        self._number += 1
        number = f"{self._number:05}"
        if reseller := fields.pop("reseller", ""):
            fields["reseller"] = self.world.organisation(reseller).ref
        return {
            "external_id": f"X{number}",
            "number": f"24-{number}",
            "customer_reference": f"PURCHASE-{number}",
            "organisation": self.world.organisation(company).ref,
            "state": "confirmed",
            "currency": "EUR",
            "ordered_on": "2030-03-01",
            "payment_terms": "14 days net",
            "delivery_terms": "DAP",
            "billing_address": "Skelná 1\n460 01 Liberec",
            "delivery_address": "Skelná 1\n460 01 Liberec",
            "lines": [dict(line) for line in LINES],
            **fields,
        }

    def sales(self, company: str = "glass", *, at: datetime | None = None, **fields: Any) -> Order:
        return self._one(self.shape(company, **fields), at)

    def quotation(self, company: str = "glass", *, at: datetime | None = None, **fields: Any) -> Order:
        """Offered until the end of 2030."""
        told = {"kind": "quotation", "state": "offered", "valid_until": "2030-12-31", **fields}
        return self._one(self.shape(company, **told), at)

    def purchase(self, company: str = "looms", *, at: datetime | None = None, **fields: Any) -> Order:
        """One that waits for the supplier's confirmation."""
        told = {"kind": "purchase", "state": "ordered", **fields}
        shape = self.shape(company, **told)
        for line in shape["lines"]:
            line.pop("cost", None)
        return self._one(shape, at)

    def resale(self, partner: str = "wolf", *, at: datetime | None = None, **fields: Any) -> Order:
        """What a partner buys to sell on."""
        return self._one(self.shape(partner, capacity="partner", **fields), at)

    def _one(self, shape: dict[str, Any], at: datetime | None) -> Order:
        (outcome,) = self.feed(shape, at=at)
        assert isinstance(outcome.record, Order), outcome.problems
        return self.reload(outcome.record)

    def reload(self, order: Order) -> Order:
        """As it stands in the database now, with its lines and details."""
        with self.world.session() as session:
            found = session.scalars(
                sa.select(Order)
                .where(Order.id == order.id)
                .options(sa.orm.selectinload(Order.lines), sa.orm.selectinload(Order.details))
            ).one()
            return found

    @contextmanager
    def held(self, order: Order, hint: str, acting: str = "") -> Iterator[tuple[Order, Principal]]:
        """The order as that member of the cast holds it, to call verbs on; committed at the end."""
        with self.world.as_(hint, acting) as session:
            found = find(session, Order, Order.id == order.id)
            assert found is not None, "out of reach"
            yield found, session.info["principal"]
            session.commit()
