"""The documents of an order at their addresses: who has them, in which language, and with which headers."""

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import AccessLog
from portal.documents.models import OrderDocument
from portal.orders.models import Order
from tests.conftest import SignIn
from tests.documents.helpers import bring, drawn, drawn_of, read, shape_of, words
from tests.orders.helpers import OrderWorld
from tests.organisations.helpers import link_of
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def document_of(world: World, order: Order) -> str:
    with world.session() as session:
        found = sa.select(OrderDocument.ref).where(OrderDocument.order_id == order.id).order_by(OrderDocument.id.desc())
        return session.scalars(found).first() or ""


def address(world: World, order: Order) -> str:
    return f"/orders/{order.ref}/documents/{document_of(world, order)}"


def test_a_customer_has_it_in_their_language(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    answer = sign_in("customer-admin").get(address(world, order))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "24-00001.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Language"] == "en"
    text = words(answer.data)
    assert "Order confirmation" in text
    assert "€3,686.87" in text


@pytest.mark.parametrize("language", ["en", "cs", "uk", "pl", "lt", "fa"])
def test_in_any_of_the_six(orders: OrderWorld, world: World, sign_in: SignIn, language: str) -> None:
    order = orders.sales()
    found = read(drawn(sign_in("customer-admin"), order, document_of(world, order), language))
    assert found.trailer["/Root"]["/Lang"] == language  # type: ignore[index]


def test_another_language_is_the_readers(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    found = read(drawn(sign_in("customer-admin"), order, document_of(world, order), "xx"))
    assert found.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]


def test_what_the_browser_has_is_not_drawn_again(
    orders: OrderWorld, world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.sales()
    browser, place = sign_in("customer-admin"), address(world, order)
    tag = browser.get(place).headers["ETag"]
    monkeypatch.setattr("portal.documents.drawing.draw", None)
    again = browser.get(place, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("hint", "status"),
    [
        ("customer-admin", 200),
        ("account-manager", 200),
        ("agent", 200),
        ("auditor", 200),
        ("rival-partner", 404),
        ("partner", 404),
        ("supplier", 404),
        ("buyer", 404),
        ("admin", 403),
        ("newcomer", 403),
        ("moderator", 403),
    ],
)
def test_who_has_it(orders: OrderWorld, world: World, sign_in: SignIn, hint: str, status: int) -> None:
    order = orders.sales()
    assert sign_in(hint).get(address(world, order)).status_code == status


def test_a_supplier_has_its_purchase_order_and_a_customer_has_not(
    orders: OrderWorld, world: World, sign_in: SignIn
) -> None:
    order = orders.purchase()
    place = address(world, order)
    assert "Purchase order" in words(sign_in("supplier").get(place).data)
    assert sign_in("customer-admin").get(place).status_code == 404


def test_a_partner_of_the_customer_reads_where_it_stands_and_no_paper(
    orders: OrderWorld, world: World, sign_in: SignIn
) -> None:
    order = orders.sales()
    link_of(world, "wolf", "glass")
    browser = sign_in("partner")
    assert browser.get(f"/orders/{order.ref}").status_code == 200
    assert browser.get(address(world, order)).status_code == 404
    assert "Documents" not in browser.get(f"/orders/{order.ref}").text


def test_signed_out(orders: OrderWorld, world: World, app: Flask) -> None:
    order = orders.sales()
    answer = app.test_client().get(address(world, order))
    assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (303, True)


def test_a_document_is_found_at_its_own_order_alone(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order, other = orders.sales(), orders.sales()
    browser = sign_in("customer-admin")
    assert browser.get(f"/orders/{other.ref}/documents/{document_of(world, order)}").status_code == 404
    assert browser.get(f"/orders/{order.ref}/documents/DC-00000000").status_code == 404


def test_a_file_of_the_erp_is_sent_as_it_is(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    bring(world, shape_of(order))
    browser = sign_in("customer-admin")
    answer = browser.get(address(world, order))
    assert answer.status_code == 303
    file = browser.get(answer.headers["Location"])
    assert file.data.startswith(b"%PDF-1.7")
    assert "faktura.pdf" in file.headers["Content-Disposition"]
    assert sign_in("rival-partner").get(answer.headers["Location"]).status_code == 404


def test_the_page_lists_them_and_what_the_erp_made_goes_first(
    orders: OrderWorld, world: World, sign_in: SignIn
) -> None:
    order = orders.sales()
    bring(world, drawn_of(order))
    browser = sign_in("customer-admin")
    page = browser.get(f"/orders/{order.ref}").text
    assert page.count("In another language") == 2
    assert "FV-1" in page
    bring(world, shape_of(order, external_id="D2"))
    page = browser.get(f"/orders/{order.ref}").text
    assert page.count("In another language") == 1
    assert "/files/F-" in page


def test_a_read_from_afar_is_in_the_log(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    sign_in("auditor").get(address(world, order))
    with world.session() as session:
        found = session.scalars(sa.select(AccessLog.reference).where(AccessLog.kind == "read")).all()
    assert found == [order.ref]


def test_statements_do_not_grow_with_the_lines(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    few = orders.sales()
    line = {"quantity": "1", "unit_price": "2", "tax_rate": "21", "product": "LN-100"}
    many = orders.sales(lines=[{**line, "position": number} for number in range(1, 60)])
    browser, counts = sign_in("customer-admin"), []
    browser.get(address(world, few))
    for order in (few, many):
        place = address(world, order)
        with statements(world.app) as seen:
            assert browser.get(place).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_number_with_a_stroke_stays_whole_in_the_name(orders: OrderWorld, world: World, sign_in: SignIn) -> None:
    order = orders.sales()
    (outcome,) = bring(world, drawn_of(order, number="DN-26-1/2"))
    answer = sign_in("account-manager").get(f"/orders/{order.ref}/documents/{outcome.record.ref}")
    assert "DN-26-1-2.pdf" in answer.headers["Content-Disposition"]
