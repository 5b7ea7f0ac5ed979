"""Sharing a deal registration: with partners alone, and none of it before it is handed in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.access import Principal
from portal.access.scope import OutOfScope
from portal.accounts.models import Membership
from portal.clock import now
from portal.deals.models import Deal, DealEvent, DealLine
from portal.organisations.models import Activity, Share
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.rooms.helpers import form, join, shares, text
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def deals(world: World) -> DealWorld:
    return DealWorld(world)


def share(world: World, sign_in: SignIn, deal: Deal, by: str, to: str, **choices: bool) -> Share:
    answer = sign_in(by).send(f"/deals/{deal.ref}/shares", form(world, to, **choices))
    assert answer.status_code == 303, text(answer)
    return shares(world)[-1]


def reached(world: World, deal: Deal, hint: str, acting: str = "") -> bool:
    with world.as_(hint, acting) as session:
        return session.scalar(sa.select(Deal.id).where(Deal.id == deal.id)) is not None


def steps(world: World, deal: Deal, hint: str) -> list[str]:
    with world.as_(hint) as session:
        return list(
            session.scalars(sa.select(DealEvent.verb).where(DealEvent.deal_id == deal.id).order_by(DealEvent.id))
        )


@pytest.mark.parametrize("by", ["partner", "partner-admin", "channel-manager"])
def test_a_partner_is_let_in_and_their_colleagues_are_not(
    world: World, sign_in: SignIn, deals: DealWorld, by: str
) -> None:
    deal = deals.submitted()
    offer = share(world, sign_in, deal, by, "many")
    assert not reached(world, deal, "many", "herons")
    assert join(world, sign_in, offer, "many").status_code == 303
    assert shares(world)[0].organisation_id == world.organisation("herons").id
    assert reached(world, deal, "many", "herons")
    assert not reached(world, deal, "rival-partner")
    assert not reached(world, deal, "many", "carpets")


def test_customers_and_suppliers_have_no_part_in_deals(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    for hint, place in (("customer", "glass"), ("supplier", "looms")):
        offer = share(world, sign_in, deal, "partner", hint)
        assert "None of your companies can join." in text(sign_in(hint).get(f"/rooms/{offer.ref}"))
        assert join(world, sign_in, offer, hint, place).status_code == 409
        assert not reached(world, deal, hint)


def test_both_sides_see_who_is_there(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    offer = share(world, sign_in, deal, "partner", "many")
    assert "Not joined yet" in text(sign_in("partner").get(f"/deals/{deal.ref}"))
    join(world, sign_in, offer, "many", "herons")
    names = (world.organisation("herons").name, world.person("many").name)
    for hint, acting in (("partner", ""), ("channel-manager", ""), ("many", "herons")):
        page = text(sign_in(hint, acting=acting).get(f"/deals/{deal.ref}"))
        room = page.split('id="room"')[1].split("</section>")[0]
        assert all(name in room for name in names), hint
        readers = page.split('id="who-sees"')[1]
        assert all(name in readers for name in (*names, world.organisation("wolf").name)), hint
        # To a guest the partner's people are no names.
        assert (world.person("partner-admin").name in readers) == (hint != "many")


def test_a_draft_is_shared_with_nobody(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.draft()
    answer = sign_in("partner").send(f"/deals/{deal.ref}/shares", form(world, "rival-partner"))
    assert answer.status_code == 409
    assert "Submit it for review first" in text(answer)
    assert shares(world) == []
    assert "/shares" not in text(sign_in("partner").get(f"/deals/{deal.ref}"))


def test_a_rival_a_guest_and_who_only_reads_do_not_share(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    join(world, sign_in, share(world, sign_in, deal, "partner", "rival-partner"), "rival-partner")
    for hint, status in (("rival-partner", 403), ("many", 404), ("customer", 404), ("auditor", 403), ("agent", 404)):
        answer = sign_in(hint).send(f"/deals/{deal.ref}/shares", form(world, "nobody@example.com"))
        assert answer.status_code == status, hint
    assert len(shares(world)) == 1


def test_what_happened_before_is_theirs_to_read_only_where_it_was_ticked(
    world: World, sign_in: SignIn, deals: DealWorld
) -> None:
    deal = deals.submitted(at=now() - timedelta(hours=1))
    join(world, sign_in, share(world, sign_in, deal, "partner", "rival-partner"), "rival-partner")
    assert steps(world, deal, "rival-partner") == []
    deals.review(deal, "channel-manager", at=now() + timedelta(seconds=1))
    assert steps(world, deal, "partner") == ["submit", "take"]
    assert steps(world, deal, "rival-partner") == ["take"]
    told = deals.submitted(at=now() - timedelta(hours=1))
    join(world, sign_in, share(world, sign_in, told, "partner", "rival-partner", past=True), "rival-partner")
    assert steps(world, told, "rival-partner") == ["submit"]


def test_ending_acts_on_the_next_question_and_is_in_the_history(
    world: World, sign_in: SignIn, deals: DealWorld
) -> None:
    deal = deals.submitted()
    offer = share(world, sign_in, deal, "partner", "rival-partner", company=True)
    join(world, sign_in, offer, "rival-partner")
    assert reached(world, deal, "rival-partner")
    assert sign_in("partner").send(f"/deals/{deal.ref}/shares/{offer.ref}/ending").status_code == 303
    assert not reached(world, deal, "rival-partner")
    wolf, herons = world.organisation("wolf").id, world.organisation("herons").id
    with world.session() as session:
        rows = session.scalars(sa.select(Activity).where(Activity.deal_id == deal.id).order_by(Activity.id)).all()
        told = [(row.kind, {o.organisation_id for o in row.organisations if o.is_reader}) for row in rows[-3:]]
    assert told == [("record-shared", {wolf}), ("room-joined", {wolf, herons}), ("share-ended", {wolf, herons})]


def _with_a_line(deal: Deal, who: Principal) -> None:
    deal.lines.append(DealLine(position=9, product_id=deal.lines[0].product_id, quantity=1))


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda deal, who: setattr(deal, "description", "Ours by now."),
        lambda deal, who: setattr(deal, "organisation_id", who.organisation_id),
        lambda deal, who: deal.withdraw(who, now(), deal.public_version, "It is ours."),
        lambda deal, who: deal.happened("log-work", who, now(), reason="Called them."),
        _with_a_line,
    ],
)
def test_a_guest_writes_nothing_of_it_however_they_try(
    world: World, sign_in: SignIn, deals: DealWorld, rewrite: Callable[[Deal, Principal], object]
) -> None:
    """No page offers it; were there one by mistake, the row's own rule refuses it."""
    deal = deals.submitted()
    join(world, sign_in, share(world, sign_in, deal, "partner", "rival-partner"), "rival-partner")
    with pytest.raises(OutOfScope), deals.held(deal, "rival-partner") as (theirs, who):
        rewrite(theirs, who)


