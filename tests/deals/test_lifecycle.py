"""The life of a registration, step by step, below HTTP."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from portal.access.scope import OutOfScope
from portal.deals import protection
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealEvent, DealLine, Outcome
from portal.deals.protection import ProtectedPlace
from portal.deals.review import DealReview
from portal.errors import RuleBroken, Stale
from portal.organisations.models import Activity
from portal.seeds.catalogue import GROWTH
from tests.deals.helpers import DealWorld
from tests.world import World

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)


def test_a_partner_submits_and_the_clock_runs(deals: DealWorld) -> None:
    deal = deals.reload(deals.submitted(at=MONDAY))
    assert deal.state == State.SUBMITTED
    # Sixteen business hours: seven on Monday, eight on Tuesday, one on Wednesday.
    assert deal.due_at == datetime(2030, 3, 6, 10, tzinfo=UTC)


def test_what_is_missing_keeps_it_a_draft(deals: DealWorld) -> None:
    deal = deals.draft(contact_email="")
    assert deal.missing() == ["contact_email"]
    with pytest.raises(RuleBroken), deals.held(deal, "partner") as (mine, who):
        mine.submit(who, MONDAY, mine.public_version)
    assert deals.reload(deal).state == State.DRAFT


def test_what_is_sold_can_be_changed_while_it_is_a_draft(deals: DealWorld) -> None:
    deal = deals.draft(products=("LN-100", "LN-200"))
    with deals.held(deal, "partner") as (mine, who):
        kept = mine.lines[1].product_id
        mine.fill(who, [DealLine(position=0, product_id=kept, quantity=3)], MONDAY, mine.public_version, amount=7)
    with deals.held(deal, "partner") as (mine, _):
        assert (mine.amount, [(line.product_id, line.quantity) for line in mine.lines]) == (7, [(kept, 3)])


def test_approval_protects_to_the_end_of_the_day_where_the_partner_is(deals: DealWorld) -> None:
    deal = deals.reload(deals.approved(at=MONDAY))
    assert deal.state == State.APPROVED
    assert deal.outcome == Outcome.CLEAR
    # Ninety days after 4 March are 2 June; it ends at midnight in Warsaw, which is two hours ahead in summer.
    assert deal.protected_until == datetime(2030, 6, 2, 22, tzinfo=UTC)


def test_each_business_hour_late_is_an_hour_of_protection(deals: DealWorld) -> None:
    deal = deals.under_review(at=MONDAY)
    # Due on Wednesday at 10; two hours and a half later.
    deals.approve(deal, at=datetime(2030, 3, 6, 12, 30, tzinfo=UTC))
    late = deals.reload(deal)
    assert late.late_minutes == 150
    assert late.protected_until == datetime(2030, 6, 4, 22, tzinfo=UTC) + timedelta(hours=2)


def test_two_people_approve_a_large_amount(deals: DealWorld) -> None:
    deal = deals.under_review(amount=5_000_001)
    before = deals.reload(deal).public_version
    assert deals.approve(deal) is False
    between = deals.reload(deal)
    assert (between.state, between.public_version) == (State.UNDER_REVIEW, before)
    with pytest.raises(RuleBroken):
        deals.approve(deal)
    assert deals.approve(deal, "channel-manager-2") is True
    assert deals.reload(deal).state == State.APPROVED


def test_one_person_approves_up_to_the_limit(deals: DealWorld) -> None:
    deal = deals.under_review(amount=5_000_000)
    assert deals.approve(deal) is True


def test_a_stale_decision_is_refused(deals: DealWorld) -> None:
    deal = deals.under_review()
    version = deals.reload(deal).version
    deals.name_customer(deal, "channel-manager", "bakery")
    with pytest.raises(Stale), deals.reviewed(deal, "channel-manager") as (review, who):
        review.approve(who, MONDAY, version, reason="")


def test_the_partner_sees_the_reason_and_not_the_note(deals: DealWorld, world: World) -> None:
    deal = deals.under_review()
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.send_back(who, MONDAY, review.deal.version, reason="Which hall?", note="They always ask twice.")
    with world.as_("partner") as session:
        last = session.scalars(sa.select(DealEvent).order_by(DealEvent.id.desc())).first()
        assert last is not None
        assert last.reason == "Which hall?"
        with pytest.raises(OutOfScope):
            session.execute(sa.select(DealEvent.note))
        assert session.scalars(sa.select(DealReview)).all() == []


def test_a_rival_and_an_agent_see_nothing_of_it(deals: DealWorld, world: World) -> None:
    deals.approved()
    for hint in ("rival-partner", "customer-admin", "customer", "supplier", "agent", "buyer", "moderator", "admin"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(Deal)).all() == [], hint
            assert session.scalars(sa.select(Activity).where(Activity.kind.like("deal-%"))).all() == [], hint


def test_staff_see_no_draft(deals: DealWorld, world: World) -> None:
    deals.draft()
    for hint in ("channel-manager", "account-manager", "auditor"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(Deal)).all() == [], hint


def test_one_registration_at_a_time_for_a_customer_and_product(deals: DealWorld) -> None:
    first = deals.approved(products=("LN-100", "LN-200"))
    second = deals.under_review("rival-partner", products=("LN-200",))
    with pytest.raises(RuleBroken):
        deals.approve(second)
    third = deals.under_review("rival-partner", products=("LN-300",))
    assert deals.approve(third) is True
    assert deals.reload(first).state == State.APPROVED


def test_who_waits_in_line_is_offered_the_place_that_becomes_free(deals: DealWorld) -> None:
    first = deals.approved(at=MONDAY)
    second = deals.under_review("rival-partner", at=MONDAY)
    with deals.reviewed(second, "channel-manager") as (review, who):
        review.mark_duplicate(who, MONDAY, review.deal.version, reason="Taken.", outcome=Outcome.PARTNER, in_line=True)
    with deals.reviewed(first, "channel-manager") as (review, who):
        review.revoke(who, MONDAY, review.deal.version, reason="The customer asked for it.")
    offered = deals.reload(second)
    assert offered.offered_until == MONDAY + protection.OFFER_LASTS
    with deals.held(second, "rival-partner") as (mine, who):
        mine.accept_place(who, MONDAY, mine.public_version)
    assert deals.reload(second).state == State.SUBMITTED


def test_protection_expires_and_frees_the_place(deals: DealWorld, world: World) -> None:
    deal = deals.approved(at=MONDAY)
    until = deals.reload(deal).protected_until
    assert until is not None
    with world.session() as session:
        mine, who = session.get_one(Deal, deal.id), session.info["principal"]
        assert protection.expire(session, mine, who, until - timedelta(seconds=1)) is False
        assert protection.expire(session, mine, who, until) is True
        session.commit()
        assert session.scalars(sa.select(ProtectedPlace)).all() == []
    assert deals.reload(deal).state == State.EXPIRED


def test_an_extension_is_asked_once_and_keeps_the_protection_until_it_is_decided(
    deals: DealWorld, world: World
) -> None:
    deal = deals.approved(at=MONDAY)
    until = deals.reload(deal).protected_until
    assert until is not None
    with deals.held(deal, "partner") as (mine, who):
        Extension.ask(mine, who, MONDAY, mine.public_version, "The tender was put off.")
    with pytest.raises(RuleBroken), deals.held(deal, "partner") as (mine, who):
        Extension.ask(mine, who, MONDAY, mine.public_version, "Again.")
    with world.session() as session:
        assert not protection.expire(session, session.get_one(Deal, deal.id), session.info["principal"], until)
    with world.as_("channel-manager") as session:
        extension = session.scalars(sa.select(Extension)).one()
        who = session.info["principal"]
        extension.decide(who, until, extension.deal.version, grant=True, reason="Understood.")
        session.commit()
    assert deals.reload(deal).protected_until == datetime(2030, 7, 2, 22, tzinfo=UTC)


def test_a_programme_may_allow_no_extension(deals: DealWorld) -> None:
    deal = deals.approved(programme=GROWTH)
    with pytest.raises(RuleBroken), deals.held(deal, "partner") as (mine, who):
        Extension.ask(mine, who, MONDAY, mine.public_version, "Please.")


def test_a_partner_submits_so_many_a_day(deals: DealWorld, world: World) -> None:
    cap = world.app.extensions["portal_settings"].deals_per_day
    for _ in range(cap):
        deals.submitted(at=MONDAY)
    with pytest.raises(RuleBroken):
        deals.submitted("partner-admin", at=MONDAY)
    deals.submitted("rival-partner", at=MONDAY)
    deals.submitted(at=MONDAY + timedelta(hours=25))


def test_a_partner_has_so_many_open_in_a_programme(deals: DealWorld, world: World) -> None:
    with world.session() as session:
        deals.programme(session).most_open = 2
        session.commit()
    first = deals.submitted(at=MONDAY)
    deals.submitted("partner-admin", at=MONDAY)
    waiting = deals.draft()
    with pytest.raises(RuleBroken), deals.held(waiting, "partner") as (mine, who):
        mine.submit(who, MONDAY, mine.public_version)
    assert deals.reload(waiting).state == State.DRAFT
    deals.submitted("rival-partner", at=MONDAY)
    deals.submitted(programme=GROWTH, at=MONDAY)
    with deals.held(first, "partner") as (mine, who):
        mine.withdraw(who, MONDAY, mine.public_version, "They bought elsewhere.")
    with deals.held(waiting, "partner") as (mine, who):
        mine.submit(who, MONDAY, mine.public_version)
    assert deals.reload(waiting).state == State.SUBMITTED


def test_nobody_decides_on_what_a_company_of_theirs_profits_from(deals: DealWorld, world: World) -> None:
    from portal.accounts.models import Membership

    deal = deals.submitted()
    with world.session() as session:
        membership = Membership(
            person_id=world.person_id("channel-manager"),
            organisation_id=deal.organisation_id,
            started_at=MONDAY,
        )
        session.add(membership)
        session.commit()
    with pytest.raises(RuleBroken), deals.reviewed(deal, "channel-manager") as (review, who):
        review.take(who, MONDAY, review.deal.version)


def _approve_at_once(deals: DealWorld, versions: dict[int, int], each: int) -> list[object]:
    """So many threads approve each of these deals at one time; what became of each."""
    barrier, outcomes = Barrier(each * len(versions)), list[object]()

    def approve(deal_id: int, version: int) -> None:
        barrier.wait()
        try:
            with deals.world.as_("channel-manager") as session:
                found = sa.select(DealReview).where(DealReview.deal_id == deal_id)
                session.scalars(sa.select(Deal).where(Deal.id == deal_id).with_for_update()).one()
                outcomes.append(
                    session.scalars(found).one().approve(session.info["principal"], MONDAY, version, reason="Yes.")
                )
                session.commit()
        except RuleBroken as problem:
            outcomes.append(problem)

    threads = [Thread(target=approve, args=item) for item in versions.items() for _ in range(each)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_twenty_approvals_of_one_deal_have_one_winner(deals: DealWorld) -> None:
    deal = deals.under_review()
    outcomes = _approve_at_once(deals, {deal.id: deals.reload(deal).version}, each=20)
    assert len(outcomes) == 20
    assert outcomes.count(True) == 1
    assert all(outcome is True or isinstance(outcome, Stale) for outcome in outcomes)


def test_twenty_approvals_of_two_deals_in_conflict_have_one_winner(deals: DealWorld, world: World) -> None:
    pair = [deals.under_review(), deals.under_review("rival-partner")]
    outcomes = _approve_at_once(deals, {deal.id: deals.reload(deal).version for deal in pair}, each=10)
    assert len(outcomes) == 20
    assert outcomes.count(True) == 1
    assert sorted(deals.reload(deal).state for deal in pair) == [State.APPROVED, State.UNDER_REVIEW]
