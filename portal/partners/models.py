"""What we and our partners agree on: tiers with their terms, targets, and who stands in for whom."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.database import Base, HasRef
from portal.products.models import in_language


class TierTerms(Base):
    """What a partner has to reach within twelve months for a tier, and what it brings. Amounts are minor units."""

    __tablename__ = "tier_terms"

    tier: Mapped[str] = mapped_column(sa.String(16), unique=True)
    won_count: Mapped[int] = mapped_column(default=0)
    won_amount: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3))
    # By language code.
    benefits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def benefits_in(self, language: str) -> str:
        return in_language(self.benefits, language)


class Target(Base):
    """What a partner means to win in a quarter, in minor units."""

    __tablename__ = "target"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "year", "quarter"),)

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    year: Mapped[int]
    quarter: Mapped[int]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))


class Absence(HasRef, Base):
    """Somebody of ours is away from one day to another, both included, and a colleague decides in their stead."""

    __tablename__ = "absence"
    __table_args__ = (sa.Index("ix_absence_person_id", "person_id", "ends_on"),)
    ref_prefix = "AB"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    deputy: Mapped[Person] = relationship(foreign_keys=deputy_id)
