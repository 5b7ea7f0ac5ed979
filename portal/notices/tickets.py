"""Whom to tell of what happens to a ticket. Called beside the verb, in its transaction, with the same actor and time.

Everybody who is told could read it at that moment, by the rules read backwards; the mail asks them again.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import unscoped
from portal.accounts.models import TeamMember
from portal.notices.notify import notify
from portal.tickets.messages import Message
from portal.tickets.models import Ticket
from portal.tickets.readers import Reader, outside_readers, staff_here, staff_told, told_outside, told_staff

_member = TeamMember.__table__.c


def tell_of_opening(session: Session, ticket: Ticket, message: Message, who: Principal, at: datetime) -> None:
    """The team, and outside those on whose behalf it was opened: the author or, in a company that did not open it
    itself, everybody who can read it. Who is copied in hears just that.
    """
    copied = {copy.person_id for copy in ticket.copies}
    told = {
        "ticket-opened": _team(session, ticket) & _ids(staff_told(session, ticket)),
        "opened-for-you": _ids(told_outside(outside_readers(session, ticket, message.company_ids))) - copied,
    }
    for kind, people in told.items():
        notify(
            people,
            kind=kind,
            event=f"opened:{ticket.id}",
            at=at,
            actor_id=who.person_id,
            ticket_id=ticket.id,
            message_id=message.id,
        )


def tell_of_message(session: Session, ticket: Ticket, message: Message, who: Principal, at: datetime) -> None:
    """Whoever takes part and can read it; of a note the staff alone.

    Staff who take part are the one who has the ticket in hand, or else the team, and all who have written in it. Of a
    company that hears it but in which nobody takes part, everybody who can read it is told.
    """
    session.flush()
    readers = [reader for reader in staff_here(session, ticket) if reader.reads_notes or not message.is_note]
    told = _ids(told_staff(ticket, readers))
    if not message.is_note:
        told |= _ids(told_outside(outside_readers(session, ticket, message.company_ids)))
    notify(
        told,
        kind="note" if message.is_note else "reply",
        event=f"message:{message.id}",
        at=at,
        actor_id=who.person_id,
        ticket_id=ticket.id,
        message_id=message.id,
    )


def tell_of_state(session: Session, ticket: Ticket, who: Principal, at: datetime, *, is_public: bool) -> None:
    """Those who take part. `is_public`: outsiders see it move too; being put on hold is our affair."""
    session.flush()
    told = {r.person_id for r in staff_told(session, ticket) if r.takes_part or r.person_id == ticket.assignee_id}
    if is_public:
        parties = filter(None, (ticket.organisation_id, ticket.opened_by_organisation_id))
        told |= _ids(told_outside(outside_readers(session, ticket, parties)))
    event = f"state:{ticket.id}:{at.timestamp():.6f}"
    notify(
        told,
        kind="state-changed",
        event=event,
        at=at,
        actor_id=who.person_id,
        ticket_id=ticket.id,
        state=ticket.state,
    )


def tell_of_assignment(session: Session, ticket: Ticket, who: Principal, at: datetime) -> None:
    """The one who has it in hand now."""
    _tell_staff(session, ticket, {ticket.assignee_id}, "assigned", who, at)


def tell_of_hand_on(session: Session, ticket: Ticket, who: Principal, at: datetime) -> None:
    """The team that has it now."""
    _tell_staff(session, ticket, _team(session, ticket), "handed-on", who, at)


def tell_of_copy(session: Session, ticket: Ticket, person_id: int, who: Principal, at: datetime) -> None:
    """The colleague who reads along from now on."""
    # The copy has to be there for those who ask who reads.
    session.flush()
    told = {person_id} & _ids(outside_readers(session, ticket, {ticket.organisation_id}))
    # Who was left out and is copied in anew is told anew.
    event = f"copied:{ticket.id}:{at.timestamp():.6f}"
    notify(told, kind="copied", event=event, at=at, actor_id=who.person_id, ticket_id=ticket.id)


def _tell_staff(
    session: Session, ticket: Ticket, people: set[int | None] | set[int], kind: str, who: Principal, at: datetime
) -> None:
    told = _ids(staff_told(session, ticket)) & people
    event = f"{kind}:{ticket.id}:{at.timestamp():.6f}"
    notify(told, kind=kind, event=event, at=at, actor_id=who.person_id, ticket_id=ticket.id)


def _team(session: Session, ticket: Ticket) -> set[int]:
    with unscoped("whose ticket it is"):
        members = sa.select(_member.person_id).where(_member.team_id == ticket.team_id)
        return set(session.connection().execute(members).scalars())


def _ids(readers: Iterable[Reader]) -> set[int]:
    return {reader.person_id for reader in readers}
