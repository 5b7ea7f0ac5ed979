"""What is late, by customer and by supplier; and what of orders stands on the start page and in the search."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.orders.models import Order
from tests.conftest import SignIn
from tests.home.test_start import counts, start
from tests.orders.helpers import OrderWorld
from tests.orders.test_list import FAR_AHEAD, LONG_AGO, due, many_orders, text
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def rows(browser: FlaskClient, path: str = "/orders/late") -> list[str]:
    """What each row says, without its tags."""
    answer = browser.get(path)
    assert answer.status_code == 200
    found = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", text(answer), re.S)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in found]


@pytest.fixture
def late(orders: OrderWorld) -> OrderWorld:
    """Two late sales for one customer, one for another, one resale and one purchase; and such as are not."""
    orders.sales(lines=due("2020-03-09"))
    orders.sales(lines=due(LONG_AGO))
    orders.sales("bakery", lines=due("2020-04-01"))
    orders.resale(lines=due("2020-05-01"))
    orders.purchase(lines=due("2020-06-01"))
    orders.sales(lines=due(FAR_AHEAD))
    orders.sales(lines=due(LONG_AGO), state="delivered")
    return orders


@pytest.mark.usefixtures("late")
def test_each_sees_who_waits_within_their_reach(sign_in: SignIn, world: World) -> None:
    glass, bakery, wolf, looms = (world.organisation(key).name for key in ("glass", "bakery", "wolf", "looms"))
    in_the_sales = [f"{glass} 2 Mar 2, 2020", f"{bakery} 1 Apr 1, 2020", f"{wolf} 1 May 1, 2020"]
    expected = {
        "agent": in_the_sales,
        "account-manager": in_the_sales,
        "auditor": [*in_the_sales, f"{looms} 1 Jun 1, 2020"],
        "buyer": [f"{looms} 1 Jun 1, 2020"],
        "channel-manager": [f"{wolf} 1 May 1, 2020"],
        "customer": [f"{glass} 2 Mar 2, 2020"],
        "supplier": [f"{looms} 1 Jun 1, 2020"],
        "partner": [f"{glass} 2 Mar 2, 2020", f"{wolf} 1 May 1, 2020"],
        "rival-partner": [f"{bakery} 1 Apr 1, 2020"],
    }
    for hint, companies in expected.items():
        found = rows(sign_in(hint))
        assert len(found) == len(companies), hint
        assert all(row.startswith(company) for row, company in zip(found, companies, strict=True)), hint
    assert len(rows(sign_in("account-manager"), "/orders/late?mine=1")) == 1


@pytest.mark.usefixtures("late")
def test_a_company_leads_to_its_late_orders(sign_in: SignIn, world: World) -> None:
    glass = world.organisation("glass").ref
    for hint in ("agent", "partner"):
        browser = sign_in(hint)
        assert f'href="/orders?customer={glass}&late=1&sort=due"' in text(browser.get("/orders/late"))
        assert len(rows(browser, f"/orders?customer={glass}&late=1&sort=due")) == 2
    assert 'href="/orders?late=1&sort=due"' in text(sign_in("customer").get("/orders/late"))


@pytest.mark.parametrize(("hint", "query"), [("agent", "mine=1"), ("account-manager", "mine=2")])
def test_only_who_has_a_portfolio_asks_for_it(sign_in: SignIn, hint: str, query: str) -> None:
    assert sign_in(hint).get(f"/orders/late?{query}").status_code == 400


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_has_no_orders_is_refused(sign_in: SignIn, hint: str) -> None:
    assert sign_in(hint).get("/orders/late").status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    answer = client.get("/orders/late")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/orders/late")


def test_nothing_late_is_said(sign_in: SignIn) -> None:
    assert text(sign_in("auditor").get("/orders/late")).count("Nothing is late") == 2


@pytest.mark.parametrize("hint", ["agent", "partner"])
def test_it_costs_the_same_for_any_number_and_ends(app: Flask, sign_in: SignIn, world: World, hint: str) -> None:
    found = []
    for number in (3, 120):
        many_orders(world, number)
        browser = sign_in(hint)
        browser.get("/orders/late")
        with statements(app) as seen:
            page = text(browser.get("/orders/late"))
        found.append(len(seen))
    assert found[0] == found[1]
    assert "These are the 100 companies" in page


@pytest.mark.usefixtures("late")
def test_the_start_page_tells_of_what_is_late(sign_in: SignIn) -> None:
    assert counts(start(sign_in, "customer"))["Orders that are late"] == "2"
    assert counts(start(sign_in, "supplier"))["Purchase orders that are late"] == "1"
    assert counts(start(sign_in, "buyer"))["Purchase orders that are late"] == "1"
    assert counts(start(sign_in, "account-manager"))["Late orders in your portfolio"] == "2"
    assert counts(start(sign_in, "rival-partner"))["Orders that are late"] == "1"


def test_the_start_page_tells_of_what_waits(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    orders.quotation()
    orders.quotation("bakery")
    orders.quotation(state="declined")
    orders.purchase()
    asked = orders.sales(lines=due(FAR_AHEAD))
    assert counts(start(sign_in, "customer"))["Orders on their way"] == "1"
    with world.session() as session:
        session.get_one(Order, asked.id).state = "requested"
        session.commit()
    told = counts(start(sign_in, "customer-admin"))
    assert told["Quotations waiting for your decision"] == "1"
    assert "Orders that are late" not in told
    assert "Quotations waiting for your decision" not in counts(start(sign_in, "partner"))
    assert counts(start(sign_in, "supplier"))["Purchase orders to confirm"] == "1"
    assert counts(start(sign_in, "buyer"))["Purchase orders that nobody has confirmed"] == "1"
    assert counts(start(sign_in, "account-manager"))["Orders waiting for your confirmation"] == "1"


def test_the_search_finds_orders_within_reach(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(number="24-777")
    for hint in ("customer", "agent", "auditor"):
        assert f'href="/orders/{order.ref}"' in text(sign_in(hint).get("/search?q=24-777"))
    for hint in ("partner", "rival-partner", "supplier", "buyer", "admin"):
        assert order.ref not in text(sign_in(hint).get("/search?q=24-777"))
