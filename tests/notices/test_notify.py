"""One notice for each person and event, never for the one who did it, never for who may not read it."""

import pytest
import sqlalchemy as sa

from portal.access import Principal
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.notices.notify import notify
from portal.notices.tickets import (
    tell_of_assignment,
    tell_of_copy,
    tell_of_hand_on,
    tell_of_message,
    tell_of_opening,
    tell_of_state,
)
from portal.organisations.models import Share
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from tests.world import World


def told(world: World, kind: str) -> set[int]:
    with world.session() as session:
        return set(session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind)))


def ids(world: World, *hints: str) -> set[int]:
    return {world.person_id(hint) for hint in hints}


def tell(world: World, ticket: Ticket, message: Message, hint: str) -> None:
    with world.ticket_as(ticket, hint) as (found, who):
        session = sa.orm.object_session(found)
        assert session is not None
        tell_of_message(session, found, session.get_one(Message, message.id), who, now())


def test_telling_twice_tells_once_and_promises_one_mail(world: World) -> None:
    ticket = world.make_ticket("customer")
    people = [world.person_id("agent"), world.person_id("agent-2"), world.person_id("agent"), None]
    with world.as_("customer") as session:
        for expected in (2, 0):
            assert notify(people, kind="ticket-opened", event="opened:1", at=now(), ticket_id=ticket.id) == expected
            session.commit()
    with world.session() as session:
        refs = set(session.scalars(sa.select(Notice.ref)))
        jobs = session.scalars(sa.select(Job).where(Job.kind == "mail.notice")).all()
    assert len(refs) == 2
    assert {job.params["notice"] for job in jobs} == refs


def test_nobody_is_told_of_what_they_did(world: World) -> None:
    me = world.person_id("customer")
    with world.as_("customer"):
        assert notify([me], kind="reply", event="message:1", at=now(), actor_id=me) == 0


def test_an_unknown_kind_is_a_fault(world: World) -> None:
    with world.as_("customer"), pytest.raises(ValueError, match="no kind"):
        notify([1], kind="gossip", event="x", at=now())


def test_what_is_rolled_back_tells_nobody(world: World) -> None:
    with world.as_("customer") as session:
        notify([world.person_id("agent")], kind="reply", event="message:1", at=now())
        session.rollback()
    assert told(world, "reply") == set()


def test_a_new_ticket_is_told_to_its_team(world: World) -> None:
    ticket = world.make_ticket("customer", team="care")
    with world.ticket_as(ticket, "customer") as (found, who):
        session = sa.orm.object_session(found)
        assert session is not None
        tell_of_opening(session, found, session.scalars(sa.select(Message)).one(), who, now())
    assert world.person_id("agent") in told(world, "ticket-opened")
    assert not told(world, "ticket-opened") & ids(world, "customer", "customer-admin", "rival", "agent-2")


def test_a_reply_of_staff_is_told_to_the_author_and_the_copied_but_not_to_every_admin(world: World) -> None:
    ticket = world.make_ticket("customer", copies=[])
    message = world.reply(ticket, "agent")
    tell(world, ticket, message, "agent")
    assert world.person_id("customer") in told(world, "reply")
    assert not told(world, "reply") & ids(world, "customer-admin", "agent", "rival")


def test_a_reply_of_the_customer_is_told_to_the_one_who_has_it_in_hand(world: World) -> None:
    ticket = world.make_ticket("customer")
    with world.ticket_as(ticket, "agent") as (found, who):
        found.assignee_id = who.person_id
    message = world.reply(world.reload(ticket), "customer")
    tell(world, ticket, message, "customer")
    assert told(world, "reply") == ids(world, "agent")


def test_a_note_is_told_to_staff_alone(world: World) -> None:
    ticket = world.make_ticket("customer")
    message = world.note(ticket, "account-manager")
    tell(world, ticket, message, "account-manager")
    with world.session() as session:
        outsiders = session.scalars(
            sa.select(Person.id).where(Person.id.in_(told(world, "note")), sa.not_(Person.is_staff))
        ).all()
    assert outsiders == []
    assert world.person_id("agent") in told(world, "note")


