"""Notices: one row per person and event feeds the bell and the mail."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef


class Notice(HasRef, Base):
    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "event"),
        sa.Index("ix_notice_person_id_id", "person_id", "id"),
        sa.Index("ix_notice_unread", "person_id", postgresql_where=sa.column("read_at").is_(None)),
    )
    ref_prefix = "N"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # What happened, unique for each person: `message:17`, `assigned:12:3`.
    event: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(32))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trade_order.id"), index=True)
    rfq_invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rfq_invitation.id"), index=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
