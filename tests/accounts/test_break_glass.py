"""Break-glass access below the pages: what it opens, what it never opens, and how it is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, undefer_group

from portal.access import Role
from portal.access.scope import OutOfScope
from portal.accounts.break_glass import LONGEST, BreakGlass
from portal.accounts.models import StaffRole
from portal.clock import now
from portal.database import session_of
from portal.errors import RuleBroken
from portal.files.models import Attachment
from portal.organisations.models import Activity, Organisation
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from portal.tickets.readers import readers, told_staff
from tests.world import World


@pytest.fixture
def ticket(world: World) -> Ticket:
    """A customer's, with a reply, an internal note and a file, in the hands of a restricted team."""
    ticket = world.make_ticket("customer", team="confidential", subject="Not for the administrator")
    world.reply(ticket, "agent-2", "An answer.", attachments=[world.stored()])
    world.note(ticket, "agent-2")
    return ticket


def reads(world: World, hint: str = "admin") -> list[int]:
    """How many tickets, messages, files and entries of the history that member of the staff reads."""
    with world.as_(hint) as session:
        models = (Ticket, Message, Attachment, Activity)
        return [session.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in models]


def make_admin(world: World, hint: str) -> None:
    with world.session() as session:
        at = now()
        session.add(StaffRole(person_id=world.person_id(hint), role=Role.ADMIN, granted_at=at, confirmed_at=at))
        session.commit()


def written(session: Session, attempt: Callable[..., object], ticket: Ticket) -> None:
    attempt(ticket, session.info["principal"])
    session.flush()


def test_it_opens_what_an_auditor_reads_and_is_over_by_itself(world: World, ticket: Ticket) -> None:
    assert reads(world) == [0, 0, 0, 0]
    glass = world.break_glass(length=timedelta(minutes=30))
    assert reads(world) == reads(world, "auditor") == [1, 3, 1, 4]
    with time_machine.travel(glass.ends_at - timedelta(seconds=1), tick=False):
        assert reads(world) == [1, 3, 1, 4]
    with time_machine.travel(glass.ends_at, tick=False):
        assert reads(world) == [0, 0, 0, 0]


def test_it_goes_with_the_role_of_an_administrator(world: World, ticket: Ticket) -> None:
    world.break_glass()
    with world.session() as session:
        session.delete(session.scalars(sa.select(StaffRole).where(StaffRole.role == Role.ADMIN)).one())
        session.commit()
    assert reads(world) == [0, 0, 0, 0]
    assert Role.BREAK_GLASS not in world.principal("admin").roles


def test_nobody_else_opens_it(world: World) -> None:
    for hint in ("agent", "moderator", "account-manager", "auditor", "customer-admin"):
        with pytest.raises(OutOfScope):
            world.break_glass(hint)


def test_it_lasts_four_hours_at_most(world: World) -> None:
    with pytest.raises(ValueError, match="4:00:00"):
        world.break_glass(length=LONGEST + timedelta(seconds=1))
    glass = world.break_glass(length=LONGEST)
    for changed in ("ends_at", "started_at", "reason"):
        with world.as_("admin") as session:
            held = session.get_one(BreakGlass, glass.id)
            setattr(held, changed, "Another reason." if changed == "reason" else glass.ends_at + timedelta(hours=1))
            with pytest.raises(OutOfScope):
                session.flush()


def test_one_at_a_time_and_none_of_somebody_else(world: World) -> None:
    make_admin(world, "moderator")
    first = world.break_glass(length=timedelta(minutes=30))
    with pytest.raises(RuleBroken):
        world.break_glass()
    world.break_glass("moderator")
    with world.as_("moderator") as session:
        session.get_one(BreakGlass, first.id).end(now())
        with pytest.raises(OutOfScope):
            session.flush()
    with time_machine.travel(first.ends_at + timedelta(minutes=5)):
        second = world.break_glass()
    with world.session() as session:
        assert session.get_one(BreakGlass, first.id).ended_at == first.ends_at
        assert session.get_one(BreakGlass, second.id).ended_at is None


def test_what_is_ended_stays_ended(world: World) -> None:
    glass = world.break_glass()
    with world.as_("admin") as session:
        session.get_one(BreakGlass, glass.id).end(now())
        session.commit()
    with world.as_("admin") as session:
        session.get_one(BreakGlass, glass.id).ended_at = None
        with pytest.raises(OutOfScope):
            session.flush()


def test_who_looks_on_is_among_the_readers_and_told_of_nothing(world: World, ticket: Ticket) -> None:
    world.break_glass()
    admin = world.person("admin")
    with world.ticket_as(ticket, "agent-2") as (held, _):
        for notes in (True, False):
            staff = [r for r in readers(session_of(held), held, [], notes=notes) if r.person_id == admin.id]
            assert [reader.name for reader in staff] == [admin.name]
        assert told_staff(held, staff) == []
        assert not staff[0].works


def test_it_redacts_and_writes_nothing_else(world: World, ticket: Ticket) -> None:
    world.break_glass()
    at = now()
    with world.ticket_as(ticket, "admin") as (held, who):
        held.messages[1].redact(who, at)
    assert world.reload(ticket).activity_at == at
    attempts = (
        lambda held, who: held.reply(who, "Hello.", at=at, audience=[held.organisation_id]),
        lambda held, who: held.note(who, "Hello.", at=at),
        lambda held, who: setattr(held, "state", "closed"),
        lambda held, who: setattr(held, "assignee_id", who.person_id),
        lambda held, who: setattr(held.messages[0], "body", "Other words."),
        lambda held, who: setattr(held.messages[0], "withdrawn_at", at),
    )
    for attempt in attempts:
        with world.as_("admin") as session:
            held = session.get_one(Ticket, ticket.id)
            with pytest.raises(OutOfScope):
                written(session, attempt, held)


def test_it_changes_no_field_that_it_opens(world: World) -> None:
    glass_works = world.organisation("glass").id
    world.break_glass()
    with world.as_("admin") as session:
        opened = sa.select(Organisation).where(Organisation.id == glass_works).options(undefer_group("phase"))
        organisation = session.scalars(opened).one()
        organisation.phase = "leaving"
        with pytest.raises(OutOfScope):
            session.flush()
    with world.as_("admin") as session:
        session.get_one(Organisation, glass_works).country = "SK"
        session.commit()
