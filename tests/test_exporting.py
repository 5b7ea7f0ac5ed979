"""Lists as workbooks: what the same list gives as CSV, typed as spreadsheets count with it."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from portal.accounts.models import Person
from portal.clock import now
from portal.exporting import XLSX
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.opportunities.helpers import Sales
from tests.orders.helpers import OrderWorld
from tests.rfqs.helpers import RfqWorld
from tests.world import World

# Every list, by somebody who has rows of each kind in it, and a column of numbers or moments in it.
LISTS = [
    ("tickets", "agent", "Updated (Europe/London)"),
    ("deals", "channel-manager", "Size"),
    ("orders", "agent", "Total"),
    ("opportunities", "channel-manager", "Amount"),
    ("organisations", "agent", ""),
    ("products", "channel-manager", ""),
    ("requests-for-quotation", "buyer", "Offers"),
]


@pytest.fixture
def deals(world: World) -> DealWorld:
    return DealWorld(world)


def sheet(answer: Any) -> Any:
    assert (answer.status_code, answer.mimetype) == (200, XLSX)
    return openpyxl.load_workbook(io.BytesIO(answer.get_data())).active


def rows(answer: Any) -> list[list[Any]]:
    return [["" if cell is None else cell for cell in row] for row in sheet(answer).iter_rows(values_only=True)]


def says(cell: Any, text: str) -> bool:
    """Whether a cell of a workbook says what the table has as text; a workbook has no zeros behind a decimal."""
    if isinstance(cell, int | float):
        return cell == float(text)
    if isinstance(cell, datetime):
        return cell == datetime.fromisoformat(text)
    return cell == text


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(("name", "hint", "typed"), LISTS)
def test_a_workbook_holds_what_the_table_holds(
    sign_in: SignIn, world: World, deals: DealWorld, name: str, hint: str, typed: str
) -> None:
    world.make_ticket("customer", subject='a,"b";c')
    Sales(deals).converted()
    OrderWorld(world).sales()
    RfqWorld(world).sent()
    browser = sign_in(hint)
    csv_rows = list(csv.reader(io.StringIO(browser.get(f"/{name}/export.csv").get_data().decode()[1:])))
    answer = browser.get(f"/{name}/export.xlsx")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}-{now():%Y-%m-%d}.xlsx"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = rows(answer)
    assert len(found) > 1
    assert [len(row) for row in found] == [len(row) for row in csv_rows]
    pairs = [pair for row in zip(found, csv_rows, strict=True) for pair in zip(*row, strict=True)]
    assert [pair for pair in pairs if not says(*pair)] == []
    if typed:
        assert not isinstance(found[1][found[0].index(typed)], str)


@pytest.mark.parametrize("subject", ["=1+1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://example.com/"])
def test_a_cell_is_text_and_no_formula_nor_link(sign_in: SignIn, world: World, subject: str) -> None:
    world.make_ticket("customer", subject=subject)
    cell = sheet(sign_in("customer").get("/tickets/export.xlsx"))["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (subject, "s", None)


def test_a_sheet_is_read_from_the_readers_side(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer", at=datetime(2026, 3, 21, 12, tzinfo=UTC))
    assert not sheet(sign_in("customer").get("/tickets/export.xlsx")).sheet_view.rightToLeft
    with world.session() as session:
        session.execute(sa.update(Person).values(language="fa", calendar=None, digits=None, time_zone="Asia/Tehran"))
        session.commit()
    read = sheet(sign_in("customer").get("/tickets/export.xlsx"))
    assert read.sheet_view.rightToLeft
    cells = [cell for row in read.iter_rows(values_only=True) for cell in row]
    assert datetime.fromisoformat("2026-03-21 15:30") in cells
    assert any("۱۴۰۵" in str(cell) for cell in cells)


def test_a_filter_narrows_both_downloads(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer", subject="Lamp")
    world.make_ticket("customer", subject="Glass")
    page = sign_in("customer").get("/tickets?q=lamp").get_data(as_text=True)
    for form in ("csv", "xlsx"):
        assert f'href="/tickets/export.{form}?q=lamp"' in page
    assert [row[1] for row in rows(sign_in("customer").get("/tickets/export.xlsx?q=lamp"))[1:]] == ["Lamp"]
