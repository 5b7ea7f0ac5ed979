"""What becomes of an approved registration, step by step, below HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.access.scope import OutOfScope
from portal.clock import now
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.deals.protection import ProtectedPlace
from portal.errors import RuleBroken, Stale
from portal.opportunities.models import Opportunity, OpportunityLine, Stage, Status
from portal.organisations.models import Activity, Organisation
from portal.seeds.catalogue import GROWTH
from tests.deals.helpers import DealWorld
from tests.opportunities.helpers import Sales
from tests.world import World


def places(world: World, deal_id: int | None) -> int:
    with world.session() as session:
        held = sa.select(sa.func.count()).select_from(ProtectedPlace).where(ProtectedPlace.deal_id == deal_id)
        return session.scalar(held) or 0


def test_a_registration_becomes_an_opportunity_with_its_lines(deals: DealWorld, sales: Sales) -> None:
    deal = deals.approved(products=("LN-100", "LN-500"))
    found = sales.reload(sales.convert(deal))
    assert deals.reload(deal).state == State.CONVERTED
    assert (found.amount, found.currency, found.close_on) == (deal.amount, deal.currency, deal.close_on)
    assert (found.stage, found.probability, found.status) == (Stage.QUALIFICATION, 20, Status.OPEN)
    assert found.title.startswith("Sklárny Jitřní Rosa s.r.o.: ")
    with sales.world.session() as session:
        lines = session.scalars(sa.select(OpportunityLine).where(OpportunityLine.opportunity_id == found.id)).all()
        assert [(line.quantity, line.unit_price) for line in lines] == [(10, 12_500), (10, 12_500)]
    assert places(sales.world, deal.id) == 2


def test_the_partner_becomes_partner_of_record_without_consent(deals: DealWorld, sales: Sales) -> None:
    deal = deals.under_review(customer="bakery")
    deals.approve(deal)
    assert sales.links("wolf", "bakery") == []
    sales.convert(deal)
    (link,) = sales.links("wolf", "bakery")
    assert link.starts_on == now().date()
    assert (link.ends_on, link.consented_at) == (None, None)
    with sales.world.as_("partner") as session:
        known = set(session.scalars(sa.select(Organisation.domain)))
    assert sales.world.organisation("bakery").domain in known


def test_a_partner_of_record_stays_it_once(sales: Sales) -> None:
    assert len(sales.links("wolf", "glass")) == 1
    sales.converted()
    assert len(sales.links("wolf", "glass")) == 1


def test_only_an_approved_registration_is_converted_and_once(deals: DealWorld, sales: Sales) -> None:
    with pytest.raises(RuleBroken):
        sales.convert(deals.under_review())
    deal = deals.approved(products=("LN-200",))
    sales.convert(deal)
    with pytest.raises(RuleBroken):
        sales.convert(deal)


def test_nobody_converts_what_they_wrote_down_themselves(deals: DealWorld, sales: Sales) -> None:
    deal = deals.approved()
    with sales.world.session() as session:
        session.get_one(Deal, deal.id).created_by_id = sales.world.person_id("channel-manager-2")
        session.commit()
    with pytest.raises(RuleBroken, match="Nobody decides"):
        sales.convert(deal, "channel-manager-2")


def test_what_is_no_longer_protected_is_not_converted(deals: DealWorld, sales: Sales) -> None:
    monday = datetime(2030, 3, 4, 10, tzinfo=UTC)
    deal = deals.approved(at=monday)
    with pytest.raises(RuleBroken, match="has ended"):
        sales.convert(deal, at=monday + timedelta(days=100))


def test_an_extension_is_decided_first(deals: DealWorld, sales: Sales) -> None:
    deal = deals.approved()
    with deals.held(deal, "partner") as (mine, who):
        Extension.ask(mine, who, now(), mine.public_version, "They sign next month.")
    with pytest.raises(RuleBroken, match="Decide on that first"):
        sales.convert(deal)


def test_a_stale_version_converts_nothing(deals: DealWorld, sales: Sales) -> None:
    deal = deals.approved()
    with pytest.raises(Stale), deals.reviewed(deal, "channel-manager") as (review, who):
        Opportunity.convert(review, who, now(), review.deal.version - 1)
    assert deals.reload(deal).state == State.APPROVED


def test_the_partner_says_how_far_it_has_come(sales: Sales) -> None:
    found = sales.converted()
    told = {"stage": Stage.PROPOSAL, "probability": 45, "next_step": "Call them.", "close_on": None}
    with sales.held(found, "partner") as (mine, who):
        assert mine.update_stage(who, now(), mine.version, **told)
    with sales.held(found, "partner") as (mine, who):
        assert not mine.update_stage(who, now(), mine.version, **told)
        assert (mine.stage, mine.probability, mine.next_step) == (Stage.PROPOSAL, 45, "Call them.")
    with pytest.raises(Stale), sales.held(found, "partner") as (mine, who):
        mine.update_stage(who, now(), mine.version - 1, **told)


def test_the_status_is_not_the_partners(sales: Sales) -> None:
    found = sales.converted()
    with pytest.raises(OutOfScope), sales.held(found, "partner") as (mine, who):
        mine.close(who, now(), mine.version, status=Status.WON, reason="fit")
    with pytest.raises(OutOfScope), sales.held(found, "partner") as (mine, _who):
        mine.amount = 1


@pytest.mark.parametrize(("status", "reason"), [(Status.LOST, "competitor"), (Status.WON, "fit")])
def test_closing_frees_the_places_and_offers_them(deals: DealWorld, sales: Sales, status: Status, reason: str) -> None:
    found = sales.converted()
    waiting = deals.under_review("rival-partner")
    with deals.reviewed(waiting, "channel-manager") as (review, who):
        review.mark_duplicate(
            who, now(), review.deal.version, reason="Somebody was first.", outcome="partner", in_line=True
        )
    assert deals.reload(waiting).offered_until is None
    sales.close(found, status, reason)
    assert places(sales.world, found.deal_id) == 0
    assert deals.reload(waiting).offered_until is not None
    closed = sales.reload(found)
    assert (closed.status, closed.closing_reason) == (status, reason)


def test_a_reason_fits_the_status(sales: Sales) -> None:
    found = sales.converted()
    with pytest.raises(RuleBroken):
        sales.close(found, Status.WON, "competitor")
    sales.close(found)
    with pytest.raises(RuleBroken, match="closed already"):
        sales.close(found)


def test_reopening_takes_the_places_back(sales: Sales) -> None:
    found = sales.converted()
    sales.close(found)
    with sales.held(found, "channel-manager") as (mine, who):
        mine.reopen(who, now(), mine.version)
    assert places(sales.world, found.deal_id) == 1
    assert (sales.reload(found).status, sales.reload(found).closed_at) == (Status.OPEN, None)


def test_what_is_somebody_elses_by_now_stays_closed(deals: DealWorld, sales: Sales) -> None:
    found = sales.converted()
    sales.close(found)
    deals.approved("rival-partner")
    with pytest.raises(RuleBroken, match="stays closed"), sales.held(found, "channel-manager") as (mine, who):
        mine.reopen(who, now(), mine.version)


def test_a_programme_without_protection_converts_too(deals: DealWorld, sales: Sales) -> None:
    found = sales.converted(programme="Referral")
    sales.close(found)
    assert sales.reload(found).status == Status.LOST


def test_each_reads_what_is_theirs(sales: Sales) -> None:
    ours, rivals = sales.converted(), sales.converted("rival-partner", products=("LN-300",), programme=GROWTH)
    direct = sales.direct()
    assert sales.seen_by("partner") == sales.seen_by("partner-admin") == {ours.ref}
    assert sales.seen_by("rival-partner") == {rivals.ref}
    for hint in ("channel-manager", "auditor"):
        assert sales.seen_by(hint) == {ours.ref, rivals.ref, direct.ref}
    for hint in ("customer", "customer-admin", "supplier", "agent", "buyer", "moderator", "admin", "newcomer"):
        assert sales.seen_by(hint) == set(), hint


def test_a_direct_sale_is_for_who_looks_after_the_customer(sales: Sales) -> None:
    direct = sales.direct()
    assert sales.seen_by("account-manager") == {direct.ref}
    with pytest.raises(OutOfScope):
        sales.direct(customer="bakery")
    with pytest.raises((OutOfScope, AssertionError)):
        sales.direct("agent")


def test_what_is_protected_is_not_sold_directly(sales: Sales) -> None:
    sales.converted(products=("LN-100", "LN-200"))
    with pytest.raises(RuleBroken, match="protects"):
        sales.direct(products=("LN-200", "LN-300"))
    sales.direct(products=("LN-300",))


def test_a_direct_sale_is_not_taken_up_again_where_it_is_protected_by_now(deals: DealWorld, sales: Sales) -> None:
    direct = sales.direct(products=("LN-100",))
    sales.close(direct, hint="account-manager")
    deals.approved()
    with pytest.raises(RuleBroken), sales.held(direct, "account-manager") as (mine, who):
        mine.reopen(who, now(), mine.version)
    assert sales.reload(direct).status == Status.LOST


def test_the_history_of_a_direct_sale_is_for_its_readers(sales: Sales) -> None:
    direct = sales.direct()
    with sales.held(direct, "account-manager") as (mine, who):
        mine.close(who, now(), mine.version, status=Status.WON, reason="trust")
    kinds = {"opportunity-opened", "opportunity-won"}
    for hint in ("account-manager", "auditor"):
        assert told(sales.world, hint) == kinds, hint
    for hint in ("agent", "customer", "customer-admin", "partner", "buyer"):
        assert told(sales.world, hint) == set(), hint


def test_what_comes_of_a_deal_stands_in_the_partners_history(sales: Sales) -> None:
    found = sales.converted()
    sales.close(found)
    assert {"deal-convert", "deal-opportunity-lost"} <= told(sales.world, "partner", "deal-%")
    for hint in ("agent", "customer-admin", "rival-partner"):
        assert told(sales.world, hint, "deal-%") == set(), hint


def told(world: World, hint: str, like: str = "opportunity-%") -> set[str]:
    with world.as_(hint) as session:
        return set(session.scalars(sa.select(Activity.kind).where(Activity.kind.like(like))))
