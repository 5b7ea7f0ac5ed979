"""What the API tells, as shapes for its description. A field outside the reader's lens is absent, not empty."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Ref = Annotated[str, Field(description="A reference of the portal.")]
Money = Annotated[str, Field(description="Whole units of the currency, as a decimal.", examples=["1125.00"])]
Number = Annotated[str, Field(description="A decimal, to the thousandth.", examples=["12.5"])]
Texts = Annotated[dict[str, str], Field(description="By language: en, cs, uk, pl, lt, fa.")]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class OrderLineAnswer(Answer):
    position: int
    code: str
    product: Ref | None
    descriptions: Texts
    quantity: Number
    unit: Annotated[str, Field(description="A code of UN/ECE Recommendation 20; C62 is a piece.")]
    unit_price: Annotated[Money, Field(description="For `price_per` units.")]
    price_per: int
    discount: Annotated[str, Field(description="Per cent.")]
    tax_rate: Annotated[str, Field(description="Per cent.")]
    net: Money
    promised_on: date | None
    confirmed_on: date | None
    delivered_on: Annotated[date | None, Field(description="When the last of it came, where that is told by line.")]
    shipped: Number
    delivered: Number
    invoiced: Number
    returned: Number
    cost: Annotated[str | None, Field(description="Of the whole line; for whoever sees margins.")] = None


class OrderAnswer(Answer):
    """An order. Without `currency` its reader is told states and days alone."""

    model_config = _example(
        ref="SO-7F3KQ92D",
        state="confirmed",
        capacity="customer",
        organisation="O-4N8XW2TB",
        organisation_name="Glass & Lantern Co.",
        reseller=None,
        ordered_on="2026-03-01",
        promised_on="2026-03-15",
        confirmed_on=None,
        shipped_on=None,
        delivered_on=None,
        invoiced_on=None,
        valid_until=None,
        due_on="2026-03-15",
        shipped_percent=0,
        delivered_percent=0,
        invoiced_percent=0,
        updated_at="2026-03-02T09:30:00Z",
        number="24-00017",
        customer_reference="P-4711",
        currency="EUR",
        net="1125.00",
        tax="236.25",
        total="1361.25",
        paid="0.00",
        payment_state="open",
        payment_due_on="2026-04-01",
        payment_terms="14 days net",
        delivery_terms="DAP",
        billing_address="1 Glass Street",
        delivery_address="1 Glass Street",
        remark="",
    )

    ref: Ref
    state: str
    capacity: str
    organisation: Ref | None
    organisation_name: str | None
    reseller: Ref | None
    ordered_on: date | None
    promised_on: date | None
    confirmed_on: date | None
    shipped_on: date | None
    delivered_on: date | None
    invoiced_on: date | None
    valid_until: date | None
    due_on: date | None
    shipped_percent: int
    delivered_percent: int
    invoiced_percent: int
    updated_at: datetime
    number: str | None = None
    customer_reference: str | None = None
    currency: str | None = None
    net: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    paid: Money | None = None
    payment_state: str | None = None
    payment_due_on: date | None = None
    payment_terms: str | None = None
    delivery_terms: str | None = None
    billing_address: str | None = None
    delivery_address: str | None = None
    remark: str | None = None
    lines: list[OrderLineAnswer] | None = None
    documents: list[Ref] | None = None
    shipments: list[Ref] | None = None


class PriceAnswer(Answer):
    organisation: Ref
    currency: str
    unit_price: Annotated[Money, Field(description="For `price_per` units.")]
    price_per: int
    minimum: Number
    valid_from: date
    valid_until: date | None


class ProductAnswer(Answer):
    model_config = _example(
        ref="PR-2M6T9QXA",
        code="LN-100",
        names={"en": "Meadow garden lantern", "cs": "Zahradní lucerna Luka"},
        unit="C62",
        is_active=True,
        is_reorderable=True,
    )

    ref: Ref
    code: str
    names: Texts
    unit: str
    is_active: bool
    is_reorderable: bool
    prices: list[PriceAnswer] | None = None


class ShipmentLineAnswer(Answer):
    position: int
    quantity: Number


class ParcelAnswer(Answer):
    number: str
    tracking_number: str
    weight: Annotated[str | None, Field(description="Kilograms.")]


class ShipmentEventAnswer(Answer):
    at: datetime
    state: str
    place: str
    words: Texts


class ShipmentAnswer(Answer):
    model_config = _example(
        ref="SM-5D8H1RKW",
        order="SO-7F3KQ92D",
        number="DN-0042",
        carrier="Parcel Post",
        tracking_number="PP0000042",
        tracking_url="https://parcels.example.com/PP0000042",
        state="in-transit",
        shipped_on="2026-03-14",
        expected_on="2026-03-16",
        delivered_on=None,
        created_at="2026-03-14T07:00:00Z",
    )

    ref: Ref
    order: Ref
    number: str
    carrier: str
    tracking_number: str
    tracking_url: str
    state: str
    shipped_on: date | None
    expected_on: date | None
    delivered_on: date | None
    created_at: datetime
    lines: list[ShipmentLineAnswer] | None = None
    parcels: list[ParcelAnswer] | None = None
    events: list[ShipmentEventAnswer] | None = None


class DocumentAnswer(Answer):
    model_config = _example(
        ref="DC-9QW3E7RT",
        order="SO-7F3KQ92D",
        kind="invoice",
        number="INV-2026-0815",
        issued_on="2026-03-20",
        due_on="2026-04-03",
        currency="EUR",
        total="1361.25",
        created_at="2026-03-20T10:00:00Z",
    )

    ref: Ref
    order: Ref
    kind: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    total: Money | None
    created_at: datetime


class OrganisationAnswer(Answer):
    model_config = _example(
        ref="O-4N8XW2TB",
        name="Glass & Lantern Co.",
        country="CZ",
        website="https://glass.example.com",
        language="cs",
        capacities=["customer"],
        email="office@glass.example.com",
        phone="+420 555 010 203",
        address="1 Glass Street",
    )

    ref: Ref
    name: str
    country: str | None = None
    website: str | None = None
    language: str | None = None
    capacities: list[str] | None = None
    domain: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    phase: str | None = None
    segment: str | None = None
    abc_class: str | None = None
    partner_tier: str | None = None


class PersonAnswer(Answer):
    model_config = _example(
        ref="P-6K2B8VNC",
        name="Jana Malá",
        is_staff=False,
        organisations=["O-4N8XW2TB"],
        email="jana@glass.example.com",
        phone="",
        job_title="Purchasing",
    )

    ref: Ref
    name: str
    is_staff: bool
    organisations: list[Ref]
    email: str | None = None
    phone: str | None = None
    job_title: str | None = None


class MessageAnswer(Answer):
    ref: Ref
    author: str | None
    is_by_staff: bool
    is_note: Annotated[bool, Field(description="Internal: for staff alone.")]
    is_gone: Annotated[bool, Field(description="Withdrawn or redacted; the words are gone.")]
    channel: str
    created_at: datetime
    body: Annotated[str, Field(description="CommonMark.")]


class TicketAnswer(Answer):
    model_config = _example(
        ref="T-7F3KQ92D",
        subject="The lamp flickers",
        category="problem",
        priority="normal",
        state="in-progress",
        organisation="O-4N8XW2TB",
        organisation_name="Glass & Lantern Co.",
        capacity="customer",
        team="Customer care",
        related_reference="24-00017",
        created_at="2026-03-20T10:00:00Z",
        updated_at="2026-03-20T12:00:00Z",
    )

    ref: Ref
    subject: str
    category: str
    priority: str
    state: str
    organisation: Ref | None
    organisation_name: str | None
    capacity: str
    team: str | None
    related_reference: str
    created_at: datetime
    updated_at: datetime
    messages: list[MessageAnswer] | None = None


class DealLineAnswer(Answer):
    product: str
    quantity: int
    unit_price: Money | None


class DealAnswer(Answer):
    model_config = _example(
        ref="D-3H9T5XQZ",
        state="draft",
        organisation="O-8C1V4MPE",
        organisation_name="Wolf & Partners",
        programme="PG-1A2B3C4D",
        customer_name="Harbour Hotel",
        customer_domain="harbour.example.com",
        customer_country="PL",
        registration_number="",
        tax_number="",
        currency="EUR",
        amount="18000.00",
        close_on="2026-09-30",
        created_at="2026-03-20T10:00:00Z",
        submitted_at=None,
        due_at=None,
        decided_at=None,
        outcome="",
        protected_from=None,
        protected_until=None,
        updated_at="2026-03-20T10:00:00Z",
    )

    ref: Ref
    state: str
    organisation: Ref | None
    organisation_name: str | None
    programme: Ref | None
    customer_name: str
    customer_domain: str
    customer_country: str
    registration_number: str
    tax_number: str
    currency: str
    amount: Money | None
    close_on: date | None
    created_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    outcome: str
    protected_from: datetime | None
    protected_until: datetime | None
    updated_at: datetime
    contact_name: str | None = None
    contact_role: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    source: str | None = None
    sales_type: str | None = None
    description: str | None = None
    lines: list[DealLineAnswer] | None = None
