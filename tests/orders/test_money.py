"""Orders always add up: in whole minor units, rounded as configured, however the lines are cut."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.orders.money import Rounding, net_of, rounded, totals_of


@dataclass(frozen=True)
class Line:
    quantity: int = 1000
    unit_price: int = 0
    price_per: int = 1
    discount: int = 0
    tax_rate: int = 0


LINES = st.lists(
    st.builds(
        Line,
        quantity=st.integers(0, 10**10),
        unit_price=st.integers(0, 10**11),
        price_per=st.sampled_from([1, 10, 100, 1000]),
        discount=st.integers(0, 10_000),
        tax_rate=st.sampled_from([0, 500, 950, 1200, 2100, 2300]),
    ),
    max_size=30,
)


@given(LINES, st.sampled_from(Rounding))
def test_every_column_adds_up(lines: list[Line], rounding: Rounding) -> None:
    totals = totals_of(lines, rounding)
    assert sum(totals.nets) == totals.net == sum(part.net for part in totals.by_rate)
    assert totals.tax == sum(part.tax for part in totals.by_rate)
    assert totals.total == totals.net + totals.tax
    if rounding == Rounding.LINE:
        assert sum(tax or 0 for tax in totals.taxes) == totals.tax
    # No line is further from the truth than half a unit, and no tax than half a unit for each time it is rounded.
    for line, net in zip(lines, totals.nets, strict=True):
        exact = Fraction(line.quantity * line.unit_price * (10_000 - line.discount), 10_000_000 * line.price_per)
        assert abs(net - exact) <= Fraction(1, 2)
    exact_tax = sum(Fraction(net * line.tax_rate, 10_000) for line, net in zip(lines, totals.nets, strict=True))
    times = len(lines) if rounding == Rounding.LINE else len(totals.by_rate)
    assert abs(totals.tax - exact_tax) <= Fraction(times, 2)


@given(LINES)
def test_the_order_of_the_lines_does_not_matter(lines: list[Line]) -> None:
    for rounding in Rounding:
        there, back = totals_of(lines, rounding), totals_of(lines[::-1], rounding)
        assert (there.net, there.tax, there.by_rate) == (back.net, back.tax, back.by_rate)


@pytest.mark.parametrize(
    ("amount", "whole"), [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("5/2", 3), ("49/100", 0), ("-149/100", -1)]
)
def test_a_half_is_rounded_away_from_zero(amount: str, whole: int) -> None:
    assert rounded(Fraction(amount)) == whole


def test_where_the_tax_is_rounded_makes_a_difference() -> None:
    # Three times 0.35 at 21 %: 0.0735 each is 0.07, 0.2205 together is 0.22.
    lines = [Line(unit_price=35, tax_rate=2100)] * 3
    assert totals_of(lines, Rounding.LINE).tax == 21
    assert totals_of(lines, Rounding.DOCUMENT).tax == 22


def test_a_price_may_be_for_a_hundred() -> None:
    # 250 screws at 1.25 for a hundred, 4 % off: 3.125 − 4 % = 3.00.
    assert net_of(Line(quantity=250_000, unit_price=125, price_per=100, discount=400)) == 300
