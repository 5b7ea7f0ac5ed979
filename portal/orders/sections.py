"""What other rooms show on the page of an order, in the order in which it stands there."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.access import Principal
from portal.aftersales.about import requests_section
from portal.documents.section import documents_section
from portal.orders.models import Order
from portal.orders.page import Section
from portal.purchasing.showing import purchase_section
from portal.quotations.section import quotation_section
from portal.reorders.section import reorder_section
from portal.shipments.section import shipments_section

# Each says what to draw for this reader, or None. Asked only for an order that is read whole.
SECTIONS: tuple[Callable[[Session, Principal, Order], Section | None], ...] = (
    quotation_section,
    requests_section,
    reorder_section,
    purchase_section,
    shipments_section,
    documents_section,
)


def sections_of(session: Session, who: Principal, order: Order) -> list[Section]:
    found = (section(session, who, order) for section in SECTIONS)
    return [section for section in found if section is not None]
