"""The shapes in which records come from outside. Amounts are decimals of whole units, rates per cent, days ISO 8601.

A field that is not given leaves what is there as it is; a list that is given is the whole of it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Unit = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}$")]
LanguageCode = Literal["en", "cs", "uk", "pl", "lt", "fa"]
Texts = dict[LanguageCode, Line]
# Ten million of anything, to the thousandth.
Quantity = Annotated[Decimal, Field(ge=0, lt=10_000_000, max_digits=10, decimal_places=3)]
Amount = Annotated[Decimal, Field(gt=-1_000_000_000_000, lt=1_000_000_000_000, max_digits=16, decimal_places=4)]
Price = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, max_digits=15, decimal_places=6)]
PerCent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    # What the other system calls it; unique for each source and kind.
    external_id: Key


class LineShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=1, le=999_999)]
    product: Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)] = ""
    descriptions: Texts = Field(default_factory=dict)
    quantity: Quantity
    unit: Unit = "C62"
    unit_price: Price = Decimal(0)
    price_per: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    discount: PerCent = Decimal(0)
    tax_rate: PerCent = Decimal(0)
    promised_on: date | None = None
    confirmed_on: date | None = None
    # When the last of what has been delivered came.
    delivered_on: date | None = None
    shipped: Quantity = Decimal(0)
    delivered: Quantity = Decimal(0)
    invoiced: Quantity = Decimal(0)
    returned: Quantity = Decimal(0)
    # What it costs us, the whole line; for those who see margins.
    cost: Amount | None = None
    # As the other system has added it up: refused where we come to something else.
    net: Amount | None = None


class OrderShape(Shape):
    kind: Literal["sales", "quotation", "purchase"] = "sales"
    # Our own reference of a reorder that was put together here: from now on it goes by the external id as well.
    ref: Line = ""
    # Of the customer or, of a purchase order, the supplier: how the source calls it, or our own reference.
    organisation: Key
    # Whether a customer buys for themselves or a partner to sell on; suppliers need not be told.
    capacity: Literal["customer", "partner"] = "customer"
    # The partner through whom it is sold, likewise.
    reseller: Line = ""
    number: Line = ""
    customer_reference: Line = ""
    state: Literal[
        "ordered",
        "confirmed",
        "shipped",
        "delivered",
        "closed",
        "cancelled",
        "offered",
        "accepted",
        "declined",
        "expired",
        "withdrawn",
    ]
    ordered_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    invoiced_on: date | None = None
    valid_until: date | None = None
    currency: Currency
    rounding: Literal["line", "document"] | None = None
    payment_state: Literal["", "open", "part", "paid", "refunded"] = ""
    payment_due_on: date | None = None
    paid: Amount = Decimal(0)
    payment_terms: Line = ""
    delivery_terms: Line = ""
    billing_address: LongText = ""
    delivery_address: LongText = ""
    remark: LongText = ""
    # The reference of a deal registration.
    deal: Line = ""
    # The quotation that it came from, as the source calls it, or our own reference.
    quotation: Line = ""
    lines: list[LineShape] = Field(default_factory=list, max_length=2000)
    # As the other system has added it up: refused where we come to something else.
    net: Amount | None = None
    tax: Amount | None = None
    total: Amount | None = None


class PriceShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organisation: Key
    currency: Currency
    unit_price: Price
    price_per: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    # From so many on.
    minimum: Quantity = Decimal(0)
    valid_from: date
    valid_until: date | None = None


class ProductShape(Shape):
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=r"^\S+$")]
    names: Texts
    unit: Unit = "C62"
    is_active: bool = True
    is_reorderable: bool = True
    prices: list[PriceShape] = Field(default_factory=list, max_length=1000)


class OrganisationShape(Shape):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    capacities: list[Literal["customer", "supplier", "partner"]] = Field(min_length=1)
    country: Country | Literal[""] = ""
    language: LanguageCode = "en"
    website: Line = ""
    domain: Line = ""
    email: Line = ""
    phone: Line = ""
    address: LongText = ""
    currency: Currency | Literal[""] = ""
    credit_limit: Amount | None = None
    payment_days: Annotated[int, Field(ge=0, le=365)] | None = None


class PersonShape(Shape):
    """Somebody at an organisation; they sign in once an identity provider vouches for this address."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    organisation: Key
    job_title: Line = ""
    phone: Line = ""
    language: LanguageCode | Literal[""] = ""


class ShipmentLineShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=1, le=999_999)]
    quantity: Quantity


class ParcelShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Line = ""
    tracking_number: Line = ""
    # In kilograms.
    weight: Annotated[Decimal, Field(ge=0, lt=100_000, decimal_places=3)] | None = None


class ShipmentEventShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: datetime
    state: Literal["announced", "in-transit", "out-for-delivery", "delivered", "exception", "returned"]
    place: Line = ""
    words: Texts = Field(default_factory=dict)


class ShipmentShape(Shape):
    # As the source calls the order, or our own reference.
    order: Key
    number: Line = ""
    carrier: Line = ""
    tracking_number: Line = ""
    tracking_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    state: Literal["announced", "in-transit", "out-for-delivery", "delivered", "exception", "returned"] = "in-transit"
    shipped_on: date | None = None
    expected_on: date | None = None
    delivered_on: date | None = None
    lines: list[ShipmentLineShape] = Field(default_factory=list, max_length=2000)
    parcels: list[ParcelShape] = Field(default_factory=list, max_length=500)
    events: list[ShipmentEventShape] = Field(default_factory=list, max_length=500)


class DocumentShape(Shape):
    # As the source calls the order, or our own reference.
    order: Key
    kind: Literal["quotation", "confirmation", "delivery-note", "invoice", "credit-note", "purchase-order"]
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    issued_on: date
    # Of an invoice or a credit note; a credit is told as a negative amount.
    total: Amount | None = None
    due_on: date | None = None
    filename: Line = ""
    # The PDF, as base64. Without it the portal draws one after the order, which then stays as it is.
    content: Base64Bytes | None = None
    # How much of which lines a drawn one is for; all of the order where none is told.
    lines: list[ShipmentLineShape] = Field(default_factory=list, max_length=2000)
