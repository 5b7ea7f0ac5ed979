"""A year of orders for every company of the sample world, told by its ERP step after step."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.config import settings
from portal.feeds import amounts
from portal.feeds.orders import feed_orders
from portal.feeds.outcome import Action
from portal.feeds.shapes import OrderShape, ShipmentShape
from portal.feeds.shipments import feed_shipments
from portal.orders.money import totals_of
from portal.organisations.models import Organisation
from portal.products.models import Product, ProductPrice
from portal.seeds.goods import (
    CARRIERS,
    LIST_PRICES,
    MONEY,
    OUR_ADDRESS,
    PAYMENT_TERMS,
    PER_HUNDRED,
    SUPPLIES,
    TOWNS,
    UNITS,
)

ERP = Principal.system("the ERP of the sample world")
SOURCE = "ERP"
YEAR = 365
DISCOUNTS = ("0", "0", "0", "5", "7.5", "12")
DELIVERY_TERMS = ("EXW", "DAP", "CPT", "DDP")


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the ERP: when it came, and what it said of an order."""

    at: datetime
    shape: Mapping[str, Any]
    # Of a shipment, or of the order itself.
    is_shipment: bool = False


class OrderPlanter:
    """The session serves the system. The same world every time: chance is drawn from a fixed seed."""

    def __init__(self, session: Session, companies: Mapping[str, Organisation]) -> None:
        self.session, self.companies = session, companies
        self.luck = random.Random(20)
        self.numbers = {"sales": 1000, "quotation": 300, "purchase": 500}
        self.names = {p.code: p.names for p in session.scalars(sa.select(Product)) if p.code in LIST_PRICES}

    def plant(self, until: datetime) -> None:
        """All messages, the oldest first; what would be told after `until` is not."""
        self._know_products()
        told = [message for company in self.companies.values() for message in self._year_of(company, until)]
        told = sorted((message for message in told if message.at < until), key=lambda message: message.at)
        for _day, messages in groupby(told, key=lambda message: message.at.date()):
            self._tell(list(messages))

    def _tell(self, messages: list[Told]) -> None:
        """Those of one day together, as an ERP does; of one order the later ones after the earlier ones."""
        at = messages[-1].at
        while messages:
            latest: dict[str, Told] = {}
            rest = []
            for message in messages:
                key = message.shape["external_id"].partition("/")[0]
                if key in latest:
                    rest.append(message)
                else:
                    latest[key] = message
            now = latest.values()
            orders = [OrderShape(**message.shape) for message in now if not message.is_shipment]
            shipments = [ShipmentShape(**message.shape) for message in now if message.is_shipment]
            outcomes = feed_orders(self.session, SOURCE, orders, ERP, at)
            outcomes += feed_shipments(self.session, SOURCE, shipments, ERP, at)
            assert all(outcome.action != Action.REFUSE for outcome in outcomes), [o.problems for o in outcomes]
            messages = rest

    def _know_products(self) -> None:
        products = {product.code: product for product in self.session.scalars(sa.select(Product))}
        for code, unit in UNITS.items():
            products[code].unit = unit
        # Whoever wants another chandelier gets an offer first.
        products["LN-300"].is_reorderable = False
        for company in self.companies.values():
            if not company.is_supplier or company.is_customer:
                self._agree_prices(company, products)

    def _agree_prices(self, company: Organisation, products: Mapping[str, Product]) -> None:
        currency, rate, _tax = MONEY[company.country]
        for code in ("LN-100", "LN-200", "LN-400"):
            price = Decimal(LIST_PRICES[code][0]) * Decimal(rate) * Decimal("0.95")
            self.session.add(
                ProductPrice(
                    product_id=products[code].id,
                    organisation_id=company.id,
                    currency=currency,
                    unit_price=int(price * 100),
                    valid_from=date(2020, 1, 1),
                )
            )

    # ── A company's year ──────────────────────────────────────────────────────────────────────────

    def _year_of(self, company: Organisation, until: datetime) -> Iterator[Told]:
        if company.is_customer:
            for days_ago in self._days(12):
                yield from self._sale(company, days_ago, until)
            for days_ago in (*self._days(5), 2):
                yield from self._quotation(company, days_ago, until)
        if company.is_partner:
            for days_ago in self._days(8):
                yield from self._sale(company, days_ago, until, capacity="partner")
        if company.is_supplier:
            for days_ago in (*self._days(10), 4, 1):
                yield from self._purchase(company, days_ago, until)

    def _days(self, count: int) -> list[int]:
        """Spread over the year, more of them lately, the last a few days ago."""
        return sorted({*(int(YEAR * self.luck.random() ** 1.6) for _ in range(count - 2)), 17, 5}, reverse=True)

    def _sale(
        self, company: Organisation, days_ago: int, until: datetime, capacity: str = "customer"
    ) -> Iterator[Told]:
        at = self._office(until - timedelta(days=days_ago))
        lines = self._sold_lines(company, at.date())
        base = self._base("sales", company, at, lines) | {"capacity": capacity}
        if company.domain == "mesicni-lipa.example.com" and self.luck.random() < 0.3:
            # Sold through the customer's partner of record.
            base["reseller"] = self.companies["wolf"].ref
        yield Told(at, base | {"state": "ordered"})
        if self.luck.random() < 0.06:
            yield Told(at + timedelta(days=3), base | {"state": "cancelled"})
            return
        yield from self._fulfil(base, lines, at)

    def _quotation(self, company: Organisation, days_ago: int, until: datetime) -> Iterator[Told]:
        at = self._office(until - timedelta(days=days_ago))
        lines = self._sold_lines(company, at.date())
        base = self._base("quotation", company, at, lines) | {"kind": "quotation"}
        base["valid_until"] = (at + timedelta(days=30)).date().isoformat()
        base.pop("ordered_on")
        yield Told(at, base | {"state": "offered"})
        if days_ago > 30:
            end = self.luck.choice(("accepted", "declined", "expired"))
            yield Told(at + timedelta(days=30 if end == "expired" else 9), _short(base) | {"state": end})
            if end == "accepted":
                yield Told(at + timedelta(days=11), _short(base) | {"state": "ordered"})

    def _purchase(self, company: Organisation, days_ago: int, until: datetime) -> Iterator[Told]:
        at = self._office(until - timedelta(days=days_ago))
        lines = self._bought_lines(company, at.date())
        base = self._base("purchase", company, at, lines) | {"kind": "purchase"}
        yield Told(at, base | {"state": "ordered"})
        if days_ago > 6:
            yield from self._fulfil(base, lines, at)

    def _fulfil(self, base: dict[str, Any], lines: list[dict[str, Any]], at: datetime) -> Iterator[Told]:
        """Confirmed, shipped, perhaps in two parts or late, delivered, invoiced and paid."""
        slip = self.luck.choice((0, 0, 0, 4, 12))
        confirmed = [
            {**line, "confirmed_on": (date.fromisoformat(line["promised_on"]) + timedelta(days=slip // 4)).isoformat()}
            for line in lines
        ]
        # Who delivers late has often been slow to confirm.
        answered_at = at + timedelta(days=6 if slip == 12 and base.get("kind") == "purchase" else 1, hours=3)
        yield Told(answered_at, base | {"state": "confirmed", "lines": confirmed})
        sent_at = at + timedelta(days=9 + slip)
        first = len(confirmed) > 1 and self.luck.random() < 0.35
        parts = [_done(line, "shipped") if n == 0 or not first else line for n, line in enumerate(confirmed)]
        if base.get("kind") == "purchase" and int(base["number"][-5:]) % 4 == 0:
            # A tenth of it is missing, and does not come any more.
            parts[0]["shipped"] = str(Decimal(parts[0]["quantity"]) * 9 // 10)
        sent = {"shipped_on": sent_at.date().isoformat()}
        yield Told(sent_at, base | sent | {"state": "shipped", "lines": parts})
        arrived = sent_at + timedelta(days=3)
        yield from self._carry(base, [line for line in parts if line.get("shipped")], 1, sent_at, arrived)
        parts = [_as(line, "delivered", "shipped") if line.get("shipped") else line for line in parts]
        if first:
            # The rest comes weeks later, or has not come yet.
            yield Told(arrived, base | sent | {"state": "shipped", "lines": parts})
            rest = [_done(line, "shipped") for line in parts if not line.get("shipped")]
            arrived += timedelta(days=self.luck.choice((16, 40)))
            yield from self._carry(base, rest, 2, arrived - timedelta(days=2), arrived)
            parts = [line if line.get("shipped") else _done(_done(line, "shipped"), "delivered") for line in parts]
        delivered = sent | {"delivered_on": arrived.date().isoformat()}
        yield Told(arrived, base | delivered | {"state": "delivered", "lines": parts})
        yield from self._settle(base | delivered, parts, arrived)

    def _carry(
        self, base: dict[str, Any], lines: list[dict[str, Any]], number: int, sent_at: datetime, arrived: datetime
    ) -> Iterator[Told]:
        """On its way with a carrier, who tells of it."""
        carrier, address = self.luck.choice(CARRIERS)
        code = f"{self.luck.randint(10**9, 10**10 - 1)}"
        shape = {
            "external_id": f"{base['external_id']}/{number}",
            "order": base["external_id"],
            "number": f"DN-{base['number']}/{number}",
            "carrier": carrier,
            "tracking_number": code,
            "tracking_url": address.format(code),
            "shipped_on": sent_at.date().isoformat(),
            "expected_on": arrived.date().isoformat(),
            "lines": [{"position": line["position"], "quantity": line["shipped"]} for line in lines],
            "parcels": [{"number": str(n + 1), "weight": f"{self.luck.randint(4, 90) / 2}"} for n in range(number)],
        }
        town = self.luck.choice(TOWNS)
        left = {"at": sent_at + timedelta(hours=2), "state": "in-transit", "place": town}
        yield Told(sent_at + timedelta(hours=3), {**shape, "state": "in-transit", "events": [left]}, is_shipment=True)
        here = {"at": arrived - timedelta(hours=1), "state": "delivered", "place": ""}
        done = {"state": "delivered", "delivered_on": arrived.date().isoformat(), "events": [left, here]}
        yield Told(arrived, {**shape, **done}, is_shipment=True)

    def _settle(self, base: dict[str, Any], lines: list[dict[str, Any]], at: datetime) -> Iterator[Told]:
        billed_at = at + timedelta(days=2)
        lines = [_as(line, "invoiced", "delivered") for line in lines]
        if self.luck.random() < 0.12:
            # Some of it came back.
            lines[0] = {**lines[0], "returned": str(max(1, int(Decimal(lines[0]["quantity"])) // 4))}
        due = billed_at + timedelta(days=14)
        bill = {
            "invoiced_on": billed_at.date().isoformat(),
            "payment_state": "open",
            "payment_due_on": due.date().isoformat(),
        }
        yield Told(billed_at, base | bill | {"state": "delivered", "lines": lines})
        if self.luck.random() < 0.85:
            paid_at = due + timedelta(days=self.luck.choice((-6, -1, 0, 3, 20)))
            paid = {"payment_state": "paid", "paid": str(_total(lines, base["currency"]))}
            yield Told(paid_at, base | bill | paid | {"state": "closed", "lines": lines})
        elif int(base["number"][-5:]) % 2:
            half = (_total(lines, base["currency"]) / 2).quantize(Decimal("0.01"))
            yield Told(
                due, base | bill | {"state": "delivered", "lines": lines, "payment_state": "part", "paid": str(half)}
            )

    # ── Parts of a message ────────────────────────────────────────────────────────────────────────

    def _base(self, kind: str, company: Organisation, at: datetime, lines: list[dict[str, Any]]) -> dict[str, Any]:
        self.numbers[kind] += 1
        number = f"{at:%y}-{self.numbers[kind]:05}"
        address = f"{company.name}\n{company.address}".strip()
        ours = OUR_ADDRESS if kind == "purchase" else address
        return {
            "external_id": f"{kind}-{number}",
            "number": number,
            "organisation": company.ref,
            "customer_reference": f"{self.luck.choice('ABKMPR')}{self.luck.randint(10_000, 99_999)}",
            "ordered_on": at.date().isoformat(),
            "currency": MONEY[company.country][0],
            "payment_terms": PAYMENT_TERMS[company.language],
            "delivery_terms": self.luck.choice(DELIVERY_TERMS),
            "billing_address": ours,
            "delivery_address": ours,
            "lines": lines,
        }

    def _sold_lines(self, company: Organisation, day: date) -> list[dict[str, Any]]:
        _currency, rate, tax = MONEY[company.country]
        codes = self.luck.sample(sorted(LIST_PRICES), self.luck.choice((1, 2, 2, 3, 4)))
        lines = []
        for place, code in enumerate(sorted(codes), 1):
            price, cost = (Decimal(amount) * Decimal(rate) for amount in LIST_PRICES[code])
            # Few buy a dozen of what is dear.
            quantity = self.luck.choice((1, 1, 2) if len(LIST_PRICES[code][0]) > 6 else (2, 4, 6, 10, 12, 24))
            lines.append(
                {
                    "position": place * 10,
                    "product": code,
                    "descriptions": dict(self.names[code]),
                    "quantity": str(quantity),
                    "unit": UNITS.get(code, "C62"),
                    "unit_price": f"{price:.2f}",
                    "discount": self.luck.choice(DISCOUNTS),
                    "tax_rate": tax,
                    "promised_on": (day + timedelta(days=14)).isoformat(),
                    "cost": f"{cost * quantity:.2f}",
                }
            )
        return lines

    def _bought_lines(self, company: Organisation, day: date) -> list[dict[str, Any]]:
        _currency, rate, tax = MONEY[company.country]
        lines = []
        for place, number in enumerate(self.luck.sample(range(len(SUPPLIES)), self.luck.choice((1, 2, 3))), 1):
            names, price, unit = SUPPLIES[number]
            lines.append(
                {
                    "position": place * 10,
                    "descriptions": dict(names),
                    "quantity": "62.5" if unit == "MTR" else str(self.luck.choice((40, 60, 120, 500))),
                    "unit": unit,
                    "unit_price": f"{Decimal(price) * Decimal(rate):.2f}",
                    "price_per": 100 if number == PER_HUNDRED else 1,
                    "tax_rate": tax,
                    "promised_on": (day + timedelta(days=13)).isoformat(),
                }
            )
        return lines

    def _office(self, moment: datetime) -> datetime:
        """At work on that day."""
        return moment.replace(hour=self.luck.randint(8, 15), minute=self.luck.randint(0, 59), second=0, microsecond=0)


def _done(line: Mapping[str, Any], what: str) -> dict[str, Any]:
    """All of it shipped, delivered or invoiced."""
    return {**line, what: line["quantity"]}


def _as(line: Mapping[str, Any], what: str, done: str) -> dict[str, Any]:
    """As much of it delivered or invoiced as was shipped or delivered."""
    return {**line, what: line[done]}


def _total(lines: Sequence[Mapping[str, Any]], currency: str) -> Decimal:
    """What the lines come to with tax, in whole units."""
    parts: list[Any] = []
    for line in lines:
        price, per = amounts.price(Decimal(line["unit_price"]), line.get("price_per", 1), currency)
        rates = {name: amounts.rate(Decimal(line.get(name, 0))) for name in ("discount", "tax_rate")}
        quantity = amounts.quantity(Decimal(line["quantity"]))
        parts.append(SimpleNamespace(quantity=quantity, unit_price=price, price_per=per, **rates))
    return amounts.major(totals_of(parts, settings().order_rounding).total, currency)


def _short(base: dict[str, Any]) -> dict[str, Any]:
    """What names the order, without all that stays."""
    return {name: base[name] for name in ("external_id", "kind", "organisation", "currency")}
