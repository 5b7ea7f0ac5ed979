"""The page of one organisation: the same address for everybody, each through their lens."""

import pytest

from portal.access import Capacity
from portal.accounts.models import AccessLog, Membership, Person
from portal.clock import now
from portal.organisations.models import ExternalId, PartnerLink
from tests.conftest import SignIn
from tests.organisations.helpers import contact, enrich, link_of, text
from tests.statements import statements
from tests.world import World

CONTACT = ("+420 555 0101", "Secret Lane 7")
SEGMENT = ("segment-umbra",)
FINANCE = ("47",)


@pytest.fixture
def glass(world: World) -> str:
    """A customer with a value in every field group."""
    glass_id = world.organisation("glass").id
    with world.session() as session:
        for person in session.query(Person):
            person.language = "en"
        session.add(ExternalId(source="erp", kind="organisation", value="DEB-90210", record_id=glass_id))
        session.commit()
    return enrich(world, "glass")


def page(sign_in: SignIn, hint: str, ref: str, acting: str = "") -> str:
    answer = sign_in(hint, acting=acting).get(f"/organisations/{ref}")
    assert answer.status_code == 200
    return text(answer)


@pytest.mark.parametrize(
    ("hint", "seen", "hidden"),
    [
        ("customer", CONTACT, ("Leaving", *SEGMENT, "76,543", "DEB-90210")),
        ("customer-admin", CONTACT, ("Leaving", *SEGMENT, "76,543", "DEB-90210")),
        ("partner", (), (*CONTACT, "Leaving", *SEGMENT, "76,543", "DEB-90210", "Relation to us")),
        ("agent", (*CONTACT, "Leaving", "DEB-90210"), (*SEGMENT, "76,543")),
        ("account-manager", (*CONTACT, "Leaving", *SEGMENT, "76,543", "DEB-90210"), ()),
        ("auditor", (*CONTACT, "Leaving", *SEGMENT, "76,543"), ()),
        ("admin", (*CONTACT, "DEB-90210"), ("Leaving", *SEGMENT, "76,543", "Contact history")),
    ],
)
def test_each_sees_what_their_lens_holds(
    sign_in: SignIn, glass: str, hint: str, seen: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    shown = page(sign_in, hint, glass)
    assert [value for value in seen if value not in shown] == []
    assert [value for value in hidden if value in shown] == []


@pytest.mark.parametrize("hint", ["rival", "supplier", "rival-partner", "rival-supplier", "buyer", "channel-manager"])
def test_to_everybody_else_it_does_not_exist(sign_in: SignIn, glass: str, hint: str) -> None:
    browser = sign_in(hint)
    assert browser.get(f"/organisations/{glass}").status_code == 404
    assert browser.get("/organisations/O-00000000").status_code == 404


def test_some_may_not_look_at_organisations_at_all(sign_in: SignIn, glass: str, client) -> None:
    assert sign_in("moderator").get(f"/organisations/{glass}").status_code == 403
    assert sign_in("newcomer").get(f"/organisations/{glass}").status_code == 403
    assert client.get(f"/organisations/{glass}").location.startswith("/sign-in")


def test_a_partner_knows_name_country_and_one_contact(sign_in: SignIn, world: World, glass: str) -> None:
    shown = page(sign_in, "partner", glass)
    assert world.organisation("glass").name in shown
    assert "Czechia" in shown
    assert world.person("customer").email in shown
    other = world.person("customer-admin")
    assert other.name not in shown
    assert other.email not in shown
    assert world.organisation("glass").website not in shown


def test_a_link_makes_both_sides_known_and_no_third(sign_in: SignIn, world: World, glass: str) -> None:
    wolf, herons = world.organisation("wolf"), world.organisation("herons")
    assert wolf.name in page(sign_in, "customer", glass)
    assert herons.name not in page(sign_in, "customer", glass)
    assert world.organisation("glass").name in page(sign_in, "partner", wolf.ref)
    # The customer knows the partner by name, and has no page of it.
    assert sign_in("customer").get(f"/organisations/{wolf.ref}").status_code == 404


def test_an_ended_link_shows_nothing(sign_in: SignIn, world: World, glass: str) -> None:
    ref = link_of(world, "wolf", "glass")
    with world.session() as session:
        link = session.query(PartnerLink).filter_by(ref=ref).one()
        link.ends_on = now().date()
        session.commit()
    name = world.organisation("glass").name
    assert sign_in("partner").get(f"/organisations/{glass}").status_code == 404
    assert name not in page(sign_in, "partner", world.organisation("wolf").ref)
    assert world.organisation("wolf").name not in page(sign_in, "customer", glass)


def test_a_room_makes_a_company_known_by_name_alone(sign_in: SignIn, world: World, glass: str) -> None:
    """The partner answered in a ticket that is addressed to the customer."""
    ticket = world.make_ticket("partner", organisation="glass")
    world.reply(ticket, "partner", audience=["glass", "wolf"])
    enrich(world, "wolf")
    shown = page(sign_in, "customer-admin", world.organisation("wolf").ref)
    assert world.organisation("wolf").name in shown
    assert not any(value in shown for value in (*CONTACT, "Gold", "Poland", world.organisation("wolf").website))
    assert sign_in("customer-admin").get(f"/organisations/{world.organisation('wolf').ref}/history").status_code == 403


def test_each_capacity_of_one_person_has_its_own_page(sign_in: SignIn, world: World, glass: str) -> None:
    ref = enrich(world, "foundry")
    supplied = world.make_ticket("many", acting="foundry.supplier", subject="Cast iron, late")
    contact(world, "foundry", "Bought bells", shared=True, capacity=Capacity.CUSTOMER)
    as_supplier = page(sign_in, "many", ref, acting="foundry.supplier")
    as_customer = page(sign_in, "many", ref, acting="foundry.customer")
    assert supplied.subject in as_supplier
    assert supplied.subject not in as_customer
    assert "Bought bells" in as_customer
    assert "Bought bells" not in as_supplier


def test_a_partner_reads_its_own_tier_as_a_partner(sign_in: SignIn, world: World, glass: str) -> None:
    ref = enrich(world, "wolf")
    assert "Gold" in page(sign_in, "partner", ref)
    assert "Gold" in page(sign_in, "channel-manager", ref)
    assert "Gold" not in page(sign_in, "agent", ref)


def test_colleagues_are_known_by_name_and_reached_by_admins(sign_in: SignIn, world: World, glass: str) -> None:
    admin = world.person("customer-admin")
    assert admin.name in page(sign_in, "customer", glass)
    assert admin.email not in page(sign_in, "customer", glass)
    assert world.person("customer").email in page(sign_in, "customer-admin", glass)
    assert world.person("customer").email in page(sign_in, "agent", glass)


def test_tickets_on_the_page_are_those_within_reach(sign_in: SignIn, world: World, glass: str) -> None:
    world.make_ticket("customer", subject="Between me and them")
    world.make_ticket("customer-admin", subject="The admin alone")
    member = page(sign_in, "customer", glass)
    assert "Between me and them" in member
    assert "The admin alone" not in member
    assert "1 open ticket" in member
    assert "2 open tickets" in page(sign_in, "customer-admin", glass)


def test_reading_what_is_not_ones_own_work_is_noted(sign_in: SignIn, world: World, glass: str) -> None:
    page(sign_in, "agent", glass)
    page(sign_in, "account-manager", glass)
    page(sign_in, "customer", glass)
    agent_id, glass_id = world.person_id("agent"), world.organisation("glass").id
    with world.session() as session:
        notes = session.query(AccessLog).filter_by(kind="read").all()
        assert [(note.person_id, note.reference) for note in notes] == [(agent_id, glass)]
        assert notes[0].organisation_id == glass_id


def test_the_page_asks_as_much_for_many_as_for_few(sign_in: SignIn, world: World, glass: str) -> None:
    browser = sign_in("account-manager")
    contact(world, "glass", "First", person_id=world.person_id("customer"))
    world.make_ticket("customer")
    browser.get(f"/organisations/{glass}")
    with statements(world.app) as few:
        browser.get(f"/organisations/{glass}")
    glass_id = world.organisation("glass").id
    with world.session() as session:
        for place in range(40):
            person = Person(name=f"Person {place}", email=f"p{place}@example.com", created_at=now())
            session.add(person)
            session.flush()
            member = Membership(person_id=person.id, organisation_id=glass_id, started_at=now())
            member.capacities = frozenset({Capacity.CUSTOMER})
            session.add(member)
        session.commit()
    for place in range(40):
        contact(world, "glass", f"More {place}", person_id=world.person_id("customer-admin"))
    with statements(world.app) as many:
        assert "More 39" in text(browser.get(f"/organisations/{glass}"))
    assert len(few) == len(many) <= 16
