"""The queue: what stands in it, in what order, and how one follows the other."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Membership
from portal.clock import now
from portal.deals.extensions import Extension
from portal.deals.models import Deal
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_decisions import decide
from tests.deals.test_list import many_deals
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
DAY = timedelta(days=1)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.get_data(as_text=True))


def refs(answer: Any) -> list[str]:
    return re.findall(r'href="/deals/queue/(D-\w{8})">', text(answer))


def rows(answer: Any) -> list[str]:
    return re.findall(r'<bdi class="ref">(D-\w{8})</bdi></span>', text(answer))


def test_the_oldest_clock_comes_first(sign_in: SignIn, deals: DealWorld) -> None:
    young = deals.submitted(at=now())
    old = deals.submitted("rival-partner", at=now() - 20 * DAY)
    deals.draft()
    deals.approved("partner-admin", products=("LN-300",))
    page = sign_in("channel-manager").get("/deals/queue")
    assert rows(page) == [old.ref, young.ref]
    assert text(page).count("Overdue") == 1


def test_pages_go_on_through_clocks_that_end_together(sign_in: SignIn, world: World) -> None:
    many_deals(world, 30)
    with world.session() as session:
        session.execute(sa.update(Deal).values(due_at=now()))
        session.commit()
    staff, path, found = sign_in("channel-manager"), "/deals/queue", list[str]()
    while path:
        page = staff.get(path)
        found += rows(page)
        path = next(iter(re.findall(r'href="(/deals/queue\?after=[^"]+)"', text(page))), "")
    assert len(found) == len(set(found)) == 30


def test_extensions_stand_in_it(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved()
    with deals.held(deal, "partner") as (mine, who):
        Extension.ask(mine, who, now(), mine.public_version, "The tender was put off.")
    staff = sign_in("channel-manager")
    page = staff.get("/deals/queue")
    assert rows(page) == [deal.ref]
    assert "Extensions that were asked for" in text(page)
    assert "The tender was put off." in text(staff.get(f"/deals/queue/{deal.ref}"))


@pytest.mark.parametrize("hint", ["partner", "partner-admin", "agent", "account-manager", "auditor", "customer"])
def test_it_is_for_who_decides(sign_in: SignIn, deals: DealWorld, hint: str) -> None:
    deal = deals.submitted()
    for path in ("/deals/queue", f"/deals/queue/{deal.ref}"):
        assert sign_in(hint).get(path).status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    for path in ("/deals/queue", "/deals/queue/D-00000000"):
        assert client.get(path).status_code == 303


def test_what_is_out_of_reach_is_not_found(sign_in: SignIn, deals: DealWorld) -> None:
    staff, draft = sign_in("channel-manager"), deals.draft()
    assert {staff.get(f"/deals/queue/{ref}").status_code for ref in (draft.ref, "D-00000000")} == {404}


def test_an_empty_queue_says_so(sign_in: SignIn) -> None:
    assert "Nothing waits for you" in text(sign_in("channel-manager").get("/deals/queue"))


def test_all_is_on_one_screen(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review()
    page = text(sign_in("channel-manager").get(f"/deals/queue/{deal.ref}"))
    for noun in ("approval", "return", "rejection", "duplicate", "customer", "review/ending"):
        assert f'action="/deals/{deal.ref}/{noun}"' in page
    for words in (deal.contact_email, "Meadow garden lantern", "Who else this may be", "Work note"):
        assert words in page


def test_the_next_one_follows_by_itself(sign_in: SignIn, deals: DealWorld) -> None:
    first, second, third = (deals.submitted(at=now() - n * DAY) for n in (28, 21, 14))
    staff = sign_in("channel-manager")
    page = text(staff.get(f"/deals/queue/{second.ref}"))
    assert re.search(f'rel="prev"[^>]*href="/deals/queue/{first.ref}"', page)
    assert re.search(f'rel="next"[^>]*href="/deals/queue/{third.ref}"', page)
    taken = decide(staff, deals, second, "review", back="queue")
    assert taken.headers["Location"] == f"/deals/queue/{second.ref}"
    decided = decide(staff, deals, second, "return", back="queue")
    assert decided.headers["Location"] == f"/deals/queue/{third.ref}"
    assert "The registration is returned to the partner." in text(staff.get(decided.headers["Location"]))


def test_what_others_have_in_hand_is_passed_over(sign_in: SignIn, deals: DealWorld) -> None:
    first, second, third = (deals.submitted(at=now() - n * DAY) for n in (28, 21, 14))
    deals.review(second, "channel-manager-2")
    deals.review(first, "channel-manager")
    staff = sign_in("channel-manager")
    assert decide(staff, deals, first, "return", back="queue").headers["Location"] == f"/deals/queue/{third.ref}"
    deals.review(third, "channel-manager")
    assert decide(staff, deals, third, "return", back="queue").headers["Location"] == "/deals/queue"


def test_what_one_has_a_part_in_is_passed_over(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    first, again, rivals, last = (
        deals.submitted(hint, at=now() - n * DAY)
        for n, hint in ((28, "partner"), (21, "partner"), (14, "rival-partner"), (7, "partner"))
    )
    staff = sign_in("channel-manager")
    deals.review(again, "channel-manager-2")
    decide(sign_in("channel-manager-2"), deals, again, "return", reason="Which hall?")
    decide(staff, deals, again, "submission")
    with deals.held(again, "channel-manager") as (mine, _who):
        mine.due_at = now() - 21 * DAY
    with world.session() as session:
        membership = Membership(
            person_id=world.person_id("channel-manager"), organisation_id=rivals.organisation_id, started_at=now()
        )
        session.add(membership)
        session.commit()
    deals.review(first, "channel-manager")
    assert decide(staff, deals, first, "return", back="queue").headers["Location"] == f"/deals/queue/{last.ref}"


def test_a_refused_form_stays_in_the_queue(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review()
    answer = decide(sign_in("channel-manager"), deals, deal, "return", reason="", note="Hm.", back="queue")
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert 'name="back" type="hidden" value="queue"' in page
    assert "js/queue.js" in page


@pytest.mark.parametrize("path", ["/deals/queue", "/deals/queue/{ref}"])
def test_it_costs_the_same_for_any_number(
    app: Flask, sign_in: SignIn, deals: DealWorld, world: World, path: str
) -> None:
    address, counts = path.format(ref=deals.submitted(at=now() - 30 * DAY).ref), []
    for number in (3, 300):
        many_deals(world, number)
        browser = sign_in("channel-manager")
        browser.get(address)
        with statements(app) as seen:
            assert browser.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
