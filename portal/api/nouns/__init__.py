"""What the API gives to read: one noun each, by name."""

from portal.api.nouns.catalogue import Products
from portal.api.nouns.companies import Organisations, People
from portal.api.nouns.deals import Deals
from portal.api.nouns.noun import Noun
from portal.api.nouns.orders import Orders
from portal.api.nouns.papers import Documents, Shipments
from portal.api.nouns.tickets import Tickets
from portal.orders.lifecycle import Kind

NOUNS: dict[str, Noun] = {
    noun.name: noun
    for noun in (
        Orders("orders", Kind.SALES),
        Orders("purchase-orders", Kind.PURCHASE),
        Orders("quotations", Kind.QUOTATION),
        Products(),
        Shipments(),
        Documents(),
        Organisations(),
        People(),
        Tickets(),
        Deals(),
    )
}
