"""Started from a line: the ticket arrives with the line attached, and both pages tell of it to those who read both."""

import html
import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Membership, Person
from portal.orders.models import Order
from portal.orders.requests import OrderRequest
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.orders.helpers import LINES, OrderWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("in_english")

DELIVERED = [{**LINES[0], "shipped": "10", "delivered": "8", "returned": "1"}, dict(LINES[1])]
RETURN: dict[str, object] = {"kind": "return", "line": "10", "quantity": "2", "reason": "damaged", "body": "Dented."}


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def ask(client: FlaskClient, order: Order, **fields: object) -> Any:
    return client.send(f"/orders/{order.ref}/requests/new", fields)


def ticket_of(world: World, answer: Any) -> Ticket:
    assert answer.status_code == 303, text(answer)
    with world.session() as session:
        return session.scalars(sa.select(Ticket).where(Ticket.ref == answer.location.rpartition("/")[2])).one()


def test_a_return_arrives_with_line_quantity_and_pictures(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, client = orders.sales(lines=DELIVERED), sign_in("customer")
    page = client.get(f"/orders/{order.ref}/requests/new?kind=return&line=10")
    assert "at most 7 pcs" in text(page)
    assert "Who sees this" in text(page)
    assert audit(page.text) == []
    files = {"files": (io.BytesIO(picture()), "dent.png")}
    ticket = ticket_of(world, ask(client, order, **RETURN, **files))
    company = world.organisation("glass").id
    assert (ticket.organisation_id, ticket.capacity, ticket.category) == (company, "customer", "claim")
    assert ticket.subject == "Return of goods: Meadow garden lantern, order 24-00001"
    with world.session() as session:
        found = session.scalars(sa.select(OrderRequest)).one()
        assert (found.quantity, found.reason, found.line.position) == (2_000, "damaged", 10)
        assert [file.filename for file in found.ticket.messages[0].attachments] == ["dent.png"]
    for hint in ("customer", "customer-admin", "agent", "account-manager", "auditor"):
        browser = sign_in(hint)
        there, here = browser.get(f"/tickets/{ticket.ref}"), browser.get(f"/orders/{order.ref}")
        for told in (order.ref, "Meadow garden lantern", "2 pcs", "Damaged on the way", "Waiting for a decision"):
            assert told in text(there), (hint, told)
        for told in (ticket.ref, "2 pcs", "Waiting for a decision"):
            assert told in text(here), (hint, told)
        assert audit(there.text) == [] == audit(here.text)


@pytest.mark.parametrize(
    ("kind", "line", "category"),
    [("question", "", "question"), ("complaint", "20", "complaint"), ("claim", "10", "claim"),
     ("document", "", "request")],
)  # fmt: skip
def test_whatever_else_is_started(
    sign_in: SignIn, orders: OrderWorld, world: World, kind: str, line: str, category: str
) -> None:
    order, client = orders.sales(), sign_in("customer")
    assert audit(client.get(f"/orders/{order.ref}/requests/new?kind={kind}&line={line}").text) == []
    document = {"document": "invoice"} if kind == "document" else {"body": "Please look."}
    ticket = ticket_of(world, ask(client, order, kind=kind, line=line, **document))
    assert ticket.category == category
    page = text(client.get(f"/tickets/{ticket.ref}"))
    assert order.ref in page
    if kind == "document":
        assert "Invoice" in page


def test_without_a_kind_there_is_a_choice(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.sales(), sign_in("customer")
    page = client.get(f"/orders/{order.ref}/requests/new?line=20")
    assert "kind=claim&line=20" in text(page)
    assert audit(page.text) == []
    assert ask(client, order, kind="nonsense").status_code == 422


@pytest.mark.parametrize(
    "changes",
    [{"quantity": ""}, {"quantity": "0"}, {"quantity": "-1"}, {"quantity": "lots"}, {"quantity": "1.0001"},
     {"line": ""}, {"line": "20"}, {"line": "99"}, {"reason": ""}, {"reason": "nonsense"}],
)  # fmt: skip
def test_what_is_unsound_is_refused_with_what_was_typed(
    sign_in: SignIn, orders: OrderWorld, world: World, changes: dict[str, object]
) -> None:
    order, client = orders.sales(lines=DELIVERED), sign_in("customer")
    answer = ask(client, order, **{**RETURN, **changes})
    assert (answer.status_code, "Dented." in text(answer)) == (422, True)
    with world.session() as session:
        assert session.scalars(sa.select(Ticket.id)).all() == []


def test_no_more_goes_back_than_was_delivered(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    """Eight were delivered and one came back; what a colleague has asked for counts, though nobody else reads it."""
    order = orders.sales(lines=DELIVERED)
    first, second = sign_in("customer-admin"), sign_in("customer")
    assert ask(first, order, **{**RETURN, "quantity": "8"}).status_code == 409
    ticket = ticket_of(world, ask(first, order, **{**RETURN, "quantity": "5"}))
    assert ticket.ref not in text(second.get(f"/orders/{order.ref}"))
    assert "at most 2 pcs" in text(second.get(f"/orders/{order.ref}/requests/new?kind=return"))
    assert ask(second, order, **{**RETURN, "quantity": "3"}).status_code == 409
    assert ask(second, order, **{**RETURN, "quantity": "2"}).status_code == 303
    assert "Nothing can go back now" in text(second.get(f"/orders/{order.ref}/requests/new?kind=return"))


def test_a_quotation_and_what_is_not_ordered_are_only_asked_about(sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.quotation(), sign_in("customer")
    assert ask(client, order, **RETURN).status_code == 422
    assert ask(client, order, kind="question", body="How long?").status_code == 303


def test_a_partner_asks_about_a_resale_and_no_one_else_learns(
    sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    order = orders.sales("glass", reseller="wolf", lines=DELIVERED)
    ticket = ticket_of(world, ask(sign_in("partner"), order, **RETURN))
    assert (ticket.organisation_id, ticket.capacity) == (world.organisation("wolf").id, "partner")
    for hint in ("customer", "customer-admin"):
        assert ticket.ref not in text(sign_in(hint).get(f"/orders/{order.ref}"))
    with world.as_("customer-admin") as session:
        assert session.scalars(sa.select(OrderRequest.id)).all() == []


def test_a_supplier_asks_about_a_purchase_order(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, client = orders.purchase("looms"), sign_in("supplier")
    ticket = ticket_of(world, ask(client, order, kind="question", line="10", body="Which colour?"))
    assert ticket.capacity == "supplier"
    assert ticket.ref in text(sign_in("buyer").get(f"/orders/{order.ref}"))


def test_who_reads_the_ticket_but_not_the_order_is_told_nothing_of_it(
    sign_in: SignIn, orders: OrderWorld, world: World
) -> None:
    order = orders.sales(lines=DELIVERED)
    ticket = ticket_of(world, ask(sign_in("customer"), order, **RETURN))
    with world.session() as session:
        session.execute(sa.update(Membership).values(in_orders=False))
        session.commit()
    page = text(sign_in("customer").get(f"/tickets/{ticket.ref}"))
    assert "Dented." in page
    assert "2 pcs" not in page


@pytest.mark.parametrize("hint", ["agent", "account-manager", "buyer", "channel-manager", "auditor", "moderator"])
def test_staff_start_nothing_here(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    order = orders.sales()
    assert ask(sign_in(hint), order, kind="question", body="?").status_code == 403
    assert sign_in(hint).get(f"/orders/{order.ref}/requests/new").status_code == 403


def test_strangers_find_nothing_and_linked_partners_may_not(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    for hint, status in (("rival-partner", 404), ("supplier", 404), ("partner", 403)):
        assert ask(sign_in(hint), order, kind="question", body="?").status_code == status
        assert sign_in(hint).get(f"/orders/{order.ref}/requests/new").status_code == status


def test_without_the_area_of_tickets_nothing_is_started(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order = orders.sales()
    with world.session() as session:
        session.execute(sa.update(Membership).values(in_support=False))
        session.commit()
    client = sign_in("customer")
    assert "requests/new" not in text(client.get(f"/orders/{order.ref}"))
    assert ask(client, order, kind="question", body="?").status_code == 403


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    order = orders.sales()
    for answer in (client.get(f"/orders/{order.ref}/requests/new"), ask(client, order), client.get("/orders/returns")):
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True)


def test_as_many_statements_for_many_requests(app: Flask, sign_in: SignIn, orders: OrderWorld) -> None:
    order, client = orders.sales(), sign_in("customer")
    counts = []
    for more in (1, 1, 5):
        for _time in range(more):
            ask(client, order, kind="question", line="10", body="How long?")
        with statements(app) as found:
            client.get(f"/orders/{order.ref}")
        counts.append(len(found))
    assert counts[1] == counts[2]


def test_a_number_keeps_its_parts_in_order_in_persian(sign_in: SignIn, orders: OrderWorld, world: World) -> None:
    order, client = orders.sales(), sign_in("customer-admin")
    with world.session() as session:
        session.get_one(Person, world.person_id("customer-admin")).language = "fa"
        session.commit()
    ticket = ticket_of(world, ask(client, order, kind="question", line="", body="کی می‌رسد؟"))
    assert ticket.subject.endswith("\u206824-00001\u2069")
