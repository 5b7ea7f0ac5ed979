"""Receipts, the keys that sign them, and the daily heads that bind them to a day."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef


class SigningKey(Base):
    """A key pair; the private half is sealed with a key derived from the settings' secret key.

    Retired keys stay: what they signed is checked with them for ever.
    """

    __tablename__ = "signing_key"

    # The thumbprint of the public half (RFC 7638).
    kid: Mapped[str] = mapped_column(sa.String(43), unique=True)
    # 32 bytes each, in base 64 for addresses; the private half with its nonce and tag.
    public: Mapped[str] = mapped_column(sa.String(43))
    sealed: Mapped[str]
    # True or nothing, so that the database itself lets only one be in use.
    in_use: Mapped[bool | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class DailyHead(Base):
    """A signed root over all receipts that were issued since the one before."""

    __tablename__ = "daily_head"

    day: Mapped[date] = mapped_column(unique=True)
    jws: Mapped[str]
    # Fills the tree where no receipt stands; whoever knows it could count them.
    seed: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]


class Receipt(HasRef, Base):
    """What was decided on a record and when, signed; each names the one before it."""

    __tablename__ = "receipt"
    __table_args__ = (
        sa.UniqueConstraint("kind", "record_id", "sequence"),
        sa.Index("ix_receipt_waiting", "head_id", "at"),
    )
    ref_prefix = "R"

    kind: Mapped[str] = mapped_column(sa.String(16))
    record_id: Mapped[int]
    record_ref: Mapped[str] = mapped_column(sa.String(12))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    sequence: Mapped[int]
    event: Mapped[str] = mapped_column(sa.String(32))
    at: Mapped[datetime]
    kid: Mapped[str] = mapped_column(sa.String(43))
    jws: Mapped[str]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    previous_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    # The daily head that holds it, from the next night on.
    head_id: Mapped[int | None] = mapped_column(sa.ForeignKey("daily_head.id"))
