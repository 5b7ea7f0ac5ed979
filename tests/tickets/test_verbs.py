"""What is said on a ticket, by its verbs: what they change, who learns of it, when they refuse."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.access.scope import OutOfScope
from portal.clock import now
from portal.database import session_of
from portal.errors import RuleBroken, Stale
from portal.organisations.models import Activity, Audience, PartnerLink
from portal.tickets.lifecycle import State, Verb
from portal.tickets.messages import Message, MessageReader, SearchEntry
from portal.tickets.models import Ticket, TicketCopy
from tests.world import World

DAY = timedelta(days=1)


def history(world: World, ticket: Ticket) -> list[tuple[str, set[int]]]:
    """Kind and the companies that may read it, of everything that happened on the ticket."""
    with world.session() as session:
        rows = session.scalars(sa.select(Activity).where(Activity.ticket_id == ticket.id).order_by(Activity.id))
        return [(a.kind, {o.organisation_id for o in a.organisations if o.is_reader}) for a in rows]


def seen_from_outside(ticket: Ticket) -> tuple[object, ...]:
    return ticket.public_state, ticket.public_version, ticket.public_at


# ── Opening ───────────────────────────────────────────────────────────────────────────────────────


def test_opening_makes_ticket_message_audience_history_and_words(world: World) -> None:
    ticket = world.make_ticket("customer", subject="Lampa Číslo 5", body="Bliká **pořád**")
    glass = world.organisation("glass").id
    with world.session() as session:
        found = session.get_one(Ticket, ticket.id)
        message = session.scalars(sa.select(Message)).one()
        readers = session.scalars(sa.select(MessageReader.organisation_id)).all()
        words = session.scalars(sa.select(SearchEntry.words).order_by(SearchEntry.id)).all()
    assert (found.state, found.version, found.public_version) == (State.NEW, 1, 1)
    assert (found.organisation_id, found.author_id) == (glass, world.person_id("customer"))
    assert (message.audience, readers) == (Audience.COMPANIES, [glass])
    assert found.ref[2:].casefold() in words[0]
    assert "lampa cislo 5" in words[0]
    assert "blika" in words[1]
    assert history(world, ticket) == [("ticket-opened", {glass})]


@pytest.mark.parametrize("hint", ["customer", "supplier", "partner"])
def test_outsiders_open_for_whom_they_act(world: World, hint: str) -> None:
    ticket = world.make_ticket(hint)
    who = world.principal(hint)
    assert (ticket.organisation_id, ticket.capacity) == (who.organisation_id, who.capacity)


def test_a_partner_opens_for_a_linked_customer_who_consented(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    wolf, glass = world.organisation("wolf").id, world.organisation("glass").id
    assert (ticket.organisation_id, ticket.opened_by_organisation_id) == (glass, wolf)
    assert history(world, ticket) == [("ticket-opened", {glass, wolf})]
    with world.ticket_as(ticket, "customer-admin") as (seen, _):
        assert len(seen.messages) == 1


def test_nobody_opens_for_a_company_that_is_not_theirs(world: World) -> None:
    with pytest.raises(OutOfScope):
        world.make_ticket("customer", organisation="bakery")
    with pytest.raises(OutOfScope):
        world.make_ticket("rival", organisation="glass", opened_by_organisation_id=None)


def test_staff_open_on_behalf_of_a_person(world: World) -> None:
    ticket = world.make_ticket("agent", organisation="glass", behalf="customer")
    assert ticket.author_id == world.person_id("customer")
    with world.ticket_as(ticket, "customer") as (seen, _):
        message = seen.messages[0]
    assert message.author_id == world.person_id("agent")
    assert message.author_team_id == world.team("care").id


# ── Replies ───────────────────────────────────────────────────────────────────────────────────────


def test_the_first_reply_of_staff_takes_it_in_hand(world: World) -> None:
    ticket = world.make_ticket()
    world.reply(ticket, "agent")
    after = world.reload(ticket)
    assert after.state == State.OPEN
    assert after.public_version > ticket.public_version
    assert [kind for kind, _ in history(world, ticket)] == ["ticket-opened", "ticket-state", "reply"]


@pytest.mark.parametrize(("verb", "state"), [(Verb.ASK, State.WAITING), (Verb.RESOLVE, State.RESOLVED)])
def test_a_reply_of_staff_may_ask_or_resolve_at_once(world: World, verb: Verb, state: State) -> None:
    ticket = world.make_ticket()
    with world.ticket_as(ticket, "agent") as (held, who):
        held.reply(who, "Done?", at=now(), audience=[held.organisation_id], then=verb, version=held.version)
    after = world.reload(ticket)
    assert after.state == state
    assert [kind for kind, _ in history(world, ticket)] == ["ticket-opened", "ticket-state", "reply"]


def test_a_stale_reply_that_decides_is_refused(world: World) -> None:
    ticket = world.make_ticket()
    with world.ticket_as(ticket, "agent") as (held, who), pytest.raises(Stale):
        held.reply(who, "Done", at=now(), audience=[held.organisation_id], then=Verb.RESOLVE, version=held.version - 1)


@pytest.mark.parametrize("state", [State.WAITING, State.RESOLVED, State.CLOSED])
def test_an_answer_of_the_customer_reopens(world: World, state: State) -> None:
    ticket = world.make_ticket(state=state, closed_at=now() - DAY)
    world.reply(ticket, "customer")
    after = world.reload(ticket)
    assert (after.state, after.closed_at, after.resolved_at) == (State.OPEN, None, None)


@pytest.mark.parametrize("state", [State.NEW, State.OPEN, State.ON_HOLD])
def test_an_answer_of_the_customer_moves_no_other_state(world: World, state: State) -> None:
    ticket = world.make_ticket(state=state)
    world.reply(ticket, "customer")
    assert world.reload(ticket).state == state


@pytest.mark.parametrize("hint", ["customer", "agent"])
def test_after_thirty_days_nothing_is_added_to_a_closed_one(world: World, hint: str) -> None:
    ticket = world.make_ticket(state=State.CLOSED, closed_at=now() - 30 * DAY)
    with pytest.raises(RuleBroken):
        world.reply(ticket, hint)
    within = world.make_ticket(state=State.CLOSED, closed_at=now() - 30 * DAY + timedelta(minutes=5))
    world.reply(within, hint)


def test_a_reply_is_read_by_a_company_at_least(world: World) -> None:
    ticket = world.make_ticket()
    with pytest.raises(RuleBroken):
        world.reply(ticket, "agent", audience=[])


def test_an_outsider_always_reads_what_they_said(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass")
    message = world.reply(ticket, "partner", audience=["glass"])
    with world.session() as session:
        readers = set(
            session.scalars(sa.select(MessageReader.organisation_id).where(MessageReader.message_id == message.id))
        )
    assert readers == {world.organisation("glass").id, world.organisation("wolf").id}


def test_what_only_some_of_the_room_read_moves_nothing_for_the_others(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass", state=State.OPEN)
    before = seen_from_outside(world.reload(ticket))
    message = world.reply(ticket, "agent", audience=["wolf"])
    assert seen_from_outside(world.reload(ticket)) == before
    with world.ticket_as(ticket, "agent") as (held, who):
        next(m for m in held.messages if m.id == message.id).withdraw(who, now())
    assert seen_from_outside(world.reload(ticket)) == before
    world.reply(ticket, "agent", audience=["wolf", "glass"])
    assert seen_from_outside(world.reload(ticket)) != before


def test_a_partner_without_consent_any_more_is_out_of_the_room(world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass", state=State.OPEN)
    with world.session() as session:
        for link in session.scalars(sa.select(PartnerLink)):
            link.consented_at = None
        session.commit()
    before = seen_from_outside(world.reload(ticket))
    world.reply(ticket, "agent", audience=["glass"])
    assert seen_from_outside(world.reload(ticket)) != before
    with pytest.raises(AssertionError, match="out of reach"):
        world.reply(ticket, "partner")


# ── Internal notes ────────────────────────────────────────────────────────────────────────────────


def test_a_note_moves_nothing_that_outsiders_see(world: World) -> None:
    ticket = world.make_ticket()
    before = world.reload(ticket)
    world.note(ticket, "agent")
    after = world.reload(ticket)
    assert seen_from_outside(after) == seen_from_outside(before)
    assert after.version > before.version
    assert after.activity_at > before.activity_at
    assert history(world, ticket)[-1] == ("note", set())


def test_outsiders_neither_read_nor_find_a_note(world: World) -> None:
    ticket = world.make_ticket()
    world.note(ticket, "agent", "unspeakable")
    for hint, count in (("customer", 1), ("customer-admin", 1), ("agent", 2), ("auditor", 2)):
        with world.as_(hint) as session:
            assert len(session.scalars(sa.select(Message.id)).all()) == count
            found = session.scalars(sa.select(SearchEntry.id).where(SearchEntry.words.contains("unspeakable"))).all()
            assert len(found) == count - 1


def test_an_outsider_writes_no_note(world: World) -> None:
    ticket = world.make_ticket()
    with pytest.raises(OutOfScope):
        world.note(ticket, "customer")


# ── Copies ────────────────────────────────────────────────────────────────────────────────────────


def test_a_copied_colleague_reads_along_until_left_out(world: World) -> None:
    ticket = world.make_ticket("customer-admin")
    colleague = world.person("customer")
    with world.ticket_as(ticket, "customer-admin") as (held, who):
        held.copy_in(who, colleague, at=now())
        held.copy_in(who, colleague, at=now())
    world.reply(ticket, "customer", "I read along.")
    with world.ticket_as(ticket, "customer-admin") as (held, who):
        held.leave_out(who, colleague, at=now())
        held.leave_out(who, colleague, at=now())
    with pytest.raises(AssertionError, match="out of reach"):
        world.reply(ticket, "customer")
    glass = {world.organisation("glass").id}
    kinds = history(world, ticket)
    assert kinds == [(kind, glass) for kind in ("ticket-opened", "ticket-copied", "reply", "ticket-left-out")]
    with world.session() as session:
        assert not session.scalars(sa.select(TicketCopy)).all()


# ── Withdrawing and redacting ─────────────────────────────────────────────────────────────────────


def gone(world: World, message: Message) -> tuple[str, int]:
    with world.session() as session:
        entries = session.scalars(sa.select(SearchEntry.id).where(SearchEntry.message_id == message.id)).all()
        return session.get_one(Message, message.id).body, len(entries)


def test_the_author_takes_a_message_back_for_fifteen_minutes(world: World) -> None:
    ticket = world.make_ticket()
    message = world.reply(ticket, "customer", "Nonsense")
    with world.ticket_as(ticket, "customer") as (held, who):
        session_of(held).get_one(Message, message.id).withdraw(who, now() + timedelta(minutes=14))
    assert gone(world, message) == ("", 0)
    assert history(world, ticket)[-1] == ("message-withdrawn", {world.organisation("glass").id})


def test_afterwards_or_twice_or_by_another_it_stays(world: World) -> None:
    ticket = world.make_ticket()
    message = world.reply(ticket, "customer", "Sense")
    late = now() + timedelta(minutes=16)
    for hint, at in (("customer", late), ("customer-admin", now()), ("agent", now())):
        with world.ticket_as(ticket, hint) as (held, who), pytest.raises(RuleBroken):
            session_of(held).get_one(Message, message.id).withdraw(who, at)
    assert gone(world, message) == ("Sense", 1)
    with world.ticket_as(ticket, "customer") as (held, who):
        found = session_of(held).get_one(Message, message.id)
        found.withdraw(who, now())
        with pytest.raises(RuleBroken):
            found.withdraw(who, now())


def test_the_account_manager_redacts(world: World) -> None:
    ticket = world.make_ticket()
    message = world.reply(ticket, "customer", "My card is 4111")
    with world.ticket_as(ticket, "account-manager") as (held, who):
        found = session_of(held).get_one(Message, message.id)
        found.redact(who, now() + DAY)
        with pytest.raises(RuleBroken):
            found.redact(who, now() + DAY)
    assert gone(world, message) == ("", 0)
    assert history(world, ticket)[-1] == ("message-redacted", {world.organisation("glass").id})


def test_taking_back_a_note_moves_nothing_outside(world: World) -> None:
    ticket = world.make_ticket()
    note = world.note(ticket, "agent")
    before = seen_from_outside(world.reload(ticket))
    with world.ticket_as(ticket, "agent") as (held, who):
        session_of(held).get_one(Message, note.id).withdraw(who, now())
    assert seen_from_outside(world.reload(ticket)) == before
    assert history(world, ticket)[-1] == ("message-withdrawn", set())
