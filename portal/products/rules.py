"""Who reads the catalogue."""

import sqlalchemy as sa

from portal.access import Action, FieldGroup, Ground, Noun, Principal
from portal.access.scope import Change, Condition, nobody, register, signed_in
from portal.products.models import Product, ProductPrice


def _reads(who: Principal) -> Condition:
    """Everybody who deals with us; a newcomer does not yet."""
    return signed_in(who) if who.roles and (who.is_staff or who.acting is not None) else nobody(who)


def _writes(who: Principal, product: Product, change: Change) -> bool:
    """What was registered with a product speaks of it for ever, so none goes."""
    return change != Change.DELETE and who.may(Action.PRODUCT_MANAGE)


register(Product, reads=_reads, writes=_writes)


def _price_reads(who: Principal) -> Condition:
    """A company's own, and staff those of everybody whose sales prices they see."""
    if not who.reach(Noun.ORDERS):
        return sa.false()
    if who.is_staff:
        return sa.true() if who.sees(FieldGroup.SALES_PRICES) else sa.false()
    sees = who.sees(FieldGroup.SALES_PRICES, Ground.COMPANY) or who.sees(FieldGroup.SALES_PRICES, Ground.RESALE)
    return ProductPrice.organisation_id == who.organisation_id if sees else sa.false()


register(ProductPrice, reads=_price_reads)
