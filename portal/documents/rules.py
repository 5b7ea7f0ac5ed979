"""Who reads the documents of an order: whoever reads it whole. They come from the ERP, or are issued by the system."""

from portal.access.scope import register
from portal.documents.models import OrderDocument
from portal.orders.rules import of_readable_order

register(OrderDocument, reads=lambda who: of_readable_order(OrderDocument.order_id, who))
