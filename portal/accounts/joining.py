"""The two ways in: an invitation that is accepted, or a newcomer's request that is."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Area, Capacity, Level
from portal.accounts.models import Person
from portal.database import Base, HasRef
from portal.errors import RuleBroken
from portal.organisations.models import Organisation

INVITED_FOR = timedelta(days=7)


class Invitation(HasRef, Base):
    """One-time, expiring, bound to the address that it was sent to; only a hash of its token is kept."""

    __tablename__ = "invitation"
    ref_prefix = "IV"

    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    # Words with a blank between them.
    capacities: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(sa.String(8), default=Level.MEMBER)
    areas: Mapped[str] = mapped_column(default="")
    staff_role: Mapped[str | None] = mapped_column(sa.String(32))
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    invited_by: Mapped[Person | None] = relationship(foreign_keys=invited_by_id)

    @property
    def capacity_set(self) -> frozenset[Capacity]:
        return frozenset(Capacity(word) for word in self.capacities.split())

    @property
    def area_set(self) -> frozenset[Area]:
        return frozenset(Area(word) for word in self.areas.split())

    def is_open(self, at: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at

    def is_for(self, email: str | None) -> bool:
        return email is not None and email.casefold() == self.email.casefold()

    def accept(self, person_id: int, at: datetime) -> None:
        self.accepted_at, self.accepted_by_id = at, person_id

    def revoke(self, at: datetime) -> None:
        if self.accepted_at is not None:
            raise RuleBroken(_l("This invitation was accepted already. End the membership instead."))
        self.revoked_at = self.revoked_at or at


class JoinRequest(HasRef, Base):
    """A newcomer asks to be let in; the organisation that it concerns is matched by us, never browsed by them."""

    __tablename__ = "join_request"
    ref_prefix = "J"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    company: Mapped[str]
    message: Mapped[str] = mapped_column(default="")
    # The address that they signed in with, where the provider vouches for it.
    email: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    is_accepted: Mapped[bool | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    def decide(self, actor_id: int | None, at: datetime, *, accepted: bool) -> None:
        if not self.is_open:
            raise RuleBroken(_l("Somebody decided this request already."))
        if actor_id == self.person_id:
            raise RuleBroken(_l("Nobody decides their own request."))
        self.decided_at, self.decided_by_id, self.is_accepted = at, actor_id, accepted
