"""The list of orders: who sees which, in what order, narrowed how."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.accounts.models import Person
from portal.clock import now
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.organisations.models import Organisation
from tests.conftest import SignIn
from tests.orders.helpers import LINES, TOTAL, OrderWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
ADDRESSES = ["/orders", "/orders/export.csv", "/orders/export.xlsx"]
LONG_AGO, FAR_AHEAD = "2020-03-02", "2090-03-02"


def refs(answer: Any) -> list[str]:
    """The references of the rows, in order."""
    assert answer.status_code == 200, answer.status
    return re.findall(r'class="row-link" href="/orders/((?:SO|QU|PO)-\w{8})"', answer.get_data(as_text=True))


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def row_of(answer: Any, order: Order) -> str:
    """What a row says, without its tags."""
    rows = re.findall(r"<tr>.*?</tr>", text(answer), re.S)
    [found] = [row for row in rows if f'href="/orders/{order.ref}"' in row]
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


def every_page(browser: FlaskClient, url: str) -> list[str]:
    found: list[str] = []
    while url:
        answer = browser.get(url)
        found += refs(answer)
        link = re.search(r'rel="next" href="([^"]*)"', answer.get_data(as_text=True))
        url = html.unescape(link[1]) if link else ""
    return found


def due(day: str, **line: Any) -> list[dict[str, Any]]:
    """Lines of which all is promised for that day."""
    return [{**known, "promised_on": day, **line} for known in LINES]


def many_orders(world: World, number: int, kind: str = "sales") -> None:
    """Each with a customer or supplier of its own, who resells through the partner, or who the partner looks after."""
    partner = world.organisation("wolf").id
    capacity = Capacity.SUPPLIER if kind == "purchase" else Capacity.CUSTOMER
    with world.session() as session:
        for n in range(number):
            at = now() - timedelta(days=60) + n * timedelta(hours=1)
            company = Organisation(name=f"Company {n}", language="en", created_at=at)
            company.capacities = frozenset({capacity})
            session.add(company)
            session.flush()
            order = Order(
                kind=kind,
                organisation_id=company.id,
                capacity=capacity,
                reseller_id=None if kind == "purchase" else partner,
                state="confirmed",
                created_at=at,
                ordered_on=date(2030, 1, 1) + timedelta(days=n // 3),
                due_on=date(2020, 1, 1) + timedelta(days=n // 3),
            )
            order.details = OrderDetails(number=f"N{n}", currency="EUR", total=n)
            session.add(order)
        session.commit()


def test_each_sees_the_own(sign_in: SignIn, orders: OrderWorld) -> None:
    mine, offer, theirs = orders.sales(), orders.quotation(), orders.sales("bakery")
    bought, sold_on = orders.purchase(), orders.resale()
    for hint in ("customer", "customer-admin"):
        assert set(refs(sign_in(hint).get("/orders"))) == {mine.ref, offer.ref}
    for hint in ("supplier", "supplier-admin", "buyer"):
        assert refs(sign_in(hint).get("/orders")) == [bought.ref]
    assert refs(sign_in("rival-partner").get("/orders")) == [theirs.ref]
    assert refs(sign_in("channel-manager").get("/orders")) == [sold_on.ref]
    sales = {mine.ref, offer.ref, theirs.ref, sold_on.ref}
    for hint in ("agent", "account-manager"):
        assert set(refs(sign_in(hint).get("/orders"))) == sales
    assert set(refs(sign_in("auditor").get("/orders"))) == sales | {bought.ref}


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_who_has_no_orders_is_refused(sign_in: SignIn, hint: str, path: str) -> None:
    assert sign_in(hint).get(path).status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    answer = client.get("/orders?state=open")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/orders?state%3Dopen")


def test_a_row_says_what_its_reader_sees(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(lines=due(FAR_AHEAD), payment_state="open")
    told = row_of(sign_in("customer").get("/orders"), order)
    assert told.startswith(f"{number_of(orders, order)} {order.ref} Your number: ")
    for word in ("Confirmed", "Due Mar 2, 2090", "€3,686.87", "To be paid", "Mar 1, 2030"):
        assert word in told
    assert "Their number: " in row_of(sign_in("agent").get("/orders"), order)
    assert "Sklárny" in row_of(sign_in("agent").get("/orders"), order)


def number_of(orders: OrderWorld, order: Order) -> str:
    return orders.reload(order).details.number


def test_a_partner_reads_of_linked_customers_where_things_stand_and_no_more(
    sign_in: SignIn, orders: OrderWorld
) -> None:
    order = orders.sales(customer_reference="SECRET-7", number="NUMBER-7")
    partner = sign_in("partner")
    told = row_of(partner.get("/orders"), order)
    assert order.ref in told
    assert "Sklárny" in told
    for hidden in ("SECRET-7", "NUMBER-7", "3,686", "€", "Not invoiced", "To be paid"):
        assert hidden not in text(partner.get("/orders"))
    for query in ("q=NUMBER-7", "q=lantern", "reference=NUMBER-7", "customer_reference=SECRET-7", "product=LN-100"):
        assert refs(partner.get(f"/orders?{query}")) == []
        assert refs(sign_in("customer").get(f"/orders?{query}")) == [order.ref]
    assert refs(partner.get(f"/orders?reference={order.ref.lower()}")) == [order.ref]
    assert refs(sign_in("rival-partner").get("/orders")) == []


def test_a_partner_reads_resale_orders_whole(sign_in: SignIn, orders: OrderWorld) -> None:
    own, through = orders.resale(), orders.sales("bakery", reseller="wolf", number="THROUGH-1")
    partner = sign_in("partner")
    assert set(refs(partner.get("/orders"))) == {own.ref, through.ref}
    assert f"€{TOTAL / 100:,.2f}" in row_of(partner.get("/orders"), through)
    assert "Their number" in row_of(partner.get("/orders"), through)
    assert refs(partner.get("/orders?reference=through-1")) == [through.ref]
    # The rival looks after that customer, and learns neither the number nor who sold it.
    assert refs(sign_in("rival-partner").get("/orders")) == [through.ref]
    assert "Wilk" not in text(sign_in("rival-partner").get("/orders"))
    assert refs(sign_in("rival-partner").get("/orders?reference=THROUGH-1")) == []


def test_a_draft_is_its_companys_alone(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    with world.session() as session:
        session.get_one(Order, order.id).state = "draft"
        session.commit()
    assert refs(sign_in("customer").get("/orders?state=draft")) == [order.ref]
    for hint in ("agent", "account-manager", "auditor", "partner", "channel-manager"):
        assert refs(sign_in(hint).get("/orders")) == []


def test_parts_are_told_apart(sign_in: SignIn, orders: OrderWorld) -> None:
    nothing = orders.sales()
    first, second = LINES
    shipped = orders.sales(lines=[{**first, "shipped": "7"}, second], state="shipped")
    half = orders.sales(lines=[{**first, "shipped": "10", "delivered": "7"}, second], state="shipped")
    page = sign_in("customer").get("/orders")
    assert "in part" not in row_of(page, nothing)
    assert "Shipped in part: 50%" in row_of(page, shipped)
    assert "Delivered in part: 50%" in row_of(page, half)


def test_what_is_late_is_marked_and_found(sign_in: SignIn, orders: OrderWorld) -> None:
    late, later = orders.sales(lines=due(LONG_AGO)), orders.sales(lines=due("2020-03-09"))
    ahead, over = orders.sales(lines=due(FAR_AHEAD)), orders.sales(lines=due(LONG_AGO), state="cancelled")
    customer = sign_in("customer")
    assert "Late" in row_of(customer.get("/orders"), late)
    for order in (ahead, over):
        assert "Late" not in row_of(customer.get("/orders"), order)
    assert refs(customer.get("/orders?late=1&sort=due")) == [late.ref, later.ref]
    assert refs(customer.get("/orders?sort=due")) == [late.ref, later.ref, ahead.ref]


def test_filters_narrow(sign_in: SignIn, orders: OrderWorld) -> None:
    old = orders.sales(ordered_on="2030-01-31", number="24-QUARTZ", customer_reference="Mine 7", state="delivered")
    new = orders.sales(ordered_on="2030-02-01", lines=LINES[:1])
    offer, taken = orders.quotation(ordered_on=None), orders.quotation(state="ordered", lines=LINES[:1])
    customer = sign_in("customer")

    def found(query: str) -> set[str]:
        return set(refs(customer.get(f"/orders?{query}")))

    assert found("kind=quotation") == {offer.ref, taken.ref}
    assert found("state=offered") == {offer.ref}
    assert found("state=open") == {new.ref, offer.ref}
    assert found("state=running") == {new.ref}
    assert found("state=over") == {old.ref, taken.ref}
    assert found("from=2030-02-01&kind=sales") == {new.ref}
    assert found("to=31.01.2030") == {old.ref}
    assert found("from=2030-01-31&to=2030-01-31") == {old.ref}
    assert found("product=ln-200&kind=sales") == {old.ref}
    assert found("product=NONE") == set()
    assert found("reference=24-quartz") == {old.ref}
    assert found(f"reference={new.ref}") == {new.ref}
    assert found("customer_reference=mine+7") == set()
    assert found("customer_reference=Mine+7") == {old.ref}
    assert found("q=24-QUARTZ") == {old.ref}
    assert found("q=street") == {old.ref, offer.ref}


def test_staff_narrow_to_a_company_and_to_their_portfolio(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    glass, bakery = orders.sales(), orders.sales("bakery")
    bought = orders.purchase()
    ref = world.organisation("glass").ref
    manager, buyer = sign_in("account-manager"), sign_in("buyer")
    assert refs(manager.get("/orders?mine=1")) == [glass.ref]
    assert refs(manager.get(f"/orders?customer={ref}")) == [glass.ref]
    assert refs(manager.get("/orders?customer=O-00000000")) == []
    assert refs(buyer.get(f"/orders?supplier={world.organisation('looms').ref}")) == [bought.ref]
    assert refs(buyer.get(f"/orders?customer={ref}")) == []
    assert bakery.ref in refs(manager.get("/orders"))


@pytest.mark.parametrize(
    ("hint", "query"),
    [
        ("customer", "kind=purchase"),
        ("partner", "kind=purchase"),
        ("supplier", "kind=sales"),
        ("buyer", "kind=quotation"),
        ("customer", "state=x"),
        ("customer", "late=2"),
        ("customer", "sort=total"),
        ("customer", "mine=1"),
        ("agent", "mine=1"),
        ("customer", "customer=O-00000000"),
        ("partner", "supplier=O-00000000"),
        ("supplier", "supplier=O-00000000"),
    ],
)
def test_nobody_asks_beyond_their_lens(sign_in: SignIn, orders: OrderWorld, hint: str, query: str) -> None:
    for path in ADDRESSES:
        assert sign_in(hint).get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["after=x", "before=WzFd", "sort=due&after=WyJ4IiwieCJd"])
def test_a_place_that_is_none_is_refused(sign_in: SignIn, query: str) -> None:
    assert sign_in("customer").get(f"/orders?{query}").status_code == 400


def test_a_day_that_is_none_is_said_beside_the_field(sign_in: SignIn, orders: OrderWorld) -> None:
    orders.sales()
    customer = sign_in("customer")
    answer = customer.get("/orders?from=32.1.2030&to=2030-01-01&late=1")
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="32.1.2030" dir="auto" maxlength="200" aria-invalid="true"' in page
    assert page.count("Enter a date such as") == 1
    fragment = customer.htmx("/orders?from=x")
    assert (fragment.status_code, fragment.headers.get("HX-Push-Url")) == (422, None)
    assert customer.get("/orders/export.csv?from=x").status_code == 400


def test_days_are_typed_in_the_readers_calendar(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales(ordered_on="2030-03-21")
    with world.session() as session:
        session.execute(sa.update(Person).values(language="fa", calendar=None, digits=None))
        session.commit()
    customer = sign_in("customer")
    assert refs(customer.get("/orders?from=۱۴۰۹/۰۱/۰۱&to=۱۴۰۹/۰۱/۰۱")) == [order.ref]
    assert refs(customer.get("/orders?from=۱۴۰۹/۰۱/۰۲")) == []
    answer = customer.htmx("/orders?from=۱۴۰۹/۰۱/۰۱")
    assert answer.headers["HX-Push-Url"] == "/orders?from=2030-03-21"
    assert 'value="۱۴۰۹/۰۱/۰۱"' in text(answer)


def test_a_fragment_is_the_list_alone(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    answer = sign_in("customer").htmx("/orders?q=&state=open&from=&sort=-updated")
    assert refs(answer) == [order.ref]
    assert text(answer).lstrip().startswith('<div id="list"')
    assert "<html" not in text(answer)
    assert answer.headers["HX-Push-Url"] == "/orders?state=open"


def test_what_staff_do_among_themselves_moves_nothing_outside(
    sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    first, second = orders.sales(at=now() - timedelta(hours=2)), orders.sales(at=now() - timedelta(hours=1))
    with world.session() as session:
        session.get_one(Order, first.id).has_moved(now(), publicly=False)
        session.commit()
    assert refs(sign_in("agent").get("/orders")) == [first.ref, second.ref]
    assert refs(sign_in("customer").get("/orders")) == [second.ref, first.ref]


@pytest.mark.parametrize("query", ["", "?sort=updated", "?sort=ordered", "?sort=-ordered", "?sort=due", "?late=1"])
def test_pages_go_on_and_back(sign_in: SignIn, world: World, query: str) -> None:
    many_orders(world, 60)
    for hint in ("partner", "agent"):
        found = every_page(sign_in(hint), f"/orders{query}")
        assert len(found) == len(set(found)) == 60


@pytest.mark.parametrize(
    ("hint", "kind"),
    [("partner", "sales"), ("agent", "sales"), ("account-manager", "sales"), ("buyer", "purchase")],
)
@pytest.mark.parametrize("path", ["/orders", "/orders?late=1&sort=due", "/orders?q=n1"])
def test_it_costs_the_same_for_any_number(
    app: Flask, sign_in: SignIn, world: World, hint: str, kind: str, path: str
) -> None:
    counts = []
    for number in (3, 100):
        many_orders(world, number, kind)
        browser = sign_in(hint)
        browser.get(path)
        with statements(app) as seen:
            assert browser.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_to_do(sign_in: SignIn) -> None:
    assert "As soon as one is placed" in text(sign_in("customer").get("/orders"))
    assert "What the ERP system sends" in text(sign_in("agent").get("/orders"))
    assert "No order matches" in text(sign_in("supplier").get("/orders?late=1"))


@pytest.mark.parametrize(
    ("hint", "address"),
    [
        ("account-manager", "/orders/returns"),
        ("buyer", "/purchasing/proposals"),
        ("buyer", "/purchasing/invoices"),
        ("buyer", "/requests-for-quotation"),
        ("buyer", "/scorecards"),
    ],
)
def test_what_hangs_on_orders_stands_under_orders(sign_in: SignIn, hint: str, address: str) -> None:
    page = sign_in(hint).get(address).text
    [current] = re.findall(r'<a [^>]*href="([^"]*)"[^>]* aria-current="(?:page|true)"', page.partition("<main")[0])
    assert current == "/orders"
