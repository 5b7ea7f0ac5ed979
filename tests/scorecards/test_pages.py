"""The pages: who opens which, what stands on them, and the lines behind."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.clock import now
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderLine
from portal.organisations.models import Organisation
from tests.conftest import SignIn
from tests.orders.test_list import text
from tests.scorecards.helpers import Deliveries, days_ago, moment, weekday_ago
from tests.statements import statements
from tests.test_exporting import sheet
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
STAFF, OWN = ("buyer", "auditor"), ("supplier", "supplier-admin")


@pytest.fixture
def late(deliveries: Deliveries) -> Deliveries:
    """A line that was met in all, one that came late, and one of a rival that was met."""
    ordered = weekday_ago(40)
    confirmed = (days_ago(20), moment(ordered, "10:00"))
    deliveries.line(ordered, promised=days_ago(20), confirmed=confirmed, arrived=((days_ago(20), "10"),))
    deliveries.line(ordered, promised=days_ago(20), arrived=((days_ago(12), "10"),), number="24-LATE")
    deliveries.line(
        ordered, promised=days_ago(20), confirmed=confirmed, arrived=((days_ago(21), "10"),), company="paper"
    )
    return deliveries


def card(world: World, company: str = "looms", rest: str = "") -> str:
    return f"/scorecards/{world.organisation(company).ref}{rest}"


def plain(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text(answer)).split())


@pytest.mark.usefixtures("late")
def test_both_sides_read_the_same_page(sign_in: SignIn, world: World) -> None:
    found = set()
    for hint in (*STAFF, *OWN):
        answer = sign_in(hint).get(card(world))
        assert answer.status_code == 200, hint
        page = text(answer)
        found.add(re.sub(r"\s+", " ", page[page.index('class="score-cards"') : page.index('id="rule"')]))
    assert len(found) == 1
    (same,) = found
    assert same.count("1 of 2") >= 3
    assert "50%" in same
    assert "2 of 2" in same


@pytest.mark.usefixtures("late")
def test_a_figure_leads_to_the_lines_and_they_to_their_orders(sign_in: SignIn, world: World) -> None:
    for hint in ("supplier", "buyer"):
        browser = sign_in(hint)
        address = card(world, rest="/lines?measure=in-time")
        assert f'href="{address}"' in text(browser.get(card(world)))
        page = text(browser.get(address))
        assert "24-LATE" in page
        (order,) = re.findall(r'class="row-link" href="(/orders/PO-\w{8})#lines"', page)
        assert browser.get(order).status_code == 200
        assert len(re.findall("row-link", text(browser.get(f"{address}&outcome=all")))) == 2
        assert "24-LATE" not in text(browser.get(f"{address}&outcome=met"))


@pytest.mark.usefixtures("late")
def test_the_lines_come_as_a_fragment(sign_in: SignIn, world: World) -> None:
    answer = sign_in("buyer").htmx(card(world, rest="/lines?measure=in-time"))
    assert text(answer).lstrip().startswith('<div id="lines"')


def test_without_lines_nothing_is_a_hundredth(sign_in: SignIn, world: World) -> None:
    page = plain(sign_in("supplier").get(card(world)))
    assert page.count("No line was due yet.") == 4
    assert "0%" not in page
    assert "Nothing to count yet" in plain(sign_in("buyer").get("/scorecards"))


@pytest.mark.usefixtures("late")
def test_the_worst_supplier_stands_first(sign_in: SignIn, world: World) -> None:
    looms, paper = world.organisation("looms").name, world.organisation("paper").name
    for hint in STAFF:
        page = text(sign_in(hint).get("/scorecards"))
        assert page.index(f">{looms}<") < page.index(f">{paper}<")


@pytest.mark.usefixtures("late")
def test_a_supplier_is_led_to_its_own(sign_in: SignIn, world: World) -> None:
    answer = sign_in("supplier").get("/scorecards")
    assert (answer.status_code, answer.headers["Location"]) == (303, card(world))
    assert f'href="{card(world)}"' in text(sign_in("supplier").get(f"/organisations/{world.organisation('looms').ref}"))
    assert 'href="/scorecards"' in text(sign_in("supplier").get("/orders"))
    for page in ("/orders", "/orders/late", "/"):
        assert 'href="/scorecards"' in text(sign_in("buyer").get(page)), page
    assert 'href="/scorecards"' in text(sign_in("supplier").get("/"))


RESTS = ["", "/lines", "/export.csv", "/export.xlsx", "/lines/export.csv", "/lines/export.xlsx"]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("rest", RESTS)
def test_a_rival_finds_nothing(sign_in: SignIn, world: World, rest: str) -> None:
    assert sign_in("rival-supplier").get(card(world, rest=rest)).status_code == 404
    assert sign_in("supplier").get(card(world, rest=rest)).status_code == 200
    assert sign_in("buyer").get(card(world, "glass", rest)).status_code == 404
    for hint in ("customer", "partner", "agent", "account-manager", "channel-manager", "moderator", "admin"):
        assert sign_in(hint).get(card(world, rest=rest)).status_code == 403, hint


@pytest.mark.usefixtures("late")
def test_a_rival_moves_nothing_that_a_supplier_sees(sign_in: SignIn, world: World, deliveries: Deliveries) -> None:
    def seen() -> list[str]:
        browser = sign_in("supplier")
        return [re.sub(r'(nonce|value|content)="[^"]*"', "", text(browser.get(card(world, rest=r)))) for r in RESTS[:2]]

    before = seen()
    deliveries.line(weekday_ago(60), promised=days_ago(30), company="paper")
    assert "paper" not in "".join(before).lower()
    assert [page.split('id="main"')[-1].split("<footer")[0] for page in seen()] == [
        page.split('id="main"')[-1].split("<footer")[0] for page in before
    ]
    exported = sign_in("supplier").get("/scorecards/export.csv").get_data(as_text=True)
    assert world.organisation("looms").ref in exported
    assert world.organisation("paper").ref not in exported


@pytest.mark.parametrize("path", ["/scorecards", "/scorecards/export.csv", "/scorecards/O-00000000"])
def test_signed_out_people_sign_in_first(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "asked", ["?by=week", "/lines?measure=x", "/lines?outcome=x", "/lines?period=1999-01", "/lines?after=x"]
)
def test_what_is_no_value_is_refused(sign_in: SignIn, world: World, asked: str) -> None:
    assert sign_in("buyer").get(card(world, rest=asked)).status_code == 400


def test_an_unknown_order_of_the_list_is_refused(sign_in: SignIn) -> None:
    assert sign_in("buyer").get("/scorecards?sort=x").status_code == 400


@pytest.mark.usefixtures("late")
def test_the_exports_say_what_the_pages_say(sign_in: SignIn, world: World) -> None:
    browser = sign_in("supplier")

    def rows(address: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(browser.get(address).get_data().decode()[1:])))

    by_month = rows(card(world, rest="/export.csv"))
    assert len(by_month) == 14
    assert by_month[-1] == ["Together", "2", "1", "50.0", "2", "1", "50.0", "2", "2", "100.0", "2", "1", "50.0"]
    assert len(rows(card(world, rest="/export.csv?by=quarter"))) in (6, 7)
    titles, line = rows(card(world, rest="/lines/export.csv?measure=otif"))
    assert line[titles.index("Order number")] == "24-LATE"
    assert line[titles.index("Delivered")] == days_ago(12)
    assert sheet(browser.get(card(world, rest="/export.xlsx")))["B14"].value == 2
    assert sheet(sign_in("buyer").get("/scorecards/export.xlsx"))["C2"].value == 2


def many_lines(world: World, number: int) -> None:
    """Each with a supplier of its own, and as many of one supplier."""
    one = world.organisation("looms").id
    with world.session() as session:
        for n in range(number):
            company = Organisation(name=f"Company {n}", language="en", created_at=now())
            company.capacities = frozenset({Capacity.SUPPLIER})
            session.add(company)
            session.flush()
            for supplier_id in (company.id, one):
                session.add(planted(supplier_id, now().date() - timedelta(days=30 + n % 60)))
        session.commit()


def planted(supplier_id: int, day: date) -> Order:
    line = OrderLine(position=10, quantity=1000, promised_on=day + timedelta(days=20))
    return Order(
        kind="purchase",
        organisation_id=supplier_id,
        capacity=Capacity.SUPPLIER,
        state="ordered",
        ordered_on=day,
        promised_on=line.promised_on,
        created_at=moment(day.isoformat()),
        details=OrderDetails(currency="EUR", rounding="document"),
        lines=[line],
    )


@pytest.mark.parametrize("path", ["/scorecards", "card", "lines"])
def test_it_costs_the_same_for_any_number(app: Flask, sign_in: SignIn, world: World, path: str) -> None:
    address = {"card": card(world), "lines": card(world, rest="/lines")}.get(path, path)
    found = []
    for number in (3, 60):
        many_lines(world, number)
        browser = sign_in("buyer")
        browser.get(address)
        with statements(app) as seen:
            assert browser.get(address).status_code == 200
        found.append(len(seen))
    assert found[0] == found[1]


def pages(browser: FlaskClient, url: str) -> Iterator[str]:
    while url:
        page = text(browser.get(url))
        yield from re.findall(r'class="row-link" href="([^"#]*)', page)
        link = re.search(r'rel="next" href="([^"]*)"', page)
        url = link[1] if link else ""


@pytest.mark.parametrize("path", ["/scorecards", "lines"])
def test_pages_follow_one_another(sign_in: SignIn, world: World, path: str) -> None:
    many_lines(world, 30)
    address = card(world, rest="/lines?outcome=all") if path == "lines" else path
    found = list(pages(sign_in("buyer"), address))
    assert len(found) == len(set(found)) == (30 if path == "lines" else 31)
