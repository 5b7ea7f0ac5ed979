"""The list of orders: who sees which, in what order, narrowed how."""

import html
import re
from typing import Any

import pytest

from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld

pytestmark = pytest.mark.usefixtures("in_english")


def refs(answer: Any) -> list[str]:
    """The references of the rows, in order."""
    assert answer.status_code == 200, answer.status
    return re.findall(r'class="row-link"[^>]* href="/orders/((?:SO|QU|PO)-\w{8})"', answer.get_data(as_text=True))


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_each_sees_the_own(sign_in: SignIn, orders: OrderWorld) -> None:
    mine, offer, theirs = orders.sales(), orders.quotation(), orders.sales("bakery")
    bought, sold_on = orders.purchase(), orders.resale()
    assert set(refs(sign_in("customer").get("/orders"))) == {mine.ref, offer.ref}
    assert refs(sign_in("supplier").get("/orders")) == [bought.ref]
    assert refs(sign_in("buyer").get("/orders")) == [bought.ref]
    assert refs(sign_in("channel-manager").get("/orders")) == [sold_on.ref]
    sales = {mine.ref, offer.ref, theirs.ref, sold_on.ref}
    for hint in ("agent", "account-manager"):
        assert set(refs(sign_in(hint).get("/orders"))) == sales
    assert set(refs(sign_in("auditor").get("/orders"))) == sales | {bought.ref}
