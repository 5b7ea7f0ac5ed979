"""Who is told of what customers say to orders, quotations and returns, and of our answers."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.accounts.models import Membership, Person, Portfolio
from portal.clock import now
from portal.mail.compose import notice_mail
from portal.notices.models import Notice
from portal.orders.models import Order
from portal.tickets.lifecycle import State as TicketState
from portal.tickets.models import Ticket
from tests.aftersales.test_requests import DELIVERED, RETURN, ask
from tests.aftersales.test_returns import decide
from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.purchasing.test_notices import told
from tests.quotations.test_views import fields
from tests.reorders.test_views import sent

pytestmark = pytest.mark.usefixtures("in_english")


def of_requests(orders: OrderWorld) -> set[tuple[str, str]]:
    """Hint and verb of what is told of requests, whoever it is."""
    with orders.world.session() as session:
        session.execute(sa.delete(Notice).where(Notice.kind != "order-request"))
        session.commit()
    return {(hint, verb) for hint, _kind, verb in told(orders)}


def put(orders: OrderWorld, statement: sa.Update | sa.Delete) -> None:
    with orders.world.session() as session:
        session.execute(statement)
        session.commit()


def mail_to(orders: OrderWorld, hint: str) -> str:
    """The last one: its words, and where it leads."""
    mine = sa.select(Notice.ref).where(Notice.person_id == orders.world.person_id(hint)).order_by(Notice.id.desc())
    with orders.world.session() as session:
        mail = notice_mail(session, session.scalars(mine).first() or "")
    assert mail is not None
    return str(mail.get_body(("plain",)).get_content())


def first_entry() -> sa.ColumnElement[bool]:
    return Portfolio.id == sa.select(sa.func.min(Portfolio.id)).scalar_subquery()


def answer(staff: FlaskClient, order: Order, verb: str, **typed: object) -> None:
    assert staff.send(f"/orders/{order.ref}/{verb}", {"version": order.version, **typed}).status_code == 303


def test_whoever_looks_after_the_customer_is_told_of_a_reorder(sign_in: SignIn, orders: OrderWorld) -> None:
    client = sign_in("customer")
    order = sent(client, orders)
    assert of_requests(orders) == {("account-manager", "send")}
    answer(client, order, "withdrawal", version=order.public_version)
    assert of_requests(orders) == {("account-manager", "withdraw")}


def test_its_author_alone_is_told_of_the_answer(sign_in: SignIn, orders: OrderWorld) -> None:
    client, staff = sign_in("customer"), sign_in("account-manager")
    accepted, refused = sent(client, orders), sent(client, orders)
    of_requests(orders)
    answer(staff, accepted, "acceptance")
    assert of_requests(orders) == {("customer", "accept-request")}
    answer(staff, refused, "rejection", rejected_because="We make no more of them.")
    mail = mail_to(orders, "customer")
    assert "Order not accepted" in mail
    assert "We make no more of them." in mail
    assert of_requests(orders) == {("customer", "refuse-request")}


def test_colleagues_with_the_area_stand_in_for_an_author_without(sign_in: SignIn, orders: OrderWorld) -> None:
    order = sent(sign_in("customer"), orders)
    of_requests(orders)
    author = orders.world.person_id("customer")
    put(orders, sa.update(Membership).where(Membership.person_id == author).values(in_orders=False))
    answer(sign_in("account-manager"), order, "acceptance")
    assert of_requests(orders) == {("customer-admin", "accept-request")}


def test_a_partner_is_told_of_their_own_reorder(sign_in: SignIn, orders: OrderWorld) -> None:
    world, client = orders.world, sign_in("partner")
    put(orders, sa.update(Portfolio).values(organisation_id=world.organisation("wolf").id).where(first_entry()))
    order = sent(client, orders, orders.sales("wolf", capacity=Capacity.PARTNER, reseller="wolf"))
    assert of_requests(orders) == {("account-manager", "send")}
    answer(sign_in("account-manager"), order, "acceptance")
    assert of_requests(orders) == {("partner", "accept-request")}


@pytest.mark.parametrize(("path", "verb"), [("consent", "accept"), ("refusal", "decline")])
def test_a_decision_on_a_quotation_is_told_to_staff(sign_in: SignIn, orders: OrderWorld, path: str, verb: str) -> None:
    order, client = orders.quotation(), sign_in("customer-admin")
    assert client.send(f"/orders/{order.ref}/{path}", fields(client, order)).status_code == 303
    mail = mail_to(orders, "account-manager")
    assert ("Too dear." in mail) == (verb == "decline")
    assert of_requests(orders) == {("account-manager", verb)}


def test_what_nobody_looks_after_is_told_to_every_account_manager(sign_in: SignIn, orders: OrderWorld) -> None:
    sent(sign_in("customer"), orders)
    of_requests(orders)
    put(orders, sa.delete(Notice))
    put(orders, sa.update(Portfolio).values(person_id=orders.world.person_id("auditor")))
    sent(sign_in("customer"), orders)
    assert of_requests(orders) == {("account-manager", "send")}


def test_a_return_is_told_once_to_each(sign_in: SignIn, orders: OrderWorld) -> None:
    order, staff = orders.sales(lines=DELIVERED), sign_in("account-manager")
    ask(sign_in("customer"), order, **RETURN)
    world = orders.world
    with world.session() as session:
        everybody = session.execute(sa.select(Notice.person_id, Notice.kind)).all()
    people = [person_id for person_id, _kind in everybody]
    assert len(people) == len(set(people))
    assert (world.person_id("account-manager"), "order-request") in everybody
    assert "A return waits for your decision" in mail_to(orders, "account-manager")
    assert "A return waits for your decision" in staff.get("/notices").text
    put(orders, sa.delete(Notice))
    decide(staff, world)
    with world.session() as session:
        heard = session.scalars(sa.select(Notice.kind).where(Notice.person_id == world.person_id("customer"))).all()
    assert heard == ["reply"]


def test_a_return_whose_ticket_is_closed_for_good_is_told_to_its_author(sign_in: SignIn, orders: OrderWorld) -> None:
    ask(sign_in("customer"), orders.sales(lines=DELIVERED), **RETURN)
    long_ago = now() - timedelta(days=400)
    put(orders, sa.update(Ticket).values(state=TicketState.CLOSED, closed_at=long_ago))
    put(orders, sa.delete(Notice))
    put(orders, sa.update(Person).where(Person.id == orders.world.person_id("customer")).values(language="cs"))
    decide(sign_in("account-manager"), orders.world, decision="refuse")
    assert "Vaše vrácení bylo zamítnuto" in mail_to(orders, "customer")
    assert of_requests(orders) == {("customer", "refuse-return")}


@pytest.mark.parametrize("kind", ["question", "claim", "document"])
def test_whatever_else_is_asked_is_told_by_its_ticket(sign_in: SignIn, orders: OrderWorld, kind: str) -> None:
    about: dict[str, object] = {"document": "invoice"} if kind == "document" else {"body": "Please look."}
    ask(sign_in("customer"), orders.sales(), kind=kind, line="10", **about)
    assert of_requests(orders) == set()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "An order waits for your confirmation"),
        ("cs", "Objednávka čeká na vaše potvrzení"),
        ("fa", "سفارشی در انتظار تأیید شماست"),
    ],
)
def test_each_reads_it_in_their_own_language(sign_in: SignIn, orders: OrderWorld, language: str, words: str) -> None:
    manager = orders.world.person_id("account-manager")
    put(orders, sa.update(Person).where(Person.id == manager).values(language=language))
    sent(sign_in("customer"), orders)
    assert words in mail_to(orders, "account-manager")
