"""The list of registrations: who sees which, in what order, narrowed how."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.clock import now
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.organisations.models import Organisation, Share
from tests.conftest import SignIn
from tests.deals.helpers import FACTS, DealWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
HOUR = timedelta(hours=1)


def refs(answer: Any) -> list[str]:
    """The references in the rows, in order."""
    assert answer.status_code == 200, answer.status
    return re.findall(r'<bdi class="ref">(D-\w{8})</bdi>', answer.get_data(as_text=True))


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def every_page(browser: FlaskClient, url: str) -> list[str]:
    found: list[str] = []
    while url:
        answer = browser.get(url)
        found += refs(answer)
        link = re.search(r'rel="next" href="([^"]*)"', answer.get_data(as_text=True))
        url = html.unescape(link[1]) if link else ""
    return found


def many_deals(world: World, number: int, hint: str = "partner") -> None:
    """Submitted ones, each an hour after the one before and with a reviewed customer of its own."""
    from portal.deals.review import DealReview

    start = now() - timedelta(days=60)
    author, reviewer = world.person_id(hint), world.person_id("channel-manager")
    company = world.organisation("wolf").id
    with world.session() as session:
        for n in range(number):
            at = start + n * HOUR
            customer = Organisation(name=f"Customer {n}", language="en", created_at=at)
            customer.capacities = frozenset({Capacity.CUSTOMER})
            deal = Deal(
                organisation_id=company,
                author_id=author,
                created_by_id=author,
                created_at=at,
                submitted_at=at,
                due_at=at + 70 * 24 * HOUR,
                state=State.UNDER_REVIEW,
                **{**FACTS, "customer_name": f"Customer {n}"},
            )
            session.add(DealReview(deal=deal, customer=customer, submitter_id=author, reviewer_id=reviewer))
        session.commit()


def test_each_sees_the_own(sign_in: SignIn, deals: DealWorld) -> None:
    mine = deals.submitted(customer_name="Sklo <b>&")
    colleague, theirs = deals.submitted("partner-admin"), deals.submitted("rival-partner")
    assert refs(sign_in("partner").get("/deals")) == [mine.ref]
    assert set(refs(sign_in("partner-admin").get("/deals"))) == {mine.ref, colleague.ref}
    assert refs(sign_in("rival-partner").get("/deals")) == [theirs.ref]
    for hint in ("channel-manager", "auditor"):
        assert set(refs(sign_in(hint).get("/deals"))) == {mine.ref, colleague.ref, theirs.ref}
    page = sign_in("partner").get("/deals").get_data(as_text=True)
    assert "Sklo &lt;b&gt;&amp;" in page
    assert f'href="/deals/{mine.ref}"' in page


def test_drafts_are_their_partners_alone(sign_in: SignIn, deals: DealWorld) -> None:
    draft = deals.draft()
    assert refs(sign_in("partner").get("/deals?state=draft")) == [draft.ref]
    for hint in ("channel-manager", "auditor", "account-manager", "rival-partner"):
        assert refs(sign_in(hint).get("/deals")) == []


def test_an_account_manager_reads_the_portfolio(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deals.under_review(customer="glass")
    hidden = deals.under_review("rival-partner", customer="bakery")
    found = refs(sign_in("account-manager").get("/deals"))
    assert hidden.ref not in found
    assert found == [d.ref for d in _portfolio_of(world, "account-manager")]


def _portfolio_of(world: World, hint: str) -> list[Deal]:
    with world.as_(hint) as session:
        return list(session.scalars(sa.select(Deal)))


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "supplier", "agent", "buyer", "moderator", "admin"])
def test_who_has_no_deals_is_refused(sign_in: SignIn, hint: str) -> None:
    for path in ("/deals", "/deals/export.csv"):
        assert sign_in(hint).get(path).status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    answer = client.get("/deals?state=open")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/deals?state%3Dopen")


def test_a_fragment_is_the_list_alone(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    answer = sign_in("partner").htmx("/deals?q=&state=open&sort=-updated")
    assert refs(answer) == [deal.ref]
    assert text(answer).lstrip().startswith('<div id="list"')
    assert "<html" not in text(answer)
    assert answer.headers["HX-Push-Url"] == "/deals?state=open"


@pytest.mark.parametrize(
    "query",
    ["state=x", "due=x", "protected=x", "mine=me", "sort=amount", "partner=O-00000000", "after=x", "before=WzFd"],
)
def test_outsiders_ask_for_nothing_beyond_their_lens(sign_in: SignIn, deals: DealWorld, query: str) -> None:
    deals.submitted()
    for path in ("/deals", "/deals/export.csv"):
        if not (query.startswith(("after", "before")) and "export" in path):
            assert sign_in("partner").get(f"{path}?{query}").status_code == 400


def test_filters_narrow(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    late = deals.submitted(at=now() - timedelta(days=20))
    fresh = deals.submitted("rival-partner")
    protected = deals.approved("partner-admin", products=("LN-300",))
    staff = sign_in("channel-manager")
    assert refs(staff.get("/deals?due=late")) == [late.ref]
    assert refs(staff.get("/deals?due=late&sort=due")) == [late.ref]
    assert set(refs(staff.get("/deals?state=waiting"))) == {late.ref, fresh.ref}
    assert refs(staff.get("/deals?protected=now")) == [protected.ref]
    assert refs(staff.get("/deals?protected=ending")) == []
    assert refs(staff.get("/deals?sort=due")) == [late.ref, fresh.ref]
    assert refs(staff.get("/deals?mine=1")) == [protected.ref]
    wolf = world.organisation("wolf").ref
    assert set(refs(staff.get(f"/deals?partner={wolf}"))) == {late.ref, protected.ref}
    assert refs(staff.get("/deals?partner=O-00000000")) == []
    assert refs(sign_in("partner-admin").get("/deals?mine=1")) == [protected.ref]


def test_a_programme_narrows(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deals.submitted()
    growth = deals.submitted(programme="Growth")
    with world.session() as session:
        ref = deals.programme(session, "Growth").ref
    assert refs(sign_in("partner").get(f"/deals?programme={ref}")) == [growth.ref]


def test_what_staff_do_among_themselves_moves_nothing_for_the_partner(sign_in: SignIn, deals: DealWorld) -> None:
    first, second = deals.under_review(amount=9_000_000), deals.submitted(customer_name="Other")
    partner, staff = sign_in("partner"), sign_in("channel-manager")
    before = text(partner.get("/deals"))
    deals.name_customer(first, "channel-manager", "bakery")
    deals.approve(first)
    assert refs(staff.get("/deals")) == [first.ref, second.ref]
    after = text(partner.get("/deals"))
    assert refs(partner.get("/deals")) == [second.ref, first.ref]
    assert _masked(before) == _masked(after)


def _masked(page: str) -> str:
    return re.sub(r'(nonce|value|content|data-request|id)="[^"]*"|[0-9a-f]{16,}', "", page)


def test_a_shared_deal_is_listed_with_its_company(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal, draft = deals.submitted("rival-partner"), deals.draft("rival-partner")
    with world.session() as session:
        for record in (deal, draft):
            session.add(
                Share(
                    record_kind="deal",
                    record_id=record.id,
                    organisation_id=world.organisation("wolf").id,
                    shared_by_id=world.person_id("rival-partner"),
                    starts_at=now() - HOUR,
                )
            )
        session.commit()
    assert refs(sign_in("partner").get("/deals")) == [deal.ref]
    assert refs(sign_in("partner").get("/deals?q=jitrni")) == [deal.ref]


def test_pages_go_on_and_back(sign_in: SignIn, world: World) -> None:
    many_deals(world, 60)
    for hint in ("partner", "channel-manager"):
        for query in ("", "?sort=updated", "?sort=due"):
            found = every_page(sign_in(hint), f"/deals{query}")
            assert len(found) == len(set(found)) == 60


@pytest.mark.parametrize("hint", ["partner", "channel-manager", "account-manager"])
@pytest.mark.parametrize("path", ["/deals", "/deals?q=customer", "/deals?sort=due&due=late"])
def test_it_costs_the_same_for_any_number(app: Flask, sign_in: SignIn, world: World, hint: str, path: str) -> None:
    counts = []
    for number in (3, 300):
        many_deals(world, number)
        browser = sign_in(hint)
        browser.get(path)
        with statements(app) as seen:
            assert browser.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_to_do(sign_in: SignIn) -> None:
    page = text(sign_in("channel-manager").get("/deals"))
    assert "No registrations yet" in page
    assert "Their drafts are their own." in page
    assert "No registration matches" in text(sign_in("partner").get("/deals?state=draft"))
