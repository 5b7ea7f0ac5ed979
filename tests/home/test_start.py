"""The start page: what needs each person now, with counts of what is within their reach."""

import re
from datetime import timedelta

import pytest

from portal.accounts.joining import JoinRequest
from portal.accounts.models import Person, StaffRole
from portal.clock import now
from portal.database import session_of
from portal.jobs.models import Job
from portal.tickets.lifecycle import Verb
from tests.conftest import SignIn
from tests.organisations.helpers import text
from tests.statements import statements
from tests.world import World


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    with world.session() as session:
        for person in session.query(Person):
            person.language = "en"
        session.commit()


def start(sign_in: SignIn, hint: str, acting: str = "") -> str:
    answer = sign_in(hint, acting=acting).get("/")
    assert answer.status_code == 200
    return text(answer)


def counts(page: str) -> dict[str, str]:
    """What each line counts, by its title."""
    found = re.findall(r'todo-count">([^<]+)</span>\s*<span class="todo-text"><span class="todo-title">([^<]+)<', page)
    return {title: count for count, title in found}


def move(world: World, ticket, verb: Verb) -> None:
    with world.ticket_as(ticket, "agent") as (found, who):
        found.change_state(who, verb, at=now(), version=found.version_for(who))


def test_a_customer_sees_what_waits_for_them(sign_in: SignIn, world: World) -> None:
    move(world, world.make_ticket("customer", subject="Which lamp?"), Verb.ASK)
    move(world, world.make_ticket("customer", subject="Solved lamp"), Verb.RESOLVE)
    move(world, world.make_ticket("customer", subject="Closed lamp"), Verb.CLOSE)
    world.make_ticket("customer", subject="New lamp")
    world.make_ticket("customer-admin", subject="Lamp of the admin")
    page = start(sign_in, "customer")
    assert counts(page) == {"Tickets waiting for you": "1", "Solved tickets to confirm": "1", "Open tickets": "2"}
    assert "Which lamp?" in page
    assert "Lamp of the admin" not in page
    assert page.index("Which lamp?") < page.index("New lamp")
    own_admin = start(sign_in, "customer-admin")
    assert counts(own_admin)["Open tickets"] == "3"
    assert "Newcomers who ask to be let in" in counts(own_admin)
    assert counts(start(sign_in, "rival"))["Open tickets"] == "0"


def test_each_capacity_counts_its_own(sign_in: SignIn, world: World) -> None:
    world.make_ticket("many", acting="foundry.supplier")
    assert counts(start(sign_in, "many", "foundry.supplier"))["Open tickets"] == "1"
    assert counts(start(sign_in, "many", "foundry.customer"))["Open tickets"] == "0"


def test_an_agent_sees_the_work_of_their_teams(sign_in: SignIn, world: World) -> None:
    free = world.make_ticket("customer", subject="Free")
    taken = world.make_ticket("customer", subject="Taken", at=now() - timedelta(days=3))
    world.make_ticket("customer", subject="Of another team", team="technical")
    world.make_ticket("customer", subject="Confidential", team="confidential")
    agent = world.person("agent")
    with world.ticket_as(taken, "agent") as (found, who):
        found.assign(who, session_of(found).get_one(Person, agent.id), at=now(), version=found.version_for(who))
    page = start(sign_in, "agent")
    assert counts(page) == {
        "Tickets in your teams that nobody has taken": "1",
        "New in your teams in the last 24 hours": "1",
        "Tickets in your hands": "1",
    }
    # Taking it was something that its customer could see.
    assert page.index(free.subject) < page.index("Taken")
    assert "Of another team" not in page
    assert "Confidential" not in page
    assert counts(start(sign_in, "agent-2"))["Tickets in your teams that nobody has taken"] == "2"