def test_who_has_left_is_not_told_and_the_admin_is_told_instead(world: World) -> None:
    ticket = world.make_ticket("customer")
    with world.session() as session:
        for membership in session.scalars(
            sa.select(Membership).where(Membership.person_id == world.person_id("customer"))
        ):
            membership.ended_at = now()
        session.commit()
    tell(world, ticket, world.reply(ticket, "agent"), "agent")
    assert world.person_id("customer") not in told(world, "reply")
    assert world.person_id("customer-admin") in told(world, "reply")


def test_a_company_that_a_ticket_is_shared_with_is_told_of_what_it_hears(world: World) -> None:
    ticket = world.make_ticket("customer")
    with world.session() as session:
        session.add(
            Share(
                record_kind="ticket",
                record_id=ticket.id,
                organisation_id=world.organisation("wolf").id,
                shared_by_id=world.person_id("customer-admin"),
                starts_at=now(),
            )
        )
        session.commit()
    tell(world, ticket, world.reply(ticket, "agent"), "agent")
    assert not told(world, "reply") & ids(world, "partner", "partner-admin")
    tell(world, ticket, world.reply(ticket, "agent", audience=["glass", "wolf"]), "agent")
    assert told(world, "reply") >= ids(world, "partner", "partner-admin")


def test_what_happens_inside_is_not_told_to_outsiders(world: World) -> None:
    ticket, assignee = world.make_ticket("customer"), world.person_id("agent-2")
    with world.ticket_as(ticket, "agent") as (found, who):
        session = sa.orm.object_session(found)
        assert session is not None
        found.assignee_id = assignee
        tell_of_assignment(session, found, who, now())
        tell_of_hand_on(session, found, who, now())
        tell_of_state(session, found, who, now(), is_public=False)
    assert told(world, "assigned") == ids(world, "agent-2")
    for kind in ("handed-on", "state-changed", "assigned"):
        assert not told(world, kind) & ids(world, "customer", "customer-admin")


def test_a_state_that_outsiders_see_and_a_copy_are_told_to_them(world: World) -> None:
    ticket = world.make_ticket("customer")
    colleague, rival = world.person_id("customer-admin"), world.person_id("rival")
    with world.ticket_as(ticket, "agent") as (found, who):
        session = sa.orm.object_session(found)
        assert session is not None
        tell_of_state(session, found, who, now(), is_public=True)
    with world.ticket_as(ticket, "customer") as (found, who):
        session = sa.orm.object_session(found)
        assert session is not None
        tell_of_copy(session, found, colleague, who, now())
        tell_of_copy(session, found, rival, who, now())
    assert world.person_id("customer") in told(world, "state-changed")
    assert told(world, "copied") == ids(world, "customer-admin")


def test_mail_is_promised_only_to_those_who_want_it(world: World) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("agent")).mail_choices = {"reply": False}
        session.commit()
        with_mail, without = world.person_id("agent-2"), world.person_id("agent")
        notify([with_mail, without], kind="reply", event="message:1", at=now())
        session.commit()
        assert session.scalar(sa.select(sa.func.count(Notice.id))) == 2
        assert session.scalar(sa.select(sa.func.count(Job.id))) == 1


def test_a_notice_disappears_with_the_right_to_read_what_it_is_about(world: World) -> None:
    ticket = world.make_ticket("customer")
    note = world.note(ticket, "agent")
    everybody = ids(world, "customer", "rival", "agent")
    with world.session() as session:
        notify(everybody, kind="note", event="message:1", at=now(), ticket_id=ticket.id, message_id=note.id)
        session.commit()

    def seen(who: str) -> int:
        with world.as_(who) as session:
            return session.scalar(sa.select(sa.func.count(Notice.id))) or 0

    assert [seen("customer"), seen("rival"), seen("agent")] == [0, 0, 1]


def test_the_system_is_no_person_and_tells_without_an_actor(world: World) -> None:
    with world.session() as session:
        assert session.info["principal"] == Principal.system("test")
        assert notify([world.person_id("agent")], kind="request-to-join", event="request:1", at=now()) == 1
