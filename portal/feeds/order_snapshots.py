"""An order as plain values in the words of its shape: what it was before a feed, and after it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.feeds import amounts
from portal.feeds.order_lookups import named
from portal.orders.models import Order
from portal.orders.parts import OrderLine

HEADER = ("ordered_on", "shipped_on", "delivered_on", "invoiced_on", "valid_until")
DETAILS = (
    *("number", "customer_reference", "payment_state", "payment_due_on", "payment_terms", "delivery_terms"),
    *("billing_address", "delivery_address", "remark"),
)
QUANTITIES = ("quantity", "shipped", "delivered", "invoiced", "returned")
DATES = ("promised_on", "confirmed_on", "delivered_on")


def snapshot(order: Order, costs: Mapping[int, int], refs: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    """The order as plain values in the words of its shape; `costs` are minor units by the line's position, `refs` what
    `refs_of` has found."""
    details, currency = order.details, order.details.currency
    values: dict[str, Any] = {"kind": order.kind, "state": order.state, "currency": currency}
    values |= {name: _plain(getattr(order, name)) for name in HEADER}
    values |= {name: _plain(getattr(details, name)) for name in DETAILS}
    values |= {name: str(amounts.major(getattr(details, name), currency)) for name in ("paid", "net", "tax", "total")}
    values["rounding"] = details.rounding
    values |= {"reseller": "", "deal": "", "quotation": ""}
    values |= {name: refs[name, id_] for name, id_ in named(order).items()}
    values["lines"] = {str(line.position): _line_values(line, currency, costs) for line in order.lines}
    return values


def _line_values(line: OrderLine, currency: str, costs: Mapping[int, int]) -> dict[str, Any]:
    values: dict[str, Any] = {"product": line.code, "descriptions": dict(line.descriptions), "unit": line.unit}
    values |= {name: str(amounts.to_decimal(getattr(line, name), amounts.THOUSANDTHS)) for name in QUANTITIES}
    values["unit_price"] = str(amounts.major(line.unit_price, currency))
    values["price_per"] = line.price_per
    values |= {
        name: str(amounts.to_decimal(getattr(line, name), amounts.HUNDREDTHS)) for name in ("discount", "tax_rate")
    }
    values |= {name: _plain(getattr(line, name)) for name in DATES if name != "delivered_on"}
    # Of few sources, and of no import before it was known: told only where there is one.
    if line.delivered_on:
        values["delivered_on"] = _plain(line.delivered_on)
    if line.position in costs:
        values["cost"] = str(amounts.major(costs[line.position], currency))
    return values


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
