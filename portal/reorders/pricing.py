"""What a company pays for products today, where the ERP has told us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.orders.models import Order
from portal.products.models import ProductPrice


@dataclass(frozen=True, slots=True)
class Price:
    """Minor units for `price_per` units, from `minimum` thousandths of a unit on."""

    minimum: int
    unit_price: int
    price_per: int


# By product; of each the price for the largest quantity first.
Prices = Mapping[int, list[Price]]


def prices_of(
    session: Session, organisation_id: int, currency: str, products: Iterable[int | None], today: date
) -> Prices:
    """What is valid today; of several from the same quantity on, the latest."""
    wanted = sorted({product for product in products if product is not None})
    asked = (
        sa.select(ProductPrice.product_id, ProductPrice.minimum, ProductPrice.unit_price, ProductPrice.price_per)
        .where(
            ProductPrice.product_id.in_(wanted),
            ProductPrice.organisation_id == organisation_id,
            ProductPrice.currency == currency,
            ProductPrice.valid_from <= today,
            sa.or_(ProductPrice.valid_until.is_(None), ProductPrice.valid_until >= today),
        )
        .order_by(ProductPrice.product_id, ProductPrice.minimum.desc(), ProductPrice.valid_from.desc())
    )
    found: dict[int, list[Price]] = {}
    for row in session.execute(asked):
        found.setdefault(row.product_id, []).append(Price(row.minimum, row.unit_price, row.price_per))
    return found


def price_for(prices: Prices, product_id: int | None, quantity: int) -> Price | None:
    """The one that holds for so many thousandths of a unit."""
    return next((price for price in prices.get(product_id or 0, []) if price.minimum <= quantity), None)


def put_prices(order: Order, prices: Prices) -> bool:
    """Give each line today's price, where there is one; whether any is another than before."""
    changed = False
    for line in order.lines:
        price = price_for(prices, line.product_id, line.quantity)
        if price is None:
            continue
        told = (price.unit_price, price.price_per, 0)
        if told != (line.unit_price, line.price_per, line.discount):
            # What a company pays has its discount taken off already.
            line.unit_price, line.price_per, line.discount = told
            changed = True
    return changed
