"""What waits for an answer of ours is told again after two working days, to whoever can give it, and marked."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.extensions import db
from portal.jobs.outbox import drain, enqueue
from portal.notices.models import Notice
from portal.orders.requests import OrderRequest
from portal.purchasing.proposals import Proposal
from tests.aftersales.test_requests import DELIVERED, RETURN, ask
from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.orders.test_telling import put
from tests.purchasing.test_notices import told
from tests.purchasing.test_proposals import propose
from tests.reorders.test_views import sent

pytestmark = pytest.mark.usefixtures("in_english")


def work(app: Flask, days: int) -> None:
    """The daily job, so many days from now."""
    with app.app_context():
        enqueue("orders.remind")
        db.session.commit()
        drain(now() + timedelta(days=days))


def run(app: Flask, orders: OrderWorld, days: int) -> set[tuple[str, str]]:
    """What is told by it, by hint and verb."""
    put(orders, sa.delete(Notice))
    work(app, days)
    return {(hint, verb) for hint, _kind, verb in told(orders)}


def test_a_proposal_a_return_and_a_reorder_are_told_again(app: Flask, sign_in: SignIn, orders: OrderWorld) -> None:
    propose(orders, orders.purchase())
    ask(sign_in("customer"), orders.sales(lines=DELIVERED), **RETURN)
    sent(sign_in("customer"), orders)
    assert run(app, orders, 0) == set()
    expected = {
        ("buyer", "remind-proposal"),
        ("account-manager", "remind-return"),
        ("account-manager", "remind-reorder"),
    }
    assert run(app, orders, 7) == expected


def test_nobody_is_told_twice_of_the_same_days(app: Flask, orders: OrderWorld) -> None:
    propose(orders, orders.purchase())
    put(orders, sa.delete(Notice))
    counts = []
    for _ in range(2):
        work(app, 7)
        with orders.world.session() as session:
            counts.append(session.scalar(sa.select(sa.func.count()).select_from(Notice)))
    assert counts == [1, 1]


def test_what_is_answered_is_told_no_more(app: Flask, orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase())
    put(orders, sa.update(Proposal).where(Proposal.id == proposal.id).values(state="declined"))
    assert run(app, orders, 7) == set()


def test_the_inboxes_mark_what_has_waited_too_long(sign_in: SignIn, orders: OrderWorld) -> None:
    propose(orders, orders.purchase())
    ask(sign_in("customer"), orders.sales(lines=DELIVERED), **RETURN)
    buyer, manager = sign_in("buyer"), sign_in("account-manager")
    for browser, path in ((buyer, "/purchasing/proposals"), (manager, "/orders/returns")):
        assert "working day" not in browser.get(path).text
    long_ago = now() - timedelta(days=10)
    put(orders, sa.update(Proposal).values(at=long_ago))
    put(orders, sa.update(OrderRequest).values(at=long_ago))
    for browser, path in ((buyer, "/purchasing/proposals"), (manager, "/orders/returns")):
        assert "working days" in browser.get(path).text
    # How long we let them wait is our own affair.
    assert "working days" not in sign_in("supplier").get("/purchasing/proposals").text


def test_weekends_are_no_working_days(orders: OrderWorld) -> None:
    with orders.world.session() as session:
        calendar = vendor_calendar(session)
    friday = datetime(2030, 3, 1, 10, tzinfo=UTC)
    assert [calendar.working_days(friday, friday + timedelta(days=days)) for days in (0, 1, 2, 3, 4)] == [0, 0, 0, 1, 2]
