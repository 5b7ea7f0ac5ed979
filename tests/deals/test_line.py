"""Who waits in line for a place: it goes on to the next whenever nobody has it, and two approve what is large anew."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.accounts.models import Person
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal, Outcome
from portal.deals.protection import OFFER_LASTS
from portal.errors import RuleBroken
from portal.jobs import outbox
from tests.deals.helpers import DealWorld
from tests.deals.test_lifecycle import MONDAY
from tests.world import World


def _put_in_line(deals: DealWorld, deal: Deal) -> None:
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.mark_duplicate(who, MONDAY, review.deal.version, reason="Taken.", outcome=Outcome.PARTNER, in_line=True)


def _work(world: World) -> None:
    with world.app.app_context():
        outbox.drain(MONDAY + timedelta(seconds=1))


@pytest.fixture
def line(deals: DealWorld) -> tuple[Deal, Deal]:
    """Two who wait: the place has become free, and is offered to the first of them."""
    holder = deals.approved("rival-partner", at=MONDAY)
    first, second = deals.under_review(at=MONDAY), deals.under_review("partner-admin", at=MONDAY)
    for deal in (first, second):
        _put_in_line(deals, deal)
    with deals.reviewed(holder, "channel-manager") as (review, who):
        review.revoke(who, MONDAY, review.deal.version, reason="They asked for it.")
    assert deals.reload(first).offered_until == MONDAY + OFFER_LASTS
    assert deals.reload(second).offered_until is None
    return first, second


def _leave(deals: DealWorld, deal: Deal) -> None:
    with deals.held(deal, "partner") as (mine, who):
        mine.leave_line(who, MONDAY, mine.public_version)


def _take_and_withdraw(deals: DealWorld, deal: Deal) -> None:
    with deals.held(deal, "partner") as (mine, who):
        mine.accept_place(who, MONDAY, mine.public_version)
    with deals.held(deal, "partner") as (mine, who):
        mine.withdraw(who, MONDAY, mine.public_version, "They have no money.")


def _take_and_be_rejected(deals: DealWorld, deal: Deal) -> None:
    with deals.held(deal, "partner") as (mine, who):
        mine.accept_place(who, MONDAY, mine.public_version)
    deals.review(deal, "channel-manager", at=MONDAY)
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.reject(who, MONDAY, review.deal.version, reason="No budget.", outcome=Outcome.CLEAR)


@pytest.mark.parametrize("give_up", [_leave, _take_and_withdraw, _take_and_be_rejected])
def test_a_place_that_the_first_gives_up_is_offered_to_the_next(
    deals: DealWorld, world: World, line: tuple[Deal, Deal], give_up: Callable[[DealWorld, Deal], None]
) -> None:
    first, second = line
    give_up(deals, first)
    _work(world)
    assert deals.reload(second).offered_until is not None


@pytest.mark.parametrize("zone", ["Asia/Tehran", "Europe/London"])
def test_the_offer_does_not_tell_where_the_rival_lives(deals: DealWorld, world: World, zone: str) -> None:
    """A protection ends at midnight there; the place is offered on our next business morning, and kept until then."""
    with world.session() as session:
        session.get_one(Person, world.person_id("rival-partner")).time_zone = zone
        session.commit()
    holder = deals.reload(deals.approved("rival-partner", at=MONDAY))
    waits, other = deals.under_review(at=MONDAY), deals.under_review("partner-admin", at=MONDAY)
    _put_in_line(deals, waits)
    assert holder.protected_until is not None
    assert holder.protected_until.astimezone(ZoneInfo(zone)).date() == date(2030, 6, 3)
    for hours in (0, 1, 4):
        with world.app.app_context():
            outbox.drain(holder.protected_until + timedelta(hours=hours))
    assert deals.reload(holder).state == State.EXPIRED
    assert deals.reload(waits).offered_until is None
    with pytest.raises(RuleBroken, match="waited in line"):
        deals.approve(other, at=holder.protected_until)
    morning = datetime(2030, 6, 3, 9, tzinfo=UTC)
    with world.app.app_context():
        outbox.drain(morning)
    offered_until = deals.reload(waits).offered_until
    assert offered_until is not None
    assert offered_until.replace(second=0, microsecond=0) == morning + OFFER_LASTS


def test_while_the_first_is_under_review_again_the_next_waits(
    deals: DealWorld, world: World, line: tuple[Deal, Deal]
) -> None:
    first, second = line
    with deals.held(first, "partner") as (mine, who):
        mine.accept_place(who, MONDAY, mine.public_version)
    other = deals.under_review("rival-partner", at=MONDAY)
    with deals.reviewed(other, "channel-manager") as (review, who):
        review.reject(who, MONDAY, review.deal.version, reason="No budget.", outcome=Outcome.PARTNER)
    _work(world)
    assert deals.reload(second).offered_until is None


def test_two_look_at_what_was_returned_and_changed(deals: DealWorld) -> None:
    deal = deals.under_review(at=MONDAY, amount=5_000_001)
    assert deals.approve(deal, at=MONDAY) is False
    with deals.reviewed(deal, "channel-manager-2") as (review, who):
        review.send_back(who, MONDAY, review.deal.version, reason="How many?")
    with deals.held(deal, "partner") as (mine, who):
        lines = list(mine.lines)
        mine.fill(who, lines, MONDAY, mine.public_version, amount=90_000_000)
        mine.submit(who, MONDAY, mine.public_version)
    deals.review(deal, "channel-manager-2", at=MONDAY)
    # What the first one approved was another amount.
    assert deals.approve(deal, "channel-manager-2", at=MONDAY) is False
    assert deals.reload(deal).state == State.UNDER_REVIEW


def test_what_is_revoked_is_not_extended(deals: DealWorld, world: World) -> None:
    deal = deals.approved(at=MONDAY)
    with deals.held(deal, "partner") as (mine, who):
        extension = Extension.ask(mine, who, MONDAY, mine.public_version, "The tender was put off.")
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.revoke(who, MONDAY, review.deal.version, reason="They asked for it.")
    with world.as_("channel-manager") as session:
        found, who = session.get_one(Extension, extension.id), session.info["principal"]
        assert found.is_granted is False
        with pytest.raises(RuleBroken):
            found.decide(who, MONDAY, found.deal.version, grant=True, reason="Yes.")
