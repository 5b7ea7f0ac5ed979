"""The board: what is on its way, by state, as far as its reader sees it."""

import html
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_list import many_deals
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.get_data(as_text=True))


def column(page: str, name: str) -> str:
    return page.partition(f'aria-labelledby="column-{name}"')[2].partition("</section>")[0]


def test_each_stands_in_the_column_of_its_state(sign_in: SignIn, deals: DealWorld) -> None:
    draft, submitted = deals.draft(), deals.submitted()
    reviewed, theirs = deals.under_review("partner-admin"), deals.submitted("rival-partner")
    page = text(sign_in("partner-admin").get("/deals/board"))
    assert draft.ref in column(page, "draft")
    assert submitted.ref in column(page, "handed-in")
    assert reviewed.ref in column(page, "under-review")
    assert theirs.ref not in page
    page = text(sign_in("channel-manager").get("/deals/board"))
    assert theirs.ref in column(page, "handed-in")
    assert draft.ref not in page
    assert 'aria-labelledby="column-draft"' not in page


def test_a_full_column_leads_into_the_list(sign_in: SignIn, world: World) -> None:
    many_deals(world, 12)
    page = column(text(sign_in("partner-admin").get("/deals/board")), "under-review")
    assert page.count('class="board-card"') == 8
    assert 'href="/deals?state=under-review"' in page


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "supplier", "agent", "buyer", "moderator", "admin"])
def test_who_has_no_deals_is_refused(sign_in: SignIn, hint: str) -> None:
    assert sign_in(hint).get("/deals/board").status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    assert client.get("/deals/board").headers["Location"] == "/sign-in?next=/deals/board"


@pytest.mark.parametrize("hint", ["partner", "channel-manager"])
def test_it_costs_the_same_for_any_number(app: Flask, sign_in: SignIn, world: World, hint: str) -> None:
    counts = []
    for number in (3, 300):
        many_deals(world, number)
        browser = sign_in(hint)
        browser.get("/deals/board")
        with statements(app) as seen:
            assert browser.get("/deals/board").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
