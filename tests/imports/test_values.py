"""Cells are read as people write them, and never guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from portal.imports import values
from portal.imports.reading import FileForm

COMMA = FileForm("csv", [], decimal=",", date_order="dmy")
POINT = FileForm("csv", [], decimal=".", date_order="mdy")
OPEN = FileForm("csv", [])
SHEET = FileForm("xlsx", [])


@pytest.mark.parametrize(
    ("typed", "form", "number"),
    [
        ("1.234,56", COMMA, "1234.56"),
        ("1 234,56", COMMA, "1234.56"),
        ("1\u00a0234\u202f567,5", COMMA, "1234567.5"),
        ("1\u2009234", COMMA, "1234"),
        ("1,234.56", POINT, "1234.56"),
        ("1'234.5", POINT, "1234.5"),
        ("1,234.56", OPEN, "1234.56"),
        ("1,5", OPEN, "1.5"),
        ("1,234,567", OPEN, "1234567"),
        ("−12,5", COMMA, "-12.5"),
        ("۱٬۲۳۴٫۵", COMMA, "1234.5"),
        ("٤٥", POINT, "45"),
        (0.1 + 0.2, SHEET, "0.3"),
        (12, SHEET, "12"),
        (Decimal("1.10"), OPEN, "1.10"),
    ],
)
def test_numbers(typed: Any, form: FileForm, number: str) -> None:
    assert values.number_of(typed, form) == Decimal(number)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("1.5", COMMA),
        ("1,5", POINT),
        ("0.125", COMMA),
        ("1.234", OPEN),
        ("1,234", OPEN),
        ("12 34", COMMA),
        ("x", COMMA),
        ("", COMMA),
        ("=1+1", COMMA),
        ("1e5", POINT),
        ("NaN", POINT),
        ("5 kg", COMMA),
        ("100 EUR", COMMA),
        ("9" * 41, COMMA),
        (True, COMMA),
        (float("inf"), SHEET),
        ("#REF!", SHEET),
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(typed: Any, form: FileForm) -> None:
    with pytest.raises(values.Unread):
        values.number_of(typed, form)


@pytest.mark.parametrize("typed", ["1 234,50 Kč", "Kč 1 234,50", "CZK 1 234,50", "1.234,50CZK"])
def test_the_sign_of_the_currency_is_taken_off(typed: str) -> None:
    assert values.number_of(typed, COMMA, "CZK") == Decimal("1234.50")
    with pytest.raises(values.Unread):
        values.number_of(typed, COMMA, "EUR")


@pytest.mark.parametrize(
    ("typed", "form", "language", "day"),
    [
        ("2026-12-31", OPEN, "cs", date(2026, 12, 31)),
        ("2026-12-31T10:00:00Z", OPEN, "cs", date(2026, 12, 31)),
        ("20261231", OPEN, "cs", date(2026, 12, 31)),
        ("31.12.2026", OPEN, "en", date(2026, 12, 31)),
        ("1. 2. 2026", POINT, "cs", date(2026, 2, 1)),
        ("31/12/2026", OPEN, "en", date(2026, 12, 31)),
        ("12/31/2026", OPEN, "cs", date(2026, 12, 31)),
        ("1/2/2026", COMMA, "en", date(2026, 2, 1)),
        ("1/2/2026", POINT, "cs", date(2026, 1, 2)),
        ("2/2/2026", OPEN, "en", date(2026, 2, 2)),
        ("1405/09/02", OPEN, "fa", date(2026, 11, 23)),
        ("۱۴۰۵/۰۹/۰۲", OPEN, "fa", date(2026, 11, 23)),
        ("۲/۹/۱۴۰۵", OPEN, "fa", date(2026, 11, 23)),
        (46_387, SHEET, "en", date(2026, 12, 31)),
        (date(2026, 12, 31), SHEET, "en", date(2026, 12, 31)),
    ],
)
def test_dates(typed: Any, form: FileForm, language: str, day: date) -> None:
    assert values.date_of(typed, form, language) == day


@pytest.mark.parametrize(
    ("typed", "form", "language"),
    [
        ("1/2/2026", OPEN, "en"),
        ("31.12.26", COMMA, "cs"),
        ("30.2.2026", COMMA, "cs"),
        ("13/13/2026", POINT, "en"),
        ("1405/09/02", OPEN, "cs"),
        ("1405/12/31", OPEN, "fa"),
        ("46387", OPEN, "en"),
        (46_387, OPEN, "en"),
        (12, SHEET, "en"),
        ("tomorrow", OPEN, "en"),
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(typed: Any, form: FileForm, language: str) -> None:
    with pytest.raises(values.Unread):
        values.date_of(typed, form, language)


def test_moments(app: Flask) -> None:
    with app.app_context():
        assert values.moment_of("2026-12-31T10:05:00Z", OPEN, "en") == datetime(2026, 12, 31, 10, 5, tzinfo=UTC)
        assert values.moment_of("31.12.2026 10:05", OPEN, "cs").tzinfo is not None
        with pytest.raises(values.Unread):
            values.moment_of("31.12.2026 25:05", OPEN, "cs")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (" a\n b ", "a b"),
        ('="00123"', "00123"),
        ("'=1+1", "=1+1"),
        ("'t Hooft", "'t Hooft"),
        ("=SUM(A1)", "=SUM(A1)"),
        (12.0, "12"),
        (12, "12"),
        (True, "1"),
    ],
)
def test_text(typed: Any, text: str) -> None:
    assert values.text_of(typed) == text


@pytest.mark.parametrize(("typed", "is_so"), [("Ano", True), ("nie", False), ("так", True), ("خیر", False)])
def test_yes_and_no(typed: Any, is_so: bool) -> None:
    assert values.flag_of(typed) is is_so


@pytest.mark.parametrize("typed", ["confirmed", "Potvrzeno", "підтверджено", "POTWIERDZONE", "Patvirtintas"])
def test_states_are_known_by_their_names_in_every_language(app: Flask, typed: str) -> None:
    with app.app_context():
        assert values.choice_of(typed, "state") == "confirmed"


def test_lists_units_currencies_countries_and_languages(app: Flask) -> None:
    with app.app_context():
        assert values.choices_of("zákazník; Partner", "capacities") == ["customer", "partner"]
        assert values.country_of("Česko") == values.country_of("cz") == values.country_of("Czechia") == "CZ"
    assert [values.unit_of(unit) for unit in ("ks", "шт.", "KG", "m²", "XPX")] == ["C62", "C62", "KGM", "MTK", "XPX"]
    assert [values.currency_of(sign) for sign in ("Kč", "eur", "zł")] == ["CZK", "EUR", "PLN"]
    assert [values.language_of(name) for name in ("Čeština", "pl-PL")] == ["cs", "pl"]
    for reader in (values.unit_of, values.currency_of, values.country_of, values.language_of, values.flag_of):
        with pytest.raises(values.Unread):
            reader("no such thing")
