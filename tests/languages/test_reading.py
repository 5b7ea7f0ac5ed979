"""Numbers and dates are understood as they are typed, and never guessed."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.languages import LANGUAGES, date_text, number_text, parse_date, parse_number, speaking


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1,234.5", "1234.5"),
        ("en", "1,234", "1234"),
        ("cs", "1,5", "1.5"),
        ("cs", "1.5", "1.5"),
        ("cs", "1 234,5", "1234.5"),
        ("cs", "1\u00a0234\u202f567,5", "1234567.5"),
        ("cs", "1.234,5", "1234.5"),
        ("cs", "0.125", "0.125"),
        ("uk", "−1,5", "-1.5"),
        ("pl", "12 345", "12345"),
        ("fa", "۱٬۲۳۴٫۵", "1234.5"),
        ("fa", "۱۲/۵", "12.5"),
        ("fa", "۱،۲۳۴", "1234"),
        ("fa", "٤٥٫٥", "45.5"),
        ("fa", "\u200e-۱۲", "-12"),
        ("en", "۱۲.۵", "12.5"),
        ("en", "１２", "12"),
        ("en", "+7.", "7"),
        ("en", ".5", "0.5"),
        ("en", "1'234.5", "1234.5"),
    ],
)
def test_numbers_are_read_in_local_notation(language: str, typed: str, number: str) -> None:
    assert parse_number(typed, language) == Decimal(number)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("cs", "1.234"),
        ("en", "1,5"),
        ("en", "1,23,456"),
        ("en", "1.234,567.8"),
        ("en", "12 34"),
        ("en", "1e5"),
        ("en", "NaN"),
        ("en", "Infinity"),
        ("en", "1_000"),
        ("en", "0x10"),
        ("en", "--1"),
        ("en", "1-"),
        ("en", ""),
        ("en", "."),
        ("en", "9" * 41),
        ("cs", "1,2,3"),
        ("fa", "1/2/3"),
    ],
)
def test_what_could_mean_two_things_is_refused(language: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_number(typed, language)


@given(st.sampled_from(list(LANGUAGES)), st.decimals(-(10**12), 10**12, places=2))
def test_every_number_that_is_shown_can_be_typed(language: str, number: Decimal) -> None:
    with speaking(language):
        assert parse_number(number_text(number, 2)) == number


@given(st.text(max_size=60), st.sampled_from(list(LANGUAGES)))
def test_any_text_is_a_number_or_refused(typed: str, language: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_number(typed, language).is_finite()


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        ("en", "2025-12-31", date(2025, 12, 31)),
        ("en", "12/31/2025", date(2025, 12, 31)),
        ("en", "31.12.2025", date(2025, 12, 31)),
        ("cs", "31. 12. 2025", date(2025, 12, 31)),
        ("uk", "31.12.2025 р.", date(2025, 12, 31)),
        ("pl", "31.12.2025", date(2025, 12, 31)),
        ("lt", "2025-12-31", date(2025, 12, 31)),
        ("fa", "۱۴۰۴/۱۰/۱۰", date(2025, 12, 31)),
        ("fa", "1404-10-10", date(2025, 12, 31)),
        ("fa", "۲۰۲۵-۱۲-۳۱", date(2025, 12, 31)),
        ("fa", "۱۰/۱۰/۱۴۰۴", date(2025, 12, 31)),
    ],
)
def test_dates_are_read_in_local_notation_and_always_as_iso(language: str, typed: str, day: date) -> None:
    with speaking(language):
        assert parse_date(typed) == day


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", "31/12/2025"),
        ("en", "1/2/25"),
        ("en", "2025-02-30"),
        ("en", "1404/10/10"),
        ("cs", "12/2025"),
        ("cs", "31.12-2025"),
        ("fa", "۱۴۰۴/۱۲/۳۰"),
        ("fa", "۱۴۰۴/۱۳/۱"),
        ("en", "0000-01-01"),
        ("en", "today"),
        ("en", ""),
    ],
)
def test_days_that_do_not_exist_are_refused(language: str, typed: str) -> None:
    with speaking(language), pytest.raises(ValueError, match=r"."):
        parse_date(typed)


@given(st.sampled_from(["cs", "pl", "lt", "fa"]), st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_that_is_shown_in_figures_can_be_typed(language: str, day: date) -> None:
    with speaking(language):
        assert parse_date(date_text(day, "medium" if language in ("cs", "lt") else "short")) == day
