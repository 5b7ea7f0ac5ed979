"""Tickets, their messages and what makes them found."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.access import Capacity, Principal
from portal.accounts.models import Person, Team
from portal.database import Base, HasRef, session_of
from portal.errors import RuleBroken, Stale
from portal.files.models import Attachment
from portal.organisations.models import Channel, Organisation, record_activity
from portal.text import words_of
from portal.tickets.lifecycle import PUBLIC_STATES, REOPEN_WITHIN, Side, State, Verb, target_of
from portal.tickets.messages import Message, capacity_token, compose, words_entry

TOO_LATE = _l("This ticket was closed more than 30 days ago. Open a new one: it will be linked here.")


def side_of(who: Principal) -> Side:
    return Side.STAFF if who.is_staff else Side.OUTSIDERS


class Category(StrEnum):
    QUESTION = "question"
    PROBLEM = "problem"
    COMPLAINT = "complaint"
    CLAIM = "claim"
    REQUEST = "request"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Ticket(HasRef, Base):
    __tablename__ = "ticket"
    __table_args__ = (
        # The orders of the lists; the reference, which addresses may carry, makes each of them total.
        sa.Index("ix_ticket_public", "organisation_id", "capacity", "public_at", "ref"),
        sa.Index("ix_ticket_activity", "activity_at", "ref"),
        sa.Index("ix_ticket_created", "created_at", "ref"),
        sa.Index("ix_ticket_state", "state", "activity_at", "ref"),
        sa.Index("ix_ticket_capacity", "capacity", "activity_at", "ref"),
        sa.Index("ix_ticket_team", "team_id", "state", "activity_at", "ref"),
        sa.Index("ix_ticket_assignee", "assignee_id", "state", "activity_at", "ref"),
        sa.Index("ix_ticket_author", "author_id"),
        sa.Index("ix_ticket_opened_by_organisation_id", "opened_by_organisation_id"),
    )
    ref_prefix = "T"

    subject: Mapped[str]
    category: Mapped[str] = mapped_column(sa.String(16))
    priority: Mapped[str] = mapped_column(sa.String(16), default=Priority.NORMAL)
    state: Mapped[str] = mapped_column(sa.String(16), default=State.NEW)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    capacity: Mapped[str] = mapped_column(sa.String(8))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # The partner that opened it for a linked customer.
    opened_by_organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(sa.String(8), default=Channel.WEB)
    related_reference: Mapped[str] = mapped_column(default="")
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    created_at: Mapped[datetime]
    # Staff see every change; outsiders only those that concern them, in `public_at` and `public_version`.
    activity_at: Mapped[datetime]
    public_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    public_version: Mapped[int] = mapped_column(default=1)
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    author: Mapped[Person] = relationship(foreign_keys=author_id)
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    team: Mapped[Team] = relationship()
    messages: Mapped[list["Message"]] = relationship(back_populates="ticket", order_by="Message.id")
    copies: Mapped[list["TicketCopy"]] = relationship(back_populates="ticket")

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("activity_at", values["created_at"])
        values.setdefault("public_at", values["created_at"])
        super().__init__(**values)

    @property
    def is_finished(self) -> bool:
        return self.state in (State.RESOLVED, State.CLOSED)

    @property
    def public_state(self) -> str:
        return PUBLIC_STATES[State(self.state)]

    def may_be_reopened(self, at: datetime) -> bool:
        """Solved ones always, closed ones for 30 days; afterwards a new ticket follows."""
        if self.state == State.CLOSED:
            return self.closed_at is not None and at - self.closed_at < REOPEN_WITHIN
        return self.state == State.RESOLVED

    @classmethod
    def open(
        cls,
        session: Session,
        who: Principal,
        *,
        subject: str,
        body: str,
        at: datetime,
        category: Category,
        organisation_id: int,
        capacity: Capacity,
        team_id: int,
        author_id: int | None = None,
        audience: Iterable[int] = (),
        copied: Iterable[Person] = (),
        attachments: Iterable[Attachment] = (),
        channel: Channel = Channel.WEB,
        **facts: Any,
    ) -> "Ticket":
        """A new ticket with its first message; flushed, so that it has an id.

        `author_id` is the person on whose behalf staff open it; `facts` are further columns.
        """
        ticket = cls(
            subject=subject,
            category=category,
            organisation_id=organisation_id,
            capacity=capacity,
            team_id=team_id,
            author_id=author_id or who.person_id,
            channel=channel,
            created_at=at,
            **facts,
        )
        companies = frozenset({organisation_id, *audience})
        message = compose(ticket, who, body, at, companies, attachments, channel)
        copies = [TicketCopy(ticket=ticket, person_id=p.id, added_by_id=who.person_id, added_at=at) for p in copied]
        session.add_all([ticket, message, *copies])
        # All in one: who opens it for another team than their own writes in it now, and never again.
        session.flush()
        session.add_all([words_entry(ticket), words_entry(ticket, message)])
        ticket.record("ticket-opened", who, at, channel=channel, readers=companies)
        for copy in copies:
            ticket.record("ticket-copied", who, at, readers=ticket._own_company, person_id=copy.person_id)
        return ticket

    def reply(
        self,
        who: Principal,
        body: str,
        *,
        at: datetime,
        audience: Iterable[int],
        attachments: Iterable[Attachment] = (),
        channel: Channel = Channel.WEB,
        then: Verb | None = None,
        version: int | None = None,
    ) -> Message:
        """Say something to staff and these companies. An outsider's reply reopens; one of staff takes it in hand.

        Staff may ask or resolve in the same breath (`then`), which is a decision and needs the version looked at.
        Raises RuleBroken on a ticket that was closed more than 30 days ago, and without any company to read it.
        """
        companies = frozenset(audience)
        if not who.is_staff and who.organisation_id is not None:
            companies |= {who.organisation_id}
        if not companies:
            raise RuleBroken(_l("Choose at least one company that reads this, or write an internal note."))
        if self.state == State.CLOSED and not self.may_be_reopened(at):
            raise RuleBroken(TOO_LATE)
        if then is not None:
            self.check_version(who, version)
            self._move(then, side_of(who), who, at)
        elif who.is_staff and self.state == State.NEW:
            self._move(Verb.START, Side.STAFF, who, at)
        elif not who.is_staff and self.state in (State.WAITING, State.RESOLVED, State.CLOSED):
            self._move(Verb.ANSWER, Side.OUTSIDERS, who, at)
        message = self._say(who, body, at, companies, attachments, channel)
        self.record("reply", who, at, readers=companies, channel=channel, message_id=message.id)
        self.has_moved(at, publicly=self.is_heard_by_all(companies))
        return message

    def note(self, who: Principal, body: str, *, at: datetime, attachments: Iterable[Attachment] = ()) -> Message:
        """An internal note: staff alone read it, and nothing that outsiders see moves."""
        message = self._say(who, body, at, frozenset(), attachments, Channel.WEB)
        self.record("note", who, at, message_id=message.id)
        self.has_moved(at, publicly=False)
        return message

    def change_state(self, who: Principal, verb: Verb, *, at: datetime, version: int) -> None:
        """Raises Stale when it has moved since `version`, RuleBroken where the table has no such transition."""
        self.check_version(who, version)
        if verb == Verb.REOPEN and not self.may_be_reopened(at):
            raise RuleBroken(TOO_LATE)
        self._move(verb, side_of(who), who, at)

    def assign(self, who: Principal, person: Person | None, *, at: datetime, version: int) -> None:
        """Put it into somebody's hands, or back into nobody's."""
        self.check_version(who, version)
        before, self.assignee_id = self.assignee_id, person.id if person else None
        if before == self.assignee_id:
            return
        if self.state == State.NEW and person is not None:
            self._move(Verb.START, Side.STAFF, who, at)
        self.has_moved(at, publicly=False)
        self.record("ticket-assigned", who, at, person_id=self.assignee_id, from_person_id=before)

    def hand_on(self, who: Principal, team: Team, *, at: datetime, version: int) -> None:
        """Give it to another team; whoever had it in hand has it no longer."""
        self.check_version(who, version)
        if team.id == self.team_id:
            raise RuleBroken(_l("The ticket is with this team already."))
        before, assignee = self.team_id, self.assignee_id
        self.team_id, self.assignee_id = team.id, None
        self.has_moved(at, publicly=False)
        self.record("ticket-handed-on", who, at, from_team_id=before, team_id=team.id, from_person_id=assignee)

    def classify(self, who: Principal, *, category: Category, priority: Priority, at: datetime, version: int) -> None:
        self.check_version(who, version)
        for kind, field, value in (
            ("ticket-category", "category", category),
            ("ticket-priority", "priority", priority),
        ):
            before = getattr(self, field)
            if before != value:
                setattr(self, field, value)
                self.has_moved(at, publicly=True)
                self.record(kind, who, at, readers=self._parties, before=before, after=value)

    def copy_in(self, who: Principal, person: Person, *, at: datetime) -> bool:
        """A colleague of the ticket's company reads along from now on; the view has checked that they are one.

        False where they did already.
        """
        session = session_of(self)
        if session.scalar(
            sa.select(TicketCopy.id).where(TicketCopy.ticket_id == self.id, TicketCopy.person_id == person.id)
        ):
            return False
        session.add(TicketCopy(ticket=self, person_id=person.id, added_by_id=who.person_id, added_at=at))
        self.has_moved(at, publicly=True)
        self.record("ticket-copied", who, at, readers=self._own_company, person_id=person.id)
        return True

    def leave_out(self, who: Principal, person: Person, *, at: datetime) -> bool:
        """They no longer read along, unless they reach it in another way. False where they were not copied in."""
        copy = session_of(self).scalar(
            sa.select(TicketCopy).where(TicketCopy.ticket_id == self.id, TicketCopy.person_id == person.id)
        )
        if copy is None:
            return False
        session_of(self).delete(copy)
        self.has_moved(at, publicly=True)
        self.record("ticket-left-out", who, at, readers=self._own_company, person_id=person.id)
        return True

    def check_version(self, who: Principal, version: int | None) -> None:
        """Raises Stale when the ticket has moved since it was looked at, as far as this reader can see it move."""
        if version != (self.version if who.is_staff else self.public_version):
            raise Stale(_l("Somebody else changed this in the meantime. Look at it again, then decide."))

    def version_for(self, who: Principal) -> int:
        return self.version if who.is_staff else self.public_version

    def record(
        self,
        kind: str,
        who: Principal,
        at: datetime,
        *,
        readers: frozenset[int] = frozenset(),
        channel: Channel = Channel.WEB,
        message_id: int | None = None,
        **params: Any,
    ) -> None:
        """Write it into the contact history of every company that it concerns."""
        concerns: dict[int, Capacity | None] = {self.organisation_id: Capacity(self.capacity)}
        if self.opened_by_organisation_id is not None:
            concerns[self.opened_by_organisation_id] = Capacity.PARTNER
        for organisation_id in readers:
            concerns.setdefault(organisation_id, None)
        session_of(self).add(
            record_activity(
                kind,
                at=at,
                actor_id=who.person_id,
                concerns=concerns,
                readers=readers,
                channel=channel,
                ticket_id=self.id,
                message_id=message_id,
                **params,
            )
        )

    def search_tokens(self) -> str:
        tokens = capacity_token(self.organisation_id, self.capacity)
        if self.opened_by_organisation_id is not None:
            tokens += " " + capacity_token(self.opened_by_organisation_id, Capacity.PARTNER)
        return tokens

    def search_words(self) -> str:
        return " ".join(words_of(f"{self.ref} {self.subject} {self.related_reference or ''}"))

    @property
    def _own_company(self) -> frozenset[int]:
        return frozenset({self.organisation_id})

    @property
    def _parties(self) -> frozenset[int]:
        """The company that it is about, and the partner that opened it for them."""
        return frozenset(filter(None, (self.organisation_id, self.opened_by_organisation_id)))

    def is_heard_by_all(self, companies: Iterable[int]) -> bool:
        """Whether every company in the room reads it. What one of them does not read moves nothing that it sees."""
        from portal.tickets.readers import companies_here

        return companies_here(session_of(self), self).keys() <= set(companies)

    def _move(self, verb: Verb, side: Side, who: Principal, at: datetime) -> None:
        before, public_before = self.state, self.public_state
        self.state = target_of(before, verb, side)
        if self.state == State.RESOLVED:
            self.resolved_at = at
        elif not self.is_finished:
            self.resolved_at = None
        self.closed_at = at if self.state == State.CLOSED else None
        is_public = self.public_state != public_before
        self.has_moved(at, publicly=is_public)
        # On hold and open are one and the same to outsiders: what they cannot see they do not read of.
        readers = self._parties if is_public else frozenset[int]()
        self.record("ticket-state", who, at, readers=readers, verb=verb, before=before, after=self.state)

    def _say(
        self,
        who: Principal,
        body: str,
        at: datetime,
        companies: frozenset[int],
        attachments: Iterable[Attachment],
        channel: Channel,
    ) -> Message:
        message = compose(self, who, body, at, companies, attachments, channel)
        session_of(self).add(message)
        session_of(self).flush()
        session_of(self).add(words_entry(self, message))
        return message

    def has_moved(self, at: datetime, *, publicly: bool) -> None:
        """Note a change: internal ones move nothing that outsiders can see."""
        self.activity_at = at
        if publicly:
            self.public_at = at
            self.public_version += 1


class TicketCopy(Base):
    """A colleague of the ticket's company who reads along and may answer."""

    __tablename__ = "ticket_copy"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "person_id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(back_populates="copies")