def test_an_account_manager_sees_the_portfolio(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer", subject="Mine to mind")
    world.make_ticket("rival", subject="Somebody else’s")
    page = start(sign_in, "account-manager")
    assert counts(page)["Open tickets in your portfolio"] == "1"
    assert counts(page)["Organisations in your portfolio"] == "3"
    assert "Mine to mind" in page
    assert "Somebody else’s" not in page


def test_buyers_and_channel_managers_see_their_side(sign_in: SignIn, world: World) -> None:
    world.make_ticket("supplier", subject="Late paper")
    world.make_ticket("partner", subject="Late deal")
    buyer, manager = start(sign_in, "buyer"), start(sign_in, "channel-manager")
    assert counts(buyer)["Open tickets of suppliers that nobody has taken"] == "1"
    assert counts(manager)["Open tickets of partners that nobody has taken"] == "1"
    assert "Late paper" in buyer
    assert "Late deal" not in buyer
    assert "Late paper" not in manager


def test_admins_see_roles_requests_and_jobs(sign_in: SignIn, world: World) -> None:
    ids = {hint: world.person_id(hint) for hint in ("admin", "auditor", "buyer", "newcomer")}
    with world.session() as session:
        session.add(StaffRole(person_id=ids["buyer"], role="agent", granted_by_id=ids["auditor"], granted_at=now()))
        # What one granted oneself another admin confirms.
        session.add(StaffRole(person_id=ids["auditor"], role="agent", granted_by_id=ids["admin"], granted_at=now()))
        session.add(JoinRequest(person_id=ids["newcomer"], company="Somewhere", created_at=now()))
        session.add(Job(kind="mail", created_at=now(), run_at=now(), given_up_at=now()))
        session.commit()
    page = start(sign_in, "admin")
    assert counts(page) == {"Staff roles to confirm": "1", "Newcomers who ask to be let in": "1"}
    assert "1 job was given up" in page
    assert "was given up" not in start(sign_in, "account-manager")


def test_a_company_counts_its_own_requests_alone(sign_in: SignIn, world: World) -> None:
    newcomer, glass = world.person_id("newcomer"), world.organisation("glass").id
    with world.session() as session:
        session.add(JoinRequest(person_id=newcomer, company="x", organisation_id=glass, created_at=now()))
        session.add(JoinRequest(person_id=newcomer, company="x", created_at=now()))
        session.commit()
    assert counts(start(sign_in, "customer-admin"))["Newcomers who ask to be let in"] == "1"
    assert counts(start(sign_in, "supplier-admin"))["Newcomers who ask to be let in"] == "0"
    assert counts(start(sign_in, "account-manager"))["Newcomers who ask to be let in"] == "2"


def test_auditors_see_refusals_and_moderators_that_there_is_nothing_yet(sign_in: SignIn) -> None:
    sign_in("customer").get("/organisations/new")
    assert counts(start(sign_in, "auditor")) == {"Refusals in the last 24 hours": "1"}
    assert "nothing to moderate yet" in start(sign_in, "moderator")


def test_a_newcomer_sees_how_the_request_stands(sign_in: SignIn, world: World) -> None:
    assert "Ask to be let in" in start(sign_in, "newcomer")
    newcomer = world.person_id("newcomer")
    with world.session() as session:
        session.add(JoinRequest(person_id=newcomer, company="Somewhere & Sons", created_at=now()))
        session.commit()
    page = start(sign_in, "newcomer")
    assert "Somewhere & Sons" in page
    assert "Ask to be let in" not in page


def test_counts_are_capped(sign_in: SignIn, world: World) -> None:
    from portal.accounts.joining import JoinRequest

    newcomer = world.person_id("newcomer")
    with world.session() as session:
        session.add_all(JoinRequest(person_id=newcomer, company="x", created_at=now()) for _ in range(120))
        session.commit()
    assert counts(start(sign_in, "admin"))["Newcomers who ask to be let in"] == "99+"


@pytest.mark.parametrize("hint", ["customer-admin", "agent", "account-manager", "buyer", "auditor", "partner"])
def test_the_page_asks_six_times_at_most(sign_in: SignIn, world: World, hint: str) -> None:
    for place in range(3):
        world.make_ticket("customer", subject=f"Lamp {place}")
    browser = sign_in(hint)
    browser.get("/")
    with statements(world.app) as asked:
        browser.get("/")
    assert len(asked) <= 6


def test_signed_out_people_read_what_this_is(client) -> None:
    page = text(client.get("/", headers={"Accept-Language": "en"}))
    assert "One place for everything between you and us" in page
    assert page.count("<h1") == 1


def test_there_is_a_button_for_each_provider(tmp_path) -> None:
    from portal import create_app
    from portal.config import load_settings

    providers = [
        {"name": name, "label": label, "kind": "oidc", "issuer": "https://id.example.com", "client_id": "x"}
        | {"client_secret": "y"}
        for name, label in (("work", "Work account"), ("home", "Home & garden"))
    ]
    settings = load_settings(
        environment="test",
        database_url=f"sqlite:///{tmp_path}/empty.db",
        base_url="http://localhost",
        providers=providers,
    )
    page = text(create_app(settings).test_client().get("/", headers={"Accept-Language": "en"}))
    assert re.findall(r'href="/sign-in/(\w+)"', page) == ["work", "home"]
    assert "Sign in with <bdi>Home & garden</bdi>" in page


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "agent", "agent-2", "account-manager", "buyer"])
def test_every_count_is_that_of_the_list_behind_it(sign_in: SignIn, world: World, hint: str) -> None:
    long_ago = now() - timedelta(days=3)
    world.make_ticket("customer", subject="Old lamp", at=long_ago)
    world.make_ticket("customer", subject="New lamp")
    world.make_ticket("supplier", subject="A delivery", at=long_ago)
    move(world, world.make_ticket("customer", subject="Which lamp?"), Verb.ASK)
    move(world, world.make_ticket("customer-admin", subject="Solved lamp"), Verb.RESOLVE)
    page = start(sign_in, hint)
    lines = re.findall(r'href="(/tickets[^"]*)">\s*<span class="todo-count">([^<]+)<', page)
    assert lines
    for url, count in lines:
        listed = sign_in(hint).get(url.replace("&amp;", "&")).text
        assert len(re.findall(r'class="row-link"', listed)) == int(count), url


def test_staff_without_a_role_are_told_that_it_is_granted_and_confirmed(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        session.query(StaffRole).filter_by(person_id=world.person_id("agent")).update({"confirmed_at": None})
        session.commit()
    page = start(sign_in, "agent")
    assert "No role of yours holds just now" in page
    assert "Ask to be let in" not in page
