"""People, the identities they sign in with, their memberships and what staff were granted."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Area, Capacity, Level, Role
from portal.database import Base, HasRef, SortKey
from portal.errors import RuleBroken
from portal.organisations.models import HasCapacities, Organisation
from portal.text import sort_key

_LAST_ADMIN = _l("The company would be left without an administrator. Make somebody else one first.")


class Person(HasRef, Base):
    __tablename__ = "person"
    ref_prefix = "P"

    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(SortKey)
    # Outside the lens of most readers: deferred, and raises when it is touched.
    email: Mapped[str] = mapped_column(index=True, deferred=True, deferred_raiseload=True, deferred_group="contact")
    phone: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True, deferred_group="contact")
    job_title: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True, deferred_group="contact")
    language: Mapped[str | None] = mapped_column(sa.String(8))
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    calendar: Mapped[str | None] = mapped_column(sa.String(16))
    digits: Mapped[str | None] = mapped_column(sa.String(16))
    # Which kinds of notice are also sent by mail; a kind that is not named is.
    mail_choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_staff: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="person")

    def __init__(self, **values: Any) -> None:
        values.setdefault("name_key", sort_key(values.get("name", "")))
        super().__init__(**values)

    def rename(self, name: str) -> None:
        self.name, self.name_key = name, sort_key(name)

    def disable(self, actor_id: int | None, at: datetime) -> None:
        if actor_id == self.id:
            raise RuleBroken(_l("Nobody disables themselves. Another administrator has to do it."))
        self.disabled_at = self.disabled_at or at

    def enable(self) -> None:
        self.disabled_at = None

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def wants_mail(self, kind: str) -> bool:
        return bool(self.mail_choices.get(kind, True))


class Identity(HasRef, Base):
    """One (issuer, subject) that a person signs in with; never an e-mail address (OpenID Connect Core, 5.7)."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)
    ref_prefix = "ID"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    provider: Mapped[str] = mapped_column(sa.String(64))
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    # Whether the provider vouches for the address; what it does not vouch for links and matches nothing.
    email_verified: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Membership(HasCapacities, Base):
    """A person in an organisation: in which capacities, at what level, in which areas."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.Index("ix_membership_person_id_ended_at", "person_id", "ended_at"),
        sa.Index("ix_membership_organisation_id_ended_at", "organisation_id", "ended_at"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    level: Mapped[str] = mapped_column(sa.String(8), default=Level.MEMBER)
    in_support: Mapped[bool] = mapped_column(default=False)
    in_orders: Mapped[bool] = mapped_column(default=False)
    in_deals: Mapped[bool] = mapped_column(default=False)
    in_feedback: Mapped[bool] = mapped_column(default=False)
    # A member's leave to accept and decline quotations; administrators need none.
    decides_quotations: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def areas(self) -> frozenset[Area]:
        return frozenset(area for area in Area if getattr(self, f"in_{area}"))

    @areas.setter
    def areas(self, areas: frozenset[Area]) -> None:
        for area in Area:
            setattr(self, f"in_{area}", area in areas)

    @property
    def is_active(self) -> bool:
        return self.ended_at is None

    def change(
        self,
        actor_id: int | None,
        *,
        level: Level,
        areas: frozenset[Area],
        capacities: frozenset[Capacity],
        is_last_admin: bool,
        decides_quotations: bool | None = None,
    ) -> None:
        """Set what the person may do; nobody lifts themselves, and a company keeps an administrator."""
        if not capacities:
            raise RuleBroken(_l("A membership needs at least one capacity. End it instead."))
        if actor_id == self.person_id:
            lifted = level == Level.ADMIN and self.level != Level.ADMIN
            if lifted or not areas <= self.areas or not capacities <= self.capacities:
                raise RuleBroken(_l("Nobody widens their own rights. Ask another administrator."))
            if is_last_admin and level != Level.ADMIN:
                raise RuleBroken(_LAST_ADMIN)
        self.level, self.areas, self.capacities = level, areas, capacities
        if decides_quotations is not None:
            self.decides_quotations = decides_quotations

    def end(self, actor_id: int | None, at: datetime, *, is_last_admin: bool) -> None:
        if actor_id == self.person_id and is_last_admin:
            raise RuleBroken(_LAST_ADMIN)
        self.ended_at = at


class StaffRole(Base):
    __tablename__ = "staff_role"
    __table_args__ = (sa.UniqueConstraint("person_id", "role"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(sa.String(32))
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    # A role that reads content waits for a second admin; until then it grants nothing.
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)

    @classmethod
    def grant(cls, person: Person, role: Role, granted_by_id: int | None, at: datetime) -> "StaffRole":
        """A role that reads content has to be confirmed by somebody else."""
        if person.id is not None and person.id == granted_by_id:
            raise RuleBroken(_l("Nobody grants roles to themselves. Another administrator has to do it."))
        person.is_staff = True
        return cls(
            person=person,
            role=role,
            granted_by_id=granted_by_id,
            granted_at=at,
            confirmed_at=at if role == Role.ADMIN else None,
        )

    def may_be_confirmed_by(self, actor_id: int | None) -> bool:
        return self.confirmed_at is None and actor_id not in (self.granted_by_id, self.person_id)

    def confirm(self, actor_id: int | None, at: datetime) -> None:
        if self.confirmed_at is not None:
            raise RuleBroken(_l("This role is confirmed already."))
        if not self.may_be_confirmed_by(actor_id):
            raise RuleBroken(_l("A second administrator has to confirm this role."))
        self.confirmed_at, self.confirmed_by_id = at, actor_id


class Portfolio(Base):
    """An organisation in the care of an account manager."""

    __tablename__ = "portfolio"
    __table_args__ = (sa.UniqueConstraint("person_id", "organisation_id"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)


class Team(HasRef, Base):
    __tablename__ = "team"
    ref_prefix = "TM"

    name: Mapped[str] = mapped_column(unique=True)
    name_key: Mapped[str] = mapped_column(SortKey)
    mailbox: Mapped[str] = mapped_column(default="")
    is_restricted: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("name_key", sort_key(values.get("name", "")))
        super().__init__(**values)

    def rename(self, name: str) -> None:
        self.name, self.name_key = name, sort_key(name)


class TeamMember(Base):
    __tablename__ = "team_member"
    __table_args__ = (sa.UniqueConstraint("team_id", "person_id"),)

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)


class CategoryTeam(Base):
    """The team that a new ticket of a category goes to."""

    __tablename__ = "category_team"

    category: Mapped[str] = mapped_column(sa.String(16), unique=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))


class SignInSession(HasRef, Base):
    """A signed-in browser. The cookie holds the token, the row only its hash; an ended row lets nobody in."""

    __tablename__ = "sign_in_session"
    ref_prefix = "S"

    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    identity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("identity.id"))
    provider: Mapped[str] = mapped_column(sa.String(64), default="")
    id_token: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    acting_key: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def end(self, at: datetime) -> None:
        """Let nobody in through it any more, and keep nothing that the provider gave."""
        self.ended_at, self.id_token = self.ended_at or at, ""

    def is_live(self, at: datetime, idle_seconds: float) -> bool:
        return (
            self.ended_at is None and at < self.expires_at and (at - self.last_seen_at).total_seconds() < idle_seconds
        )


class KeptForm(HasRef, Base):
    """What somebody had typed when their session ended, offered back to them for an hour."""

    __tablename__ = "kept_form"
    ref_prefix = "K"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    # The page that the form stood on, and where it was sent: a page may hold several forms.
    path: Mapped[str]
    action: Mapped[str]
    fields: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    had_files: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def words(self) -> list[str]:
        """What a person wrote, among what they chose."""
        return [value for _name, value in self.fields if " " in value.strip()]


class AccessLog(Base):
    """Sign-ins, refusals and unusual reads; apart from the contact history."""

    __tablename__ = "access_log"
    __table_args__ = (
        sa.Index("ix_access_log_at", "at"),
        sa.Index("ix_access_log_organisation_id_at", "organisation_id", "at"),
    )

    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(32), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(sa.String(8), default="")
    path: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(sa.String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
