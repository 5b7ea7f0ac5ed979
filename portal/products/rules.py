"""Who reads the catalogue."""

from portal.access import Action, Principal
from portal.access.scope import Change, Condition, nobody, register, signed_in
from portal.products.models import Product


def _reads(who: Principal) -> Condition:
    """Everybody who deals with us; a newcomer does not yet."""
    return signed_in(who) if who.roles and (who.is_staff or who.acting is not None) else nobody(who)


def _writes(who: Principal, product: Product, change: Change) -> bool:
    """What was registered with a product speaks of it for ever, so none goes."""
    return change != Change.DELETE and who.may(Action.PRODUCT_MANAGE)


register(Product, reads=_reads, writes=_writes)
