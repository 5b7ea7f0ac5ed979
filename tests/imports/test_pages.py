"""Imports in the browser: who comes there, what they see of it, and the way from the file to the end and back."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import StaffRole
from portal.clock import now
from portal.imports.models import ImportRun, State
from portal.jobs.outbox import drain
from tests.conftest import SignIn
from tests.imports.world import ImportWorld, jsonl
from tests.orders.helpers import OrderWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
HEAD = "Doc No,Cust,Status,Curr,Qty,Net price\n"
FIELDS = ("external_id", "organisation", "state", "currency", "lines.quantity", "lines.unit_price")


def work(app: Flask) -> None:
    with app.app_context():
        drain(now() + timedelta(seconds=1))


def upload(browser: FlaskClient, content: bytes, kind: str = "orders", name: str = "export.csv"):
    return browser.send("/imports", {"file": (io.BytesIO(content), name), "kind": kind, "source": "erp"})


def version(imports: ImportWorld, run: ImportRun) -> str:
    return str(imports.reload(run).version)


def test_from_the_file_to_the_end_and_back(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld
) -> None:
    browser, company = sign_in("account-manager"), orders.world.organisation("glass").ref
    before = imports.dump()["trade_order"]
    answer = upload(browser, (HEAD + f"A1,{company},confirmed,EUR,2,10.00\nA2,{company},asleep,EUR,1,5\n").encode())
    assert answer.status_code == 303
    url = answer.location
    page = browser.get(url).text
    assert "What the columns are" in page
    assert "Doc No" in page
    columns = {f"column_{place}": field for place, field in enumerate(FIELDS)}
    lacking = browser.send(f"{url}/preview", {"version": "1", "column_0": "external_id"})
    assert lacking.status_code == 422
    assert "These fields need a column" in lacking.text
    assert browser.send(f"{url}/preview", {"version": "1", **columns}).status_code == 303
    working = browser.get(url).text
    assert "Being read" in working
    assert 'hx-get="' in working
    work(app)
    preview = browser.get(url).text
    assert "A1" in preview
    assert "Refused" in preview
    (run,) = _runs(imports)
    told = {"version": str(run.version), "mode": "rows"}
    assert browser.send(f"{url}/application", {**told, "version": "1"}).status_code == 409
    assert browser.send(f"{url}/application", {**told, "mode": "whole"}).status_code == 409
    assert browser.send(f"{url}/application", told).status_code == 303
    work(app)
    done = browser.get(url).text
    assert "1 record" in done
    assert len(imports.dump()["trade_order"]) == len(before) + 1
    (run,) = _runs(imports)
    assert browser.send(f"{url}/undo", {"version": str(run.version)}).status_code == 303
    work(app)
    assert "Taken back" in browser.get(url).text
    assert imports.dump()["trade_order"] == before
    # The next file with these columns is read in the same way.
    again = upload(browser, (HEAD + f"A3,{company},confirmed,EUR,2,10.00\n").encode())
    assert '<option selected value="lines.unit_price">' in browser.get(again.location).text


def _runs(imports: ImportWorld) -> list[ImportRun]:
    with imports.world.session() as session:
        return list(session.scalars(sa.select(ImportRun)))


def test_the_history_names_who_brought_it_in(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, world: World
) -> None:
    run = imports.checked(jsonl(orders.shape()), hint="account-manager")
    browser = sign_in("account-manager")
    browser.send(f"/imports/{run.ref}/application", {"version": version(imports, run), "mode": "rows"})
    work(app)
    assert imports.dump()["order_event"][0]["actor_id"] == world.person_id("account-manager")


def test_a_right_that_was_lost_meanwhile_stops_it(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, world: World
) -> None:
    run = imports.checked(jsonl(orders.shape()), hint="account-manager")
    sign_in("account-manager").send(
        f"/imports/{run.ref}/application", {"version": version(imports, run), "mode": "rows"}
    )
    with world.session() as session:
        session.execute(sa.delete(StaffRole).where(StaffRole.person_id == world.person_id("account-manager")))
        session.commit()
    work(app)
    assert imports.dump()["trade_order"] == []
    assert imports.reload(run).brought_in == 0


@pytest.mark.parametrize(
    ("hint", "kind", "status"),
    [
        ("account-manager", "orders", 200),
        ("account-manager", "purchase-orders", 404),
        ("buyer", "orders", 404),
        ("buyer", "purchase-orders", 200),
        ("admin", "orders", 200),
        ("admin", "purchase-orders", 200),
        *((hint, "orders", 403) for hint in ("agent", "channel-manager", "auditor", "customer", "supplier-admin")),
    ],
)
def test_whose_import_it_is(
    sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, hint: str, kind: str, status: int
) -> None:
    shape = orders.shape() if kind == "orders" else orders.shape("looms", kind="purchase", state="ordered")
    run = imports.checked(jsonl(shape), kind)
    browser = sign_in(hint)
    assert browser.get(f"/imports/{run.ref}").status_code == status
    assert browser.get(f"/imports/{run.ref}/records.csv").status_code == status
    listed = browser.get("/imports")
    assert (run.ref in listed.text) == (status == 200)
    if status != 200:
        told = {"version": version(imports, run), "mode": "rows"}
        assert browser.send(f"/imports/{run.ref}/application", told).status_code == status
        assert imports.reload(run).state == State.CHECKED


def test_an_administrator_reads_no_order_through_an_import(
    sign_in: SignIn, imports: ImportWorld, orders: OrderWorld, world: World
) -> None:
    known = orders.shape()
    orders.feed(known)
    told = [{**known, "state": "shipped", "number": "SECRET-1"}, orders.shape(total="77.00")]
    run = imports.checked(jsonl(*told))
    admin = sign_in("admin")
    page, table = admin.get(f"/imports/{run.ref}").text, admin.get(f"/imports/{run.ref}/records.csv").text
    for text in ("SECRET-1", known["external_id"], "77.00", known["number"]):
        assert text not in page
        assert text not in table
    assert "Order number" in page
    assert "Total" in page
    whole = sign_in("account-manager").get(f"/imports/{run.ref}").text
    assert "SECRET-1" in whole
    assert "It comes to 3686.87, not 77.00." in whole
    world.break_glass()
    assert "SECRET-1" in admin.get(f"/imports/{run.ref}").text


def test_the_file_is_nobodys_to_fetch(sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.draft(jsonl(orders.shape()))
    for hint in ("account-manager", "admin", "auditor"):
        assert sign_in(hint).get(f"/files/{run.sha256}").status_code in (403, 404)


def test_what_is_no_table_is_refused(sign_in: SignIn) -> None:
    browser = sign_in("account-manager")
    assert upload(browser, b"\x89PNG\r\n\x1a\n" + bytes(range(256))).status_code == 422
    assert upload(browser, b"").status_code == 422
    assert upload(browser, b"id\n1\n", "purchase-orders").status_code == 422
    assert browser.send("/imports", {"kind": "orders", "source": "erp"}).status_code == 422


def test_a_page_of_records_asks_as_much_as_a_short_one(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld
) -> None:
    short = imports.checked(jsonl(orders.shape()))
    long = imports.checked(jsonl(*(orders.shape() for _ in range(60))))
    browser = sign_in("account-manager")
    counts = []
    for run in (short, long):
        with statements(app) as asked:
            assert browser.get(f"/imports/{run.ref}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    page = browser.get(f"/imports/{long.ref}").text
    assert "after=50" in page
    assert "X00061" in browser.get(f"/imports/{long.ref}?after=50&action=create").text
    assert browser.get(f"/imports/{long.ref}?after=x").status_code == 400
    assert browser.get(f"/imports/{long.ref}?action=x").status_code == 400


def test_progress_is_asked_for_and_ends(sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    run = imports.draft(jsonl(orders.shape()))
    imports.begin(run)
    browser = sign_in("account-manager")
    assert browser.htmx(f"/imports/{run.ref}/progress").status_code == 200
    imports.work(run)
    ended = browser.htmx(f"/imports/{run.ref}/progress")
    assert ended.headers["HX-Redirect"] == f"/imports/{run.ref}"


def test_what_stands_still_is_gone_on_with(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld
) -> None:
    run = imports.draft(jsonl(orders.shape()))
    imports.begin(run)
    browser = sign_in("account-manager")
    assert browser.send(f"/imports/{run.ref}/continuation").status_code == 303
    work(app)
    assert imports.reload(run).state == State.CHECKED


def test_signed_out_people_are_sent_to_sign_in(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/imports").location
    assert "/sign-in" in client.get("/imports/IM-00000000").location


def test_a_stranger_finds_nothing(sign_in: SignIn) -> None:
    browser = sign_in("account-manager")
    for path in ("", "/mapping", "/progress", "/records.csv"):
        assert browser.get(f"/imports/IM-00000000{path}").status_code == 404


def test_how_numbers_and_dates_are_written_is_chosen_and_remembered(
    app: Flask, sign_in: SignIn, imports: ImportWorld, orders: OrderWorld
) -> None:
    browser, company = sign_in("account-manager"), orders.world.organisation("glass").ref
    head = "Doc No,Cust,Status,Curr,Qty,Net price,Ordered on\n"
    columns = {f"column_{place}": field for place, field in enumerate((*FIELDS, "ordered_on"))}
    # 1.250 is thousands or decimals, 03/04 is a day in March or in April: nothing in the file tells.
    row = f"A1,{company},confirmed,EUR,1,1.250,03/04/2026\n"
    url = upload(browser, (head + row).encode()).location
    page = browser.get(url).text
    assert "Before decimals stands" in page
    browser.send(f"{url}/preview", {"version": "1", **columns})
    work(app)
    assert "could be thousands or decimals" in browser.get(url).text
    (run,) = _runs(imports)
    wrong = browser.send(f"{url}/preview", {"version": str(run.version), **columns, "decimal": "x"})
    assert wrong.status_code == 422
    told = {"version": str(run.version), **columns, "decimal": ",", "date_order": "mdy"}
    assert browser.send(f"{url}/preview", told).status_code == 303
    work(app)
    (row_,) = imports.rows(run)
    assert (row_.action, row_.after["ordered_on"]) == ("create", "2026-03-04")
    assert row_.after["lines"]["10"]["unit_price"] == "1250.00"
    # What is new is told too, or nobody would see that a number was misread.
    assert "1250.00" in browser.get(url).text
    again = browser.get(upload(browser, (head + row.replace("A1", "A2")).encode()).location).text
    assert '<option selected value=",">' in again
    assert '<option selected value="mdy">' in again


def test_a_failed_import_says_of_which_records(sign_in: SignIn, imports: ImportWorld, orders: OrderWorld) -> None:
    shape = orders.shape()
    run = imports.checked(jsonl(shape, orders.shape()), hint="account-manager")
    orders.feed({**shape, "number": "OTHER"})
    failed = imports.apply(run, is_whole=True, hint="account-manager")
    assert failed.state == State.FAILED
    browser = sign_in("account-manager")
    page = browser.get(f"/imports/{run.ref}").text
    assert "Something has changed since the preview" in page
    assert "Change what the columns are" in page
    assert "Before decimals stands" in browser.get(f"/imports/{run.ref}/mapping").text
