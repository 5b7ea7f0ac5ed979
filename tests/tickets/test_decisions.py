"""Closing, reopening, taking, handing on, classifying and copying, through HTTP."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.clock import now
from portal.notices.models import Notice
from portal.tickets.lifecycle import State
from portal.tickets.models import Ticket
from tests.conftest import SignIn
from tests.tickets.test_messages import post, told
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
CONFLICT, NOT_FOUND, OK = HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.OK

# Every decision with something sound to send.
DECISIONS: dict[str, dict[str, Any]] = {
    "closure": {},
    "state": {"verb": "hold"},
    "assignment": {"person": ""},
    "team": {"team": "technical"},
    "classification": {"category": "claim", "priority": "high"},
}


def sound(world: World, verb: str) -> dict[str, Any]:
    data = DECISIONS.get(verb, {})
    return {**data, "team": world.team("technical").ref} if verb == "team" else dict(data)


def facts(ticket: Ticket) -> tuple[object, ...]:
    return ticket.state, ticket.team_id, ticket.assignee_id, ticket.category, ticket.priority


@pytest.mark.parametrize("verb", DECISIONS)
def test_staff_of_the_team_decide(sign_in: SignIn, world: World, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN, assignee_id=world.person_id("agent"))
    answer = post(sign_in("agent"), ticket, verb, {**sound(world, verb), "version": ticket.version})
    assert (answer.status_code, answer.location) == (SEE_OTHER, f"/tickets/{ticket.ref}")
    assert facts(world.reload(ticket)) != facts(ticket)


@pytest.mark.parametrize("verb", DECISIONS)
def test_htmx_receives_conversation_and_facts(sign_in: SignIn, world: World, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    client: Any = sign_in("agent")
    answer = client.htmx(f"/tickets/{ticket.ref}/{verb}", {**sound(world, verb), "version": ticket.version})
    assert answer.status_code == OK
    assert answer.text.lstrip().startswith('<div id="conversation"')
    assert 'id="facts" class="stack" hx-swap-oob="true"' in answer.text


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_decision_without_its_version_is_sent_back(sign_in: SignIn, world: World, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    assert post(sign_in("agent"), ticket, verb, sound(world, verb)).status_code == UNSOUND
    assert facts(world.reload(ticket)) == facts(ticket)


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("state", {"verb": "nonsense"}),
        ("assignment", {"person": "P-00000000"}),
        ("team", {"team": "TM-00000000"}),
        ("classification", {"category": "nonsense", "priority": "high"}),
    ],
)
def test_what_is_not_on_offer_is_sent_back(sign_in: SignIn, world: World, verb: str, data: dict[str, Any]) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    answer = post(sign_in("agent"), ticket, verb, {**data, "version": ticket.version})
    assert answer.status_code == UNSOUND
    assert 'id="error-summary"' in answer.text


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_stale_decision_changes_nothing_and_shows_both_versions(sign_in: SignIn, world: World, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    with world.ticket_as(ticket, "account-manager") as (held, who):
        held.classify(who, category=held.category, priority="urgent", at=now(), version=held.version)
    before = facts(world.reload(ticket))
    data = {**sound(world, verb), "version": ticket.version, "since": "."}
    answer = post(sign_in("agent"), ticket, verb, data)
    assert answer.status_code == CONFLICT
    for word in ("When you looked", "Normal", "Urgent"):
        assert word in answer.text
    assert facts(world.reload(ticket)) == before


@pytest.mark.parametrize("verb", [*DECISIONS, "reopening", "copies"])
@pytest.mark.parametrize("hint", ["agent-2", "auditor", "moderator", "admin"])
def test_staff_without_it_in_their_hands_are_refused(sign_in: SignIn, world: World, hint: str, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    answer = post(sign_in(hint), ticket, verb, {**sound(world, verb), "version": ticket.version})
    assert answer.status_code == FORBIDDEN
    assert facts(world.reload(ticket)) == facts(ticket)


@pytest.mark.parametrize("verb", [v for v in DECISIONS if v != "closure"])
@pytest.mark.parametrize("hint", ["customer", "customer-admin", "rival"])
def test_outsiders_do_not_work_on_tickets(sign_in: SignIn, world: World, hint: str, verb: str) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    answer = post(sign_in(hint), ticket, verb, {**sound(world, verb), "version": ticket.public_version})
    assert answer.status_code == FORBIDDEN


@pytest.mark.parametrize("verb", ["closure", "reopening", "copies"])
@pytest.mark.parametrize("hint", ["rival", "partner", "supplier-admin"])
def test_strangers_find_nothing(sign_in: SignIn, world: World, hint: str, verb: str) -> None:
    ticket = world.make_ticket("customer")
    assert post(sign_in(hint), ticket, verb, {"version": 1}).status_code == NOT_FOUND


@pytest.mark.parametrize("verb", [*DECISIONS, "reopening", "copies"])
def test_signed_out_means_sign_in(client: FlaskClient, world: World, verb: str) -> None:
    answer = post(client, world.make_ticket("customer"), verb, {"version": 1})
    assert answer.status_code == SEE_OTHER
    assert "/sign-in" in answer.location


def test_the_customer_closes_and_reopens(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.RESOLVED)
    customer = sign_in("customer")
    text = customer.get(f"/tickets/{ticket.ref}").text
    assert "Close ticket" in text
    assert "Reopen" in text
    post(customer, ticket, "closure", {"version": ticket.public_version})
    closed = world.reload(ticket)
    assert closed.state == State.CLOSED
    text = customer.get(f"/tickets/{ticket.ref}").text
    assert "Close ticket" not in text
    post(customer, ticket, "reopening", {"version": closed.public_version})
    assert world.reload(ticket).state == State.OPEN


def test_after_thirty_days_nobody_reopens(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.CLOSED, closed_at=now() - timedelta(days=31))
    customer = sign_in("customer")
    assert "/reopening" not in customer.get(f"/tickets/{ticket.ref}").text
    answer = post(customer, ticket, "reopening", {"version": ticket.public_version})
    assert answer.status_code == CONFLICT
    assert "30 days" in answer.text


def test_a_transition_that_is_not_in_the_table_is_refused(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    answer = post(sign_in("agent"), ticket, "state", {"verb": "resume", "version": ticket.version})
    assert answer.status_code == CONFLICT


def test_take_it_and_give_it_to_a_colleague(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    agent = sign_in("agent")
    assert "Take it" in agent.get(f"/tickets/{ticket.ref}").text
    post(agent, ticket, "assignment", {"person": world.person("agent").ref, "version": ticket.version})
    taken = world.reload(ticket)
    assert (taken.assignee_id, taken.state) == (world.person_id("agent"), State.OPEN)
    assert "Take it" not in agent.get(f"/tickets/{ticket.ref}").text
    manager = world.person("account-manager")
    post(agent, ticket, "assignment", {"person": manager.ref, "version": taken.version})
    assert world.reload(ticket).assignee_id == manager.id
    assert told(world, "assigned") == {"account-manager"}


@pytest.mark.parametrize("hint", ["agent-2", "auditor", "customer", "buyer"])
def test_nobody_is_given_what_they_cannot_work_on(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer")
    data = {"person": world.person(hint).ref, "version": ticket.version}
    assert post(sign_in("agent"), ticket, "assignment", data).status_code == UNSOUND
    assert world.reload(ticket).assignee_id is None


def test_who_hands_it_out_of_reach_is_taken_to_the_list(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    data = {"team": world.team("confidential").ref, "version": ticket.version}
    answer = post(sign_in("agent"), ticket, "team", data)
    assert (answer.status_code, answer.location) == (SEE_OTHER, "/tickets")
    assert told(world, "handed-on") == {"agent-2"}


def test_a_change_of_state_is_told_to_those_who_see_it(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", state=State.OPEN)
    agent = sign_in("agent")
    post(agent, ticket, "state", {"verb": "hold", "version": ticket.version})
    assert "customer" not in told(world, "state-changed")
    post(agent, ticket, "state", {"verb": "resolve", "version": world.reload(ticket).version})
    assert "customer" in told(world, "state-changed")


def test_a_colleague_is_copied_in_and_left_out(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer-admin")
    colleague = world.person("customer")
    admin, customer = sign_in("customer-admin"), sign_in("customer")
    assert customer.get(f"/tickets/{ticket.ref}").status_code == NOT_FOUND
    assert post(admin, ticket, "copies", {"person": colleague.ref}).status_code == SEE_OTHER
    assert told(world, "copied") == {"customer"}
    assert customer.get(f"/tickets/{ticket.ref}").status_code == OK
    # Twice is not on offer, nor is a stranger.
    for person in (colleague, world.person("rival"), world.person("agent")):
        assert post(admin, ticket, "copies", {"person": person.ref}).status_code == UNSOUND
    assert post(admin, ticket, f"copies/{colleague.ref}/removal", {}).status_code == SEE_OTHER
    assert customer.get(f"/tickets/{ticket.ref}").status_code == NOT_FOUND


def test_who_was_never_copied_in_is_not_left_out(sign_in: SignIn, world: World) -> None:
    ticket, admin, colleague = world.make_ticket("customer-admin"), sign_in("customer-admin"), world.person("customer")
    answer = post(admin, ticket, f"copies/{colleague.ref}/removal", {})
    assert answer.status_code == CONFLICT
    assert "is not copied in." in answer.text
    assert "taken off the copies" not in answer.text
    assert world.reload(ticket).version == ticket.version


def test_who_is_copied_in_anew_is_told_anew(sign_in: SignIn, world: World) -> None:
    ticket, admin, colleague = world.make_ticket("customer-admin"), sign_in("customer-admin"), world.person("customer")
    for _ in range(2):
        post(admin, ticket, "copies", {"person": colleague.ref})
        post(admin, ticket, f"copies/{colleague.ref}/removal", {})
    with world.session() as session:
        assert len(session.scalars(sa.select(Notice).where(Notice.kind == "copied")).all()) == 2


def test_who_takes_themselves_off_is_taken_to_the_list(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer-admin", copies=["customer"])
    answer = post(sign_in("customer"), ticket, f"copies/{world.person('customer').ref}/removal", {})
    assert answer.location == "/tickets"


def test_a_partner_copies_nobody_of_the_customer(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    partner = sign_in("partner")
    assert "/copies" not in partner.get(f"/tickets/{ticket.ref}").text
    assert post(partner, ticket, "copies", {"person": world.person("customer").ref}).status_code == FORBIDDEN
    assert post(partner, ticket, f"copies/{world.person('customer').ref}/removal", {}).status_code == FORBIDDEN
