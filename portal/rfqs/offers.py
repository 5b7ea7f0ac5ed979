"""What a supplier offers: version after version, each of them whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base
from portal.files.models import Attachment
from portal.orders.money import THOUSAND, rounded
from portal.rfqs.requests import RfqLine

_IS_CURRENT = sa.column("is_current", sa.Boolean())


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What is offered for a line: minor units for `price_per` units, thousandths of its unit at least.

    Without a price the line cannot be delivered. The day of delivery is a date, or so many days from the order on.
    """

    unit_price: int | None
    price_per: int = 1
    delivery_on: date | None = None
    lead_days: int | None = None
    minimum: int | None = None
    remark: str = ""

    @property
    def is_quoted(self) -> bool:
        return self.unit_price is not None

    @property
    def price(self) -> Fraction | None:
        """For one unit, to compare by."""
        return None if self.unit_price is None else Fraction(self.unit_price, self.price_per)


def net_of(quantity: int, unit_price: int, price_per: int) -> int:
    """What so many thousandths of a unit come to, in minor units, a half rounded away from zero."""
    return rounded(Fraction(quantity * unit_price, THOUSAND * price_per))


class RfqOffer(Base):
    """A version of a supplier's offer; the current one is what counts, unless it was withdrawn."""

    __tablename__ = "rfq_offer"
    __table_args__ = (
        sa.UniqueConstraint("invitation_id", "number"),
        # One at a time, whoever is quicker.
        sa.Index(
            "uq_rfq_offer_current",
            "invitation_id",
            unique=True,
            sqlite_where=_IS_CURRENT,
            postgresql_where=_IS_CURRENT,
        ),
    )

    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_invitation.id"))
    # 1, 2, 3 … for each invitation.
    number: Mapped[int]
    is_current: Mapped[bool] = mapped_column(default=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    # That day included.
    valid_until: Mapped[date]
    remark: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    lines: Mapped[list["RfqOfferLine"]] = relationship(back_populates="offer", order_by="RfqOfferLine.line_id")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")


class RfqOfferLine(Base):
    """Of each line of the request one, also where it cannot be delivered."""

    __tablename__ = "rfq_offer_line"
    __table_args__ = (sa.UniqueConstraint("offer_id", "line_id"),)

    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_offer.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_line.id"), index=True)
    unit_price: Mapped[int | None] = mapped_column(sa.BigInteger)
    price_per: Mapped[int] = mapped_column(default=1)
    # What the quantity that was asked for comes to, in minor units.
    net: Mapped[int | None] = mapped_column(sa.BigInteger)
    delivery_on: Mapped[date | None]
    lead_days: Mapped[int | None]
    minimum: Mapped[int | None] = mapped_column(sa.BigInteger)
    remark: Mapped[str] = mapped_column(default="")

    offer: Mapped[RfqOffer] = relationship(back_populates="lines")
    line: Mapped[RfqLine] = relationship()


def offer_lines(asked: Sequence[RfqLine], told: dict[int, LineTerms]) -> Iterable[RfqOfferLine]:
    """The lines of an offer; `told` is by the position of the line, and what is not told cannot be delivered."""
    for line in asked:
        terms = told.get(line.position, LineTerms(None))
        net = None if terms.unit_price is None else net_of(line.quantity, terms.unit_price, terms.price_per)
        yield RfqOfferLine(
            line=line,
            unit_price=terms.unit_price,
            price_per=terms.price_per,
            net=net,
            delivery_on=terms.delivery_on,
            lead_days=terms.lead_days,
            minimum=terms.minimum,
            remark=terms.remark,
        )
