"""Rows of a file become records, or problems that say where and what."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from portal.feeds.shapes import OrderShape
from portal.languages import speaking
from tests.imports.helpers import file_of, told

HEADING = "Číslo objednávky;Zákazník;Stav;Měna;Řádek;Kód zboží;Popis;Množství;MJ;Cena;Termín\n"
FIRST = "24-1;Z1;Potvrzeno;CZK;10;LN-100;Lucerna;1 200,5;ks;12,50;31.12.2026\n"
SECOND = "24-1;Z1;Potvrzeno;CZK;20;LN-200;Lampa;2;ks;1.234,56 Kč;1.1.2027\n"


@pytest.fixture(autouse=True)
def _context(app: Flask):  # type: ignore[no-untyped-def]
    with app.app_context():
        yield


def test_rows_with_one_number_are_one_order() -> None:
    (found,) = told("orders", file_of(HEADING + FIRST + SECOND), language="cs")
    assert (found.first_row, found.last_row, found.external_id, found.problems) == (2, 3, "24-1", [])
    assert isinstance(found.shape, OrderShape)
    assert (found.shape.state, found.shape.number, found.shape.currency) == ("confirmed", "24-1", "CZK")
    assert [line.quantity for line in found.shape.lines] == [Decimal("1200.5"), Decimal(2)]
    assert found.shape.lines[1].unit_price == Decimal("1234.56")
    assert found.shape.lines[0].descriptions == {"cs": "Lucerna"}
    assert found.shape.lines[0].promised_on == date(2026, 12, 31)


def test_what_cannot_be_read_is_told_with_row_and_column() -> None:
    (found,) = told("orders", file_of(HEADING + "24-2;Z1;Nesmysl;CZK;10;;x;x;ks;1;1.1.27\n"), language="cs")
    assert found.shape is None
    assert [(problem.row, problem.column, problem.field) for problem in found.problems] == [
        (2, "Stav", "state"),
        (2, "Množství", "lines.quantity"),
        (2, "Termín", "lines.promised_on"),
    ]
    with speaking("cs"):
        assert str(found.problems[1].message) == "„x“ není číslo."
