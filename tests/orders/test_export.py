"""The list of orders as a file: just the rows and columns that its reader sees on the pages."""

import csv
import io
from typing import Any

import pytest

from portal import exporting
from portal.clock import now
from portal.orders import export
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.orders.test_list import every_page, many_orders
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def table(answer: Any) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    words = answer.get_data().decode("utf-8")
    assert words.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(words[1:])))


def test_just_the_lines_of_all_pages_in_their_order(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    many_orders(world, 40)
    orders.purchase()
    for hint in ("partner", "agent"):
        for query in ("", "?sort=due&late=1", "?q=n1&sort=updated", "?state=running&from=2030-01-05"):
            browser = sign_in(hint)
            lines = table(browser.get(f"/orders/export.csv{query}"))
            assert [line["Reference"] for line in lines] == every_page(browser, f"/orders{query}")


def test_the_columns_of_whoever_reads_it_whole(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    half = [{**line, "delivered": "4", "promised_on": "2030-03-15"} for line in LINES]
    order = orders.sales(number="24-7", customer_reference="P-7", state="shipped", lines=half)
    [line] = table(sign_in("customer").get("/orders/export.csv"))
    line.pop(f"Updated ({world.person('customer').time_zone})")
    assert line == {
        "Reference": order.ref,
        "Order number": "24-7",
        "Kind": "Order",
        "Company": "",
        "Your own number": "P-7",
        "State": "Shipped",
        "Shipped in per cent": "0",
        "Delivered in per cent": "57",
        "Ordered": "2030-03-01",
        "Due": "2030-03-15",
        "Delivered": "",
        "Valid until": "",
        "Total": "3686.87",
        "Currency": "EUR",
        "Payment": "Not invoiced yet",
    }


def test_of_a_linked_customer_there_are_states_and_dates(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(number="24-7", customer_reference="P-7")
    [line] = table(sign_in("partner").get("/orders/export.csv"))
    told = {title for title, cell in line.items() if cell}
    assert (line["Reference"], line["State"]) == (order.ref, "Confirmed")
    assert told.isdisjoint({"Order number", "Your own number", "Total", "Currency", "Payment"})
    assert table(sign_in("rival-partner").get("/orders/export.csv")) == []


def test_no_cell_is_a_formula(sign_in: SignIn, orders: OrderWorld) -> None:
    orders.sales(customer_reference="=1+1")
    [line] = table(sign_in("customer").get("/orders/export.csv"))
    assert line["Your own number"] == "'=1+1"


def test_it_is_named_after_the_day(sign_in: SignIn) -> None:
    answer = sign_in("supplier").get("/orders/export.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="orders-{now():%Y-%m-%d}.csv"'
    assert table(answer) == []


def test_a_file_that_ends_early_says_so(sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many_orders(world, 12)
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 10)
    monkeypatch.setattr(export, "BATCH", 4)
    lines = table(sign_in("agent").get("/orders/export.csv"))
    assert len(lines) == 11
    assert "Narrow the list" in lines[-1]["Reference"]
