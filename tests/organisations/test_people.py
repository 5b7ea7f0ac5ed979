"""The page of one person."""

import pytest

from portal.accounts.models import Membership, Person
from portal.clock import now
from tests.conftest import SignIn
from tests.organisations.helpers import text
from tests.world import World


@pytest.fixture(autouse=True)
def reachable(world: World) -> None:
    """Everybody has a phone, and reads English."""
    with world.session() as session:
        for person in session.query(Person):
            person.language, person.phone, person.job_title = "en", f"+42 {person.id:03} 99", f"Job {person.id:03}"
        session.commit()


def page(sign_in: SignIn, world: World, hint: str, whom: str, acting: str = "") -> str:
    answer = sign_in(hint, acting=acting).get(f"/people/{world.person(whom).ref}")
    assert answer.status_code == 200
    return text(answer)


@pytest.mark.parametrize(
    ("hint", "whom", "is_seen"),
    [
        ("customer", "customer", True),
        ("newcomer", "newcomer", True),
        ("customer", "customer-admin", False),
        ("customer-admin", "customer", True),
        ("agent", "customer", True),
        ("agent", "newcomer", True),
        ("account-manager", "rival", True),
        ("buyer", "supplier", True),
        ("channel-manager", "partner", True),
        ("auditor", "supplier", True),
        ("admin", "customer", True),
        ("moderator", "agent", True),
        ("agent", "admin", True),
    ],
)
def test_contact_data_is_for_those_whose_lens_holds_it(
    sign_in: SignIn, world: World, hint: str, whom: str, is_seen: bool
) -> None:
    shown, person = page(sign_in, world, hint, whom), world.person(whom)
    assert person.name in shown
    main = shown[shown.index("<main") :]
    for value in (person.email, person.phone, person.job_title):
        assert (value in main) == is_seen


@pytest.mark.parametrize(
    ("hint", "whom"),
    [
        ("customer", "rival"),
        ("customer", "agent"),
        ("customer", "partner"),
        ("partner", "customer"),
        ("newcomer", "customer"),
        ("buyer", "customer"),
        ("moderator", "customer"),
    ],
)
def test_strangers_do_not_exist(sign_in: SignIn, world: World, hint: str, whom: str) -> None:
    assert sign_in(hint).get(f"/people/{world.person(whom).ref}").status_code == 404


def test_signed_out_people_are_sent_to_sign_in(client, world: World) -> None:
    assert client.get(f"/people/{world.person('customer').ref}").location.startswith("/sign-in")


def test_staff_who_wrote_to_us_are_known_by_name_alone(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    world.reply(ticket, "agent")
    agent = world.person("agent")
    for hint in ("customer", "customer-admin"):
        shown = page(sign_in, world, hint, "agent")
        assert agent.name in shown
        assert not any(value in shown for value in (agent.email, agent.phone, agent.job_title, "Customer care"))


def test_staff_see_roles_and_teams_of_staff(sign_in: SignIn, world: World) -> None:
    shown = page(sign_in, world, "buyer", "agent")
    assert "Customer care" in shown
    assert "Agent" in shown


def test_memberships_are_shown_as_far_as_they_are_readable(sign_in: SignIn, world: World) -> None:
    carpets, foundry = world.organisation("carpets").name, world.organisation("foundry").name
    assert carpets in page(sign_in, world, "agent", "many")
    mine = page(sign_in, world, "many", "many", acting="foundry.supplier")
    assert foundry in mine[mine.index("<main") :]
    assert carpets not in mine[mine.index("<main") :]
    theirs = page(sign_in, world, "buyer", "many")
    assert foundry in theirs
    assert carpets not in theirs


def test_a_colleague_who_left_keeps_a_name(sign_in: SignIn, world: World) -> None:
    person_id = world.person_id("customer")
    with world.session() as session:
        session.query(Membership).filter_by(person_id=person_id).one().ended_at = now()
        session.commit()
    shown = page(sign_in, world, "customer-admin", "customer")
    assert world.person("customer").email not in shown
    assert "Left on" in shown
    assert world.person("customer").email in page(sign_in, world, "agent", "customer")


def test_tickets_of_a_person_are_those_within_reach(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer-admin", subject="Of the admin")
    assert "Of the admin" in page(sign_in, world, "agent", "customer-admin")
    assert "Of the admin" not in page(sign_in, world, "customer", "customer-admin")


def test_an_administrator_finds_where_access_is_switched_off(sign_in: SignIn, world: World) -> None:
    for whom, label in (("customer", "Access"), ("agent", "Roles and access")):
        ref = world.person(whom).ref
        shown = page(sign_in, world, "admin", whom)
        assert f'href="/settings/staff/{ref}"' in shown
        assert f">{label}<" in shown
        assert "/settings/staff/" not in page(sign_in, world, "account-manager", whom)
    assert "/settings/staff/" not in page(sign_in, world, "admin", "admin")
