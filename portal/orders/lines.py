"""The lines of an order as its page shows them, and what they come to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.access.scope import keep
from portal.languages import date_text, money_text, number_text, percent, voice
from portal.languages.formats import own_digits
from portal.orders.lifecycle import RUNNING, Kind
from portal.orders.models import Order
from portal.orders.money import THOUSAND, WHOLE, Rounding, tax_on
from portal.orders.parts import OrderCost, OrderDetails, OrderLine
from portal.orders.words import quantity_text
from portal.products.models import Product


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers as they are kept; texts in the reader's language."""

    position: int
    quantity: int
    unit: str
    shipped: int
    delivered: int
    invoiced: int
    is_confirmed: bool
    is_late: bool
    tax_rate: int
    net: int
    tax: int | None
    cost: int | None
    number_text: str
    name: str
    # Of the name, where it is another one than the reader's.
    name_language: str
    code: str
    quantity_text: str
    price_text: str
    discount_text: str
    tax_text: str
    net_text: str
    # The amount and its share; nothing where the cost is not known, or not for this reader.
    margin: tuple[str, ...]
    # What has become of it so far, in words with numbers, and for which days it was promised and confirmed.
    progress: tuple[str, ...]
    dates: tuple[str, ...]

    @property
    def share(self) -> int:
        """How much of it was delivered, of a hundred: never all or nothing of a part."""
        if self.delivered <= 0 or not self.quantity:
            return 0
        return 100 if self.delivered >= self.quantity else min(99, max(1, self.delivered * 100 // self.quantity))


_COLUMNS = (
    *(OrderLine.id, OrderLine.position, OrderLine.code, OrderLine.descriptions, OrderLine.quantity, OrderLine.unit),
    *(OrderLine.unit_price, OrderLine.price_per, OrderLine.discount, OrderLine.tax_rate, OrderLine.net, OrderLine.tax),
    *(OrderLine.promised_on, OrderLine.confirmed_on, OrderLine.confirmed_at),
    *(OrderLine.shipped, OrderLine.delivered, OrderLine.invoiced, OrderLine.returned),
)
_LINES = keep(
    sa.select(*_COLUMNS, Product.names)
    .outerjoin(Product, Product.id == OrderLine.product_id)
    .where(OrderLine.order_id == sa.bindparam("order_id"))
    .order_by(OrderLine.position)
)
_COSTS = keep(sa.select(OrderCost.line_id, OrderCost.cost).where(OrderCost.order_id == sa.bindparam("order_id")))


def lines_of(session: Session, who: Principal, order: Order, details: OrderDetails, day: date) -> list[Line]:
    """In one statement, and one more for those who see what they cost us."""
    costs = _costs(session, order) if who.sees(FieldGroup.FINANCE) and not order.is_purchase else {}
    is_owed = order.state in RUNNING and order.kind != Kind.QUOTATION
    write = _Writer(details.currency)
    rows = session.execute(_LINES, {"order_id": order.id})
    return [_line(row, write, costs.get(row.id), day if is_owed else None) for row in rows]


def _costs(session: Session, order: Order) -> dict[int, int]:
    rows = session.execute(_COSTS, {"order_id": order.id})
    return {row.line_id: row.cost for row in rows}


_PARTS = {
    "shipped": _l("%(part)s of %(whole)s shipped"),
    "delivered": _l("%(part)s of %(whole)s delivered"),
    "invoiced": _l("%(part)s of %(whole)s invoiced"),
    "returned": _l("%(part)s of %(whole)s returned"),
}
_WHOLES = {
    "shipped": _l("All shipped: %(whole)s"),
    "delivered": _l("All delivered: %(whole)s"),
    "invoiced": _l("All invoiced: %(whole)s"),
    "returned": _l("All returned: %(whole)s"),
}


class _Writer:
    """Writes numbers and days for the reader; the same ones come again and again in a long order."""

    def __init__(self, currency: str) -> None:
        self.language = voice().language
        self.nothing = str(_("Not delivered yet"))
        self.quantity: Callable[[int, str], str] = cache(quantity_text)
        self.money: Callable[[int], str] = cache(lambda amount: money_text(amount, currency))
        self.rate: Callable[[int], str] = cache(rate_text)
        self.price: Callable[[int, int, str], str] = cache(self._price)
        self.discount: Callable[[int], str] = cache(self._discount)
        self.part: Callable[[str, int, int, str], str] = cache(self._part)
        self.promised: Callable[[date], str] = cache(lambda day: str(_("promised for %(day)s", day=date_text(day))))
        self.confirmed: Callable[[date], str] = cache(lambda day: str(_("confirmed for %(day)s", day=date_text(day))))

    def _price(self, amount: int, per: int, unit: str) -> str:
        """What is finer than the smallest coin is told for so many."""
        if per == 1:
            return self.money(amount)
        quantity = self.quantity(per * THOUSAND, unit)
        return str(_("%(price)s per %(quantity)s", price=self.money(amount), quantity=quantity))

    def _discount(self, rate: int) -> str:
        return str(_("%(rate)s off", rate=self.rate(rate))) if rate else ""

    def margin(self, net: int, cost: int | None) -> tuple[str, ...]:
        if cost is None:
            return ()
        amount = str(_("margin %(amount)s", amount=self.money(net - cost)))
        return (amount, percent(Decimal(net - cost) / net, 1)) if net else (amount,)

    def _part(self, verb: str, part: int, whole: int, unit: str) -> str:
        if part >= whole:
            return str(_WHOLES[verb] % {"whole": self.quantity(part, unit)})
        number = number_text(Decimal(part) / THOUSAND)
        return str(_PARTS[verb] % {"part": number, "whole": self.quantity(whole, unit)})

    def name(self, row: Any) -> tuple[str, str]:
        """In the reader's language; else in English or whichever there is, and which that is."""
        for texts in (row.descriptions, row.names or {}):
            if text := texts.get(self.language):
                return text, ""
        for texts in (row.descriptions, row.names or {}):
            for code in ("en", *texts):
                if text := texts.get(code):
                    return text, code
        return row.code, ""


def rate_text(hundredths: int) -> str:
    """A rate in hundredths of a per cent, with the decimals that it has: `21%`, `9.5%`."""
    decimals = 0 if hundredths % 100 == 0 else 1 if hundredths % 10 == 0 else 2
    return percent(Decimal(hundredths) / WHOLE, decimals)


def _line(row: Any, write: _Writer, cost: int | None, day: date | None) -> Line:
    """`day`: today, where something may still be owed."""
    name, language = write.name(row)
    due_on = row.confirmed_on or row.promised_on
    return Line(
        position=row.position,
        quantity=row.quantity,
        unit=row.unit,
        shipped=row.shipped,
        delivered=row.delivered,
        invoiced=row.invoiced,
        is_confirmed=row.confirmed_at is not None,
        is_late=day is not None and due_on is not None and due_on < day and row.delivered < row.quantity,
        tax_rate=row.tax_rate,
        net=row.net,
        tax=row.tax,
        cost=cost,
        number_text=own_digits(str(row.position)),
        name=name,
        name_language=language,
        code=row.code,
        quantity_text=write.quantity(row.quantity, row.unit),
        price_text=write.price(row.unit_price, row.price_per, row.unit),
        discount_text=write.discount(row.discount),
        tax_text=write.rate(row.tax_rate),
        net_text=write.money(row.net),
        margin=write.margin(row.net, cost),
        progress=_progress(row, write, is_owed=day is not None),
        dates=_dates(row, write),
    )


def _progress(row: Any, write: _Writer, *, is_owed: bool) -> tuple[str, ...]:
    """What was delivered says that it was shipped; and what is owed, that nothing was."""
    verbs = ["delivered", "invoiced", "returned"]
    if row.shipped > row.delivered:
        verbs.insert(0, "shipped")
    told = [write.part(verb, getattr(row, verb), row.quantity, row.unit) for verb in verbs if getattr(row, verb) > 0]
    if is_owed and row.delivered <= 0 < row.quantity:
        told.append(write.nothing)
    return tuple(told)


def _dates(row: Any, write: _Writer) -> tuple[str, ...]:
    told = []
    if row.promised_on and row.promised_on != row.confirmed_on:
        told.append(write.promised(row.promised_on))
    if row.confirmed_on:
        told.append(write.confirmed(row.confirmed_on))
    return tuple(told)


# ── What they come to ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Tax:
    """Of one rate: what it is of, and what it comes to."""

    rate: int
    rate_text: str
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Minor units. The margin is of the lines whose cost is known, and None where none is."""

    net: int
    taxes: tuple[Tax, ...]
    total: int
    margin: int | None
    margin_net: int
    margin_lines: int

    @property
    def margin_share(self) -> Decimal | None:
        """Of what the lines with a known cost come to without tax."""
        return Decimal(self.margin) / self.margin_net if self.margin is not None and self.margin_net else None


def sums_of(lines: Sequence[Line], details: OrderDetails) -> Sums:
    """The sums that are kept with the order, and how they are made up of the lines."""
    known = [(line.net, line.cost) for line in lines if line.cost is not None]
    return Sums(
        net=details.net,
        taxes=_taxes(lines, details.rounding),
        total=details.total,
        margin=sum(net - cost for net, cost in known) if known else None,
        margin_net=sum(net for net, _cost in known),
        margin_lines=len(known),
    )


def _taxes(lines: Sequence[Line], rounding: str) -> tuple[Tax, ...]:
    """What stands in `totals_of`, without adding the lines up anew."""
    nets: dict[int, int] = {}
    taxes: dict[int, int] = {}
    for line in lines:
        nets[line.tax_rate] = nets.get(line.tax_rate, 0) + line.net
        taxes[line.tax_rate] = taxes.get(line.tax_rate, 0) + (line.tax or 0)
    if rounding == Rounding.DOCUMENT:
        taxes = {rate: tax_on(net, rate) for rate, net in nets.items()}
    return tuple(Tax(rate, rate_text(rate), nets[rate], taxes[rate]) for rate in sorted(nets))
