"""The list of tickets: who sees which, in what order, narrowed how."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.access import Capacity
from portal.accounts.models import Person, Portfolio, Team, TeamMember
from portal.clock import now
from portal.organisations.models import Organisation, Share
from portal.tickets.lifecycle import State, Verb
from portal.tickets.models import Ticket, TicketCopy
from tests.conftest import SignIn
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
HOUR = timedelta(hours=1)
READERS = ("customer", "customer-admin", "supplier", "partner", "agent", "account-manager", "buyer", "auditor")


def refs(answer: Any) -> list[str]:
    """The references in the rows, in order."""
    assert answer.status_code == 200, answer.status
    return re.findall(r'<bdi class="ref">(T-\w{8})</bdi>', answer.get_data(as_text=True))


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def every_page(browser: FlaskClient, url: str) -> list[str]:
    found: list[str] = []
    while url:
        answer = browser.get(url)
        found += refs(answer)
        link = re.search(r'rel="next" href="([^"]*)"', answer.get_data(as_text=True))
        url = html.unescape(link[1]) if link else ""
    return found


def test_each_sees_the_own(sign_in: SignIn, world: World) -> None:
    mine = world.make_ticket("customer", subject="Sklo <b>&")
    colleague = world.make_ticket("customer-admin")
    rival, supplier = world.make_ticket("rival"), world.make_ticket("supplier")
    assert refs(sign_in("customer").get("/tickets")) == [mine.ref]
    assert set(refs(sign_in("customer-admin").get("/tickets"))) == {mine.ref, colleague.ref}
    assert refs(sign_in("rival").get("/tickets")) == [rival.ref]
    assert refs(sign_in("buyer").get("/tickets")) == [supplier.ref]
    assert set(refs(sign_in("agent").get("/tickets"))) == {t.ref for t in (mine, colleague, rival, supplier)}
    page = sign_in("customer").get("/tickets").get_data(as_text=True)
    assert "Sklo &lt;b&gt;&amp;" in page
    assert f'href="/tickets/{mine.ref}"' in page
    assert page.count("<h1") == 1


def test_a_fragment_is_the_list_alone(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    answer = sign_in("customer").htmx("/tickets?q=&state=unfinished&category=&sort=-updated")
    assert refs(answer) == [ticket.ref]
    assert text(answer).lstrip().startswith('<div id="list"')
    assert "<html" not in text(answer)
    assert answer.headers["HX-Push-Url"] == "/tickets?state=unfinished"


@pytest.mark.parametrize(
    "query",
    [
        "state=x", "category=x", "sort=subject", "sort=priority", "mine=me",
        "priority=high", "team=TM-00000000", "assignee=me", "organisation=O-00000000",
        "after=x", "before=x", "after=WzFd", "sort=-activity",
    ],
)  # fmt: skip
def test_outsiders_ask_for_nothing_beyond_their_lens(sign_in: SignIn, world: World, query: str) -> None:
    world.make_ticket()
    for path in ("/tickets", "/tickets/export.csv"):
        if not (query.startswith(("after", "before")) and "export" in path):
            assert sign_in("customer").get(f"{path}?{query}").status_code == 400


def test_outsiders_find_a_state_of_staff_under_the_name_that_they_know_it_by(sign_in: SignIn, world: World) -> None:
    held, opened, _new = (world.make_ticket(state=state) for state in ("on-hold", "open", "new"))
    for state in ("open", "on-hold"):
        assert set(refs(sign_in("customer").get(f"/tickets?state={state}"))) == {held.ref, opened.ref}
    assert refs(sign_in("agent").get("/tickets?state=on-hold")) == [held.ref]


@pytest.mark.parametrize("query", ["state=received", "state=waiting-for-you", "sort=state", "priority=x", "after=é"])
def test_staff_ask_for_what_there_is(sign_in: SignIn, world: World, query: str) -> None:
    assert sign_in("agent").get(f"/tickets?{query}").status_code == 400


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_has_no_tickets_is_refused(sign_in: SignIn, world: World, hint: str) -> None:
    world.make_ticket()
    for path in ("/tickets", "/tickets/export.csv"):
        assert sign_in(hint).get(path).status_code == 403


def test_signed_out_people_sign_in_first(client: FlaskClient) -> None:
    answer = client.get("/tickets?state=unfinished&q=a")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/tickets?state%3Dunfinished%26q%3Da"
    answer = client.htmx("/tickets?state=unfinished")
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_a_copied_colleague_sees_it_until_the_copy_goes(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer-admin", copies=["customer"])
    assert refs(sign_in("customer").get("/tickets")) == [ticket.ref]
    with world.session() as session:
        session.execute(sa.delete(TicketCopy))
        session.commit()
    assert refs(sign_in("customer").get("/tickets")) == []


def test_one_capacity_at_a_time(sign_in: SignIn, world: World) -> None:
    bought = world.make_ticket("many", acting="foundry.customer")
    sold = world.make_ticket("many", acting="foundry.supplier")
    carpets = world.make_ticket("many", acting="carpets")
    for acting, ticket in (("foundry.customer", bought), ("foundry.supplier", sold), ("carpets", carpets)):
        assert refs(sign_in("many", acting=acting).get("/tickets")) == [ticket.ref]


def test_a_partner_sees_what_it_opened_and_what_is_shared_with_it(sign_in: SignIn, world: World) -> None:
    opened = world.make_ticket("partner", organisation="glass")
    shared, own = world.make_ticket("rival"), world.make_ticket("partner-admin")
    other = world.make_ticket("customer")
    with world.session() as session:
        session.add(
            Share(
                record_kind="ticket",
                record_id=shared.id,
                organisation_id=world.organisation("wolf").id,
                shared_by_id=world.person_id("rival"),
                starts_at=now() - HOUR,
            )
        )
        session.commit()
    page = sign_in("partner").get("/tickets")
    assert set(refs(page)) == {opened.ref, shared.ref}
    assert world.organisation("glass").name in text(page)
    # Nothing was said to the partner in it: whose it is they do not know.
    assert set(refs(sign_in("partner-admin").get("/tickets"))) == {opened.ref, shared.ref, own.ref}
    assert other.ref not in text(page)


def test_what_outsiders_cannot_see_moves_nothing_of_theirs(sign_in: SignIn, world: World) -> None:
    at = now() - 5 * HOUR
    older, newer = world.make_ticket(at=at), world.make_ticket(at=at + HOUR)
    before = sign_in("customer").get("/tickets")
    world.note(older, "agent", "quite secret")
    with world.ticket_as(older, "agent") as (ticket, who):
        ticket.change_state(who, Verb.START, at=now(), version=ticket.version)
    moved = sign_in("customer").get("/tickets")
    assert refs(before) == [newer.ref, older.ref]
    assert refs(moved) == [older.ref, newer.ref]  # taken in hand: that they do see
    with world.ticket_as(newer, "agent") as (ticket, who):
        ticket.change_state(who, Verb.START, at=now() + HOUR, version=ticket.version)
        ticket.change_state(who, Verb.HOLD, at=now() + 2 * HOUR, version=ticket.version)
    world.note(older, "agent", at=now() + 3 * HOUR)
    page = sign_in("customer").get("/tickets")
    assert refs(page) == [newer.ref, older.ref]
    assert refs(sign_in("agent").get("/tickets")) == [older.ref, newer.ref]
    assert "On hold" not in text(page)
    assert text(page).count(">In progress</span>") == 2
    assert ">On hold</span>" in text(sign_in("agent").get("/tickets"))


def test_what_staff_call_priority_team_and_assignee_is_theirs_alone(sign_in: SignIn, world: World) -> None:
    ticket, agent = world.make_ticket(priority="urgent"), world.person("agent")
    with world.ticket_as(ticket, "agent") as (found, who):
        found.assign(who, agent, at=now(), version=found.version)
    for hint in ("customer", "customer-admin"):
        page = text(sign_in(hint).get("/tickets"))
        assert all(word not in page for word in ("Urgent", "Customer care", world.person("agent").name, "Priority"))
    page = text(sign_in("agent-2").get("/tickets"))
    names = (world.person("agent").name, world.organisation("glass").name)
    assert all(word in page for word in ("Urgent", "Customer care", *names))


def test_filters_narrow(sign_in: SignIn, world: World) -> None:
    agent, technical = world.person("agent"), world.team("technical")
    plain = world.make_ticket("customer")
    urgent = world.make_ticket("customer", priority="urgent", category="problem", team="technical")
    taken = world.make_ticket("rival", assignee_id=agent.id, state=State.WAITING)
    done = world.make_ticket("rival", state=State.RESOLVED)
    mine = sign_in("agent")
    for query, expected in {
        "": {plain, urgent, taken, done},
        "state=unfinished": {plain, urgent, taken},
        "state=finished": {done},
        "state=waiting": {taken},
        "category=problem": {urgent},
        "priority=urgent": {urgent},
        f"team={technical.ref}": {urgent},
        "team=mine": {plain, taken, done},
        "assignee=me": {taken},
        "mine=1": {taken},
        "assignee=none": {plain, urgent, done},
        f"assignee={agent.ref}": {taken},
        f"organisation={world.organisation('bakery').ref}": {taken, done},
        "organisation=O-00000000": set(),
        "team=TM-00000000": set(),
        "assignee=P-00000000": set(),
        "team=mine&assignee=none&state=unfinished": {plain},
    }.items():
        assert set(refs(mine.get(f"/tickets?{query}"))) == {ticket.ref for ticket in expected}, query


def test_outsiders_filter_by_the_states_that_they_are_told(sign_in: SignIn, world: World) -> None:
    made = {state: world.make_ticket("customer", state=state).ref for state in State}
    browser = sign_in("customer")
    for query, states in {
        "received": {State.NEW},
        "in-progress": {State.OPEN, State.ON_HOLD},
        "waiting-for-you": {State.WAITING},
        "solved": {State.RESOLVED},
        "closed": {State.CLOSED},
        "unfinished": {State.NEW, State.OPEN, State.ON_HOLD, State.WAITING},
        "finished": {State.RESOLVED, State.CLOSED},
    }.items():
        assert set(refs(browser.get(f"/tickets?state={query}"))) == {made[state] for state in states}, query


def test_own_ones_among_those_of_the_company(sign_in: SignIn, world: World) -> None:
    world.make_ticket("customer")
    mine = world.make_ticket("customer-admin")
    browser = sign_in("customer-admin")
    assert refs(browser.get("/tickets?mine=1")) == [mine.ref]
    assert '/tickets?mine=1" aria-current="page"' in text(browser.get("/tickets?mine=1"))


def test_a_portfolio_is_what_an_account_manager_cares_for(sign_in: SignIn, world: World) -> None:
    mine = world.make_ticket("customer")
    world.make_ticket("rival")
    assert refs(sign_in("account-manager").get("/tickets?organisation=portfolio")) == [mine.ref]
    with world.session() as session:
        session.execute(sa.delete(Portfolio))
        session.commit()
    assert refs(sign_in("account-manager").get("/tickets?organisation=portfolio")) == []


@pytest.mark.parametrize("sort", ["-updated", "updated", "-created", "created"])
@pytest.mark.parametrize("hint", ["customer", "agent"])
def test_pages_hold_every_ticket_once_in_order(sign_in: SignIn, world: World, hint: str, sort: str) -> None:
    many_tickets(world, 60)
    answer = sign_in(hint).get(f"/tickets?sort={sort}&category=question")
    assert len(refs(answer)) == 25
    found = every_page(sign_in(hint), f"/tickets?sort={sort}&category=question")
    with world.session() as session:
        moved = Ticket.activity_at if hint == "agent" else Ticket.public_at
        column = Ticket.created_at if sort.endswith("created") else moved
        keys = [column, Ticket.ref]
        expected = session.scalars(
            sa.select(Ticket.ref).order_by(*(k.desc() if sort.startswith("-") else k for k in keys))
        ).all()
    assert found == list(expected)


def test_nothing_yet_and_nothing_that_matches(sign_in: SignIn, world: World) -> None:
    assert "No tickets yet" in text(sign_in("customer").get("/tickets"))
    assert 'href="/tickets/new"' in text(sign_in("customer").get("/tickets"))
    assert "No tickets yet" in text(sign_in("auditor").get("/tickets"))
    assert "No ticket matches" in text(sign_in("customer").get("/tickets?state=solved"))


def many_tickets(world: World, number: int) -> None:
    """Each with a company, an author, a team and an assignee of its own; the customer's company reads them all."""
    at, glass, customer = now(), world.organisation("glass"), world.person_id("customer")
    with world.session() as session:
        for n in range(number):
            company = Organisation(name=f"Firm {n}", created_at=at)
            company.capacities = frozenset({Capacity.CUSTOMER, Capacity.SUPPLIER})
            author, assignee = (
                Person(name=f"{kind} {n}", email=f"{kind}{n}@example.com", created_at=at, is_staff=kind == "Hand")
                for kind in ("Author", "Hand")
            )
            team = Team(name=f"Team {n}")
            session.add_all([company, author, assignee, team])
            session.flush()
            session.add(TeamMember(team_id=team.id, person_id=assignee.id))
            ticket = Ticket(
                subject=f"Ticket {n}",
                category="question",
                organisation_id=glass.id,
                capacity=Capacity.CUSTOMER,
                author_id=author.id,
                team_id=team.id,
                assignee_id=assignee.id,
                created_at=at - n % 7 * HOUR,
                public_at=at - n % 5 * HOUR,
                activity_at=at - n % 3 * HOUR,
            )
            session.add(ticket)
            session.flush()
            session.add(TicketCopy(ticket_id=ticket.id, person_id=customer, added_by_id=author.id, added_at=at))
        session.commit()


