"""The page of one order, through HTTP: what each of its readers is told."""

import re
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from portal.accounts.models import AccessLog, Membership, Person
from portal.deals.models import Deal
from portal.orders.lifecycle import PLACED, Kind, State
from portal.orders.models import Order
from portal.organisations.models import OrganisationFinance
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.orders.helpers import LINES, OrderWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND = HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)
# Of the world's sales order: what stands on lines and papers alone.
PRIVATE = ("24-0000", "PURCHASE-", "Meadow garden lantern", "LN-100", "1,125.00", "3,686.87", "14 days net", "Skelná 1")


def page(client: FlaskClient, order: Order) -> str:
    answer = client.get(f"/orders/{order.ref}")
    assert answer.status_code == OK
    return answer.text


def words(text: str) -> str:
    """What stands there, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace(" :", ":")


def steps(text: str) -> list[str]:
    line = text.partition('<ol class="progress-line">')[2].partition("</ol>")[0]
    return [words(step) for step in line.split("</li>")[:-1]]


# ── Who reads it ──────────────────────────────────────────────────────────────────────────────────


def test_customer_and_staff_read_the_same_page(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    for hint in ("customer", "customer-admin", "agent", "account-manager", "auditor"):
        text = page(sign_in(hint), order)
        for told in ("24-00001", "PURCHASE-00001", "Meadow garden lantern", "€1,125.00", "€639.87", "€3,686.87"):
            assert told in text, (hint, told)
        assert audit(text) == []


def test_supplier_and_buyer_read_a_purchase_order(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase("looms")
    for hint in ("supplier", "buyer", "auditor"):
        text = page(sign_in(hint), order)
        assert "Purchase order 24-00001" in words(text)
        assert "€3,686.87" in text
        assert audit(text) == []
    for hint in ("customer", "partner", "agent", "account-manager", "channel-manager"):
        assert sign_in(hint).get(f"/orders/{order.ref}").status_code == NOT_FOUND


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_reads_no_orders_is_refused(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    assert sign_in(hint).get(f"/orders/{orders.sales().ref}").status_code == FORBIDDEN


@pytest.mark.parametrize("hint", ["rival-partner", "supplier", "buyer", "channel-manager"])
def test_whoever_it_is_not_for_finds_nothing_as_where_nothing_is(
    sign_in: SignIn, orders: OrderWorld, hint: str
) -> None:
    stranger = sign_in(hint)
    assert stranger.get(f"/orders/{orders.sales().ref}").status_code == NOT_FOUND
    assert stranger.get("/orders/SO-00000000").status_code == NOT_FOUND


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    answer = client.get(f"/orders/{orders.sales().ref}")
    assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)


def test_htmx_receives_the_column_alone(sign_in: SignIn, orders: OrderWorld) -> None:
    answer = sign_in("customer").get(f"/orders/{orders.sales().ref}", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="record"')


def test_a_linked_partner_reads_where_it_stands_and_nothing_else(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(lines=[{**LINES[0], "delivered": "4"}], remark="Ring twice.")
    text = page(sign_in("partner"), order)
    for told in (*PRIVATE, "Ring twice.", 'id="lines"', 'class="timeline"', 'id="who-sees"'):
        assert told not in text, told
    assert "Prices, lines and documents are between" in text
    assert [step.split()[0] for step in steps(text)] == ["Ordered", "Confirmed", "Shipped", "Delivered", "Invoiced"]
    assert "40%" in steps(text)[3]
    assert audit(text) == []


def test_a_reseller_reads_its_resale_whole(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales("glass", reseller="wolf")
    for hint in ("partner", "channel-manager", "customer"):
        text = page(sign_in(hint), order)
        assert "€3,686.87" in text, hint
        assert "Prices, lines and documents are between" not in text
    assert sign_in("rival-partner").get(f"/orders/{order.ref}").status_code == NOT_FOUND


def test_staff_who_read_from_afar_are_written_down(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    sold, bought = orders.sales("glass"), orders.purchase()
    for hint in ("account-manager", "auditor", "agent"):
        page(sign_in(hint), sold)
    page(sign_in("buyer"), bought)
    page(sign_in("customer"), sold)
    from_afar = {world.person_id("auditor"), world.person_id("agent")}
    with world.session() as session:
        reads = sa.select(AccessLog.person_id).where(AccessLog.kind == "read")
        assert set(session.scalars(reads)) == from_afar


# ── How far it has come ───────────────────────────────────────────────────────────────────────────


def test_a_part_that_was_delivered_is_told_in_numbers(sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [{**LINES[0], "shipped": "10", "delivered": "10", "invoiced": "10"}, {**LINES[1], "shipped": "4"}]
    order = orders.sales(state="shipped", ordered_on="2030-03-01", lines=lines)
    text = page(sign_in("customer"), order)
    ordered, confirmed, shipped, delivered, invoiced = steps(text)
    assert ordered == "Ordered Done Mar 1, 2030"
    assert confirmed == "Confirmed Done"
    assert shipped == "Shipped Done"
    assert delivered.startswith("Delivered In part 10 of 14 pcs")
    assert invoiced == "Invoiced In part 10 of 14 pcs"
    assert "All delivered: 10 pcs" in text
    assert "4 of 4" not in text
    assert "All shipped: 4 pcs" in text


def test_different_units_are_told_as_a_share_and_in_lines(sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [{**LINES[0], "delivered": "10"}, {**LINES[1], "unit": "MTR", "delivered": "2.5"}]
    text = page(sign_in("customer"), orders.sales(state="shipped", lines=lines))
    assert steps(text)[3].startswith("Delivered In part 89% 1 of 2 lines")
    assert "2.5 of 4 m delivered" in text


def test_a_supplier_sees_which_lines_are_confirmed(sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [{**LINES[0], "confirmed_on": "2030-03-20"}, dict(LINES[1])]
    for line in lines:
        line.pop("cost")
    text = page(sign_in("supplier"), orders.purchase(lines=lines))
    assert steps(text)[1] == "Confirmed In part 1 of 2 lines"
    assert "confirmed for Mar 20, 2030" in text


def test_what_is_late_is_marked(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(lines=[{**LINES[0], "delivered": "10"}, dict(LINES[1])])
    with time_machine.travel(datetime(2030, 3, 22, 10, tzinfo=UTC), tick=False):
        text = page(sign_in("customer"), order)
        assert "Late" not in text
        assert "due on Mar 22, 2030" in text
    with time_machine.travel(datetime(2030, 3, 23, 10, tzinfo=UTC), tick=False):
        text = page(sign_in("customer"), order)
        assert "late: was due on Mar 22, 2030" in text
        # The whole order and its second line, not the first one.
        assert text.count(">Late<") == 2


def test_a_cancelled_order_goes_no_further(sign_in: SignIn, orders: OrderWorld) -> None:
    text = page(sign_in("customer"), orders.sales(state="cancelled"))
    assert steps(text) == ["Ordered Done Mar 1, 2030", "Cancelled It went no further"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("offered", ["Offered Done valid until Dec 31, 2030", "Accepted Comes next", "Ordered Not yet"]),
        ("accepted", ["Offered Done", "Accepted Done", "Ordered Comes next"]),
        ("ordered", ["Offered Done", "Accepted Done", "Ordered Done"]),
        ("declined", ["Offered Done", "Declined It went no further"]),
        ("expired", ["Offered Done valid until Dec 31, 2030", "Expired It went no further"]),
        ("withdrawn", ["Offered Done", "Withdrawn It went no further"]),
    ],
)
def test_a_quotation_has_a_line_of_its_own(sign_in: SignIn, orders: OrderWorld, state: str, told: list[str]) -> None:
    text = page(sign_in("customer"), orders.quotation(state=state))
    assert steps(text) == told
    assert "Quotation 24-00001" in words(text)
    assert "State of the payment" not in text


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_drawn(sign_in: SignIn, orders: OrderWorld, world: World, state: State) -> None:
    order = orders.sales()
    with world.session() as session:
        session.get_one(Order, order.id).state = state
        session.commit()
    text = page(sign_in("customer"), order)
    # The draft of an order stands in the form that changes it.
    assert steps(text) or state == State.DRAFT
    assert audit(text) == []
    if state in PLACED:
        assert steps(text)[0].startswith("Ordered Done")


# ── Lines and sums ────────────────────────────────────────────────────────────────────────────────


def test_the_sums_are_those_of_the_lines(sign_in: SignIn, orders: OrderWorld) -> None:
    lines = [dict(LINES[0]), {**LINES[1], "tax_rate": "9.5"}]
    text = words(page(sign_in("customer"), orders.sales(lines=lines)))
    # 1,125.00 at 21 % is 236.25; 1,922.00 at 9.5 % is 182.59.
    assert "Without tax €3,047.00" in text
    assert "Tax 9.5% of €1,922.00 €182.59" in text
    assert "Tax 21% of €1,125.00 €236.25" in text
    assert "Total with tax €3,465.84" in text
    assert "10% off" in text


def test_a_price_finer_than_the_smallest_coin_is_told_for_many(sign_in: SignIn, orders: OrderWorld) -> None:
    line = {"position": 10, "descriptions": {"en": "Screw"}, "quantity": "250", "unit_price": "0.0125"}
    assert "€1.25 per 100 pcs" in page(sign_in("customer"), orders.sales(lines=[line]))


def test_a_name_that_is_not_in_the_readers_language_says_which_it_is_in(
    sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    order = orders.sales(lines=[LINES[0], {**LINES[1], "product": ""}])
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).language = "cs"
        session.commit()
    text = page(sign_in("customer"), order)
    assert "<bdi>Zahradní lucerna Luka</bdi>" in text
    assert '<bdi lang="en">Harbour street light</bdi>' in text


def test_what_people_wrote_is_no_markup(sign_in: SignIn, orders: OrderWorld) -> None:
    line = {**LINES[0], "descriptions": {"en": "<b>Bold</b>"}}
    order = orders.sales(lines=[line], remark="<script>alert(1)</script>", billing_address="<i>One</i>\nTwo")
    text = page(sign_in("customer"), order)
    assert "&lt;b&gt;Bold&lt;/b&gt;" in text
    assert "<script>alert" not in text
    assert "&lt;i&gt;One&lt;/i&gt;\nTwo" in text


# ── Money ─────────────────────────────────────────────────────────────────────────────────────────


def test_margins_are_for_whoever_sees_finance(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    for hint in ("account-manager", "auditor"):
        text = words(page(sign_in(hint), order))
        # 1,125.00 − 700.00, and 3,047.00 − 1,900.00.
        assert "margin €425.00 37.8%" in text
        assert "Margin: €1,147.00 (37.6%)" in text
    for hint in ("customer", "customer-admin", "agent"):
        text = page(sign_in(hint), order).lower()
        assert "margin" not in text
        assert "425.00" not in text
        assert "credit" not in text


def test_what_is_left_of_the_credit(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    glass = world.organisation("glass").id
    with world.session() as session:
        session.execute(sa.delete(OrganisationFinance).where(OrganisationFinance.organisation_id == glass))
        session.add(OrganisationFinance(organisation_id=glass, currency="EUR", credit_limit=1_000_000, payment_days=14))
        session.commit()
    order = orders.sales()
    orders.sales(payment_state="paid", paid="3686.87")
    orders.sales(payment_state="part", paid="1000.00")
    orders.sales(state="cancelled")
    orders.sales(currency="CZK")
    orders.sales("bakery")
    text = words(page(sign_in("account-manager"), order))
    # 3,686.87 + 2,686.87 of 10,000.00.
    assert "Ordered and not paid yet €6,373.74" in text
    assert "Left of the limit €3,626.26" in text
    orders.sales(), orders.sales()
    assert "Over the limit by €3,747.48" in words(page(sign_in("auditor"), order))


def test_what_should_have_been_paid_is_marked(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales(payment_state="part", paid="1000.00", payment_due_on="2030-04-01")
    with time_machine.travel(datetime(2030, 4, 1, 10, tzinfo=UTC), tick=False):
        text = words(page(sign_in("customer"), order))
        assert "Overdue" not in text
        assert "Left to pay €2,686.87" in text
    with time_machine.travel(datetime(2030, 4, 2, 10, tzinfo=UTC), tick=False):
        assert "Overdue" in page(sign_in("customer"), order)


# ── What stands around it ─────────────────────────────────────────────────────────────────────────


def test_a_deal_is_named_to_whoever_reaches_it(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    deal: Deal = DealWorld(world).approved()
    order = orders.sales("glass", reseller="wolf", deal=deal.ref)
    for hint, is_named in (("channel-manager", True), ("auditor", True), ("customer", False), ("agent", False)):
        assert (deal.ref in page(sign_in(hint), order)) == is_named, hint


def test_quotation_and_order_lead_to_each_other(sign_in: SignIn, orders: OrderWorld) -> None:
    offer = orders.quotation(state="ordered")
    order = orders.sales(quotation=offer.ref)
    assert f"/orders/{offer.ref}" in page(sign_in("customer"), order)
    assert f"/orders/{order.ref}" in page(sign_in("customer"), offer)
    # Somebody else's order that came from it is nobody's business here.
    other = orders.sales("bakery", quotation=offer.ref)
    assert other.ref not in page(sign_in("customer"), offer)


def test_who_sees_this_is_said_truly(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales("glass", reseller="wolf")

    def readers(hint: str) -> str:
        return words(page(sign_in(hint), order).partition('id="who-sees"')[2].partition("</ul>")[0])

    own, partner = world.person("customer").name, world.person("partner").name
    assert own in readers("customer")
    assert partner not in readers("customer")
    assert partner in readers("partner")
    assert own not in readers("partner")
    assert own in readers("auditor")
    assert "channel managers" in readers("customer")
    # A partner of record is told of to the customer and to staff, and to no other company.
    order = orders.sales("glass")
    record = f"{world.organisation('wolf').name} state and dates alone"
    assert record in readers("customer")
    assert record in readers("agent")
    bought = page(sign_in("supplier"), orders.purchase("looms"))
    assert "buyers" in bought.partition('id="who-sees"')[2]


# ── What happened ─────────────────────────────────────────────────────────────────────────────────


def test_what_the_erp_changed_is_told_in_words(sign_in: SignIn, orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    lines = [{**LINES[0], "quantity": "8", "confirmed_on": "2030-03-18"}, dict(LINES[1])]
    extra = {"position": 30, "product": "LN-300", "quantity": "1", "unit_price": "5.00"}
    (outcome,) = orders.feed({**shape, "payment_terms": "30 days", "lines": [*lines, extra]})
    text = words(page(sign_in("customer"), outcome.record))  # type: ignore[arg-type]
    assert "We changed the order" in text
    assert "Changed: sums and payment terms" in text
    assert "Line 10: confirmed date and quantity" in text
    assert "Line 30: new or gone" in text


def test_what_it_costs_us_changes_nothing_for_the_customer(sign_in: SignIn, orders: OrderWorld) -> None:
    shape = orders.shape()
    orders.feed(shape)
    (outcome,) = orders.feed({**shape, "lines": [{**LINES[0], "cost": "1.00"}, dict(LINES[1])]})
    told = {hint: page(sign_in(hint), outcome.record).count("changed the order") for hint in ("customer", "agent")}  # type: ignore[arg-type]
    assert told == {"customer": 0, "agent": 1}


def test_a_note_is_for_staff_and_a_reason_for_everybody(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    with world.session() as session:
        held = session.get_one(Order, order.id)
        held.happened("cancel", session.info["principal"], MONDAY, reason="No *glass* left.", note="They owe us.")
        session.commit()
    customer, agent = page(sign_in("customer"), order), page(sign_in("agent"), order)
    assert "<em>glass</em>" in customer
    assert "They owe us." not in customer
    assert "They owe us." in agent


def test_the_history_of_the_company_leads_to_it(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, glass = orders.sales(), world.organisation("glass").ref
    text = sign_in("customer").get(f"/organisations/{glass}/history").text
    assert f'<a href="/orders/{order.ref}">' in text
    assert "Order placed:" in text
    # Who reads the history without the area reads of the step alone.
    with world.session() as session:
        session.execute(sa.update(Membership).values(in_orders=False))
        session.commit()
    text = sign_in("customer").get(f"/organisations/{glass}/history").text
    assert order.ref not in text


# ── The help page ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer", "supplier", "partner", "account-manager", "buyer", "auditor"])
def test_the_states_are_drawn_from_the_tables(sign_in: SignIn, hint: str) -> None:
    answer = sign_in(hint).get("/orders/states")
    assert answer.status_code == OK
    assert audit(answer.text) == []
    for kind in Kind:
        assert f'id="{kind}"' in answer.text
    assert "Confirm order" in answer.text


def test_the_states_are_for_whoever_reads_orders(sign_in: SignIn, client: FlaskClient) -> None:
    assert client.get("/orders/states").status_code == SEE_OTHER
    assert sign_in("moderator").get("/orders/states").status_code == FORBIDDEN


# ── Speed ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("hint", "most"), [("customer", 15), ("account-manager", 18), ("partner", 8)])
def test_the_statements_of_the_page_are_constant(
    sign_in: SignIn, orders: OrderWorld, world: World, hint: str, most: int
) -> None:
    few = orders.sales()
    many_lines: list[dict[str, Any]] = [
        {**LINES[n % 2], "position": n, "confirmed_on": date(2030, 3, 1 + n % 28).isoformat()} for n in range(1, 201)
    ]
    many = orders.sales(lines=many_lines)
    for n in range(5):
        orders.feed({**orders.shape(), "external_id": "X00002", "lines": many_lines, "remark": str(n)})
    browser, counts = sign_in(hint), []
    page(browser, few)
    for order in (few, many):
        with statements(world.app) as seen:
            page(browser, order)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= most
