"""Dates, numbers and money read as they are written at home."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from portal.languages import (
    LANGUAGES,
    country_name,
    date_text,
    datetime_text,
    file_size,
    list_text,
    money_text,
    number_text,
    percent,
    relative_text,
    relative_time,
    speaking,
    time_text,
)
from portal.languages.formats import PERSIAN_DIGITS
from portal.languages.jalali import MONTHS

MOMENT = datetime(2026, 3, 20, 22, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(MOMENT, tick=False):
        yield


def plain(text: str) -> str:
    """Without what only typesetting sees."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u200e", "").replace("\u200f", "")


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "Mar 20, 2026, 10:05 PM"),
        ("cs", "Europe/Prague", "20. 3. 2026 23:05"),
        ("uk", "Europe/Kyiv", "21 бер. 2026 р., 00:05"),
        ("pl", "Europe/Warsaw", "20 mar 2026, 23:05"),
        ("lt", "Europe/Vilnius", "2026-03-21 00:05"),
        ("fa", "Asia/Tehran", "۱ فروردین ۱۴۰۵، ۱:۳۵"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone_and_calendar(language: str, zone: str, text: str) -> None:
    with speaking(language, zone):
        assert plain(datetime_text(MOMENT)) == text


def test_calendar_and_digits_are_the_persons_choice() -> None:
    with speaking("fa", "Asia/Tehran", "gregorian", "latin"):
        assert plain(date_text(MOMENT, "short")) == "2026/3/21"
    with speaking("fa", "Asia/Tehran", "jalali", "latin"):
        assert date_text(MOMENT, "short") == "1405/1/1"
    with speaking("cs", "Asia/Tehran", "jalali"):
        assert plain(date_text(MOMENT, "long")) == "1. farvardín 1405"


def test_a_plain_day_is_the_same_day_everywhere() -> None:
    with speaking("en", "Pacific/Auckland"):
        assert date_text(date(2026, 3, 20)) == "Mar 20, 2026"
        assert date_text(MOMENT) == "Mar 21, 2026"


def test_every_language_names_twelve_jalali_months() -> None:
    assert {language: len(set(months)) for language, months in MONTHS.items()} == dict.fromkeys(MONTHS, 12)


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        datetime_text(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake that is looked for


def test_the_time_of_day() -> None:
    with speaking("cs", "Europe/Prague"):
        assert time_text(MOMENT) == "23:05"


@pytest.mark.parametrize(
    ("language", "ago", "text"),
    [
        ("en", timedelta(seconds=59), "just now"),
        ("en", timedelta(minutes=1), "1 minute ago"),
        ("en", timedelta(hours=3, minutes=59), "3 hours ago"),
        ("en", timedelta(days=6), "6 days ago"),
        ("en", timedelta(days=31), "1 month ago"),
        ("en", timedelta(days=360), "11 months ago"),
        ("en", timedelta(days=366), "1 year ago"),
        ("en", timedelta(days=-2), "in 2 days"),
        ("cs", timedelta(hours=3), "před 3 hodinami"),
        ("uk", timedelta(hours=5), "5 годин тому"),
        ("pl", timedelta(hours=2), "2 godziny temu"),
        ("lt", timedelta(hours=3), "prieš 3 valandas"),
        ("fa", timedelta(hours=3), "۳ ساعت پیش"),
    ],
)
def test_how_long_ago(language: str, ago: timedelta, text: str) -> None:
    with speaking(language):
        assert plain(relative_text(MOMENT - ago)) == text


def test_the_exact_time_is_at_hand() -> None:
    with speaking("en", "Europe/Prague"):
        assert plain(relative_time(MOMENT - timedelta(hours=1))) == (
            '<time datetime="2026-03-20T21:05:00Z" title="March 20, 2026, 10:05 PM" tabindex="0">1 hour ago</time>'
        )


@pytest.mark.parametrize(
    ("language", "number", "share", "money", "size"),
    [
        ("en", "1,234,567.5", "25%", "CZK 1,234.50", "3.4 MB"),
        ("cs", "1 234 567,5", "25 %", "1 234,50 Kč", "3,4 MB"),
        ("uk", "1 234 567,5", "25%", "1 234,50 CZK", "3,4 МБ"),
        ("pl", "1 234 567,5", "25%", "1 234,50 CZK", "3,4 MB"),
        ("lt", "1 234 567,5", "25 %", "1 234,50 CZK", "3,4 MB"),
        ("fa", "۱٬۲۳۴٬۵۶۷٫۵", "۲۵٪", "CZK ۱٬۲۳۴٫۵۰", "۳٫۴ مگابایت"),
    ],
)
def test_numbers_in_each_language(language: str, number: str, share: str, money: str, size: str) -> None:
    with speaking(language):
        assert plain(number_text(Decimal("1234567.5"))) == number
        assert plain(percent(0.25)) == share
        assert plain(money_text(123450, "CZK")) == money
        assert plain(file_size(3_400_000)) == size


def test_numbers_have_the_decimals_asked_for() -> None:
    assert [number_text(2, 2), number_text(Decimal("2.345"), 0), number_text(-7)] == ["2.00", "2", "-7"]
    assert percent(Decimal("0.1234"), 1) == "12.3%"


def test_money_is_never_rounded() -> None:
    texts = [
        money_text(5, "JPY"),
        money_text(1234567, "BHD"),
        money_text(5, "EUR"),
        money_text(-123455, "IRR"),
    ]
    assert [plain(text) for text in texts] == ["¥5", "BHD 1,234.567", "€0.05", "-IRR 1,234.55"]


@given(
    minor=st.integers(-(10**13), 10**13),
    currency=st.sampled_from(["EUR", "CZK", "PLN", "UAH", "USD", "GBP", "TRY"]),
    language=st.sampled_from(list(LANGUAGES)),
    digits=st.sampled_from(["native", "latin"]),
)
def test_amounts_are_written_as_the_unicode_tables_say(minor: int, currency: str, language: str, digits: str) -> None:
    system = "default" if digits == "native" else "latn"
    told = format_currency(Decimal(minor) / 100, currency, locale=language, numbering_system=system)
    spaced = re.sub(r"([A-Z])(\d)", "\\1\u00a0\\2", told)
    if (language, digits) == ("fa", "native"):
        spaced = spaced.translate(PERSIAN_DIGITS)
    with speaking(language, digits=digits):
        assert money_text(minor, currency) == spaced


def test_sizes_move_to_the_next_unit_before_they_read_as_a_thousand() -> None:
    sizes = [file_size(size) for size in (0, 1, 999, 1_000, 150_400, 999_999, 10**9)]
    assert sizes == ["0 bytes", "1 byte", "999 bytes", "1 kB", "150 kB", "1 MB", "1 GB"]


def test_lists_are_joined_and_what_people_wrote_stays_text() -> None:
    with speaking("cs"):
        assert [list_text([]), list_text(["a"]), plain(list_text("abc"))] == ["", "a", "a, b a c"]
        mixed = list_text([Markup("<b>a</b>"), "<i>"])
        assert isinstance(mixed, Markup)
        assert plain(mixed) == "<b>a</b> a &lt;i&gt;"


def test_countries_are_named_and_an_unknown_one_keeps_its_code() -> None:
    with speaking("cs"):
        assert [country_name("lt"), country_name("XX")] == ["Litva", "XX"]
