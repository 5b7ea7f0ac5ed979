"""How an order is added up: integers of minor units, rounded half away from zero, so that every column adds up.

Quantities are thousandths of a unit, discounts and tax rates hundredths of a per cent. What a line comes to is always
rounded by itself; the tax is rounded for each line, or once for each rate over the whole document, as EN 16931 has it
(BR-CO-17 for the tax, BR-CO-10 for the sum of the lines).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

# Codes of UN/ECE Recommendation 20 of which nobody has a half.
_PIECES = frozenset({"C62", "H87", "EA", "SET", "PR", "NPR"})
THOUSAND = 1_000
WHOLE = 10_000  # of a hundredth of a per cent


class Rounding(StrEnum):
    LINE = "line"
    DOCUMENT = "document"


class Priced(Protocol):
    """A line: `unit_price` minor units for `price_per` whole units, before the discount."""

    @property
    def quantity(self) -> int: ...
    @property
    def unit_price(self) -> int: ...
    @property
    def price_per(self) -> int: ...
    @property
    def discount(self) -> int: ...
    @property
    def tax_rate(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TaxOfRate:
    rate: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """`nets` and `taxes` are of the lines, in their order; a line has a tax of its own only where each is rounded."""

    nets: tuple[int, ...]
    taxes: tuple[int | None, ...]
    by_rate: tuple[TaxOfRate, ...]
    net: int
    tax: int

    @property
    def total(self) -> int:
        return self.net + self.tax


def rounded(amount: Fraction) -> int:
    """To whole minor units, a half away from zero."""
    half = Fraction(1, 2)
    return int(amount + half) if amount >= 0 else -int(-amount + half)


def net_of(line: Priced) -> int:
    """What a line comes to without tax."""
    gross = Fraction(line.quantity * line.unit_price, THOUSAND * line.price_per)
    return rounded(gross * (WHOLE - line.discount) / WHOLE)


def tax_on(net: int, rate: int) -> int:
    return rounded(Fraction(net * rate, WHOLE))


def totals_of(lines: Iterable[Priced], rounding: str) -> Totals:
    """What the lines come to together."""
    lines = list(lines)
    nets = tuple(net_of(line) for line in lines)
    of_rate: dict[int, int] = {}
    for line, net in zip(lines, nets, strict=True):
        of_rate[line.tax_rate] = of_rate.get(line.tax_rate, 0) + net
    if rounding == Rounding.LINE:
        taxes: tuple[int | None, ...] = tuple(tax_on(net, line.tax_rate) for line, net in zip(lines, nets, strict=True))
        tax_of_rate = dict.fromkeys(of_rate, 0)
        for line, tax in zip(lines, taxes, strict=True):
            tax_of_rate[line.tax_rate] += tax or 0
    else:
        taxes = (None,) * len(lines)
        tax_of_rate = {rate: tax_on(net, rate) for rate, net in of_rate.items()}
    by_rate = tuple(TaxOfRate(rate, of_rate[rate], tax_of_rate[rate]) for rate in sorted(of_rate))
    return Totals(nets, taxes, by_rate, sum(nets), sum(tax_of_rate.values()))


def is_split(quantity: int, unit: str) -> bool:
    """Whether somebody speaks of a part of a piece; in thousandths."""
    return unit in _PIECES and quantity % 1000 != 0
