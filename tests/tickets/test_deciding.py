"""What is decided about a ticket, by its verbs: states, hands, teams and classes."""

from datetime import timedelta

import pytest

from portal.access.scope import OutOfScope
from portal.accounts.models import Person, Team
from portal.clock import now
from portal.database import session_of
from portal.errors import RuleBroken, Stale
from portal.tickets.lifecycle import PUBLIC_STATES, TRANSITIONS, Side, State, Verb, target_of, verbs_from
from portal.tickets.models import Category, Priority
from tests.tickets.test_verbs import history, seen_from_outside
from tests.world import World

DAY = timedelta(days=1)


# ── States ────────────────────────────────────────────────────────────────────────────────────────


def test_the_table_knows_every_state_and_leads_nowhere_twice() -> None:
    assert {row.source for row in TRANSITIONS} == set(State)
    assert {row.target for row in TRANSITIONS} == set(State) - {State.NEW}
    assert len({(row.source, row.verb, side) for row in TRANSITIONS for side in row.sides}) == sum(
        len(row.sides) for row in TRANSITIONS
    )
    assert all(row.source != row.target for row in TRANSITIONS)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("state", list(State))
def test_a_verb_leads_where_the_table_says_and_nowhere_else(state: State, side: Side) -> None:
    offered = verbs_from(state, side)
    assert Verb.ANSWER not in offered
    for verb in Verb:
        row = next((r for r in TRANSITIONS if (r.source, r.verb) == (state, verb) and side in r.sides), None)
        if row is None:
            with pytest.raises(RuleBroken):
                target_of(state, verb, side)
        else:
            assert target_of(state, verb, side) == row.target


def test_states_that_look_alike_from_outside_move_nothing_outside(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN)
    before = world.reload(ticket)
    with world.ticket_as(ticket, "agent") as (held, who):
        held.change_state(who, Verb.HOLD, at=now(), version=held.version)
    after = world.reload(ticket)
    assert PUBLIC_STATES[State.OPEN] == PUBLIC_STATES[State.ON_HOLD]
    assert seen_from_outside(after) == seen_from_outside(before)
    assert history(world, ticket)[-1] == ("ticket-state", set())


