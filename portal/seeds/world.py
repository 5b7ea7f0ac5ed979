"""A living sample world in six languages, for the demonstration: the stories, told through the verbs."""

import io
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.access.scope import acting_as
from portal.accounts.models import CategoryTeam, Person
from portal.accounts.sessions import principal_of_person
from portal.business_hours.models import BusinessHours
from portal.clock import now
from portal.config import settings
from portal.extensions import db
from portal.files import thumbnails
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.notices.tickets import tell_of_copy, tell_of_message, tell_of_opening
from portal.organisations.models import Channel, record_activity
from portal.seeds.cast import plant_cast
from portal.seeds.deals import DealPlanter
from portal.seeds.details import business_hours
from portal.seeds.leads import LeadPlanter
from portal.seeds.order_acts import OrderActor
from portal.seeds.orders import OrderPlanter
from portal.seeds.records import Records
from portal.seeds.rfqs import RfqPlanter
from portal.seeds.rooms import RoomPlanter
from portal.seeds.stories import CONTACTS, STORIES, Contact, Story, Turn
from portal.seeds.webhooks import plant_webhooks
from portal.tickets.lifecycle import State, Verb
from portal.tickets.models import Category, Ticket

# Everybody in the sample world signed up this long ago.
SINCE = timedelta(days=400)
VERBS = {"ask": Verb.ASK, "resolve": Verb.RESOLVE, "hold": Verb.HOLD, "close": Verb.CLOSE}


def plant_world(app: Flask) -> bool:
    """Fill an empty database; returns whether it did. Refuses a production database."""
    if settings().is_production:
        raise RuntimeError("sample data is not for production")
    with acting_as(db.session(), Principal.system("plant the sample world")):
        if db.session.scalar(sa.select(Person.id).limit(1)) is not None:
            return False
        at = now()
        plant_cast(db.session(), issuer=settings().providers[0].issuer, at=at - SINCE)
        records = Records(db.session())
        records.settle(at - SINCE)
        db.session.add(BusinessHours(business_hours(at.year)))
        planter = _Planter(db.session(), records)
        # Oldest first, so that ids and histories run as they would have.
        for story in sorted(STORIES, key=lambda story: -story.days_ago):
            planter.tell(story, at - timedelta(days=story.days_ago), at)
        for contact in CONTACTS:
            planter.write_down(contact, at - timedelta(days=contact.days_ago))
        OrderPlanter(db.session(), records.companies).plant(at)
        OrderActor(app, db.session(), planter.company_ids, planter.who, at).plant()
        RfqPlanter(db.session(), planter.company_ids, planter.who, at).plant()
        DealPlanter(db.session(), planter.who).plant(at)
        LeadPlanter(db.session(), planter.who).plant(at)
        RoomPlanter(db.session(), planter.who, planter.people).plant(at)
        plant_webhooks(db.session(), planter.who("customer-admin"), at)
        _let_it_be_known(db.session(), at - timedelta(days=2))
        db.session.commit()
    return True


def _let_it_be_known(session: Session, until: datetime) -> None:
    """What happened before `until` has been read, and whatever mail was due went out long ago."""
    session.flush()
    session.execute(sa.update(Notice).where(Notice.created_at < until).values(read_at=until))
    # What the clock has promised stays.
    session.execute(sa.delete(Job).where(Job.kind.like("mail.%")))


class _Planter:
    """Tells stories in the name of the cast; the session serves the system, the verbs hear who acts."""

    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.people, self.companies, self.teams = records.people, records.companies, records.teams
        # Known still when the session has forgotten them.
        self.person_ids = {hint: person.id for hint, person in self.people.items()}
        self.company_ids = {key: company.id for key, company in self.companies.items()}
        self.default_teams = {row.category: row.team_id for row in session.scalars(sa.select(CategoryTeam))}

    def who(self, hint: str, acting: str = "") -> Principal:
        found = principal_of_person(self.person_ids[hint])
        assert found is not None
        company, _, capacity = acting.partition(".")
        if not company:
            return found
        wanted = self.company_ids[company]
        return found.acting_for(
            next(c for c in found.choices if c.organisation_id == wanted and (not capacity or c.capacity == capacity))
        )

    def tell(self, story: Story, at: datetime, until: datetime) -> None:
        who = self.who(story.author, story.acting)
        assert who.acting is not None
        owner = self.companies[story.for_customer].id if story.for_customer else who.acting.organisation_id
        ticket = Ticket.open(
            self.session,
            who,
            subject=story.subject,
            body=story.body,
            at=at,
            category=Category(story.category),
            organisation_id=owner,
            capacity=Capacity.CUSTOMER if story.for_customer else who.acting.capacity,
            team_id=self.teams[story.team].id if story.team else self.default_teams[story.category],
            audience={owner, who.acting.organisation_id},
            attachments=[_picture(at)] if story.picture else [],
            priority=story.priority,
            related_reference=story.reference,
            opened_by_organisation_id=who.acting.organisation_id if story.for_customer else None,
        )
        tell_of_opening(self.session, ticket, ticket.messages[0], who, at)
        for hint in story.copies:
            ticket.copy_in(who, self.people[hint], at=at)
            tell_of_copy(self.session, ticket, self.people[hint].id, who, at)
        for turn in story.turns:
            at += timedelta(hours=turn.hours)
            if at < until:
                self.take_turn(ticket, turn, self.who(turn.who, story.acting if turn.who == story.author else ""), at)

    def take_turn(self, ticket: Ticket, turn: Turn, who: Principal, at: datetime) -> None:
        audience = {ticket.organisation_id, *filter(None, [ticket.opened_by_organisation_id])}
        if turn.kind == "take":
            ticket.assign(who, self.people[turn.who], at=at, version=ticket.version_for(who))
        elif turn.kind == "note":
            tell_of_message(self.session, ticket, ticket.note(who, turn.text, at=at), who, at)
        elif turn.text:
            tell_of_message(self.session, ticket, ticket.reply(who, turn.text, at=at, audience=audience), who, at)
        self.session.flush()
        if turn.kind in VERBS and not (turn.kind == "close" and ticket.state == State.CLOSED):
            ticket.change_state(who, VERBS[turn.kind], at=at, version=ticket.version_for(who))
        self.session.flush()

    def write_down(self, contact: Contact, at: datetime) -> None:
        company = self.companies[contact.company]
        readers = frozenset({company.id}) if contact.is_shared else frozenset[int]()
        self.session.add(
            record_activity(
                "contact",
                at=at,
                actor_id=self.people[contact.who].id,
                concerns={company.id: None},
                readers=readers,
                channel=Channel(contact.channel),
                subject=contact.subject,
                note=contact.text,
            )
        )


def _picture(at: datetime) -> Attachment:
    """A drawn picture, so that no photograph of anything real is in the sample world."""
    image = Image.new("RGB", (960, 640), "#dfe7ee")
    pen = ImageDraw.Draw(image)
    for step in range(12):
        pen.rectangle((80 + step * 34, 90 + step * 18, 520 + step * 34, 330 + step * 18), outline="#2f5d8a", width=5)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    content = buffer.getvalue()
    sha256, size = storage().put(io.BytesIO(content), len(content))
    preview = thumbnails.make_thumbnail(content)
    thumbnail, _ = storage().put(io.BytesIO(preview), len(preview))
    return Attachment(
        sha256=sha256,
        filename="IMG_2041.png",
        media_type="image/png",
        size=size,
        thumbnail_sha256=thumbnail,
        created_at=at,
    )