def test_a_guest_leaves_and_those_who_stay_see_it_move(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    offer = share(world, sign_in, deal, "partner", "rival-partner")
    join(world, sign_in, offer, "rival-partner")
    before = deals.reload(deal).public_version
    answer = sign_in("rival-partner").send(f"/deals/{deal.ref}/shares/{offer.ref}/ending")
    assert (answer.status_code, answer.location) == (303, "/deals")
    assert not reached(world, deal, "rival-partner")
    assert deals.reload(deal).public_version == before + 1


def test_a_colleague_whom_it_is_shared_with_works_on_it(world: World, sign_in: SignIn, deals: DealWorld) -> None:
    """Of the same partner they are no guests: who is away lets somebody carry on."""
    deal = deals.submitted("partner-admin")
    assert not reached(world, deal, "partner")
    join(world, sign_in, share(world, sign_in, deal, "partner-admin", "partner"), "partner")
    with deals.held(deal, "partner") as (theirs, who):
        theirs.withdraw(who, now(), theirs.public_version, "The customer bought elsewhere.")
    assert deals.reload(deal).state == "withdrawn"


def test_whoever_comes_to_a_company_that_joined_reads_it_and_whoever_leaves_does_not(
    world: World, sign_in: SignIn, deals: DealWorld
) -> None:
    deal, herons = deals.submitted(), world.organisation("herons").id
    join(world, sign_in, share(world, sign_in, deal, "partner", "rival-partner", company=True), "rival-partner")
    with world.session() as session:
        came = Membership(person_id=world.person_id("newcomer"), organisation_id=herons, started_at=now())
        came.is_partner = came.in_deals = True
        session.add(came)
        session.commit()
    assert reached(world, deal, "newcomer")
    browser = sign_in("newcomer")
    assert browser.get(f"/deals/{deal.ref}").status_code == 200
    with world.session() as session:
        session.scalars(
            sa.select(Membership).where(Membership.person_id == world.person_id("newcomer"))
        ).one().ended_at = now()
        session.commit()
    assert browser.get(f"/deals/{deal.ref}").status_code in (403, 404)