def test_closing_and_reopening_is_told_to_the_companies_that_it_concerns(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    parties = {world.organisation("wolf").id, world.organisation("glass").id}
    with world.ticket_as(ticket, "customer-admin") as (held, who):
        held.change_state(who, Verb.CLOSE, at=now(), version=held.public_version)
    assert world.reload(ticket).closed_at is not None
    with world.ticket_as(ticket, "partner") as (held, who):
        held.change_state(who, Verb.REOPEN, at=now(), version=held.public_version)
    assert world.reload(ticket).state == State.OPEN
    assert history(world, ticket)[-2:] == [("ticket-state", parties), ("ticket-state", parties)]


def test_outsiders_do_what_the_table_gives_them_alone(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN)
    with world.ticket_as(ticket, "customer") as (held, who), pytest.raises(RuleBroken):
        held.change_state(who, Verb.RESOLVE, at=now(), version=held.public_version)


@pytest.mark.parametrize("hint", ["customer", "agent"])
def test_a_closed_one_is_reopened_within_thirty_days(world: World, hint: str) -> None:
    late = world.make_ticket(state=State.CLOSED, closed_at=now() - 30 * DAY)
    with world.ticket_as(late, hint) as (held, who), pytest.raises(RuleBroken):
        held.change_state(who, Verb.REOPEN, at=now(), version=held.version_for(who))
    assert not world.reload(late).may_be_reopened(now())
    timely = world.make_ticket(state=State.CLOSED, closed_at=now() - 29 * DAY)
    with world.ticket_as(timely, hint) as (held, who):
        held.change_state(who, Verb.REOPEN, at=now(), version=held.version_for(who))
    assert world.reload(timely).state == State.OPEN


def test_resolving_notes_when_and_reopening_forgets_it(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN)
    with world.ticket_as(ticket, "agent") as (held, who):
        held.change_state(who, Verb.RESOLVE, at=now(), version=held.version)
    assert world.reload(ticket).resolved_at is not None
    with world.ticket_as(ticket, "agent") as (held, who):
        held.change_state(who, Verb.REOPEN, at=now(), version=held.version)
    assert world.reload(ticket).resolved_at is None


def test_a_decision_on_what_has_moved_since_is_stale(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN)
    looked_at = world.reload(ticket)
    world.note(ticket, "agent")
    with world.ticket_as(ticket, "agent") as (held, who), pytest.raises(Stale):
        held.change_state(who, Verb.RESOLVE, at=now(), version=looked_at.version)
    # The note is nothing that the customer could have looked at.
    with world.ticket_as(ticket, "customer") as (held, who):
        held.change_state(who, Verb.CLOSE, at=now(), version=looked_at.public_version)
    with world.ticket_as(ticket, "customer") as (held, who), pytest.raises(Stale):
        held.change_state(who, Verb.REOPEN, at=now(), version=looked_at.public_version)


# ── Taking, assigning, handing on, classifying ────────────────────────────────────────────────────


def test_taking_starts_it_and_tells_staff_alone_whose_it_is(world: World) -> None:
    ticket = world.make_ticket()
    with world.ticket_as(ticket, "agent") as (held, who):
        held.assign(who, session_of(held).get_one(Person, who.person_id), at=now(), version=held.version)
    after = world.reload(ticket)
    assert (after.state, after.assignee_id) == (State.OPEN, world.person_id("agent"))
    glass = {world.organisation("glass").id}
    assert history(world, ticket) == [("ticket-opened", glass), ("ticket-state", glass), ("ticket-assigned", set())]


def test_assigning_an_open_one_moves_nothing_outside(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN)
    before = world.reload(ticket)
    with world.ticket_as(ticket, "agent") as (held, who):
        held.assign(who, session_of(held).get_one(Person, who.person_id), at=now(), version=held.version)
    with world.ticket_as(ticket, "agent") as (held, who):
        held.assign(who, None, at=now(), version=held.version)
    after = world.reload(ticket)
    assert after.assignee_id is None
    assert seen_from_outside(after) == seen_from_outside(before)


def test_handing_on_takes_it_out_of_hands_and_tells_staff_alone(world: World) -> None:
    ticket = world.make_ticket(state=State.OPEN, assignee_id=world.person_id("agent"))
    before = world.reload(ticket)
    confidential = world.team("confidential").id
    with world.ticket_as(ticket, "agent") as (held, who):
        held.hand_on(who, session_of(held).get_one(Team, confidential), at=now(), version=held.version)
    after = world.reload(ticket)
    assert (after.team_id, after.assignee_id) == (confidential, None)
    assert seen_from_outside(after) == seen_from_outside(before)
    assert history(world, ticket)[-1] == ("ticket-handed-on", set())
    # Its room is closed to whom the team does not hold.
    with pytest.raises(AssertionError, match="out of reach"):
        world.note(ticket, "agent")


def test_handing_on_to_the_same_team_is_refused(world: World) -> None:
    ticket = world.make_ticket()
    with world.ticket_as(ticket, "agent") as (held, who), pytest.raises(RuleBroken):
        held.hand_on(who, session_of(held).get_one(Team, held.team_id), at=now(), version=held.version)


def test_classifying_writes_down_what_changed_alone(world: World) -> None:
    ticket = world.make_ticket()
    with world.ticket_as(ticket, "agent") as (held, who):
        held.classify(who, category=Category.QUESTION, priority=Priority.HIGH, at=now(), version=held.version)
    assert world.reload(ticket).priority == Priority.HIGH
    assert history(world, ticket)[1:] == [("ticket-priority", {world.organisation("glass").id})]


@pytest.mark.parametrize("verb", ["assign", "hand_on", "classify"])
def test_every_decision_needs_the_version_that_was_looked_at(world: World, verb: str) -> None:
    ticket, technical = world.make_ticket(), world.team("technical").id
    with world.ticket_as(ticket, "agent") as (held, who):
        stale = {"at": now(), "version": held.version + 1}
        decide = {
            "assign": lambda: held.assign(who, None, **stale),
            "hand_on": lambda: held.hand_on(who, session_of(held).get_one(Team, technical), **stale),
            "classify": lambda: held.classify(who, category=Category.CLAIM, priority=Priority.LOW, **stale),
        }
        with pytest.raises(Stale):
            decide[verb]()


def test_an_agent_of_another_team_changes_nothing(world: World) -> None:
    ticket = world.make_ticket()
    with world.as_("agent-2") as session:
        held = world._ticket(session, ticket)
        held.assign(world._principal_of(session), None, at=now(), version=held.version)
        held.priority = Priority.LOW
        with pytest.raises(OutOfScope):
            session.flush()
