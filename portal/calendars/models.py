"""The secret addresses under which people let their own calendars read what is promised to them."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.sessions import digest
from portal.database import Base, HasRef, new_ref


class CalendarFeed(HasRef, Base):
    """Whoever knows its address reads what its person may read at that moment, acting as they did when they made it."""

    __tablename__ = "calendar_feed"
    __table_args__ = (sa.Index("ix_calendar_feed_person_id", "person_id", "id"),)
    ref_prefix = "CF"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # For whom they act, as a session names it; empty for staff.
    acting_key: Mapped[str] = mapped_column(sa.String(32), default="")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @classmethod
    def make(cls, person_id: int, acting_key: str, at: datetime) -> "CalendarFeed":
        ref = new_ref(cls.ref_prefix)
        return cls(ref=ref, person_id=person_id, acting_key=acting_key, token_hash=digest(token_of(ref)), created_at=at)

    def revoke(self, at: datetime) -> None:
        """The address leads nowhere from now on."""
        if self.revoked_at is None:
            self.revoked_at = at


def token_of(ref: str) -> str:
    """The secret part of the address. It is derived, so that its owner can look it up again and nothing stores it."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return urlsafe_b64encode(hmac.digest(key, f"calendar:{ref}".encode(), hashlib.sha256)).rstrip(b"=").decode()
