"""What is asked about an order or one of its lines: the ticket that arrived with it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Principal
from portal.database import Base, HasRef
from portal.errors import RuleBroken, Stale
from portal.orders.models import Order
from portal.orders.parts import OrderLine
from portal.tickets.models import Ticket


class RequestKind(StrEnum):
    QUESTION = "question"
    # About the service; about the goods.
    COMPLAINT = "complaint"
    CLAIM = "claim"
    RETURN = "return"
    DOCUMENT = "document"


class ReturnReason(StrEnum):
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong-item"
    TOO_MANY = "too-many"
    LATE = "late"
    NOT_NEEDED = "not-needed"
    OTHER = "other"


class Decision(StrEnum):
    """Of a return; everything else is answered in its ticket."""

    NONE = ""
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class OrderRequest(HasRef, Base):
    """Seen by whoever reads both the order whole and the ticket. The quantity is in thousandths of the line's unit."""

    __tablename__ = "order_request"
    __table_args__ = (
        sa.Index("ix_order_request_order_id", "order_id", "id"),
        sa.Index("ix_order_request_kind", "kind", "decision", "at", "ref"),
    )
    ref_prefix = "RQ"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_line.id", ondelete="SET NULL"), index=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(sa.String(16), default="")
    quantity: Mapped[int | None] = mapped_column(sa.BigInteger)
    # Which document is asked for.
    document_kind: Mapped[str] = mapped_column(sa.String(16), default="")
    at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(sa.String(16), default=Decision.NONE)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Order] = relationship()
    line: Mapped[OrderLine | None] = relationship()
    ticket: Mapped[Ticket] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_waiting(self) -> bool:
        """For a decision, which a return alone is asked for."""
        return self.kind == RequestKind.RETURN and self.decision == Decision.NONE

    def decide(self, who: Principal, at: datetime, version: int, *, confirm: bool, words: str) -> None:
        """Agree to a return or refuse it, in words that the customer reads. Raises Stale, and RuleBroken where it is
        none that waits."""
        if version != self.version:
            raise Stale(_l("Somebody else changed this in the meantime. Look at it again, then decide."))
        if not self.is_waiting:
            raise RuleBroken(_l("This return has been decided on already."))
        self.decision = Decision.CONFIRMED if confirm else Decision.REFUSED
        self.decided_by_id, self.decided_at, self.words = who.person_id, at, words