@pytest.mark.parametrize("hint", READERS)
def test_the_number_of_statements_is_that_of_the_page(sign_in: SignIn, world: World, hint: str) -> None:
    browser = sign_in(hint)
    numbers: dict[str, list[int]] = {"": [], "?q=ticket": [], "?sort=created": [], "?state=unfinished&before=first": []}
    for tickets in (3, 297):
        many_tickets_named(world, tickets)
        for query, asked in numbers.items():
            url = f"/tickets{query}".replace("before=first", f"before={first_place(world, hint)}")
            browser.get(url)
            with statements(world.app) as seen:
                assert browser.get(url).status_code == 200
            asked.append(len(seen))
    for query, (few, many) in numbers.items():
        assert few == many <= 6, query


def many_tickets_named(world: World, number: int) -> None:
    with world.session() as session:
        session.execute(sa.update(Organisation).values(name=Organisation.name + "x"))
        session.execute(sa.update(Team).values(name=Team.name + "x"))
        session.commit()
    many_tickets(world, number)


def first_place(world: World, hint: str) -> str:
    from portal.tickets.listing import Filters, order_of

    return order_of(world.principal(hint), Filters()).cursor(
        type("Row", (), {"public_at": now(), "activity_at": now(), "ref": "T-00000000"})
    )
