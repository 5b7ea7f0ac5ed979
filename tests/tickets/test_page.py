"""The page of one ticket: the same record at the same address, each through their lens."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.clock import now
from portal.database import session_of
from portal.organisations.models import Share
from portal.tickets.lifecycle import State
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.statements import statements
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("in_english")

OK, FORBIDDEN, NOT_FOUND, NO_CONTENT = (
    HTTPStatus.OK,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.NO_CONTENT,
)


def page(client: FlaskClient, ticket: Ticket) -> str:
    answer = client.get(f"/tickets/{ticket.ref}")
    assert answer.status_code == OK
    return answer.text


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "agent", "agent-2", "account-manager", "auditor"])
def test_whoever_reaches_it_opens_the_same_address(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer", subject="Lampa bliká", body="Každý **večer**")
    text = page(sign_in(hint), ticket)
    assert "Lampa bliká" in text
    assert "Každý <strong>večer</strong>" in text


@pytest.mark.parametrize("path", ["", "/news"])
@pytest.mark.parametrize("hint", ["rival", "supplier", "partner", "partner-admin", "many"])
def test_a_stranger_finds_nothing(sign_in: SignIn, world: World, hint: str, path: str) -> None:
    ticket = world.make_ticket("customer")
    assert sign_in(hint).get(f"/tickets/{ticket.ref}{path}").status_code == NOT_FOUND


@pytest.mark.parametrize("path", ["/tickets/T-00000000", "/tickets/T-00000000/news", "/tickets/new", "/tickets/states"])
@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_has_nothing_to_do_with_tickets_is_refused(sign_in: SignIn, hint: str, path: str) -> None:
    assert sign_in(hint).get(path).status_code == FORBIDDEN


@pytest.mark.parametrize("path", ["/tickets/T-00000000", "/tickets/new", "/tickets/states"])
def test_signed_out_means_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert "/sign-in" in answer.location


def test_htmx_receives_the_fragment_alone(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    answer = sign_in("customer").htmx(f"/tickets/{ticket.ref}")
    assert answer.text.lstrip().startswith('<div id="conversation"')
    assert "<html" not in answer.text
    assert 'id="facts" class="stack" hx-swap-oob="true"' in answer.text


def test_a_note_is_there_for_staff_and_unmistakable(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    note = world.note(ticket, "agent", "unspeakable", attachments=[world.stored("hidden.txt")])
    for hint in ("agent", "agent-2", "account-manager", "auditor"):
        text = page(sign_in(hint), ticket)
        assert "unspeakable" in text
        assert "message--note" in text
    for hint in ("customer", "customer-admin"):
        text = page(sign_in(hint), ticket)
        for word in ("unspeakable", "hidden.txt", note.ref, "message--note", "Internal note", "nternal"):
            assert word not in text


def test_a_note_leaves_the_page_of_outsiders_as_it_was(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket(at=now() - timedelta(days=3))
    customer = sign_in("customer")

    def masked() -> list[str]:
        text = page(customer, ticket)
        return [line for line in text.splitlines() if "csrf_token" not in line and "nonce" not in line]

    before = masked()
    world.note(ticket, "agent")
    with world.ticket_as(ticket, "agent") as (held, who):
        held.assign(who, None, at=now(), version=held.version)
    assert masked() == before


def test_outsiders_see_staff_by_name_and_team(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    world.reply(ticket, "agent")
    text = page(sign_in("customer"), ticket)
    assert world.person("agent").name in text
    assert world.team("care").name in text
    assert world.person("agent").email not in text


def test_outsiders_hear_public_states_and_nothing_of_the_inner_ones(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket(state=State.ON_HOLD, assignee_id=world.person_id("agent"))
    text = page(sign_in("customer"), ticket)
    assert "In progress" in text
    for word in ("On hold", "Assigned to", "Take it", "Work on it", "Add internal note", "/assignment", "/notes"):
        assert word not in text
    text = page(sign_in("account-manager"), ticket)
    for word in ("On hold", "Assigned to", "Take it", "Work on it", "Add internal note"):
        assert word in text


def test_who_can_only_read_is_offered_nothing(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    world.reply(ticket, "agent")

    def offered(hint: str) -> set[str]:
        return set(re.findall(rf'(?:action|hx-post)="/tickets/{ticket.ref}/([^"?]+)', page(sign_in(hint), ticket)))

    assert offered("agent") >= {"replies", "notes", "assignment", "team", "closure", "state"}
    assert any(path.endswith("/withdrawal") for path in offered("agent"))
    for hint in ("agent-2", "auditor"):
        assert offered(hint) == set()


def test_reading_from_afar_is_written_down(sign_in: SignIn, world: World) -> None:
    from portal.accounts.models import AccessLog

    ticket = world.make_ticket()
    for hint in ("customer", "agent", "account-manager", "agent-2", "auditor"):
        page(sign_in(hint), ticket)
    with world.session() as session:
        reads = [(row.person_id, row.reference) for row in session.query(AccessLog) if row.kind == "read"]
    assert reads == [(world.person_id(hint), ticket.ref) for hint in ("agent-2", "auditor")]


def test_changes_are_told_between_the_messages(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket(copies=[])
    world.reply(ticket, "agent")
    with world.ticket_as(ticket, "agent") as (held, who):
        held.hand_on(who, session_of(held).get_one(type(held.team), 2), at=now(), version=held.version)
    name = world.person("agent").name
    customer, agent = page(sign_in("customer"), ticket), page(sign_in("agent-2"), ticket)
    assert f"<bdi>{name}</bdi> changed the state from <bdi>Received</bdi> to <bdi>In progress</bdi>" in customer
    assert f"<bdi>{name}</bdi> changed the state from <bdi>New</bdi> to <bdi>Open</bdi>" in agent
    assert "handed the ticket on" in agent
    assert "handed the ticket on" not in customer


def test_tombstones_stand_where_words_were(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    message = world.reply(ticket, "customer", "Nonsense")
    with world.ticket_as(ticket, "customer") as (held, who):
        held.messages[-1].withdraw(who, now())
    text = page(sign_in("agent"), ticket)
    assert "This message was withdrawn." in text
    assert "Nonsense" not in text
    assert f'id="{message.ref}"' in text


def test_words_of_people_do_no_harm(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket(
        subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)> [a](javascript:x)"
    )
    text = page(sign_in("agent"), ticket)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'href="javascript:' not in text


def test_files_hang_under_their_message(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    drawing = world.stored("lamp.png", picture(), thumbnail=picture("WEBP"))
    world.reply(ticket, "customer", attachments=[drawing, world.stored("log.txt")])
    text = page(sign_in("agent"), ticket)
    assert f'src="/files/{drawing.ref}/thumbnail"' in text
    assert "log.txt" in text


# ── Who sees this ─────────────────────────────────────────────────────────────────────────────────


def readers_of_reply(text: str) -> str:
    return text.partition('id="reply-readers"')[2].partition("<form")[0].partition('class="form-actions"')[0]


def test_the_page_names_who_will_read_a_reply(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    customer = readers_of_reply(page(sign_in("customer"), ticket))
    for word in (world.organisation("glass").name, world.person("customer-admin").name, "Our staff"):
        assert word in customer
    assert world.person("agent").name not in customer
    assert "Confidential" not in customer
    # Where it is mailed to is for those who may see addresses: who administers the company, and staff.
    assert "@" not in customer
    admin = readers_of_reply(page(sign_in("customer-admin"), ticket))
    assert world.person("customer").email in admin
    assert world.person("agent").email not in admin
    agent = readers_of_reply(page(sign_in("agent"), ticket))
    for hint in ("customer", "customer-admin", "agent", "agent-2", "account-manager", "auditor"):
        assert world.person(hint).name in agent
    assert world.person("customer").email in agent


def test_a_room_of_two_companies_names_both(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    text = readers_of_reply(page(sign_in("partner"), ticket))
    for word in (world.organisation("glass").name, world.organisation("wolf").name):
        assert word in text
    # The people of the customer are not the partner's to know, beyond those who wrote.
    for hint in ("customer", "customer-admin"):
        assert world.person(hint).name not in text
    with world.session() as session:
        rival = world.organisation("herons").id
        session.add(
            Share(
                record_kind="ticket",
                record_id=ticket.id,
                organisation_id=rival,
                shared_by_id=ticket.author_id,
                starts_at=now() - timedelta(days=1),
            )
        )
        session.commit()
    assert world.organisation("herons").name in readers_of_reply(page(sign_in("agent"), ticket))


def test_a_note_names_the_staff_who_will_read_it(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket()
    text = page(sign_in("agent"), ticket).partition('id="note-who-sees"')[2]
    text = text.partition("</form>")[0]
    assert world.person("agent-2").name in text
    assert world.organisation("glass").name not in text
    assert world.person("customer").name not in text


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────


def fill(world: World, ticket: Ticket, times: int) -> None:
    """Messages, files, notes, state changes and readers, each time by somebody else."""
    for number in range(times):
        author = ("customer", "customer-admin")[number % 2]
        world.reply(ticket, author, attachments=[world.stored(f"a{number}.txt"), world.stored(f"b{number}.txt")])
        world.reply(ticket, "agent")
        world.note(ticket, "account-manager", attachments=[world.stored(f"c{number}.txt")])


@pytest.mark.parametrize("hint", ["customer", "customer-admin", "agent", "account-manager", "agent-2", "auditor"])
def test_a_page_asks_ten_things_at_most_whatever_its_size(sign_in: SignIn, world: World, hint: str) -> None:
    small, large = world.make_ticket("customer"), world.make_ticket("customer")
    fill(world, large, 6)
    client = sign_in(hint)
    counts = []
    for ticket in (small, large):
        page(client, ticket)
        with statements(world.app) as seen:
            page(client, ticket)
        counts.append(len(seen))
    assert max(counts) <= 10, "\n".join(seen)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("hint", ["customer", "agent"])
def test_a_page_with_unread_notices_asks_no_more(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer")
    other = {"customer": "agent", "agent": "customer"}[hint]
    sign_in(other).send(f"/tickets/{ticket.ref}/replies", {"body": "News"})
    client = sign_in(hint)
    with statements(world.app) as seen:
        page(client, ticket)
    assert len(seen) <= 10, "\n".join(seen)


# ── News ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer", "agent"])
def test_a_poll_asks_two_things_at_most(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer")
    client = sign_in(hint)
    last = world.reply(ticket, "customer")
    with statements(world.app) as seen:
        answer = client.get(f"/tickets/{ticket.ref}/news?after={last.ref}")
    assert (answer.status_code, answer.data) == (NO_CONTENT, b"")
    assert len(seen) <= 2, "\n".join(seen)
    fill(world, ticket, 2)
    with statements(world.app) as seen:
        answer = client.get(f"/tickets/{ticket.ref}/news?after={last.ref}")
    assert answer.status_code == OK
    assert len(seen) <= 2, "\n".join(seen)


def test_new_messages_are_added_and_announced(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    first = world.reply(ticket, "customer", "first words")
    second = world.reply(ticket, "agent", "second words")
    answer = sign_in("customer").htmx(f"/tickets/{ticket.ref}/news?after={first.ref}")
    assert "second words" in answer.text
    assert "first words" not in answer.text
    assert f"after={second.ref}" in answer.text
    assert f'data-announce="New message from {world.person("agent").name}"' in answer.text


def test_a_note_is_no_news_for_outsiders(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    last = world.reply(ticket, "customer")
    world.note(ticket, "agent")
    assert sign_in("customer").get(f"/tickets/{ticket.ref}/news?after={last.ref}").status_code == NO_CONTENT
    assert sign_in("agent").get(f"/tickets/{ticket.ref}/news?after={last.ref}").status_code == OK


def test_a_poll_keeps_no_session_alive_and_ends_quietly(sign_in: SignIn, world: World) -> None:
    from portal.accounts.models import SignInSession

    ticket = world.make_ticket("customer")
    client = sign_in("customer")
    long_ago = now() - timedelta(minutes=30)

    def last_seen(at: object = None) -> object:
        with world.session() as session:
            row = session.query(SignInSession).one()
            if at:
                row.last_seen_at = at
                session.commit()
            return row.last_seen_at

    last_seen(long_ago)
    client.get(f"/tickets/{ticket.ref}/news")
    assert last_seen() == long_ago
    last_seen(now() - timedelta(minutes=61))
    ended = client.htmx(f"/tickets/{ticket.ref}/news")
    assert ended.status_code == 286  # htmx asks no further
    assert "HX-Redirect" not in ended.headers
    page_itself = client.get(f"/tickets/{ticket.ref}")
    assert page_itself.status_code == HTTPStatus.SEE_OTHER


# ── The states ────────────────────────────────────────────────────────────────────────────────────


def test_the_states_are_told_to_each_in_their_words(sign_in: SignIn) -> None:
    customer, agent = (sign_in(hint).get("/tickets/states").text for hint in ("customer", "agent"))
    assert "On hold" in agent
    assert "On hold" not in customer
    assert "Waiting for you" in customer


# ── What the page says is what happens ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("audience", [["glass", "wolf"], ["glass"], ["wolf"]])
def test_the_mailboxes_that_are_named_are_those_that_mail_goes_to(
    sign_in: SignIn, world: World, audience: list[str]
) -> None:
    from portal.notices.models import Notice

    ticket = world.make_ticket("partner", organisation="glass", assignee_id=world.person_id("account-manager"))
    world.reply(ticket, "customer-admin", audience=["glass", "wolf"])
    agent: Any = sign_in("agent")
    data = {"body": "x", "audience": [world.organisation(key).ref for key in audience]}
    named = agent.htmx(f"/tickets/{ticket.ref}/readers", data).text
    agent.send(f"/tickets/{ticket.ref}/replies", data)
    with world.session() as session:
        told = set(session.scalars(sa.select(Notice.person_id).where(Notice.kind == "reply")))
    hints = ("customer", "customer-admin", "partner", "partner-admin", "agent", "agent-2", "account-manager", "auditor")
    people = {hint: world.person(hint) for hint in hints}
    assert {p.email for p in people.values() if p.id in told} == {p.email for p in people.values() if p.email in named}
    assert told


def test_who_wants_no_mail_is_named_without_a_mailbox(sign_in: SignIn, world: World) -> None:
    from portal.accounts.models import Person

    ticket = world.make_ticket("customer")
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).mail_choices = {"reply": False}
        session.commit()
    text = readers_of_reply(page(sign_in("agent"), ticket))
    assert world.person("customer").name in text
    assert world.person("customer").email not in text
