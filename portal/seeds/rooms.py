"""What is shared in the sample world, offered and taken up through the verbs by those who would have done it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.accounts.models import Person
from portal.notices.notify import notify
from portal.notices.tickets import tell_of_message
from portal.organisations.models import Share
from portal.rooms import sharing
from portal.rooms.joining import join
from portal.rooms.kinds import KINDS

Who = Callable[[str, str], Principal]


@dataclass(frozen=True, slots=True)
class RoomStory:
    """A share of the ticket with this subject, or of the deal about this customer.

    `address` is one, or the hint of whose it is; `joins` says for which company of theirs, and is empty while nobody
    has joined. `days` is how long it lasts, none without an end; `ended` how many days ago somebody ended it. `said`
    is what the guest then writes.
    """

    kind: str
    title: str
    sharer: str
    address: str
    days_ago: float
    joins: str = ""
    acting: str = ""
    days: int | None = 90
    is_for_company: bool = False
    reads_past: bool = False
    ended: float | None = None
    said: str = ""


ROOM_STORIES: tuple[RoomStory, ...] = (
    # A customer lets their partner in, who reads what was said so far.
    RoomStory(
        "ticket",
        "Prasklé desky v poslední zásilce",
        "customer",
        "partner",
        0.8,
        joins="wolf",
        reads_past=True,
        said="Dzień dobry, mamy w magazynie sześć takich samych płyt. Możemy je dowieźć jutro.",
    ),
    # Staff let a supplier in, the whole company and without an end; what was said before is not theirs.
    RoomStory(
        "ticket",
        "Termín dodání skleněných polotovarů",
        "agent",
        "supplier",
        1.2,
        joins="looms",
        days=None,
        is_for_company=True,
        said="Laba diena, pakavimo medžiaga šiam užsakymui išsiųsta vakar, turėtų atkeliauti rytoj iki pietų.",
    ),
    # Over: somebody ended it.
    RoomStory(
        "ticket",
        "Materiały szkoleniowe po polsku",
        "partner-admin",
        "many",
        11.5,
        joins="herons",
        ended=8,
    ),
    # Nobody has joined yet, and nobody here has that address.
    RoomStory("ticket", "Faktura přišla dvakrát", "customer", "ucetni@tiche-ucty.example.net", 1.5, days=30),
    # Two partners work together on a deal: one person alone, who reads all that happened.
    RoomStory("deal", "Silent Echo Forge", "partner-admin", "many", 20, joins="herons", reads_past=True, days=120),
    # A whole partner company.
    RoomStory(
        "deal",
        "Aftab Dasht Sepidar Co.",
        "many",
        "partner-admin",
        1.5,
        acting="herons",
        joins="wolf",
        is_for_company=True,
    ),
    # Waits to be joined on the start page of one of the cast.
    RoomStory("deal", "Azuolo Ziburys, uždaroji akcinė bendrovė", "rival-partner", "partner", 0.5, days=60),
    RoomStory("deal", "Bramblewick Instruments plc", "rival-partner", "partner", 45, joins="wolf", ended=30),
)


class RoomPlanter:
    """The session serves the system, the verbs hear who acts."""

    def __init__(self, session: Session, who: Who, people: Mapping[str, Person]) -> None:
        self.session, self.who = session, who
        emails = dict(session.execute(sa.select(Person.id, Person.email)).all())
        # Kept here, since joining forgets what was loaded.
        self.addresses = {hint: (person.id, emails[person.id]) for hint, person in people.items()}

    def plant(self, until: datetime) -> None:
        self.session.flush()
        for story in sorted(ROOM_STORIES, key=lambda story: -story.days_ago):
            self.tell(story, until)

    def tell(self, story: RoomStory, until: datetime) -> None:
        at, kind = until - timedelta(days=story.days_ago), KINDS[story.kind]
        sharer = self.who(story.sharer, story.acting)
        person_id, address = self.addresses.get(story.address, (None, story.address))
        share = sharing.offer(
            self.session,
            sharer,
            kind,
            self.record(story),
            address=address,
            is_for_company=story.is_for_company,
            reads_past=story.reads_past,
            ends_at=None if story.days is None else at + timedelta(days=story.days),
            at=at,
        )
        of: dict[str, Any] = {"share": share.ref, "record": kind.name}
        event, actor_id = f"shared:{share.ref}", sharer.person_id
        notify([person_id], kind="shared", event=event, at=at, actor_id=actor_id, by_mail=False, **of)
        self.session.flush()
        if story.joins:
            self.take_up(story, share.ref, at + timedelta(hours=2), until)

    def take_up(self, story: RoomStory, ref: str, at: datetime, until: datetime) -> None:
        guest = self.who(story.address, story.joins)
        assert guest.acting is not None
        join(self.session, guest, ref, guest.acting.key, at)
        self.session.flush()
        kind, record = KINDS[story.kind], self.record(story)
        if story.said:
            at += timedelta(hours=1)
            audience = {record.organisation_id, guest.organisation_id}
            tell_of_message(self.session, record, record.reply(guest, story.said, at=at, audience=audience), guest, at)
        if story.ended is not None:
            share = self.session.scalars(sa.select(Share).where(Share.ref == ref)).one()
            sharer = self.who(story.sharer, story.acting)
            sharing.end(self.session, sharer, kind, record, share, until - timedelta(days=story.ended))
        self.session.flush()

    def record(self, story: RoomStory) -> Any:
        """The latest one, where a customer was registered more than once."""
        model = KINDS[story.kind].model
        named = sa.select(model).where(getattr(model, KINDS[story.kind].title) == story.title)
        return self.session.scalars(named.order_by(model.id.desc()).limit(1)).one()
