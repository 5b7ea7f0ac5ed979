"""Rows of a file become records, or problems that say where and what."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from portal.feeds.shapes import OrderShape
from portal.imports.candidates import candidates
from portal.imports.mapping import guess
from portal.imports.reading import describe, rows
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


def test_an_id_that_comes_again_apart_is_a_record_of_its_own() -> None:
    other = FIRST.replace("24-1", "24-2")
    found = told("orders", file_of(HEADING + FIRST + other + SECOND), language="cs")
    assert [bool(candidate.problems) for candidate in found] == [False, False, False]
    assert found[2].external_id == found[0].external_id


def test_what_is_known_is_passed_over() -> None:
    file = file_of(HEADING + FIRST + FIRST.replace("24-1", "24-2") + SECOND)
    form = describe(file)
    mapping = guess("orders", form.columns)
    (found,) = candidates("orders", rows(file, form, skip=3), mapping, form, language="cs")
    assert (found.first_row, found.problems) == (4, [])


def test_rows_of_one_order_that_differ_are_told() -> None:
    (found,) = told("orders", file_of(HEADING + FIRST + SECOND.replace("Z1", "Z2")), language="cs")
    assert [(problem.row, problem.column) for problem in found.problems] == [(3, "Zákazník")]


def test_what_the_shape_refuses_is_told_with_row_and_column() -> None:
    wrong = SECOND.replace("LN-200", "X" * 33).replace(";2;ks", ";-2;ks")
    (found,) = told("orders", file_of(HEADING + FIRST + wrong), language="cs")
    assert [(problem.row, problem.column) for problem in found.problems] == [(3, "Kód zboží"), (3, "Množství")]
    (nobody,) = told("orders", file_of(HEADING + FIRST.replace("Z1", "")), language="cs")
    assert [(problem.row, problem.column) for problem in nobody.problems] == [(2, "Zákazník")]


def test_a_row_without_an_id_is_told() -> None:
    (found,) = told("orders", file_of(HEADING + FIRST.replace("24-1", " ")), language="cs")
    assert [problem.field for problem in found.problems] == ["external_id"]


def test_lines_without_numbers_are_numbered_in_their_order() -> None:
    text = "Order number,Customer,Status,Currency,Product code,Qty\n1,Z,Ordered,EUR,A,1\n1,Z,Ordered,EUR,B,2\n"
    (found,) = told("orders", file_of(text))
    assert isinstance(found.shape, OrderShape)
    assert [(line.position, line.product) for line in found.shape.lines] == [(10, "A"), (20, "B")]


def test_purchase_orders_are_of_that_kind() -> None:
    (found,) = told("purchase-orders", file_of("Order number,Supplier,Status,Currency\n1,Z,Ordered,EUR\n"))
    assert isinstance(found.shape, OrderShape)
    assert found.shape.kind == "purchase"


def test_purchases_do_not_come_in_as_sales() -> None:
    text = "Order number,Kind,Customer,Status,Currency\n1,purchase,Z,Ordered,EUR\n2,quotation,Z,Offered,EUR\n"
    purchase, quotation = told("orders", file_of(text))
    assert [problem.field for problem in purchase.problems] == ["kind"]
    assert isinstance(quotation.shape, OrderShape)


def test_json_lines_have_their_lists_nested() -> None:
    text = (
        '{"external_id": "1", "organisation": "Z", "state": "ordered", "currency": "EUR", "lines": '
        '[{"position": 10, "quantity": 1.5, "descriptions": {"en": "Lamp"}}, {"position": 20, "quantity": 2}]}\n'
    )
    (found,) = told("orders", file_of(text))
    assert isinstance(found.shape, OrderShape)
    assert [line.quantity for line in found.shape.lines] == [Decimal("1.5"), Decimal(2)]
    assert found.shape.lines[0].descriptions == {"en": "Lamp"}


def test_an_empty_cell_says_nothing_of_what_people_fill_in_here() -> None:
    (company,) = told("organisations", file_of("ID,Name,Relation to us,Phone\n1,Glass,Customer,\n"))
    assert company.shape is not None
    assert "phone" not in company.shape.model_fields_set
    (order,) = told("orders", file_of("Order number,Customer,Status,Currency,Remark\n1,Z,Ordered,EUR,\n"))
    assert order.shape is not None
    assert "remark" in order.shape.model_fields_set


def test_a_row_that_is_uneven_is_told() -> None:
    found = told("orders", file_of(HEADING + "24-1;Z1\n" + FIRST), language="cs")
    assert [bool(candidate.problems) for candidate in found] == [True, False]
