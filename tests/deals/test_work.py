"""Work on an approved deal, logged on its page."""

from datetime import timedelta

import pytest

from portal.clock import now
from portal.seeds.catalogue import GROWTH
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld

pytestmark = pytest.mark.usefixtures("in_english")


def test_logged_work_stands_in_the_history_for_both_sides(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved(programme=GROWTH, at=now() - timedelta(days=10))
    browser, url = sign_in("partner"), f"/deals/{deal.ref}"
    assert "Without logged work the protection ends on" in browser.get(url).text
    version = deals.reload(deal).public_version
    sent = browser.send(f"{url}/work", {"version": version, "seen": 1, "words": "Two samples shown."})
    assert sent.status_code == 303
    for hint in ("partner", "channel-manager"):
        page = sign_in(hint).get(url).text
        assert "logged work on the deal" in page
        assert "Two samples shown." in page
    worked = deals.reload(deal).worked_at
    assert worked is not None
    assert worked > now() - timedelta(minutes=5)


def test_empty_stale_and_strange_work_is_refused(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved()
    url, version = f"/deals/{deal.ref}/work", deals.reload(deal).public_version
    data = {"version": version, "seen": 1, "words": "Called them."}
    browser = sign_in("partner")
    assert browser.send(url, {**data, "words": " "}).status_code == 422
    stale = browser.send(url, {**data, "version": version - 1})
    assert stale.status_code == 409
    assert "Called them." in stale.text
    assert sign_in("rival-partner").send(url, data).status_code == 404
    assert sign_in("agent").send(url, data).status_code == 403


def test_work_is_logged_on_approved_deals_alone(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    data = {"version": deals.reload(deal).public_version, "seen": 1, "words": "Called them."}
    browser = sign_in("partner")
    assert "Log work" not in browser.get(f"/deals/{deal.ref}").text
    assert browser.send(f"/deals/{deal.ref}/work", data).status_code == 409
