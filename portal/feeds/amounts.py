"""Decimals of whole units at the edge, integers inside."""

from decimal import Decimal

from portal.languages import currency_exponent

THOUSANDTHS = 3
HUNDREDTHS = 2


class TooFine(ValueError):
    """More decimals than can be kept."""


def to_units(number: Decimal, exponent: int) -> int:
    """As an integer of units that are `exponent` decimals fine; raises TooFine."""
    scaled = number.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise TooFine
    return int(scaled)


def to_decimal(units: int, exponent: int) -> Decimal:
    """Without zeros behind the point that say nothing."""
    number = Decimal(units).scaleb(-exponent)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def minor(amount: Decimal, currency: str) -> int:
    """Minor units; raises TooFine."""
    return to_units(amount, currency_exponent(currency))


def major(amount: int, currency: str) -> Decimal:
    """Whole units with as many decimals as the currency has."""
    return Decimal(amount).scaleb(-currency_exponent(currency))


def price(amount: Decimal, per: int, currency: str) -> tuple[int, int]:
    """Minor units, and for how many: 0.0125 for one becomes 125 for a hundred."""
    exponent = currency_exponent(currency)
    while (scaled := amount.scaleb(exponent)) != scaled.to_integral_value():
        amount, per = amount * 10, per * 10
    return int(scaled), per


def quantity(number: Decimal) -> int:
    """Thousandths; raises TooFine."""
    return to_units(number, THOUSANDTHS)


def rate(number: Decimal) -> int:
    """Hundredths of a per cent; raises TooFine."""
    return to_units(number, HUNDREDTHS)
