"""Whether an order as it is told can be: who it is with, what it says of itself, what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.access import Capacity
from portal.config import settings
from portal.feeds import amounts
from portal.feeds.order_lookups import Known
from portal.feeds.outcome import Problem
from portal.feeds.shapes import OrderShape
from portal.orders.models import Order
from portal.orders.money import totals_of


def check_fineness(shape: OrderShape) -> list[Problem]:
    told = {"paid": shape.paid} | {f"lines.{line.position}.cost": line.cost or Decimal(0) for line in shape.lines}
    problems = []
    for name, amount in told.items():
        try:
            amounts.minor(amount, shape.currency)
        except amounts.TooFine:
            problems.append(Problem(name, _l("The currency has no such fine units.")))
    return problems


def check_parties(shape: OrderShape, known: Known, order: Order | None) -> list[Problem]:
    problems = []
    organisation = known.organisations.get(shape.organisation)
    capacity = Capacity.SUPPLIER if shape.kind == "purchase" else Capacity(shape.capacity)
    if organisation is None:
        problems.append(Problem("organisation", _l("There is no such organisation here.")))
    elif order is not None and (order.organisation_id != organisation.id or order.kind != shape.kind):
        problems.append(Problem("organisation", _l("The order is with another company, or of another kind.")))
    elif capacity not in organisation.capacities:
        problems.append(Problem("organisation", _l("The organisation is not known in this capacity.")))
    if shape.reseller:
        reseller = known.organisations.get(shape.reseller)
        if reseller is None or Capacity.PARTNER not in reseller.capacities:
            problems.append(Problem("reseller", _l("There is no such partner here.")))
        elif shape.kind == "purchase":
            problems.append(Problem("reseller", _l("A purchase order has no reseller.")))
    if shape.deal and shape.deal not in known.deals:
        problems.append(Problem("deal", _l("There is no such deal registration here.")))
    if shape.quotation and shape.quotation not in known.quotations:
        problems.append(Problem("quotation", _l("There is no such quotation here.")))
    return problems


@dataclass(frozen=True, slots=True)
class _Sum:
    quantity: int
    unit_price: int
    price_per: int
    discount: int
    tax_rate: int


def check_sums(shape: OrderShape, lines: Mapping[int, Mapping[str, Any]], order: Order | None) -> list[Problem]:
    """The other system has added it up too: what it comes to has to be the same."""
    rounding = shape.rounding or (order.details.rounding if order else settings().order_rounding)
    parts: list[Any] = [
        _Sum(*(values[name] for name in ("quantity", "unit_price", "price_per", "discount", "tax_rate")))
        for values in lines.values()
    ]
    if order is not None and "lines" not in shape.model_fields_set:
        parts = list(order.lines)
    totals = totals_of(parts, rounding)
    told: list[tuple[str, Decimal | None, int]] = [
        ("net", shape.net, totals.net),
        ("tax", shape.tax, totals.tax),
        ("total", shape.total, totals.total),
    ]
    told += [(f"lines.{line.position}.net", line.net, net) for line, net in zip(shape.lines, totals.nets, strict=False)]
    return [
        Problem(name, _l("It comes to %(reckoned)s, not %(told)s.", reckoned=str(reckoned), told=str(amount)))
        for name, amount, found in told
        if amount is not None and (reckoned := amounts.major(found, shape.currency)) != amount
    ]
