"""What the start page tells a partner of their registrations."""

from datetime import timedelta

import pytest

from portal.clock import now
from portal.deals.models import Outcome
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.home.test_start import counts, start
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def test_a_partner_sees_what_waits_for_them(sign_in: SignIn, deals: DealWorld) -> None:
    deals.draft()
    deals.approved(at=now() - timedelta(days=80), products=("LN-300",))
    rival = deals.approved("rival-partner")
    second = deals.under_review()
    with deals.reviewed(second, "channel-manager") as (review, who):
        review.mark_duplicate(who, now(), review.deal.version, reason="No.", outcome=Outcome.PARTNER, in_line=True)
    returned = deals.under_review(products=("LN-500",))
    with deals.reviewed(returned, "channel-manager") as (review, who):
        review.send_back(who, now(), review.deal.version, reason="Which hall?")
    told = counts(start(sign_in, "partner"))
    assert (told["Drafts of deals"], told["Deals returned with a question"]) == ("1", "1")
    assert (told["Places offered to you"], told["Protections that end within two weeks"]) == ("0", "1")
    with deals.reviewed(rival, "channel-manager") as (review, who):
        review.revoke(who, now(), review.deal.version, reason="Not theirs.")
    assert counts(start(sign_in, "partner"))["Places offered to you"] == "1"
    rivals = counts(start(sign_in, "rival-partner"))
    assert (rivals["Drafts of deals"], rivals["Places offered to you"]) == ("0", "0")


def test_a_channel_manager_sees_what_waits_for_a_decision(sign_in: SignIn, deals: DealWorld) -> None:
    deals.submitted(at=now() - timedelta(days=30))
    deals.submitted(products=("LN-300",))
    deals.draft(products=("LN-500",))
    told = counts(start(sign_in, "channel-manager"))
    assert (told["Deals waiting for a decision"], told["Decisions on deals that are overdue"]) == ("2", "1")
    # Most of the time there are none of these, and no line either.
    assert "Leads that nobody took" not in told
    assert "Deals waiting for a decision" not in counts(start(sign_in, "account-manager"))


def test_who_registers_no_deals_is_told_nothing_of_them(sign_in: SignIn, world: World) -> None:
    for hint in ("customer", "supplier"):
        assert "Drafts of deals" not in counts(start(sign_in, hint))
