"""Break-glass access: content for an administrator, for a while, with a reason, told to the others and written down."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.access import Principal, Role
from portal.access.scope import Condition
from portal.accounts.models import Person, StaffRole
from portal.clock import now
from portal.database import Base, HasRef, UtcDateTime
from portal.errors import RuleBroken

SHORTEST_REASON, LONGEST_REASON = 10, 500
LENGTHS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
LONGEST = max(LENGTHS)
_NOT_ENDED = sa.column("ended_at").is_(None)
# What time it is goes in when a rule is asked, not when it is made.
_NOW = sa.bindparam("glass_asked_at", callable_=lambda: now(), type_=UtcDateTime())


class BreakGlass(HasRef, Base):
    """One time that somebody opened it. It is over by itself at `ends_at`, or sooner by their own hand."""

    __tablename__ = "break_glass"
    __table_args__ = (
        sa.Index("ix_break_glass_started_at_ref", "started_at", "ref"),
        # A person holds one at a time, whatever comes in at once.
        sa.Index(
            "uq_break_glass_person_id",
            "person_id",
            unique=True,
            sqlite_where=_NOT_ENDED,
            postgresql_where=_NOT_ENDED,
        ),
    )
    ref_prefix = "BG"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @classmethod
    def open(cls, session: Session, who: Principal, *, reason: str, length: timedelta, at: datetime) -> "BreakGlass":
        """Flushed. Raises RuleBroken while another one of theirs is open."""
        if not timedelta() < length <= LONGEST:
            raise ValueError(f"break-glass access lasts at most {LONGEST}")
        # Whoever asks twenty times at once waits here for their turn.
        session.execute(sa.select(Person.id).where(Person.id == who.person_id).with_for_update())
        before = not_ended(session, who)
        if before is not None:
            if before.is_live(at):
                raise RuleBroken(_l("Your break-glass access is open already. End it first."))
            before.end(at)
            session.flush()
        glass = cls(person_id=who.person_id, reason=reason, started_at=at, ends_at=at + length)
        session.add(glass)
        session.flush()
        return glass

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.ends_at

    def end(self, at: datetime) -> None:
        """For what was over by itself already, that moment is kept."""
        self.ended_at = self.ended_at or min(at, self.ends_at)


def live_glass(glass: Any, at: Any = _NOW) -> Condition:
    """The condition under which a row opens something."""
    return sa.and_(glass.ended_at.is_(None), glass.ends_at > at)


def not_ended(session: Session, who: Principal) -> BreakGlass | None:
    """Their last one, if nobody has ended it: open, or over by itself."""
    return session.scalar(
        sa.select(BreakGlass).where(BreakGlass.person_id == who.person_id, BreakGlass.ended_at.is_(None))
    )


def other_admins(session: Session, person_id: int | None) -> list[Any]:
    """Who else administers the portal, by name: those who are told."""
    return list(
        session.execute(
            sa.select(Person.id, Person.name)
            .join(StaffRole, StaffRole.person_id == Person.id)
            .where(
                StaffRole.role == Role.ADMIN,
                StaffRole.confirmed_at.is_not(None),
                Person.is_staff,
                Person.disabled_at.is_(None),
                Person.id != person_id,
            )
            .order_by(Person.name_key, Person.id)
        )
    )
