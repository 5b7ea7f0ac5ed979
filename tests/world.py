"""The sample world in a test: look-ups by the names of the cast, and rows made as the system."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session, undefer_group

from portal.access import Capacity, Principal
from portal.access.finding import find
from portal.access.scope import acting_as
from portal.accounts.break_glass import BreakGlass
from portal.accounts.models import Identity, Membership, Person, Team
from portal.accounts.sessions import principal_of_person
from portal.clock import now
from portal.demo import cast
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.storage import storage
from portal.organisations.models import Organisation
from portal.tickets.messages import Message
from portal.tickets.models import Category, Ticket


def picture(format: str = "PNG", colour: str = "seagreen") -> bytes:
    """A small picture as a telephone would send it."""
    written = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(written, format)
    return written.getvalue()


class World:
    def __init__(self, app: Flask) -> None:
        self.app = app

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that sees and writes everything, in an app context of its own."""
        with self.app.app_context():
            session = db.session()
            with acting_as(session, Principal.system("test")):
                yield session

    @contextmanager
    def as_(self, hint: str, acting: str = "") -> Iterator[Session]:
        """A session that serves that member of the cast, for tests of the rules below HTTP."""
        with self.app.app_context():
            who = self.principal(hint, acting)
            with acting_as(db.session(), who):
                yield db.session()

    def principal(self, hint: str, acting: str = "") -> Principal:
        with self.app.app_context():
            key = self.acting_key(hint, acting) if acting else ""
            who = principal_of_person(self.person_id(hint), key)
            assert who is not None
            return who

    def person_id(self, hint: str) -> int:
        with self.session() as session:
            found = session.scalar(
                sa.select(Identity.person_id).where(Identity.subject == cast.person_of(hint).subject)
            )
            assert found is not None
            return found

    def person(self, hint: str) -> Person:
        """Detached, with every column loaded."""
        with self.session() as session:
            return session.scalars(
                sa.select(Person).where(Person.id == self.person_id(hint)).options(undefer_group("contact"))
            ).one()

    def organisation(self, key: str) -> Organisation:
        with self.session() as session:
            return session.scalars(
                sa.select(Organisation).where(Organisation.domain == cast.company_of(key).domain)
            ).one()

    def team(self, key: str) -> Team:
        name = next(team.name for team in cast.TEAMS if team.key == key)
        with self.session() as session:
            return session.scalars(sa.select(Team).where(Team.name == name)).one()

    def acting_key(self, hint: str, acting: str) -> str:
        """`"foundry.supplier"` as the key of that choice; `"foundry"` takes its first capacity."""
        company, _, capacity = acting.partition(".")
        with self.session() as session:
            membership = session.scalars(
                sa.select(Membership).where(
                    Membership.person_id == self.person_id(hint),
                    Membership.organisation_id == self.organisation(company).id,
                )
            ).one()
            if not capacity:
                both = membership.capacities & membership.organisation.capacities
                capacity = next(capacity for capacity in Capacity if capacity in both)
            return f"{membership.id}.{capacity}"

    def break_glass(self, hint: str = "admin", *, length: timedelta = timedelta(hours=1)) -> BreakGlass:
        """That administrator opens break-glass access now; detached."""
        with self.as_(hint) as session:
            who = self._principal_of(session)
            glass = BreakGlass.open(session, who, reason="A customer has asked for it.", length=length, at=now())
            session.commit()
            return glass

    def make_ticket(
        self,
        hint: str = "customer",
        *,
        acting: str = "",
        organisation: str = "",
        capacity: Capacity | None = None,
        behalf: str = "",
        team: str = "care",
        subject: str = "The lamp flickers",
        body: str = "It flickers every evening.",
        category: Category = Category.QUESTION,
        copies: Iterable[str] = (),
        audience: Iterable[str] = (),
        at: datetime | None = None,
        **facts: Any,
    ) -> Ticket:
        """A ticket opened by that member of the cast, by default for whom they act; detached.

        `organisation` and `audience` are keys of companies, `behalf` and `copies` are hints: a partner names the
        linked customer, staff the company and the person for whom they open it.
        """
        at = at or now()
        company_id = self.organisation(organisation).id if organisation else None
        author_id = self.person_id(behalf) if behalf else None
        heard = [self.organisation(key).id for key in audience]
        copied = [self.person(copy) for copy in copies]
        team_id = self.team(team).id
        with self.as_(hint, acting) as session:
            who = self._principal_of(session)
            if company_id is not None and not who.is_staff and company_id != who.organisation_id:
                facts.setdefault("opened_by_organisation_id", who.organisation_id)
                heard.append(who.organisation_id or 0)
            ticket = Ticket.open(
                session,
                who,
                subject=subject,
                body=body,
                at=at,
                category=category,
                organisation_id=company_id or who.organisation_id or 0,
                capacity=capacity or (Capacity.CUSTOMER if company_id else who.capacity or Capacity.CUSTOMER),
                team_id=team_id,
                author_id=author_id,
                audience=heard,
                copied=copied,
                **facts,
            )
            session.commit()
            return ticket

    def reply(
        self,
        ticket: Ticket,
        hint: str,
        body: str = "Thank you.",
        *,
        acting: str = "",
        audience: Iterable[str] | None = None,
        attachments: Iterable[Attachment] = (),
        at: datetime | None = None,
    ) -> Message:
        """A reply by that member of the cast, to the ticket's own company unless `audience` names others; detached."""
        heard = [ticket.organisation_id] if audience is None else [self.organisation(key).id for key in audience]
        with self.as_(hint, acting) as session:
            found = self._ticket(session, ticket)
            who = self._principal_of(session)
            message = found.reply(who, body, at=at or now(), audience=heard, attachments=attachments)
            session.commit()
            return message

    def note(
        self,
        ticket: Ticket,
        hint: str,
        body: str = "For us alone.",
        *,
        attachments: Iterable[Attachment] = (),
        at: datetime | None = None,
    ) -> Message:
        """An internal note by that member of the staff; detached."""
        with self.as_(hint) as session:
            found, who = self._ticket(session, ticket), self._principal_of(session)
            message = found.note(who, body, at=at or now(), attachments=attachments)
            session.commit()
            return message

    def stored(
        self, filename: str = "notes.txt", content: bytes = b"Some words.", thumbnail: bytes = b""
    ) -> Attachment:
        """A file in storage, to be attached to a message."""
        with self.app.app_context():
            kept = storage().put(io.BytesIO(content))
            drawn = storage().put(io.BytesIO(thumbnail)).sha256 if thumbnail else None
        media_type = "image/png" if filename.endswith("png") else "text/plain"
        return Attachment(
            sha256=kept.sha256,
            filename=filename,
            media_type=media_type,
            size=kept.size,
            thumbnail_sha256=drawn,
            created_at=now(),
        )

    @contextmanager
    def ticket_as(self, ticket: Ticket, hint: str, acting: str = "") -> Iterator[tuple[Ticket, Principal]]:
        """The ticket as that member of the cast holds it, to call verbs on; committed at the end."""
        with self.as_(hint, acting) as session:
            yield self._ticket(session, ticket), self._principal_of(session)
            session.commit()

    def reload(self, ticket: Ticket) -> Ticket:
        """As it stands in the database now; detached."""
        with self.session() as session:
            return session.get_one(Ticket, ticket.id)

    @staticmethod
    def _principal_of(session: Session) -> Principal:
        who = session.info["principal"]
        assert isinstance(who, Principal)
        return who

    @staticmethod
    def _ticket(session: Session, ticket: Ticket) -> Ticket:
        found = find(session, Ticket, Ticket.id == ticket.id)
        assert found is not None, "out of reach"
        return found
