"""Programmes: on what terms partners register deals."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef
from portal.products.models import in_language

PROTECTION_DAYS = (30, 60, 90, 120)


class ExtensionPolicy(StrEnum):
    OFF = "off"
    ONCE = "once"
    UNLIMITED = "unlimited"


class Programme(HasRef, Base):
    """Amounts are minor units of its currency, lengths of protection days, deadlines business hours."""

    __tablename__ = "programme"
    ref_prefix = "PG"

    # By language code.
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    currency: Mapped[str] = mapped_column(sa.String(3))
    # None: an approval protects nobody.
    protection_days: Mapped[int | None]
    decision_hours: Mapped[int] = mapped_column(default=16)
    # Above it two people approve; None: one is enough for any amount. No business of the partners.
    two_approvals_above: Mapped[int | None] = mapped_column(sa.BigInteger)
    extension_policy: Mapped[str] = mapped_column(sa.String(16), default=ExtensionPolicy.ONCE)
    extension_days: Mapped[int] = mapped_column(default=30)
    is_open: Mapped[bool] = mapped_column(default=True)
    # Days without logged work after which a protection ends early; None: it never does.
    idle_days: Mapped[int | None]
    # Most registrations of one partner that may be open at a time; None: any number.
    most_open: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, language: str) -> str:
        return in_language(self.names, language)

    def needs_two(self, amount: int, currency: str) -> bool:
        """Whether two people must approve; an amount in another currency cannot be compared, so that two must."""
        limit = self.two_approvals_above
        return limit is not None and (amount > limit or currency != self.currency)
