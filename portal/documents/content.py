"""What a document says, as plain values: written down when it is issued, and drawn from ever after.

Money is minor units, quantities thousandths, discount and tax rate hundredths of a per cent, as in orders.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from portal.config import settings
from portal.documents.models import DocumentKind
from portal.orders.models import Order
from portal.orders.money import Totals, totals_of
from portal.orders.parts import OrderLine
from portal.shipments.models import Shipment


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True)


class Party(_Content):
    name: str
    # As it is written on a letter, below the name.
    address: str = ""


class ContentLine(_Content):
    position: int
    code: str
    # By language code.
    names: dict[str, str]
    quantity: int
    unit: str
    unit_price: int = 0
    price_per: int = 1
    discount: int = 0
    tax_rate: int = 0
    due_on: date | None = None


class Content(_Content):
    kind: DocumentKind
    number: str
    issued_on: date
    due_on: date | None = None
    valid_until: date | None = None
    # Of the order: our reference, its number, and the other side's.
    order: str
    order_number: str = ""
    reference: str = ""
    ordered_on: date | None = None
    seller: Party
    buyer: Party
    delivery_address: str = ""
    payment_terms: str = ""
    delivery_terms: str = ""
    remark: str = ""
    carrier: str = ""
    tracking_number: str = ""
    currency: str
    rounding: str
    lines: list[ContentLine]

    @property
    def totals(self) -> Totals:
        return totals_of(self.lines, self.rounding)

    @property
    def has_prices(self) -> bool:
        return self.kind != DocumentKind.DELIVERY_NOTE


def content_of(
    order: Order,
    kind: DocumentKind,
    *,
    number: str,
    issued_on: date,
    due_on: date | None = None,
    quantities: Mapping[int, int] | None = None,
    shipment: Shipment | None = None,
) -> Content:
    """What stands in the order now; `quantities`, by the id of a line, where not all of it is meant."""
    details = order.details
    ours = Party(name=settings().brand_name, address=settings().brand_address)
    theirs = _party(order.organisation.name, "" if order.is_purchase else details.billing_address)
    return Content(
        kind=kind,
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        valid_until=order.valid_until if kind == DocumentKind.QUOTATION else None,
        order=order.ref,
        order_number=details.number,
        reference=details.customer_reference,
        ordered_on=order.ordered_on,
        seller=theirs if order.is_purchase else ours,
        buyer=ours if order.is_purchase else theirs,
        delivery_address=details.delivery_address,
        payment_terms=details.payment_terms,
        delivery_terms=details.delivery_terms,
        remark=details.remark,
        carrier=shipment.carrier if shipment else "",
        tracking_number=shipment.tracking_number if shipment else "",
        currency=details.currency,
        rounding=details.rounding,
        lines=list(_lines(order.lines, kind, quantities)),
    )


def _lines(
    lines: Iterable[OrderLine], kind: DocumentKind, quantities: Mapping[int, int] | None
) -> Iterable[ContentLine]:
    sign = -1 if kind == DocumentKind.CREDIT_NOTE else 1
    for line in lines:
        quantity = line.quantity if quantities is None else quantities.get(line.id, 0)
        if quantity == 0:
            continue
        names = line.descriptions or (line.product.names if line.product else {})
        values = {"position": line.position, "code": line.code, "names": names, "unit": line.unit}
        if kind != DocumentKind.DELIVERY_NOTE:
            prices = ("unit_price", "price_per", "discount", "tax_rate", "due_on")
            values |= {name: getattr(line, name) for name in prices}
        yield ContentLine(quantity=sign * quantity, **values)


def _party(name: str, address: str) -> Party:
    """Without the name where the address begins with it."""
    first, _newline, rest = address.partition("\n")
    return Party(name=name, address=rest if first.strip() == name else address)
