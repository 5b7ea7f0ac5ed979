"""The outbox: work that was promised in the transaction that caused it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Job(Base):
    """Claimed with a lease, run, and marked done in the transaction of its effect; given up after some attempts."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_due", "done_at", "given_up_at", "run_at"),)

    kind: Mapped[str] = mapped_column(sa.String(48))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # At most one job for a key, however often it is asked for.
    key: Mapped[str | None] = mapped_column(sa.String(128), unique=True)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
