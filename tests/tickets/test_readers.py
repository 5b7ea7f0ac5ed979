"""Who is in the room of a ticket, as the one who asks may know them."""

import pytest

from portal.database import session_of
from portal.tickets.readers import Company, StaffReader, room, staff_here
from tests.world import World


def seen(world: World, hint: str, ticket: object) -> tuple[list[Company], list[StaffReader]]:
    with world.ticket_as(ticket, hint) as (held, who):
        return room(session_of(held), held, who), staff_here(session_of(held), held, who)


def names(world: World, *hints: str) -> set[str]:
    return {world.person(hint).name for hint in hints}


def test_the_author_and_the_admins_of_the_company_and_copied_colleagues_read(world: World) -> None:
    own = world.make_ticket("customer-admin")
    assert {p.name for p in seen(world, "customer-admin", own)[0][0].people} == names(world, "customer-admin")
    copied = world.make_ticket("customer-admin", copies=["customer"])
    people = seen(world, "customer", copied)[0][0].people
    assert {p.name for p in people} == names(world, "customer", "customer-admin")
    assert {p.name for p in people if p.takes_part} == names(world, "customer", "customer-admin")


def test_a_company_stands_in_the_room_even_when_nobody_of_it_reads(world: World) -> None:
    ticket = world.make_ticket("agent", organisation="paper", capacity="supplier")
    companies, _ = seen(world, "buyer", ticket)
    assert [company.name for company in companies] == [world.organisation("paper").name]


def test_a_partner_knows_of_the_customer_those_who_wrote_alone(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    companies, _ = seen(world, "partner", ticket)
    assert [company.name for company in companies] == [
        world.organisation("glass").name,
        world.organisation("wolf").name,
    ]
    glass, wolf = companies
    assert not any(p.is_known for p in glass.people)
    assert all(p.is_known for p in wolf.people)
    world.reply(ticket, "customer-admin", audience=["glass", "wolf"])
    glass = seen(world, "partner", ticket)[0][0]
    assert {p.name for p in glass.people if p.is_known} == names(world, "customer-admin")


@pytest.mark.parametrize(
    ("team", "able", "working"),
    [
        ("care", {"agent", "agent-2", "account-manager", "auditor"}, {"agent", "account-manager"}),
        ("technical", {"agent", "agent-2", "account-manager", "auditor"}, {"agent-2", "account-manager"}),
        ("confidential", {"agent-2", "account-manager", "auditor"}, {"agent-2", "account-manager"}),
    ],
)
def test_staff_who_read_and_staff_who_work(world: World, team: str, able: set[str], working: set[str]) -> None:
    ticket = world.make_ticket("customer", team=team)
    _, staff = seen(world, "agent-2", ticket)
    assert {reader.name for reader in staff} == names(world, *able)
    assert {reader.name for reader in staff if reader.works} == names(world, *working)
    assert all(reader.reads_notes for reader in staff)
