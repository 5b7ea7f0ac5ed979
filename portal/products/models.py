"""What the company sells: a small catalogue, with names in several languages, and what each customer pays."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef


def in_language(texts: dict[str, Any], language: str) -> str:
    """The text in this language; else the English one, else whichever there is."""
    return str(texts.get(language) or texts.get("en") or next(iter(texts.values()), ""))


class Product(HasRef, Base):
    __tablename__ = "product"
    ref_prefix = "PR"

    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    # By language code.
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    # A code of UN/ECE Recommendation 20: C62 is one piece.
    unit: Mapped[str] = mapped_column(sa.String(3), default="C62")
    is_reorderable: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, language: str) -> str:
        return in_language(self.names, language)


class ProductPrice(Base):
    """What an organisation pays for a product, as the ERP has it: minor units for `price_per` units, from so many
    thousandths of a unit on."""

    __tablename__ = "product_price"
    __table_args__ = (
        sa.UniqueConstraint(
            *("product_id", "organisation_id", "currency", "minimum", "valid_from"), name="uq_product_price_terms"
        ),
        sa.Index("ix_product_price_organisation_id", "organisation_id", "product_id"),
    )

    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    minimum: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    unit_price: Mapped[int] = mapped_column(sa.BigInteger)
    price_per: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
