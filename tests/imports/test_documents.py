"""Documents out of files: the PDF as base64, or as a path beside the table where the command runs."""

import base64
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from portal.cli import cli
from portal.documents.models import OrderDocument
from portal.imports.models import State
from tests.conftest import SignIn
from tests.documents.helpers import PDF
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld
from tests.world import World

HEAD = "external_id;order;kind;number;issued_on;content\n"
CONTENT = base64.b64encode(PDF).decode()


@pytest.fixture
def run(app: Flask):
    def run(*args: str) -> Result:
        return CliRunner().invoke(cli, ["import", *args], obj=ScriptInfo(create_app=lambda: app))

    return run


def told(order: str, **fields: str) -> dict[str, str]:
    known = {"external_id": "D1", "order": order, "kind": "invoice", "number": "FV-1", "issued_on": "2030-03-20"}
    return {**known, "content": CONTENT, **fields}


def kept(world: World) -> list[tuple[str, int]]:
    """The numbers of what came with a file, and the sizes of these."""
    with world.session() as session:
        found = session.scalars(
            sa.select(OrderDocument)
            .where(OrderDocument.content.is_(None))
            .options(sa.orm.selectinload(OrderDocument.attachments))
            .order_by(OrderDocument.number)
        )
        return [(document.number, document.attachments[0].size) for document in found]


def test_a_path_beside_the_table_is_read(run, orders: OrderWorld, world: World, tmp_path: Path) -> None:
    order = orders.sales()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "faktura 1.pdf").write_bytes(PDF)
    table = tmp_path / "documents.csv"
    table.write_text(f"{HEAD}D1;{order.ref};invoice;FV-1;2030-03-20;papers/faktura 1.pdf\n", encoding="utf-8")
    result = run("documents", str(table))
    assert result.exit_code == 0, result.output
    assert kept(world) == [("FV-1", len(PDF))]
    assert "1 unchanged" in run("documents", str(table)).output


@pytest.mark.parametrize(
    "path", ["../secret.pdf", "link.pdf", "linked/secret.pdf", "/etc/passwd", "absent.pdf", "papers"]
)
def test_no_path_leads_out_of_the_folder(run, orders: OrderWorld, world: World, tmp_path: Path, path: str) -> None:
    order = orders.sales()
    folder = tmp_path / "inside"
    (folder / "papers").mkdir(parents=True)
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (folder / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (folder / "linked").symlink_to(tmp_path)
    table = folder / "documents.csv"
    table.write_text(f"{HEAD}D1;{order.ref};invoice;FV-1;2030-03-20;{path}\n", encoding="utf-8")
    result = run("documents", str(table))
    assert result.exit_code == 1
    assert "There is no such file in the folder of the table." in result.output
    assert kept(world) == []


def test_what_is_no_pdf_is_refused(run, orders: OrderWorld, world: World, tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_bytes(b"<html>")
    table = tmp_path / "documents.csv"
    table.write_text(f"{HEAD}D1;{orders.sales().ref};invoice;FV-1;2030-03-20;page.pdf\n", encoding="utf-8")
    assert "The file is not a PDF." in run("documents", str(table)).output
    assert kept(world) == []


@pytest.mark.usefixtures("in_english")
def test_a_path_is_refused_in_the_browser(imports: ImportWorld, orders: OrderWorld, sign_in: SignIn) -> None:
    checked = imports.checked(
        jsonl(told(orders.sales().ref, content="instance/portal.toml")), "documents", hint="account-manager"
    )
    page = sign_in("account-manager").get(f"/imports/{checked.ref}").get_data(as_text=True)
    assert "paths are read by the command alone" in page


def test_base64_is_brought_in_and_taken_back(imports: ImportWorld, orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    done = imports.brought_in(jsonl(told(order.ref), told(order.ref, external_id="D2", number="FV-2")), "documents")
    assert (done.state, len(kept(world))) == (State.DONE, 2)
    changed = imports.brought_in(jsonl(told(order.ref, number="FV-9")), "documents")
    assert imports.undo(done).state == State.DONE
    assert imports.undo(changed).state == State.UNDONE
    assert [number for number, _size in kept(world)] == ["FV-1", "FV-2"]
    assert imports.undo(done).state == State.UNDONE
    assert kept(world) == []


def test_each_side_brings_in_what_is_its_own(imports: ImportWorld, orders: OrderWorld, world: World) -> None:
    sold, bought = orders.sales(), orders.purchase()
    rows = jsonl(told(sold.ref), told(bought.ref, external_id="D2", number="FV-2"))
    found = imports.checked(rows, "documents", hint="buyer")
    assert found.counts["refuse"] == 1
    assert found.counts["create"] == 1


@pytest.mark.usefixtures("in_english")
def test_the_page_shows_no_file(imports: ImportWorld, orders: OrderWorld, sign_in: SignIn) -> None:
    drafted = imports.draft(jsonl(told(orders.sales().ref, content=CONTENT + "A" * 4000)), "documents", hint="buyer")
    page = sign_in("buyer").get(f"/imports/{drafted.ref}").get_data(as_text=True)
    assert "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" not in page
