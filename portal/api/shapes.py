"""What programs tell us beyond the feeds: tickets, replies and drafts of deal registrations."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal.feeds.shapes import Country, Currency, Key, Line, Shape

_Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]
_Price = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, max_digits=11, decimal_places=2)]
_Size = Annotated[Decimal, Field(ge=0, lt=1_000_000_000_000, max_digits=14, decimal_places=2)]


class TicketShape(BaseModel):
    """Words stay as they were said: told again, they have to be the same."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"subject": "The lamp flickers", "body": "It flickers every evening.", "category": "problem"}]
        },
    )

    subject: _Subject
    body: _Body
    category: Literal["question", "problem", "complaint", "claim", "request"] = "question"
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    related_reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    # Whom it is for: needed from integrations; a partner may name a linked customer who agreed to it.
    organisation: Line = ""
    capacity: Literal["", "customer", "supplier", "partner"] = ""


class FedTicketShape(TicketShape):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"external_id": "4711", "subject": "The lamp flickers", "body": "It flickers every evening."}]
        }
    )

    external_id: Key


class ReplyShape(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"body": "Thank you, it works again."}]})

    body: _Body


class DealLineShape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    # By its code.
    product: Key
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    unit_price: _Price | None = None


class DealShape(Shape):
    """A draft; it is handed in by a person, who is told what that means."""

    programme: Line = ""
    customer_name: Line = ""
    customer_domain: Line = ""
    customer_country: Country | Literal[""] = ""
    registration_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    tax_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    contact_name: Line = ""
    contact_role: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    contact_email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = ""
    contact_phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    currency: Currency | Literal[""] = ""
    amount: _Size | None = None
    close_on: date | None = None
    source: Literal["", "own", "referral", "event", "campaign", "tender"] = ""
    sales_type: Literal["", "new", "expansion", "renewal", "replacement"] = ""
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = ""
    lines: list[DealLineShape] = Field(default_factory=list, max_length=50)
