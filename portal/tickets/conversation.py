"""Reading one ticket for its page: what was said and what happened, each in one statement.

Columns are selected, not entities: the number of statements does not grow with messages, files, readers or events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.access import FieldGroup, Principal
from portal.access.scope import keep
from portal.accounts.models import Person, Team
from portal.database import UtcDateTime
from portal.files.models import Attachment
from portal.organisations.models import Activity, Audience, Organisation
from portal.tickets.messages import WITHDRAW_WITHIN, Message, MessageReader
from portal.tickets.models import Ticket

# What is told between the messages; the messages speak for themselves.
EVENTS = (
    "ticket-state",
    "ticket-category",
    "ticket-priority",
    "ticket-assigned",
    "ticket-handed-on",
    "ticket-copied",
    "ticket-left-out",
    "record-shared",
    "room-joined",
    "share-ended",
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file under a message."""

    ref: str
    name: str
    size: int
    has_thumbnail: bool


@dataclass(slots=True)
class Said:
    """A message as its reader sees it. `author` is None where the reader does not know them by name."""

    id: int
    ref: str
    at: datetime
    body: str
    channel: str
    author: str | None
    organisation: str | None
    team: str | None
    is_staff: bool
    is_note: bool
    is_mine: bool
    withdrawn_at: datetime | None
    redacted_at: datetime | None
    files: list[FileLine] = field(default_factory=list)
    companies: list[str] = field(default_factory=list)

    @property
    def is_gone(self) -> bool:
        return self.withdrawn_at is not None or self.redacted_at is not None

    def may_be_withdrawn(self, at: datetime) -> bool:
        """The rule of `Message.may_be_withdrawn`, which is asked again when it is done."""
        return self.is_mine and not self.is_gone and at - self.at < WITHDRAW_WITHIN


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the ticket. `person` and `company` are whom it concerns, beside the one who made it."""

    ref: str
    at: datetime
    kind: str
    params: Mapping[str, Any]
    actor: str | None
    is_by_staff: bool
    person: str | None
    company: str | None = None


# What a row of the conversation has; where its kind has nothing to say in a column, it is null.
_TEXT, _NUMBER, _MOMENT = (sa.cast(sa.null(), kind) for kind in (sa.Text(), sa.Integer(), UtcDateTime()))
_NOTHING: dict[str, sa.ColumnElement[Any]] = {
    **dict.fromkeys(("id", "message_id"), _NUMBER),
    **dict.fromkeys(("ref", "words", "name", "organisation", "team", "audience", "channel"), _TEXT),
    **dict.fromkeys(("author_id", "author_organisation_id", "size"), _NUMBER),
    **dict.fromkeys(("at", "withdrawn_at", "redacted_at"), _MOMENT),
    "thumbnail": _TEXT,
}


def _row(kind: str, **columns: Any) -> sa.Select[Any]:
    """One kind of row, alike enough to the others for a union."""
    values = (value.label(name) for name, value in (_NOTHING | columns).items())
    return sa.select(sa.literal(kind).label("row_kind"), *values)


def _conversation(of_ticket: sa.ColumnElement[bool]) -> list[sa.Select[Any]]:
    """Messages, their files and their companies, each a row of the same columns."""
    return [_messages().where(of_ticket), _files().where(of_ticket), _companies().where(of_ticket)]


def _messages() -> sa.Select[Any]:
    statement = _row(
        "message",
        id=Message.id,
        message_id=Message.id,
        ref=Message.ref,
        words=Message.body,
        name=Person.name,
        organisation=Organisation.name,
        team=Team.name,
        audience=Message.audience,
        channel=Message.channel,
        author_id=Message.author_id,
        author_organisation_id=Message.author_organisation_id,
        at=Message.created_at,
        withdrawn_at=Message.withdrawn_at,
        redacted_at=Message.redacted_at,
    )
    return (
        statement.select_from(Message)
        .outerjoin(Person, Person.id == Message.author_id)
        .outerjoin(Organisation, Organisation.id == Message.author_organisation_id)
        .outerjoin(Team, Team.id == Message.author_team_id)
    )


def _files() -> sa.Select[Any]:
    return _row(
        "file",
        id=Attachment.id,
        message_id=Attachment.message_id,
        ref=Attachment.ref,
        name=Attachment.filename,
        size=sa.cast(Attachment.size, sa.Integer()),
        thumbnail=Attachment.thumbnail_sha256,
    ).join(Message, Message.id == Attachment.message_id)


def _companies() -> sa.Select[Any]:
    """Who reads a message; without a name where its reader does not know them."""
    return (
        _row("company", id=MessageReader.id, message_id=MessageReader.message_id, name=Organisation.name)
        .select_from(MessageReader)
        .join(Message, Message.id == MessageReader.message_id)
        .outerjoin(Organisation, Organisation.id == MessageReader.organisation_id)
    )


def _read(rows: Iterable[Any], who: Principal) -> list[Said]:
    said: dict[int, Said] = {}
    for row in sorted(rows, key=lambda row: (row.row_kind != "message", row.id)):
        if row.row_kind == "message":
            said[row.id] = _said(row, who)
        elif row.message_id not in said:
            continue
        elif row.row_kind == "file":
            line = FileLine(row.ref, row.name, row.size, row.thumbnail is not None)
            said[row.message_id].files.append(line)
        elif row.name is not None:
            said[row.message_id].companies.append(row.name)
    return list(said.values())


def _said(row: Any, who: Principal) -> Said:
    is_staff = row.author_organisation_id is None
    names_hidden = is_staff and not who.sees(FieldGroup.STAFF_NAMES)
    return Said(
        id=row.id,
        ref=row.ref,
        at=row.at,
        body=row.words,
        channel=row.channel,
        author=None if names_hidden else row.name,
        organisation=row.organisation,
        team=row.team,
        is_staff=is_staff,
        is_note=row.audience == Audience.STAFF,
        is_mine=row.author_id == who.person_id,
        withdrawn_at=row.withdrawn_at,
        redacted_at=row.redacted_at,
    )


def _since() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """What was said after a message, and the ticket itself, so that one out of reach is told from one without news."""
    ticket = sa.select(Ticket.id).where(Ticket.ref == sa.bindparam("ref")).scalar_subquery()
    last = sa.select(Message.id).where(Message.ref == sa.bindparam("after")).scalar_subquery()
    # Whoever has seen nothing yet asks after nothing; after an unknown message there is no news.
    is_later = sa.or_(sa.bindparam("after") == "", Message.id > last)
    is_there = _row("ticket", id=Ticket.id).where(Ticket.ref == sa.bindparam("ref"))
    return sa.union_all(*_conversation(sa.and_(Message.ticket_id == ticket, is_later)), is_there)


def _events() -> sa.Select[*tuple[Any, ...]]:
    actor, person = aliased(Person), aliased(Person)
    return (
        sa.select(
            Activity.ref,
            Activity.at,
            Activity.kind,
            Activity.params,
            actor.name.label("actor"),
            actor.is_staff.label("by_staff"),
            person.name.label("person"),
            Organisation.name.label("company"),
        )
        .outerjoin(actor, actor.id == Activity.actor_id)
        .outerjoin(person, person.id == Activity.params["person_id"].as_integer())
        .outerjoin(Organisation, Organisation.id == Activity.params["organisation_id"].as_integer())
        .where(Activity.ticket_id == sa.bindparam("ticket_id"), Activity.kind.in_(EVENTS))
        .order_by(Activity.id)
    )


# Put together once; row scope narrows them for each who asks.
_ALL = keep(sa.union_all(*_conversation(Message.ticket_id == sa.bindparam("ticket_id"))))
_NEWS = keep(_since())
_EVENTS = keep(_events())


def conversation(session: Session, who: Principal, ticket_id: int) -> list[Said]:
    """Everything on the ticket that its reader may read, in order."""
    return _read(session.execute(_ALL, {"ticket_id": ticket_id}), who)


def news(session: Session, who: Principal, ref: str, after: str) -> list[Said] | None:
    """What was said since the message of this reference; None when the ticket is not within reach."""
    rows: list[Any] = list(session.execute(_NEWS, {"ref": ref, "after": after}))
    if not any(row.row_kind == "ticket" for row in rows):
        return None
    return _read([row for row in rows if row.row_kind != "ticket"], who)


def events(session: Session, who: Principal, ticket_id: int) -> list[Event]:
    """Who changed what and when, in order."""
    names_staff = who.sees(FieldGroup.STAFF_NAMES)
    return [
        Event(
            ref=row.ref,
            at=row.at,
            kind=row.kind,
            params=row.params,
            actor=row.actor if names_staff or not row.by_staff else None,
            is_by_staff=bool(row.by_staff),
            person=row.person,
            company=row.company,
        )
        for row in session.execute(_EVENTS, {"ticket_id": ticket_id})
    ]
