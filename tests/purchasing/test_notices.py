"""Who is told of what happens to orders, at the bell and by mail."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership
from portal.clock import now
from portal.jobs.models import Job
from portal.mail.compose import notice_mail
from portal.notices.kinds import kinds_for
from portal.notices.models import Notice
from portal.orders.models import Order
from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.purchasing.test_proposals import answer, propose
from tests.purchasing.test_sending import confirmed, invoiced, sent
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("in_english")


def told(orders: OrderWorld) -> set[tuple[str, str, str]]:
    """Hint, kind and verb of all notices of orders."""
    hints = ("supplier", "supplier-admin", "rival-supplier", "buyer", "customer", "customer-admin", "partner-admin")
    hints += ("partner", "account-manager", "rival-partner", "agent")
    people = {orders.world.person_id(hint): hint for hint in hints}
    with orders.world.session() as session:
        rows = session.execute(sa.select(Notice.person_id, Notice.kind, Notice.params))
        found = {(people.get(row.person_id, "?"), row.kind, row.params["verb"]) for row in rows}
        session.execute(sa.delete(Notice))
        session.commit()
    return found


def fresh(orders: OrderWorld) -> Order:
    return orders.purchase(ordered_on=now().date().isoformat())


def test_a_new_purchase_order_is_told_to_its_supplier_an_old_one_to_nobody(orders: OrderWorld) -> None:
    orders.purchase(ordered_on=(now().date() - timedelta(days=30)).isoformat())
    orders.purchase(ordered_on=now().date().isoformat(), state="delivered")
    assert told(orders) == set()
    fresh(orders)
    assert told(orders) == {("supplier", "order-new", "order"), ("supplier-admin", "order-new", "order")}


def test_each_side_is_told_what_the_other_does(orders: OrderWorld) -> None:
    order = orders.purchase()
    told(orders)
    proposal = propose(orders, order)
    assert told(orders) == {("buyer", "order-proposal", "propose")}
    answer(orders, proposal, "buyer", lambda it, who, version: it.decline(who, now(), version, reason="No."))
    suppliers = {(hint, "order-proposal", "decline-proposal") for hint in ("supplier", "supplier-admin")}
    assert told(orders) == suppliers
    sent(orders, confirmed(orders, order), {10: 1_000})
    assert told(orders) == {("buyer", "order-changed", "confirm"), ("buyer", "order-changed", "ship")}
    invoiced(orders, order)
    assert told(orders) == {("buyer", "order-invoice", "send-invoice")}


def test_the_erp_tells_the_company_how_far_it_is_and_when_a_day_moves(orders: OrderWorld) -> None:
    shape = orders.shape("glass")
    orders.feed(shape)
    assert told(orders) == set()
    orders.feed({**shape, "remark": "Ring twice."})
    assert told(orders) == set()
    lines = [{**line, "promised_on": "2030-05-01"} for line in shape["lines"]]
    orders.feed({**shape, "lines": lines})
    assert told(orders) == {(hint, "order-changed", "reschedule") for hint in ("customer", "customer-admin")}
    orders.feed({**shape, "lines": lines, "state": "shipped"})
    assert told(orders) == {(hint, "order-changed", "ship") for hint in ("customer", "customer-admin")}


def test_a_reseller_is_told_of_a_resale_and_a_linked_partner_of_nothing(orders: OrderWorld) -> None:
    shape = orders.shape("glass", reseller="wolf")
    orders.feed(shape)
    orders.feed({**shape, "state": "delivered"})
    people = {hint for hint, _kind, _verb in told(orders)}
    assert {"customer", "partner"} <= people
    shape = orders.shape("glass")
    orders.feed(shape)
    orders.feed({**shape, "state": "delivered"})
    assert {hint for hint, _kind, _verb in told(orders)} == {"customer", "customer-admin"}


def test_the_mail_names_the_order_and_the_reason(orders: OrderWorld) -> None:
    order = orders.purchase(ordered_on="2020-01-01")
    propose(orders, order)
    with orders.world.session() as session:
        ref = session.scalars(sa.select(Notice.ref)).one()
        assert session.scalar(sa.select(sa.func.count(Job.id)).where(Job.kind == "mail.notice")) == 1
        mail = notice_mail(session, ref)
    assert mail is not None
    assert mail["Subject"] == f"[{order.ref}] 24-00001"
    text = mail.get_body(("plain",)).get_content()
    assert f"/orders/{order.ref}" in text
    assert "proposed and waits for your answer" in text
    assert "yarn" in text


def test_rights_are_asked_when_the_mail_is_written(orders: OrderWorld) -> None:
    fresh(orders)
    supplier = orders.world.person_id("supplier")
    with orders.world.session() as session:
        ref = session.scalars(sa.select(Notice.ref).where(Notice.person_id == supplier)).one()
        assert notice_mail(session, ref) is not None
    with orders.world.session() as session:
        session.execute(sa.update(Membership).where(Membership.person_id == supplier).values(in_orders=False))
        session.commit()
    with orders.world.session() as session:
        assert notice_mail(session, ref) is None


def test_the_bell_leads_to_the_order(sign_in: SignIn, orders: OrderWorld) -> None:
    order = fresh(orders)
    page = sign_in("supplier").get("/notices").text
    assert f'href="/orders/{order.ref}"' in page
    assert "A new purchase order waits for your confirmation" in page
    assert "24-00001" in page


@pytest.mark.parametrize(
    ("hint", "kinds"),
    [
        ("supplier", {"order-new", "order-changed", "order-proposal", "order-invoice", "order-request"}),
        ("buyer", {"order-changed", "order-proposal", "order-invoice"}),
        ("customer", {"order-changed", "order-request"}),
        ("agent", set()),
    ],
)
def test_everybody_chooses_among_what_they_can_be_told(orders: OrderWorld, hint: str, kinds: set[str]) -> None:
    offered = {kind for kind in kinds_for(orders.world.principal(hint)) if kind.startswith("order-")}
    assert offered - {"order-request"} == kinds - {"order-request"}


def test_a_batch_of_a_feed_is_told_in_few_statements(orders: OrderWorld) -> None:
    counts = []
    for size in (3, 30):
        shapes = [orders.shape("glass") for _ in range(size)]
        orders.feed(*shapes)
        with statements(orders.world.app) as found:
            orders.feed(*({**shape, "state": "shipped"} for shape in shapes))
        counts.append(sum("INSERT INTO notice" in text or "INSERT INTO job" in text for text in found))
    assert counts[0] == counts[1] == 2


def test_nobody_is_told_of_what_they_did_themselves(orders: OrderWorld) -> None:
    order = orders.purchase(lines=[{**orders.shape()["lines"][0], "promised_on": date(2030, 3, 15).isoformat()}])
    told(orders)
    confirmed(orders, order)
    assert {hint for hint, _kind, _verb in told(orders)} == {"buyer"}
