"""Changes of purchase-order lines that one side proposes and the other answers: version after version."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, HasRef
from portal.orders.models import Order, OrderLine


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    # The other side has answered with a proposal of its own: the next version.
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    # The ERP changed the line meanwhile.
    OVERTAKEN = "overtaken"


_IS_OPEN = sa.column("state", sa.String()) == ProposalState.OPEN.value


class Proposal(HasRef, Base):
    """What a line should become, in whole: a field that stays as it is is repeated. Units are those of the line."""

    __tablename__ = "order_proposal"
    __table_args__ = (
        sa.UniqueConstraint("line_id", "number"),
        # One at a time, whoever is quicker.
        sa.Index("ix_order_proposal_open", "line_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        sa.Index("ix_order_proposal_order_id", "order_id", "id"),
        sa.Index("ix_order_proposal_state", "state", "is_by_staff", "at", "ref"),
    )
    ref_prefix = "CP"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_line.id", ondelete="CASCADE"))
    # 1, 2, 3 … for each line.
    number: Mapped[int]
    is_by_staff: Mapped[bool]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    delivery_on: Mapped[date | None]
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    unit_price: Mapped[int] = mapped_column(sa.BigInteger)
    # As the line was when it was proposed.
    delivery_on_before: Mapped[date | None]
    quantity_before: Mapped[int] = mapped_column(sa.BigInteger)
    unit_price_before: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.String(16), default=ProposalState.OPEN)
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")

    order: Mapped[Order] = relationship()
    line: Mapped[OrderLine] = relationship()
