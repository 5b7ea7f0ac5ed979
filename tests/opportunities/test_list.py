"""The list of opportunities, its export, the section on a record, and direct sales through HTTP."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import Person
from portal.clock import now
from portal.opportunities.models import Opportunity, OpportunityLine
from portal.organisations.models import Organisation
from portal.products.models import Product
from tests.conftest import SignIn
from tests.opportunities.helpers import Sales
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def test_each_lists_what_is_theirs(sales: Sales, sign_in: SignIn) -> None:
    ours, direct = sales.converted(), sales.direct()
    rivals = sales.converted("rival-partner", products=("LN-300",))
    for hint, seen in (
        ("partner", {ours.ref}),
        ("rival-partner", {rivals.ref}),
        ("channel-manager", {ours.ref, rivals.ref, direct.ref}),
        ("account-manager", {ours.ref, rivals.ref, direct.ref}),
    ):
        for address in ("/opportunities", "/opportunities/export.csv"):
            text = sign_in(hint).get(address).text
            assert {ref for ref in (ours.ref, rivals.ref, direct.ref) if ref in text} == seen, (hint, address)


def test_filters_and_search_narrow_it(sales: Sales, sign_in: SignIn) -> None:
    ours, direct = sales.converted(), sales.direct()
    sales.close(ours)
    browser = sign_in("channel-manager")
    for asked, seen in (
        ("state=lost", {ours.ref}),
        ("state=open", {direct.ref}),
        ("origin=direct", {direct.ref}),
        ("stage=closing", set()),
        ("q=NEW+hall", {direct.ref}),
        ("q=mesicni+lipa", {ours.ref, direct.ref}),
        (f"q={ours.ref.lower()}", {ours.ref}),
        (f"organisation={sales.world.organisation('wolf').ref}", {ours.ref}),
    ):
        text = browser.htmx(f"/opportunities?{asked}").text
        assert {ref for ref in (ours.ref, direct.ref) if f"/opportunities/{ref}" in text} == seen, asked


def test_the_export_has_numbers_to_count_with_in_any_language(sales: Sales, sign_in: SignIn, world: World) -> None:
    sales.converted()
    with world.session() as session:
        session.execute(sa.update(Person).values(language="fa", calendar=None, digits=None))
        session.commit()
    row = sign_in("channel-manager").get("/opportunities/export.csv").text.splitlines()[1]
    assert ",20,12500.00,EUR,2030-06-30," in row


def test_the_search_of_the_whole_portal_finds_them_for_their_readers(sales: Sales, sign_in: SignIn) -> None:
    ours, rivals, direct = sales.converted(), sales.converted("rival-partner", customer="bakery"), sales.direct()
    for hint, seen in (
        ("partner", {ours.ref}),
        ("rival-partner", {rivals.ref}),
        ("channel-manager", {ours.ref, rivals.ref, direct.ref}),
        ("customer-admin", set[str]()),
    ):
        found = set[str]()
        for question in ("jitrni", "new+hall"):
            found |= set(
                re.findall(r'href="/opportunities/(OP-\w{8})"', sign_in(hint).get(f"/search?q={question}").text)
            )
        assert found == seen, hint


def test_the_fragment_is_the_list_alone(sales: Sales, sign_in: SignIn) -> None:
    sales.converted()
    text = sign_in("partner").htmx("/opportunities").text
    assert text.lstrip().startswith('<div id="list"')


@pytest.mark.parametrize("asked", ["state=gone", "stage=x", "sort=amount", "after=nonsense", "origin=direct"])
def test_what_is_none_of_theirs_is_refused(sign_in: SignIn, asked: str) -> None:
    assert sign_in("partner").get(f"/opportunities?{asked}").status_code == 400


def test_an_empty_list_says_so(sign_in: SignIn) -> None:
    assert "No opportunities yet" in sign_in("partner").get("/opportunities").text


def test_a_long_list_asks_no_more(sales: Sales, world: World, app: Flask, sign_in: SignIn) -> None:
    def count(hint: str) -> int:
        browser = sign_in(hint)
        browser.get("/opportunities")
        with statements(app) as seen:
            assert browser.get("/opportunities").status_code == 200
        return len(seen)

    sales.direct()
    few = count("channel-manager")
    with world.session() as session:
        product = session.scalars(sa.select(Product.id)).first()
        for n in range(40):
            company = Organisation(name=f"Firm {n}", created_at=now(), is_customer=True)
            line = OpportunityLine(product_id=product, quantity=1)
            session.add(
                Opportunity(
                    customer=company, title=f"Sale {n}", amount=n, currency="EUR", created_at=now(), lines=[line]
                )
            )
        session.commit()
    assert count("channel-manager") == few
    page = sign_in("channel-manager").get("/opportunities").text
    assert 'rel="next"' in page


# ── On the record ─────────────────────────────────────────────────────────────────────────────────


def test_the_record_shows_them_to_who_may_read_them(sales: Sales, sign_in: SignIn) -> None:
    ours, direct = sales.converted(), sales.direct()
    address = f"/organisations/{sales.world.organisation('glass').ref}"
    for hint, seen in (
        ("account-manager", {ours.ref, direct.ref}),
        ("channel-manager", {ours.ref, direct.ref}),
        ("partner", {ours.ref}),
        ("agent", set()),
        ("customer-admin", set()),
    ):
        text = sign_in(hint).get(address).text
        assert {ref for ref in (ours.ref, direct.ref) if ref in text} == seen, hint


def test_the_history_tells_of_a_direct_sale_to_its_readers(sales: Sales, sign_in: SignIn) -> None:
    direct = sales.direct()
    address = f"/organisations/{sales.world.organisation('glass').ref}/history"
    assert f"/opportunities/{direct.ref}" in sign_in("account-manager").get(address).text
    for hint in ("agent", "customer-admin"):
        assert "Direct sale opened: " not in sign_in(hint).get(address).text, hint


def test_the_registration_leads_to_its_opportunity(sales: Sales, sign_in: SignIn) -> None:
    deal = sales.deals.approved()
    browser = sign_in("channel-manager")
    assert f"/deals/{deal.ref}/conversion" in browser.get(f"/deals/{deal.ref}").text
    assert f"/deals/{deal.ref}/conversion" not in sign_in("partner").get(f"/deals/{deal.ref}").text
    found = sales.convert(deal)
    for hint in ("partner", "channel-manager"):
        assert f"/opportunities/{found.ref}" in sign_in(hint).get(f"/deals/{deal.ref}").text


# ── Direct sales ──────────────────────────────────────────────────────────────────────────────────


def typed(world: World, **told: object) -> dict[str, object]:
    with world.session() as session:
        product = session.scalars(sa.select(Product).where(Product.code == "LN-300")).one()
    plain: dict[str, object] = {
        "organisation": world.organisation("glass").ref,
        "title": "Chandeliers for the hall",
        "stage": "proposal",
        "currency": "EUR",
        "lines-0-product": product.ref,
        "lines-0-quantity": "2",
        "lines-0-unit_price": "1500",
    }
    return plain | told


def test_an_account_manager_opens_one(sales: Sales, sign_in: SignIn) -> None:
    browser, glass = sign_in("account-manager"), sales.world.organisation("glass")
    assert "Aurora hall chandelier" in browser.get(f"/opportunities/new?organisation={glass.ref}").text
    answer = browser.send("/opportunities", typed(sales.world))
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    for words in ("Chandeliers for the hall", "€3,000.00", "Direct sale", "Probability: 40%"):
        assert words in page


def test_a_channel_manager_opens_one_where_a_deal_names_the_customer(sales: Sales, sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    assert browser.send("/opportunities", typed(sales.world)).status_code == 404
    sales.converted()
    assert browser.send("/opportunities", typed(sales.world)).status_code == 303


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"title": ""}, "This field is required."),
        ({"lines-0-product": "", "lines-0-unit_price": ""}, "Choose at least one product."),
        ({"amount": "-5"}, "An amount cannot be negative."),
        ({"amount": "5.123"}, "This is no amount in this currency."),
    ],
)
def test_what_is_wrong_is_said_with_what_was_typed(
    sales: Sales, sign_in: SignIn, told: dict[str, object], words: str
) -> None:
    answer = sign_in("account-manager").send("/opportunities", typed(sales.world, next_step="Call on Friday") | told)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Call on Friday" in answer.text


def test_a_protected_product_is_409_with_what_was_typed(sales: Sales, sign_in: SignIn) -> None:
    sales.converted(products=("LN-300",))
    answer = sign_in("account-manager").send("/opportunities", typed(sales.world))
    assert answer.status_code == 409
    assert "protects one of these products" in answer.text
    assert "Chandeliers for the hall" in answer.text


def test_nobody_sells_to_who_is_not_theirs(sales: Sales, sign_in: SignIn) -> None:
    browser, bakery = sign_in("account-manager"), sales.world.organisation("bakery")
    assert browser.get(f"/opportunities/new?organisation={bakery.ref}").status_code == 403
    assert browser.send("/opportunities", typed(sales.world, organisation=bakery.ref)).status_code == 403
    assert browser.get("/opportunities/new").status_code == 303
    for hint in ("partner-admin", "agent", "auditor", "customer-admin"):
        assert sign_in(hint).send("/opportunities", typed(sales.world)).status_code == 403
