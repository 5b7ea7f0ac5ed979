"""What is said on a ticket: replies and internal notes, their audience, and the words by which they are found."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Capacity, Principal
from portal.database import Base, HasRef, session_of
from portal.errors import RuleBroken
from portal.files.models import Attachment
from portal.organisations.models import Audience, Channel
from portal.text import words_of

if TYPE_CHECKING:
    from portal.tickets.models import Ticket

WITHDRAW_WITHIN = timedelta(minutes=15)
_IS_GONE = sa.or_(sa.column("withdrawn_at").is_not(None), sa.column("redacted_at").is_not(None))


class Message(HasRef, Base):
    """A reply or an internal note. Its audience is a stored set; its words go when it is withdrawn or redacted."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_ticket_id_id", "ticket_id", "id"),
        # The few whose words are gone, which every search asks for.
        sa.Index("ix_message_gone", "id", postgresql_where=_IS_GONE, sqlite_where=_IS_GONE),
    )
    ref_prefix = "M"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    # Empty for staff, whom outsiders see as their team.
    author_organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    author_team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    audience: Mapped[str] = mapped_column(sa.String(16))
    channel: Mapped[str] = mapped_column(sa.String(8), default=Channel.WEB)
    body: Mapped[str]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]
    redacted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    ticket: Mapped["Ticket"] = relationship(back_populates="messages")
    readers: Mapped[list["MessageReader"]] = relationship(back_populates="message")
    attachments: Mapped[list[Attachment]] = relationship()

    @property
    def is_note(self) -> bool:
        return self.audience == Audience.STAFF

    @property
    def is_gone(self) -> bool:
        return self.withdrawn_at is not None or self.redacted_at is not None

    @property
    def company_ids(self) -> frozenset[int]:
        return frozenset(reader.organisation_id for reader in self.readers)

    def may_be_withdrawn(self, person_id: int | None, at: datetime) -> bool:
        return person_id == self.author_id and not self.is_gone and at - self.created_at < WITHDRAW_WITHIN

    def withdraw(self, who: Principal, at: datetime) -> frozenset[str]:
        """The author takes it back: a tombstone stays. Raises RuleBroken after 15 minutes.

        Returns the hashes of its files, whose contents nobody may need any more.
        """
        if not self.may_be_withdrawn(who.person_id, at):
            raise RuleBroken(_l("A message can be taken back by its author within 15 minutes."))
        hashes = self._forget_words()
        self.withdrawn_at = at
        self._tell("message-withdrawn", who, at)
        return hashes

    def redact(self, who: Principal, at: datetime) -> frozenset[str]:
        """Staff take the words away for good: a tombstone stays. Raises RuleBroken when they are gone already.

        Returns the hashes of its files, likewise.
        """
        if self.is_gone:
            raise RuleBroken(_l("The words of this message are gone already."))
        hashes = self._forget_words()
        self.redacted_at, self.redacted_by_id = at, who.person_id
        self._tell("message-redacted", who, at)
        return hashes

    def _forget_words(self) -> frozenset[str]:
        """Before the message is marked as gone: afterwards its search entry and files are out of everybody's reach."""
        session = session_of(self)
        files = session.scalars(sa.select(Attachment).where(Attachment.message_id == self.id)).all()
        entries = session.scalars(sa.select(SearchEntry).where(SearchEntry.message_id == self.id)).all()
        for row in (*files, *entries):
            session.delete(row)
        # Now, while they are within reach; the names of files are words too.
        session.flush()
        self.body = ""
        return frozenset[str]().union(*(file.hashes for file in files))

    def _tell(self, kind: str, who: Principal, at: datetime) -> None:
        companies = self.company_ids
        self.ticket.has_moved(at, publicly=not self.is_note and self.ticket.is_heard_by_all(companies))
        self.ticket.record(kind, who, at, readers=companies, message_id=self.id)


class MessageReader(Base):
    """One company of a message's audience; with the author, so that whom a company knows is one look at an index."""

    __tablename__ = "message_reader"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "organisation_id"),
        sa.Index("ix_message_reader_organisation_id_author_id", "organisation_id", "author_id"),
        sa.Index("ix_message_reader_organisation_ids", "organisation_id", "author_organisation_id"),
    )

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    author_organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))

    message: Mapped[Message] = relationship(back_populates="readers")


@event.listens_for(MessageReader, "before_insert")
def _name_author(mapper: object, connection: object, reader: MessageReader) -> None:
    reader.author_id = reader.message.author_id
    reader.author_organisation_id = reader.message.author_organisation_id


class SearchEntry(Base):
    """The folded words of one message, or of the own fields of a ticket, deal or order: a hit reveals nothing beyond.

    `tokens` names the company and capacity, so that the full-text index itself narrows to them.
    """

    __tablename__ = "search_entry"
    __table_args__ = (sa.Index("ix_search_entry_ticket_id", "ticket_id"),)

    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), unique=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trade_order.id"), unique=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), unique=True)
    tokens: Mapped[str]
    words: Mapped[str]


def capacity_token(organisation_id: int, capacity: Capacity | str) -> str:
    """A word that nobody can type: what people search for holds letters and digits alone."""
    return f"@{organisation_id}{capacity[0]}"


def compose(
    ticket: "Ticket",
    who: Principal,
    body: str,
    at: datetime,
    companies: Iterable[int],
    attachments: Iterable[Attachment],
    channel: Channel,
) -> Message:
    """A message to staff and these companies, not in the session yet; without companies it is an internal note."""
    readers = [MessageReader(organisation_id=organisation_id) for organisation_id in sorted(companies)]
    return Message(
        ticket=ticket,
        author_id=who.person_id,
        author_organisation_id=None if who.is_staff else who.organisation_id,
        author_team_id=ticket.team_id if who.is_staff else None,
        audience=Audience.COMPANIES if readers else Audience.STAFF,
        channel=channel,
        body=body,
        created_at=at,
        readers=readers,
        attachments=list(attachments),
    )


def words_entry(ticket: "Ticket", message: Message | None = None) -> SearchEntry:
    """The words of a ticket; or of a message, with those of its ticket, so that a search may name both."""
    words = [ticket.search_words(), *(words_of(message.body) if message else ())]
    return SearchEntry(
        ticket_id=ticket.id,
        message_id=message.id if message else None,
        tokens=ticket.search_tokens(),
        words=" ".join(words),
    )
