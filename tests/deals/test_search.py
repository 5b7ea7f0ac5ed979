"""Finding registrations: by what their partner told, by nothing else, and by nobody who cannot read them."""

import html
from typing import Any

import pytest

from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_list import refs
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    "question",
    [
        "sklarny",
        "Jitřní rosa",
        "jitrni-rosa.example.com",
        "rosicka",
        "alzbeta.rosicka@jitrni-rosa.example.com",
        "zeleň",
    ],
)
def test_it_is_found_by_what_was_told(sign_in: SignIn, deals: DealWorld, question: str) -> None:
    deal = deals.submitted(description="Zelené lampy", registration_number="27082440")
    asked = {"q": question if question != "zeleň" else "zelene"}
    for hint in ("partner", "partner-admin", "channel-manager", "auditor"):
        assert refs(sign_in(hint).get("/deals", query_string=asked)) == [deal.ref]
        assert deal.ref in text(sign_in(hint).get("/search", query_string=asked))


def test_a_reference_in_any_spelling_is_found(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    deals.submitted()
    for question in (deal.ref, deal.ref.lower(), deal.ref.replace("-", " ")):
        assert refs(sign_in("partner").get("/deals", query_string={"q": question})) == [deal.ref]


def test_a_changed_draft_is_found_by_its_new_words_alone(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.draft()
    told = {"customer_name": "Pekárna", "customer_domain": "p.example", "contact_email": "jan@p.example"}
    with deals.held(deal, "partner") as (mine, who):
        mine.fill(who, list(mine.lines), mine.created_at, mine.public_version, **told)
    partner = sign_in("partner")
    assert refs(partner.get("/deals?q=pekarna")) == [deal.ref]
    assert refs(partner.get("/deals?q=sklarny")) == []


def test_a_draft_is_found_by_its_partner_alone(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.draft()
    assert refs(sign_in("partner").get("/deals?q=sklarny")) == [deal.ref]
    for hint in ("channel-manager", "auditor", "account-manager", "rival-partner"):
        assert refs(sign_in(hint).get("/deals?q=sklarny")) == []
        assert deal.ref not in text(sign_in(hint).get("/search?q=sklarny"))


@pytest.mark.parametrize("hint", ["rival-partner", "customer-admin", "supplier", "agent", "buyer", "moderator"])
def test_strangers_find_nothing(sign_in: SignIn, deals: DealWorld, hint: str) -> None:
    deal = deals.submitted()
    page = text(sign_in(hint).get("/search?q=sklarny"))
    assert deal.ref not in page
    assert "jitrni-rosa" not in page


def test_the_partner_never_finds_by_what_staff_alone_know(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review(customer="glass")
    known = world.organisation("glass").name
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.send_back(who, deal.created_at, review.deal.version, reason="Hall?", note="umbrageous")
    for question in (known, "umbrageous"):
        for hint in ("partner", "partner-admin"):
            assert refs(sign_in(hint).get("/deals", query_string={"q": question})) == []


def test_nobody_types_what_narrows_the_index(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    for question in ("@deal", f"@{deal.organisation_id}p", f"{deal.organisation_id}p"):
        for hint in ("partner", "rival-partner", "channel-manager"):
            assert refs(sign_in(hint).get("/deals", query_string={"q": question})) == []


def test_a_deleted_draft_leaves_no_words(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.draft()
    with world.as_("partner") as session:
        session.delete(session.get_one(type(deal), deal.id))
        session.commit()
    assert refs(sign_in("partner").get("/deals?q=sklarny")) == []
