"""`portal import`: what it says, what it leaves behind, and how it exits."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from portal.cli import cli
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld

HEAD = "Doc No,Cust,Status,Curr,Qty,Net price\n"


@pytest.fixture
def run(app: Flask):
    def run(*args: str) -> Result:
        return CliRunner().invoke(cli, ["import", *args], obj=ScriptInfo(create_app=lambda: app))

    return run


@pytest.fixture
def mapped() -> list[str]:
    columns = {
        "Doc No": "external_id",
        "Cust": "organisation",
        "Status": "state",
        "Curr": "currency",
        "Qty": "lines.quantity",
        "Net price": "lines.unit_price",
    }
    return [part for column, field in columns.items() for part in ("--map", f"{column}={field}")]


def file(folder: Path, content: bytes) -> str:
    path = folder / "export.csv"
    path.write_bytes(content)
    return str(path)


def test_a_file_is_brought_in(run, imports: ImportWorld, orders: OrderWorld, tmp_path: Path) -> None:
    path = file(tmp_path, jsonl(orders.shape(), orders.shape()))
    result = run("orders", path)
    assert result.exit_code == 0, result.output
    assert "2 new" in result.output
    assert imports.counts()["trade_order"] == 2
    again = run("orders", path)
    assert again.exit_code == 0
    assert "2 unchanged" in again.output


def test_a_dry_run_shows_lines_and_changes_nothing(
    run, imports: ImportWorld, orders: OrderWorld, tmp_path: Path
) -> None:
    known = orders.shape()
    orders.feed(known)
    before = imports.dump()
    content = jsonl({**known, "state": "shipped"}, orders.shape(), orders.shape(total="1.00"))
    result = run("orders", file(tmp_path, content), "--dry-run")
    assert result.exit_code == 1
    assert f"1: {known['external_id']} changed\n    state: 'confirmed' -> 'shipped'" in result.output
    assert "    line 3, total: It comes to 3686.87, not 1.00." in result.output
    assert "1 new, 1 changed, 1 refused" in result.output
    assert imports.dump() == before


def test_columns_are_mapped_and_remembered(
    run, mapped: list[str], imports: ImportWorld, orders: OrderWorld, tmp_path: Path
) -> None:
    company = orders.world.organisation("glass").ref
    first = file(tmp_path, (HEAD + f"A1,{company},confirmed,EUR,2,10.00\n").encode())
    refused = run("orders", first)
    assert refused.exit_code == 2
    assert "No column is mapped to" in refused.output
    assert run("orders", first, *mapped).exit_code == 0
    second = file(tmp_path, (HEAD + f"A2,{company},confirmed,EUR,3,10.00\n").encode())
    assert run("orders", second).exit_code == 0
    assert imports.counts()["trade_order"] == 2


def test_all_or_nothing(run, imports: ImportWorld, orders: OrderWorld, tmp_path: Path) -> None:
    path = file(tmp_path, jsonl(orders.shape(), orders.shape(total="1.00")))
    result = run("orders", path, "--all-or-nothing")
    assert result.exit_code == 1
    assert imports.counts()["trade_order"] == 0
    assert run("orders", path).exit_code == 1
    assert imports.counts()["trade_order"] == 1


def test_a_conflict_is_left_alone_unless_told_otherwise(
    run, imports: ImportWorld, orders: OrderWorld, tmp_path: Path
) -> None:
    shape = orders.shape()
    assert run("orders", file(tmp_path, jsonl(shape))).exit_code == 0
    orders.feed({**shape, "number": "CHANGED"})
    path = file(tmp_path, jsonl({**shape, "state": "shipped"}))
    left = run("orders", path)
    assert left.exit_code == 1
    assert "1 in conflict" in left.output
    assert run("orders", path, "--overwrite").exit_code == 0


def test_a_run_is_taken_back(run, imports: ImportWorld, orders: OrderWorld, tmp_path: Path) -> None:
    before = imports.dump()
    said = run("orders", file(tmp_path, jsonl(orders.shape()))).output
    ref = said.split("portal import undo ")[1].strip()
    result = run("undo", ref)
    assert not result.exception, result.exception
    assert (result.exit_code, result.output.strip().splitlines()[-1]) == (0, f"{ref} is taken back.")
    assert imports.dump() == before
    assert run("undo", ref).exit_code == 1
    assert run("undo", "IM-00000000").exit_code == 1


def test_what_was_interrupted_goes_on(run, imports: ImportWorld, orders: OrderWorld) -> None:
    drafted = imports.draft(jsonl(orders.shape()))
    imports.begin(drafted)
    result = run("orders", "--resume", drafted.ref)
    assert result.exit_code == 0, result.output
    assert "1 new" in result.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Name a FILE"),
        (("--resume", "IM-00000000"), "There is no import IM-00000000"),
    ],
)
def test_what_cannot_be_is_told(run, args: tuple[str, ...], said: str) -> None:
    result = run("orders", *args)
    assert result.exit_code != 0
    assert said in result.output


def test_what_is_no_table_is_refused(run, tmp_path: Path) -> None:
    result = run("orders", file(tmp_path, b"\x00\x01\x02" * 100))
    assert result.exit_code != 0


def test_help_is_worth_reading(run) -> None:
    for kind in ("orders", "purchase-orders", "products", "organisations", "people", "shipments", "documents", "undo"):
        assert run(kind, "--help").exit_code == 0
    assert "--dry-run" in run("orders", "--help").output
