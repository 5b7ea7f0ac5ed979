"""Columns are known by what they are called in any of the six languages."""

import pytest
from flask import Flask

from portal.feeds.registry import FEEDS
from portal.imports.mapping import FIELDS, guess, missing
from portal.languages import LANGUAGES, speaking


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ("Order number|Customer|Status|Currency|Qty", "number organisation state currency lines.quantity"),
        ("Číslo objednávky|Zákazník|Stav|Měna|Množství", "number organisation state currency lines.quantity"),
        ("Nr zamówienia|Klient|Status|Waluta|Ilość", "number organisation state currency lines.quantity"),
        ("Номер замовлення|Клієнт|Стан|Валюта|Кількість", "number organisation state currency lines.quantity"),
        ("Užsakymo nr.|Klientas|Būsena|Valiuta|Kiekis", "number organisation state currency lines.quantity"),
        ("شماره سفارش|مشتری|وضعیت|ارز|مبلغ", "number organisation state currency lines.net"),
        ("ID|ČÍSLO OBJEDNÁVKY|DPH|DPH %|Celkem", "external_id number tax lines.tax_rate total"),
    ],
)
def test_headings_of_orders(app: Flask, columns: str, fields: str) -> None:
    with app.app_context():
        assert list(guess("orders", columns.split("|")).values()) == fields.split()


def test_a_heading_means_what_the_kind_of_record_has(app: Flask) -> None:
    with app.app_context():
        assert guess("shipments", ["Objednávka", "Dopravce"]) == {"Objednávka": "order", "Dopravce": "carrier"}
        assert guess("products", ["Kód", "Název"]) == {"Kód": "code", "Název": "names"}
        assert guess("organisations", ["Název", "Země"]) == {"Název": "name", "Země": "country"}
        assert guess("people", ["Jméno", "Firma"]) == {"Jméno": "name", "Firma": "organisation"}


@pytest.mark.parametrize("kind", list(FIELDS))
def test_our_own_names_of_fields_are_known(app: Flask, kind: str) -> None:
    names = [field.name for field in FIELDS[kind]]
    with app.app_context():
        assert guess(kind, names) == {name: name for name in names}
        for language in LANGUAGES:
            with speaking(language):
                labels = [str(field.label) for field in FIELDS[kind]]
            assert len(guess(kind, labels)) == len(set(labels))


@pytest.mark.parametrize("kind", list(FIELDS))
def test_every_field_is_one_of_the_shape(kind: str) -> None:
    shape = FEEDS[kind].shape.model_fields
    for field in FIELDS[kind]:
        assert field.name.split(".")[0] in shape


def test_what_is_missing_is_told() -> None:
    assert [field.name for field in missing("orders", {"a": "number", "b": "organisation"})] == ["state", "currency"]
    assert [field.name for field in missing("people", {"a": "email", "b": "organisation"})] == ["name"]
