"""What of reorders and returns waits for somebody: the lines of the start page, and the way to the inbox."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Portfolio
from tests.aftersales.test_requests import DELIVERED, RETURN, ask
from tests.aftersales.test_returns import decide
from tests.conftest import SignIn
from tests.home.test_start import counts, start
from tests.orders.helpers import OrderWorld
from tests.reorders.test_views import made
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("in_english")

RETURNS, DRAFTS = "Returns waiting for a decision", "Drafts of orders"


def test_account_managers_count_the_returns_of_their_portfolio(sign_in: SignIn, orders: OrderWorld) -> None:
    assert counts(start(sign_in, "account-manager"))[RETURNS] == "0"
    ask(sign_in("customer"), orders.sales(lines=DELIVERED), **RETURN)
    page = start(sign_in, "account-manager")
    assert counts(page)[RETURNS] == "1"
    assert 'href="/orders/returns"' in page
    for hint in ("agent", "buyer", "channel-manager", "auditor", "customer"):
        assert RETURNS not in counts(start(sign_in, hint)), hint
    decide(sign_in("account-manager"), orders.world)
    assert counts(start(sign_in, "account-manager"))[RETURNS] == "0"


def test_nothing_is_counted_of_customers_in_other_hands(sign_in: SignIn, orders: OrderWorld) -> None:
    ask(sign_in("customer"), orders.sales(lines=DELIVERED), **RETURN)
    with orders.world.session() as session:
        session.execute(sa.delete(Portfolio))
        session.commit()
    assert counts(start(sign_in, "account-manager"))[RETURNS] == "0"


def test_a_company_sees_its_drafts_and_nobody_else_does(sign_in: SignIn, orders: OrderWorld) -> None:
    assert DRAFTS not in counts(start(sign_in, "customer"))
    draft = made(sign_in("customer"), orders)
    for hint in ("customer", "customer-admin"):
        page = start(sign_in, hint)
        assert counts(page)[DRAFTS] == "1", hint
        assert 'href="/orders?state=draft"' in page
    assert draft.ref in sign_in("customer").get("/orders?state=draft").text
    for hint in ("rival", "partner", "rival-partner", "supplier", "account-manager", "agent"):
        assert DRAFTS not in counts(start(sign_in, hint)), hint


@pytest.mark.parametrize("hint", ["customer", "account-manager"])
def test_the_start_page_takes_no_more_statements_for_them(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    client = sign_in("customer")
    made(client, orders)
    ask(client, orders.sales(lines=DELIVERED), **RETURN)
    browser = sign_in(hint)
    browser.get("/")
    with statements(orders.world.app) as asked:
        browser.get("/")
    assert len(asked) <= 6


@pytest.mark.parametrize(
    ("hint", "shown"),
    [("account-manager", True), ("agent", True), ("auditor", True), ("buyer", False), ("customer", False),
     ("partner", False), ("supplier", False)],
)  # fmt: skip
def test_staff_find_the_returns_from_the_list(sign_in: SignIn, orders: OrderWorld, hint: str, shown: bool) -> None:
    orders.sales()
    assert ('href="/orders/returns"' in sign_in(hint).get("/orders").text) == shown
