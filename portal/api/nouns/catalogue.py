"""Products, and what they cost those who read it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.api.answers import ProductAnswer
from portal.api.nouns.noun import Filter, Noun, equals, money, quantity, told
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.products.models import Product, ProductPrice

MOST_PRICES = 1000


class Products(Noun):
    name, kind, model = "products", "product", Product
    says = "The catalogue, with the prices that are the reader’s to see."
    answer = ProductAnswer
    filters = {
        "code": Filter("With this code.", equals(Product.code), (), "LN-100"),
        "is_active": Filter(
            "Only those that are sold, or are not any more.",
            lambda who, value: Product.is_active.is_(value == "true"),
            ("true", "false"),
        ),
    }

    def sorting(self, who: Principal) -> Sorting:
        return Sorting((Product.code,))

    def statement(self, who: Principal) -> sa.Select[Any]:
        columns = (Product.ref, Product.code, Product.names, Product.unit, Product.is_active, Product.is_reorderable)
        return sa.select(Product.id, *columns)

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [told(row, "ref", "code", "names", "unit", "is_active", "is_reorderable") for row in rows]

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        names = ("currency", "minimum", "unit_price", "price_per", "valid_from", "valid_until")
        prices = session.execute(
            sa.select(*(getattr(ProductPrice, name) for name in names), Organisation.ref.label("organisation"))
            .join(Organisation, Organisation.id == ProductPrice.organisation_id)
            .where(ProductPrice.product_id == row.id)
            .order_by(Organisation.ref, ProductPrice.currency, ProductPrice.minimum, ProductPrice.valid_from)
            .limit(MOST_PRICES)
        )
        return {
            "prices": [
                told(price, "organisation", "currency", "price_per", "valid_from", "valid_until")
                | {"minimum": quantity(price.minimum), "unit_price": money(price.unit_price, price.currency)}
                for price in prices
            ]
        }
