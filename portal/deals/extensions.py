"""Extensions: a partner asks for more days of protection, with evidence, and the channel decides."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.access import Principal
from portal.database import Base, HasRef, session_of
from portal.deals import protection, terms
from portal.deals.models import Deal
from portal.deals.programmes import ExtensionPolicy
from portal.errors import RuleBroken

_PENDING = _l("You have asked for an extension already. It waits for our decision.")


class Extension(HasRef, Base):
    """A partner's request for more days of protection; of each registration at most one is pending."""

    __tablename__ = "extension"
    __table_args__ = (
        sa.Index(
            "uq_extension_pending",
            "deal_id",
            unique=True,
            sqlite_where=sa.column("decided_at").is_(None),
            postgresql_where=sa.column("decided_at").is_(None),
        ),
        sa.Index("ix_extension_deal_id", "deal_id"),
    )
    ref_prefix = "X"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    evidence: Mapped[str]
    days: Mapped[int]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    is_granted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")

    deal: Mapped[Deal] = relationship()

    @classmethod
    def ask(cls, deal: Deal, who: Principal, at: datetime, version: int, evidence: str) -> "Extension":
        """The partner asks for the programme's days. Raises Stale, and RuleBroken where it cannot be asked for now."""
        deal.check_version(who, version)
        session = session_of(deal)
        if problem := why_not(session, deal, at):
            raise RuleBroken(problem)
        assert deal.programme is not None
        found = cls(
            deal=deal,
            asked_by_id=who.person_id,
            asked_at=at,
            evidence=evidence,
            days=terms.holding(deal).extension_days,
        )
        session.add(found)
        try:
            session.flush()
        except IntegrityError:
            raise RuleBroken(_PENDING) from None
        deal.happened("ask-extension", who, at, reason=evidence, days=found.days)
        return found

    def decide(self, who: Principal, at: datetime, version: int, *, grant: bool, reason: str, note: str = "") -> None:
        """Grant or refuse it. Raises Stale, and RuleBroken where it is decided or not theirs to decide."""
        from portal.deals.review import DealReview

        deal, session = self.deal, session_of(self)
        deal.check_version(who, version)
        if self.decided_at is not None:
            raise RuleBroken(_l("The extension is decided already."))
        review = session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one()
        review.check_disinterested(who)
        if who.person_id == self.asked_by_id:
            raise RuleBroken(_l("Nobody decides on what they asked for."))
        self.decided_by_id, self.decided_at, self.is_granted, self.reason = who.person_id, at, grant, reason
        session.flush()
        if grant:
            assert deal.protected_until is not None
            # From the end as it was: the last moment of that day, where the partner is.
            deal.protected_until = protection.end_of_day(deal, deal.protected_until - protection.INSTANT, self.days)
        deal.happened("grant-extension" if grant else "refuse-extension", who, at, reason=reason, note=note)
        protection.expire(session, deal, Principal.system("a refused extension"), at)


def pending_extension(session: Session, deal: Deal) -> Extension | None:
    return session.scalars(
        sa.select(Extension).where(Extension.deal_id == deal.id, Extension.decided_at.is_(None))
    ).one_or_none()


def why_not(session: Session, deal: Deal, at: datetime) -> str | None:
    """Why no extension can be asked for now; None where it can."""
    if not deal.is_protected(at) or deal.programme is None:
        return str(_l("Only a protection that lasts still can be extended."))
    policy = terms.holding(deal).extension_policy
    if policy == ExtensionPolicy.OFF:
        return str(_l("This programme extends no protection."))
    asked = session.scalars(sa.select(Extension).where(Extension.deal_id == deal.id)).all()
    if any(extension.decided_at is None for extension in asked):
        return str(_PENDING)
    if policy == ExtensionPolicy.ONCE and any(extension.is_granted for extension in asked):
        return str(_l("This programme extends a protection once, and it was extended."))
    return None
