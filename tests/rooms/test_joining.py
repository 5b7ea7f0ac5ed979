"""Joining what was shared: who reads what from when on, who else is let in, and how it ends."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.access import Role
from portal.accounts.models import Membership, StaffRole
from portal.clock import now
from portal.notices.models import Notice
from portal.organisations.models import Organisation
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.rooms.helpers import heard, join, share, shared, shares, text
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def reaches(sign_in: SignIn, ticket: Ticket, hint: str, acting: str = "") -> bool:
    return sign_in(hint, acting=acting).get(f"/tickets/{ticket.ref}").status_code == 200


def test_nobody_reaches_it_before_they_have_joined(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", subject="Broken furnace")
    offer = share(world, sign_in, ticket, "customer", "partner")
    browser = sign_in("partner")
    assert browser.get(f"/tickets/{ticket.ref}").status_code == 404
    assert "Broken furnace" not in text(browser.get("/tickets"))
    page = text(browser.get(f"/rooms/{offer.ref}"))
    assert "Broken furnace" in page
    assert world.person("customer").name in page
    assert "It flickers every evening." not in page
    # Looking at it opened nothing.
    assert browser.get(f"/tickets/{ticket.ref}").status_code == 404


def test_who_joins_reads_from_then_on(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", body="Said before.")
    offer = share(world, sign_in, ticket, "customer", "partner")
    world.reply(ticket, "agent", "Said in between.")
    answer = join(world, sign_in, offer, "partner")
    assert answer.location == f"/tickets/{ticket.ref}"
    world.reply(ticket, "agent", "Said to all.", audience=["glass", "wolf"])
    page = text(sign_in("partner").get(f"/tickets/{ticket.ref}"))
    assert "Said to all." in page
    assert "Said before." not in page
    assert "Said in between." not in page
    joined = shares(world)[0]
    assert joined.reads_from == joined.starts_at


def test_ticked_they_read_what_the_sharer_reads_but_no_note(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", body="Said before.")
    offer = share(world, sign_in, ticket, "customer", "partner", past=True)
    world.reply(ticket, "agent", "Said in between.")
    world.note(ticket, "agent", "A secret of ours.")
    join(world, sign_in, offer, "partner")
    page = text(sign_in("partner").get(f"/tickets/{ticket.ref}"))
    assert "Said before." in page
    assert "Said in between." in page
    assert "A secret of ours." not in page
    assert "A secret of ours." not in text(sign_in("partner").get("/search?q=secret"))
    assert heard(world, ticket, "wolf") == 2


def test_what_the_sharer_does_not_read_is_not_theirs_to_open(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", body="Said before.")
    shared(world, sign_in, ticket, "customer", "supplier")
    world.reply(ticket, "agent", "For the supplier alone.", audience=["looms"])
    shared(world, sign_in, ticket, "customer", "partner", past=True)
    page = text(sign_in("partner").get(f"/tickets/{ticket.ref}"))
    assert "Said before." in page
    assert "For the supplier alone." not in page


def test_one_person_is_let_in_and_none_of_their_colleagues(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    joined = shared(world, sign_in, ticket, "customer", "partner")
    assert (joined.person_id, joined.organisation_id) == (world.person_id("partner"), world.organisation("wolf").id)
    assert reaches(sign_in, ticket, "partner")
    assert not reaches(sign_in, ticket, "partner-admin")
    assert not any(reaches(sign_in, ticket, hint) for hint in ("rival", "rival-partner", "supplier"))


def test_for_a_whole_company_all_its_people_are_let_in(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    joined = shared(world, sign_in, ticket, "customer", "partner", company=True)
    assert (joined.person_id, joined.joined_by_id) == (None, world.person_id("partner"))
    assert reaches(sign_in, ticket, "partner")
    assert reaches(sign_in, ticket, "partner-admin")
    assert not reaches(sign_in, ticket, "rival-partner")


def test_both_sides_see_who_is_in_the_room_and_who_sees_this_counts_them(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    names = [world.organisation("wolf").name, world.person("partner").name]
    offer = share(world, sign_in, ticket, "customer", "partner")
    assert not any(name in text(sign_in("customer").get(f"/tickets/{ticket.ref}")) for name in names)
    join(world, sign_in, offer, "partner")
    for hint in ("customer", "agent", "partner"):
        page = text(sign_in(hint).get(f"/tickets/{ticket.ref}"))
        room, readers = page.split('id="room"')[1], page.split('id="reply-who-sees"')[1].split("</div>")[0]
        assert all(name in room for name in names), hint
        assert all(name in readers for name in names), hint
        assert world.person("customer").name in room
        assert world.organisation("glass").name in readers


def test_everyone_here_is_the_room_at_that_time(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    shared(world, sign_in, ticket, "customer", "partner")
    refs = [world.organisation(key).ref for key in ("glass", "wolf")]
    sent = {"body": "To everyone here.", "audience": refs}
    assert sign_in("agent").send(f"/tickets/{ticket.ref}/replies", sent).status_code == 303
    assert heard(world, ticket, "wolf") == 1
    assert "To everyone here." in text(sign_in("partner").get(f"/tickets/{ticket.ref}"))
    answer = sign_in("partner").send(f"/tickets/{ticket.ref}/replies", {"body": "Thanks.", "audience": refs})
    assert answer.status_code == 303
    assert "Thanks." in text(sign_in("customer").get(f"/tickets/{ticket.ref}"))


def test_a_guest_talks_along_and_closes_nothing(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    shared(world, sign_in, ticket, "customer", "partner-admin", company=True)
    guest = sign_in("partner-admin")
    assert "/closure" not in text(guest.get(f"/tickets/{ticket.ref}"))
    sent = {"version": world.reload(ticket).public_version, "since": ""}
    assert guest.send(f"/tickets/{ticket.ref}/closure", sent).status_code == 403
    assert sign_in("customer").send(f"/tickets/{ticket.ref}/closure", sent).status_code == 303


@pytest.mark.parametrize("by", ["customer", "customer-admin", "agent", "partner", "partner-admin"])
def test_ending_acts_on_the_next_request(world: World, sign_in: SignIn, by: str) -> None:
    ticket = world.make_ticket("customer")
    joined = shared(world, sign_in, ticket, "customer", "partner", company=True, past=True)
    guest = sign_in("partner")
    assert guest.get(f"/tickets/{ticket.ref}").status_code == 200
    answer = sign_in(by).send(f"/tickets/{ticket.ref}/shares/{joined.ref}/ending")
    assert answer.status_code == 303
    assert guest.get(f"/tickets/{ticket.ref}").status_code == 404
    assert ticket.subject not in text(guest.get("/tickets"))
    assert (
        world.organisation("wolf").name not in text(sign_in("customer").get(f"/tickets/{ticket.ref}")).split("room")[-1]
    )
    assert sign_in("customer").send(f"/tickets/{ticket.ref}/shares/{joined.ref}/ending").status_code in (404, 409)


def test_others_in_the_room_end_nobody_elses(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer-admin", copies=["customer"])
    joined = shared(world, sign_in, ticket, "customer-admin", "partner")
    shared(world, sign_in, ticket, "customer-admin", "supplier")
    for hint in ("supplier", "customer", "agent-2"):
        answer = sign_in(hint).send(f"/tickets/{ticket.ref}/shares/{joined.ref}/ending")
        assert answer.status_code == 403, hint
    assert reaches(sign_in, ticket, "partner")


def test_it_ends_by_itself(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    until = (now() + timedelta(days=3)).date()
    joined = shared(world, sign_in, ticket, "customer", "partner", until=until)
    with time_machine.travel(joined.ends_at - timedelta(minutes=1)):
        assert reaches(sign_in, ticket, "partner")
    with time_machine.travel(joined.ends_at + timedelta(seconds=1)):
        assert not reaches(sign_in, ticket, "partner")
        again = shared(world, sign_in, ticket, "customer", "partner")
        assert again.id != joined.id
        assert reaches(sign_in, ticket, "partner")


def test_an_offer_that_is_over_or_taken_up_lets_nobody_in(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "partner")
    browser, key = sign_in("partner"), world.acting_key("partner", "wolf")
    sign_in("customer").send(f"/tickets/{ticket.ref}/shares/{offer.ref}/ending")
    assert browser.get(f"/rooms/{offer.ref}").status_code == 410
    assert browser.send(f"/rooms/{offer.ref}/joining", {"place": key}).status_code == 410
    late = share(world, sign_in, ticket, "customer", "partner")
    with time_machine.travel(late.ends_at + timedelta(seconds=1)):
        assert sign_in("partner").send(f"/rooms/{late.ref}/joining", {"place": key}).status_code == 410
    assert not reaches(sign_in, ticket, "partner")


def test_an_offer_of_who_may_share_no_more_is_over(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer, by_agent = (share(world, sign_in, ticket, by, "partner") for by in ("customer", "agent"))
    with world.session() as session:
        session.scalars(
            sa.select(Membership).where(Membership.person_id == world.person_id("customer"))
        ).one().ended_at = now()
        session.execute(sa.delete(StaffRole).where(StaffRole.role == Role.AGENT))
        session.commit()
    for over in (offer, by_agent):
        assert join(world, sign_in, over, "partner", "wolf").status_code == 410
    assert not reaches(sign_in, ticket, "partner")


def test_whoever_belongs_to_several_companies_chooses_one(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "many")
    page = text(sign_in("many").get(f"/rooms/{offer.ref}"))
    assert all(world.organisation(key).name in page for key in ("carpets", "foundry", "herons"))
    assert join(world, sign_in, offer, "many", "herons").status_code == 303
    assert shares(world)[0].organisation_id == world.organisation("herons").id
    assert reaches(sign_in, ticket, "many", "herons")
    assert not reaches(sign_in, ticket, "many", "carpets")
    # From elsewhere its link leads to the switch.
    assert sign_in("many", acting="carpets").get(f"/rooms/{offer.ref}").location == f"/tickets/{ticket.ref}"


def test_a_company_of_somebody_else_is_no_choice(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "partner")
    for key in (world.acting_key("rival", "bakery"), "0.partner", ""):
        answer = sign_in("partner").send(f"/rooms/{offer.ref}/joining", {"place": key})
        assert answer.status_code in (409, 422)
    assert not shares(world)[0].is_joined


def test_without_the_area_nobody_joins(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "partner")
    with world.session() as session:
        found = sa.select(Membership).where(Membership.person_id == world.person_id("partner"))
        session.scalars(found).one().in_support = False
        session.commit()
    assert "None of your companies can join." in text(sign_in("partner").get(f"/rooms/{offer.ref}"))
    assert join(world, sign_in, offer, "partner", "wolf").status_code == 409


def test_the_company_that_it_belongs_to_is_not_let_in_as_a_whole(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer-admin")
    offer = share(world, sign_in, ticket, "customer-admin", "customer", company=True)
    assert "belongs to your company already" in text(sign_in("customer").get(f"/rooms/{offer.ref}"))
    alone = share(world, sign_in, ticket, "customer-admin", "customer")
    assert join(world, sign_in, alone, "customer").status_code == 303
    assert reaches(sign_in, ticket, "customer")


def test_newcomers_and_staff_are_told_how_it_is(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", team="confidential")
    offer = share(world, sign_in, ticket, "customer", "newcomer")
    page = text(sign_in("newcomer").get(f"/rooms/{offer.ref}"))
    assert "You belong to no company here yet." in page
    assert world.person("customer").name in page
    offer = share(world, sign_in, ticket, "customer", "agent")
    assert "You are one of our staff" in text(sign_in("agent").get(f"/rooms/{offer.ref}"))
    assert not reaches(sign_in, ticket, "agent")


def test_a_newcomer_joins_once_they_belong_somewhere(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    offer = share(world, sign_in, ticket, "customer", "newcomer")
    herons, person_id = world.organisation("herons").id, world.person_id("newcomer")
    with world.session() as session:
        member = Membership(
            person_id=person_id, organisation_id=herons, started_at=now(), in_support=True, is_partner=True
        )
        session.add(member)
        session.commit()
    assert join(world, sign_in, offer, "newcomer").status_code == 303
    assert reaches(sign_in, ticket, "newcomer")


def test_the_sharer_is_told_who_joined(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    shared(world, sign_in, ticket, "customer", "partner")
    page = text(sign_in("customer").get("/notices"))
    assert f"{world.person('partner').name}</bdi> joined what you shared" in page
    with world.session() as session:
        assert session.scalars(sa.select(Notice.ticket_id)).all() == [ticket.id]


def test_a_join_is_seen_to_move_the_ticket_by_all(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer")
    before = world.reload(ticket).public_version
    shared(world, sign_in, ticket, "customer", "partner")
    assert world.reload(ticket).public_version == before + 1
    with world.as_("customer") as session:
        names = set(session.scalars(sa.select(Organisation.name)))
    assert world.organisation("wolf").name in names


def test_a_partner_who_opened_it_shares_for_the_customer_who_sees_and_ends_it(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    joined = shared(world, sign_in, ticket, "partner", "supplier")
    assert world.person("supplier").name in text(sign_in("customer-admin").get(f"/tickets/{ticket.ref}"))
    answer = sign_in("customer-admin").send(f"/tickets/{ticket.ref}/shares/{joined.ref}/ending")
    assert answer.status_code == 303
    assert not reaches(sign_in, ticket, "supplier")
