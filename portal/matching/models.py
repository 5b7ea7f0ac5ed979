"""What matching keeps: the keys by which records are found, and which registrations speak of whom."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.matching.keys import LONGEST

# Kind of the row that says: matches of this registration were looked for. Nobody is found by it.
SOUGHT = "sought"
# Kind of the row whose value says by which rules all keys are written. Nobody is found by it either.
RULES_KIND = "rules"


class MatchKey(Base):
    """A key of a submitted registration, or of an organisation. Newer rows have greater ids."""

    __tablename__ = "match_key"
    # The id comes last, so that the newest few of a key that thousands have are read without the others.
    __table_args__ = (sa.Index("ix_match_key_kind_value_id", "kind", "value", "id"),)

    kind: Mapped[str] = mapped_column(sa.String(8))
    value: Mapped[str] = mapped_column(sa.String(LONGEST))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)


class DealMatch(Base):
    """A registration and whom else it may speak of: another registration, an organisation or a direct sale to one.

    Of two registrations each has a row. `score` is 0 to 100, `reasons` as in `scoring.Reason.as_json`.
    """

    __tablename__ = "deal_match"
    __table_args__ = (
        sa.UniqueConstraint("deal_id", "other_deal_id"),
        sa.UniqueConstraint("deal_id", "organisation_id"),
        sa.UniqueConstraint("deal_id", "opportunity_id"),
        sa.Index("ix_deal_match_deal_id_score", "deal_id", "score"),
    )

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"))
    other_deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    opportunity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("opportunity.id"), index=True)
    score: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    computed_at: Mapped[datetime]
