"""The databases that the bench fills, and the people whose browsers it plants in them."""

import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy.engine import make_url

from portal.access import Capacity, Level, Principal, Role
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Membership, Person, SignInSession, StaffRole, TeamMember
from portal.accounts.sessions import digest, new_token
from portal.clock import now
from portal.deals.models import Deal
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.tickets.messages import Message, SearchEntry, capacity_token
from portal.tickets.models import Ticket
from tests.services import SERVICES

HOST = "portal.example.com"


class Database:
    """A database of this run alone."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.name = f"portal_bench_{os.getpid()}_{uuid.uuid4().hex[:6]}"
        if kind == "SQLite":
            self.url = f"sqlite:///{folder / 'bench.db'}"
            return
        server = SERVICES["PostgreSQL"].find()
        if server is None:
            raise SystemExit(f"PostgreSQL is missing: {SERVICES['PostgreSQL'].how}")
        self.server = make_url(server)
        self.url = self.server.set(database=self.name).render_as_string(hide_password=False)
        self._command(f'CREATE DATABASE "{self.name}"')

    def environment(self, secret: str) -> dict[str, str]:
        """The settings of a production whose proxy would be nginx."""
        return {
            "PORTAL_ENVIRONMENT": "production",
            "PORTAL_SECRET_KEY": secret,
            "PORTAL_DATABASE_URL": self.url,
            "PORTAL_BASE_URL": f"https://{HOST}",
            "PORTAL_STORAGE_URL": f"file:{self.folder / 'files'}",
            "PORTAL_INSTANCE": str(self.folder),
        }

    def fill(self, secret: str, sizes: Mapping[str, int]) -> None:
        """Through the command, which refuses production."""
        environment = {**os.environ, **self.environment(secret), "PORTAL_ENVIRONMENT": "development"}
        environment["PORTAL_LOG_LEVEL"] = "WARNING"
        for arguments in (["db", "upgrade"], ["seed", *(f"--{name}={size}" for name, size in sizes.items())]):
            subprocess.run([sys.executable, "-m", "portal.cli", *arguments], env=environment, check=True)

    def drop(self) -> None:
        if self.kind != "SQLite":
            self._command(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _command(self, statement: str) -> None:
        address = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True)
class Visitor:
    """A signed-in browser, and what the floor has to ask to show the same."""

    headers: dict[str, str]
    csrf_token: str
    person_id: int
    organisation_id: int | None = None
    # For whom they write, as the form of a new ticket names it.
    party: str = ""


class Town:
    """Finds people in a seeded database and signs them in."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def _ask(self, statement: Any) -> list[Any]:
        with self.app.app_context(), unscoped("bench"), db.engine.connect() as connection:
            return list(connection.execute(statement).all())

    def busy_companies(self) -> list[int]:
        """Customers, the one with most tickets first."""
        ticket, organisation = Ticket.__table__.c, Organisation.__table__.c
        rows = self._ask(
            sa.select(ticket.organisation_id)
            .join(Organisation.__table__, organisation.id == ticket.organisation_id)
            .where(organisation.is_customer, sa.not_(organisation.is_supplier), ticket.capacity == Capacity.CUSTOMER)
            .group_by(ticket.organisation_id)
            .order_by(sa.func.count().desc(), ticket.organisation_id)
            .limit(20)
        )
        return [row[0] for row in rows]

    def admin_of(self, organisation_id: int) -> Visitor:
        member = Membership.__table__.c
        found = self._ask(
            sa.select(member.person_id)
            .join(Person.__table__, Person.__table__.c.id == member.person_id)
            .where(
                member.organisation_id == organisation_id,
                member.level == Level.ADMIN,
                member.ended_at.is_(None),
                member.in_support,
                Person.__table__.c.disabled_at.is_(None),
            )
            .order_by(member.id)
        )
        return self._sign_in(found[0][0], organisation_id)

    def busiest_member(self) -> Visitor:
        """Of a customer and nothing else, and of one company alone."""
        ticket, member, person = Ticket.__table__.c, Membership.__table__.c, Person.__table__.c
        others = Membership.__table__.alias()
        found = self._ask(
            sa.select(ticket.author_id, ticket.organisation_id)
            .join(
                Membership.__table__,
                sa.and_(member.person_id == ticket.author_id, member.organisation_id == ticket.organisation_id),
            )
            .join(Person.__table__, person.id == ticket.author_id)
            .where(
                member.level == Level.MEMBER,
                member.ended_at.is_(None),
                member.in_support,
                member.is_customer,
                sa.not_(member.is_supplier),
                person.disabled_at.is_(None),
                sa.select(sa.func.count()).where(others.c.person_id == ticket.author_id).scalar_subquery() == 1,
            )
            .group_by(ticket.author_id, ticket.organisation_id)
            .order_by(sa.func.count().desc(), ticket.author_id)
            .limit(1)
        )
        return self._sign_in(*found[0])

    def agent(self) -> Visitor:
        role, team = StaffRole.__table__.c, TeamMember.__table__.c
        found = self._ask(
            sa.select(role.person_id)
            .join(TeamMember.__table__, team.person_id == role.person_id)
            .where(role.role == "agent")
            .order_by(role.person_id.desc())
            .limit(1)
        )
        return self._sign_in(found[0][0])

    def partner(self) -> Visitor:
        """The administrator of one partner and of nothing else, the one with most registrations first."""
        deal, member, others = Deal.__table__.c, Membership.__table__.c, Membership.__table__.alias()
        found = self._ask(
            sa.select(member.person_id, member.organisation_id)
            .join(Deal.__table__, deal.organisation_id == member.organisation_id)
            .join(Person.__table__, Person.__table__.c.id == member.person_id)
            .where(
                Person.__table__.c.disabled_at.is_(None),
                member.level == Level.ADMIN,
                member.ended_at.is_(None),
                member.in_deals,
                member.is_partner,
                sa.not_(member.is_customer | member.is_supplier),
                sa.select(sa.func.count()).where(others.c.person_id == member.person_id).scalar_subquery() == 1,
            )
            .group_by(member.person_id, member.organisation_id)
            .order_by(sa.func.count().desc(), member.person_id)
            .limit(1)
        )
        return self._sign_in(*found[0])

    def channel_manager(self) -> Visitor:
        role = StaffRole.__table__.c
        managers = sa.select(role.person_id).where(role.role == Role.CHANNEL_MANAGER, role.confirmed_at.is_not(None))
        return self._sign_in(self._ask(managers.order_by(role.person_id).limit(1))[0][0])

    def conversation_of(self, organisation_id: int) -> tuple[int, str, int, str]:
        """A ticket with five messages that its company reads: its id and reference, and those of the last message."""
        ticket, message = Ticket.__table__.c, Message.__table__.c
        found = self._ask(
            sa.select(ticket.id, ticket.ref, sa.func.max(message.id))
            .join(Message.__table__, message.ticket_id == ticket.id)
            .where(ticket.organisation_id == organisation_id, message.audience == "companies")
            .group_by(ticket.id, ticket.ref)
            .having(sa.func.count() == 5)
            .order_by(ticket.id.desc())
            .limit(1)
        )
        id_, ref, last = found[0]
        return id_, ref, last, self._ask(sa.select(message.ref).where(message.id == last))[0][0]

    def common_word(self, organisation_id: int) -> str:
        """A word that about every tenth text of the company holds."""
        entry = SearchEntry.__table__.c
        texts = self._ask(
            sa.select(entry.words)
            .where(entry.tokens == capacity_token(organisation_id, Capacity.CUSTOMER))
            .order_by(entry.id)
            .limit(1000)
        )
        counts = Counter(word for (words,) in texts for word in set(words.split()) if len(word) > 4)
        return min(counts, key=lambda word: (abs(counts[word] - len(texts) / 10), word))

    def _sign_in(self, person_id: int, organisation_id: int | None = None) -> Visitor:
        """As the tests do: the session is planted, no provider is asked."""
        token, at = new_token(), now()
        with self.app.app_context(), acting_as(db.session(), Principal.system("bench")):
            db.session.add(
                SignInSession(
                    token_hash=digest(token),
                    person_id=person_id,
                    provider="bench",
                    created_at=at,
                    last_seen_at=at,
                    expires_at=at + timedelta(hours=2),
                )
            )
            db.session.commit()
        with self.app.test_request_context():
            from flask import session as cookie

            csrf_token = generate_csrf()
            cookie.update({"_user_id": token, "_fresh": True})
            signed = self.app.session_interface.get_signing_serializer(self.app).dumps(dict(cookie))
        name = self.app.config["SESSION_COOKIE_NAME"]
        organisation = Organisation.__table__.c
        ref = self._ask(sa.select(organisation.ref).where(organisation.id == organisation_id))
        party = f"{ref[0][0]}.{Capacity.CUSTOMER}" if ref else ""
        return Visitor({"Host": HOST, "Cookie": f"{name}={signed}"}, csrf_token, person_id, organisation_id, party)
