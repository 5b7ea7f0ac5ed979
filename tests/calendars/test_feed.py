"""A calendar shows the days on which deliveries are promised, at an address that is its owner's secret."""

import re
from datetime import UTC, date, datetime
from http import HTTPStatus

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from icalendar import Calendar

from portal.accounts.models import Membership
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)
NOT_FOUND = HTTPStatus.NOT_FOUND


@pytest.fixture
def orders(world: World) -> OrderWorld:
    return OrderWorld(world)


def address(sign_in: SignIn, hint: str, acting: str = "") -> str:
    """A new one of theirs, as the page shows it."""
    browser = sign_in(hint, acting=acting)
    assert browser.send("/account/calendars", {}).status_code == HTTPStatus.SEE_OTHER
    page = browser.get("/account/calendars").text
    assert audit(page) == []
    return re.findall(r'value="http://localhost(/calendars/[\w-]+\.ics)"', page)[-1]


def read(client: FlaskClient, url: str) -> dict[tuple[str, date], str]:
    """What a calendar program reads there, signed in as nobody: summary and day of each entry, with its id."""
    answer = client.get(url)
    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "text/calendar")
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    return {(str(event["SUMMARY"]), event.decoded("DTSTART")): str(event["UID"]) for event in events}


def test_a_customer_reads_when_their_lines_are_promised(
    client: FlaskClient, sign_in: SignIn, orders: OrderWorld
) -> None:
    order = orders.sales()
    orders.sales("bakery")
    orders.sales(state="closed", lines=[{**LINES[0], "delivered": "10"}])
    found = read(client, address(sign_in, "customer"))
    assert set(found) == {
        (f"We deliver {order.details.number}", date(2030, 3, 15)),
        (f"We deliver {order.details.number}", date(2030, 3, 22)),
    }


def test_what_is_delivered_or_moved_shows(client: FlaskClient, sign_in: SignIn, orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    url = address(sign_in, "customer")
    before = client.get(url)
    assert client.get(url, headers={"If-None-Match": before.headers["ETag"]}).status_code == HTTPStatus.NOT_MODIFIED
    orders.feed({**shape, "lines": [{**LINES[0], "delivered": "10"}, {**LINES[1], "confirmed_on": "2030-04-01"}]})
    assert [day for _summary, day in read(client, url)] == [date(2030, 4, 1)]
    assert client.get(url).headers["ETag"] != before.headers["ETag"]


def test_each_reads_what_they_reach(client: FlaskClient, sign_in: SignIn, orders: OrderWorld) -> None:
    linked = orders.sales("glass")
    resale = orders.resale("wolf")
    bought = orders.purchase("looms")
    names = {hint: read(client, address(sign_in, hint)) for hint in ("partner", "supplier", "buyer", "rival-partner")}
    partner = {summary for summary, _day in names["partner"]}
    # Of a linked customer the first day, by our reference; neither its number nor its lines.
    assert partner == {f"{linked.ref} is due: Sklárny Měsíční Lípa", f"We deliver {resale.details.number}"}
    assert linked.details.number not in str(names["partner"])
    assert {summary for summary, _day in names["supplier"]} == {f"You deliver {bought.details.number}"}
    assert {summary for summary, _day in names["buyer"]} == {f"{bought.details.number} is due: Debesų staklės"}
    assert names["rival-partner"] == {}


def test_the_address_ends_with_the_right(
    client: FlaskClient, sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    orders.sales()
    url = address(sign_in, "customer")
    assert read(client, url)
    with world.session() as session:
        session.execute(sa.update(Membership).values(in_orders=False))
        session.commit()
    assert client.get(url).status_code == NOT_FOUND


def test_a_membership_that_ended_is_not_replaced_by_another_one(
    client: FlaskClient, sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    """Who sells to us and buys from us made it as the one, and is only the other now."""
    orders.purchase("foundry")
    url = address(sign_in, "many", "foundry.supplier")
    assert read(client, url)
    with world.session() as session:
        session.execute(sa.update(Membership).values(is_supplier=False))
        session.commit()
    assert client.get(url).status_code == NOT_FOUND


def test_a_revoked_address_leads_nowhere(client: FlaskClient, sign_in: SignIn, orders: OrderWorld) -> None:
    orders.sales()
    url = address(sign_in, "customer")
    browser = sign_in("customer")
    (revocation,) = re.findall(
        r'action="(/account/calendars/[^"]+/revocation)"', browser.get("/account/calendars").text
    )
    assert sign_in("customer-admin").send(revocation, {}).status_code == NOT_FOUND
    assert client.get(url).status_code == HTTPStatus.OK
    browser.send(revocation, {})
    assert client.get(url).status_code == client.get("/calendars/" + "x" * 43 + ".ics").status_code == NOT_FOUND


def test_there_is_an_end_to_addresses(sign_in: SignIn) -> None:
    browser = sign_in("customer")
    answers = [browser.send("/account/calendars", {}).status_code for _ in range(11)]
    assert answers == [HTTPStatus.SEE_OTHER] * 10 + [HTTPStatus.CONFLICT]


def test_who_reads_no_orders_has_no_calendar(sign_in: SignIn, client: FlaskClient) -> None:
    for hint in ("moderator", "admin"):
        assert sign_in(hint).get("/account/calendars").status_code == HTTPStatus.FORBIDDEN
    assert "/sign-in" in client.get("/account/calendars").location


def test_the_statements_of_a_feed_are_constant(
    client: FlaskClient, sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    counts = []
    orders.sales()
    url = address(sign_in, "customer")
    read(client, url)
    for _ in range(2):
        with statements(world.app) as seen:
            read(client, url)
        counts.append(len(seen))
        for _ in range(5):
            orders.sales()
    assert counts[0] == counts[1] <= 4


def test_the_language_is_the_owners(client: FlaskClient, sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    from portal.accounts.models import Person

    order = orders.sales()
    url = address(sign_in, "customer")
    with world.session() as session:
        session.execute(sa.update(Person).values(language="cs"))
        session.commit()
    with time_machine.travel(MONDAY, tick=False):
        found = read(client, url)
    assert {summary for summary, _day in found} == {f"Dodáváme {order.details.number}"}
