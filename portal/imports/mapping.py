"""What the columns of a file mean: the fields that a kind of record has, and which column is probably which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.imports.headings import HEADINGS, key_of
from portal.languages import LANGUAGES, speaking

# What a cell of it is read as: see `portal.imports.values`.
Reads = Literal[
    "text", "long-text", "number", "rate", "whole", "date", "moment", "flag", "choice", "choices", "unit", "currency",
    "country", "language", "word", "file",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a shape; `lines.quantity` is one of each line."""

    name: str
    label: Any
    reads: Reads = "text"
    required: bool = False
    help: Any = ""

    @property
    def part(self) -> str:
        """The list that it is in: `lines`; empty for the record itself."""
        head, dot, _rest = self.name.partition(".")
        return head if dot and head in PARTS else ""


PARTS = ("lines", "prices", "parcels", "events")
_ID_HELP = _l("What the other system calls it: by this it is known again when it comes another time.")
_ORGANISATION_HELP = _l("What the other system calls the company, or its reference here.")


def _texts(name: str, label: Any, *, required: bool = False) -> list[Field]:
    """A text by language: the field itself is in the language of the reader."""
    found = [Field(name, label, required=required)]
    return found + [
        Field(f"{name}.{code}", _l("%(field)s (%(language)s)", field=label, language=language.own_name))
        for code, language in LANGUAGES.items()
    ]


def _order(*, is_purchase: bool) -> list[Field]:
    party = _l("Supplier") if is_purchase else _l("Customer")
    theirs = _l("Supplier’s own order number") if is_purchase else _l("Customer’s own purchase number")
    sales = [
        Field("kind", _l("Kind of order"), "choice"),
        Field("capacity", _l("In the capacity of"), "choice"),
        Field("reseller", _l("Partner through whom it is sold"), help=_ORGANISATION_HELP),
        Field("deal", _l("Reference of the deal registration")),
        Field("quotation", _l("Quotation that it came from")),
        Field("valid_until", _l("Valid until"), "date"),
        Field("ref", _l("Reference of the reorder here")),
    ]
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("organisation", party, required=True, help=_ORGANISATION_HELP),
        Field("state", _l("State"), "choice", required=True),
        Field("currency", _l("Currency"), "currency", required=True),
        Field("number", _l("Order number")),
        Field("customer_reference", theirs),
        Field("ordered_on", _l("Ordered on"), "date"),
        Field("shipped_on", _l("Shipped on"), "date"),
        Field("delivered_on", _l("Delivered on"), "date"),
        Field("invoiced_on", _l("Invoiced on"), "date"),
        *([] if is_purchase else sales),
        Field("payment_state", _l("Payment"), "choice"),
        Field("payment_due_on", _l("Payment due on"), "date"),
        Field("paid", _l("Amount paid"), "number"),
        Field("payment_terms", _l("Payment terms")),
        Field("delivery_terms", _l("Delivery terms")),
        Field("billing_address", _l("Billing address"), "long-text"),
        Field("delivery_address", _l("Delivery address"), "long-text"),
        Field("remark", _l("Remark"), "long-text"),
        Field("net", _l("Net amount"), "number"),
        Field("tax", _l("Tax"), "number"),
        Field("total", _l("Total"), "number"),
        Field("rounding", _l("Tax is rounded"), "choice"),
        *_lines(),
    ]


def _lines() -> list[Field]:
    return [
        Field("lines.position", _l("Line number"), "whole"),
        Field("lines.product", _l("Product code")),
        *_texts("lines.descriptions", _l("Description of the line")),
        Field("lines.quantity", _l("Quantity"), "number"),
        Field("lines.unit", _l("Unit"), "unit"),
        Field("lines.unit_price", _l("Unit price"), "number"),
        Field("lines.price_per", _l("Price for how many units"), "whole"),
        Field("lines.discount", _l("Discount in per cent"), "rate"),
        Field("lines.tax_rate", _l("Tax rate in per cent"), "rate"),
        Field("lines.promised_on", _l("Promised for"), "date"),
        Field("lines.confirmed_on", _l("Confirmed for"), "date"),
        Field("lines.delivered_on", _l("Line delivered on"), "date"),
        Field("lines.shipped", _l("Quantity shipped"), "number"),
        Field("lines.delivered", _l("Quantity delivered"), "number"),
        Field("lines.invoiced", _l("Quantity invoiced"), "number"),
        Field("lines.returned", _l("Quantity returned"), "number"),
        Field("lines.cost", _l("Cost of the line"), "number"),
        Field("lines.net", _l("Net amount of the line"), "number"),
    ]


def _products() -> list[Field]:
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("code", _l("Product code"), required=True),
        *_texts("names", _l("Product name"), required=True),
        Field("unit", _l("Unit"), "unit"),
        Field("is_active", _l("On sale"), "flag"),
        Field("is_reorderable", _l("May be ordered again"), "flag"),
        Field("prices.organisation", _l("Price for which organisation"), help=_ORGANISATION_HELP),
        Field("prices.currency", _l("Currency"), "currency"),
        Field("prices.unit_price", _l("Unit price"), "number"),
        Field("prices.price_per", _l("Price for how many units"), "whole"),
        Field("prices.minimum", _l("From which quantity on"), "number"),
        Field("prices.valid_from", _l("Valid from"), "date"),
        Field("prices.valid_until", _l("Valid until"), "date"),
    ]


def _organisations() -> list[Field]:
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("name", _l("Organisation name"), required=True),
        Field("capacities", _l("Relation to us"), "choices", required=True),
        Field("country", _l("Country"), "country"),
        Field("language", _l("Language"), "language"),
        Field("website", _l("Website")),
        Field("domain", _l("Mail domain")),
        Field("email", _l("E-mail")),
        Field("phone", _l("Phone")),
        Field("address", _l("Address"), "long-text"),
        Field("currency", _l("Currency"), "currency"),
        Field("credit_limit", _l("Credit limit"), "number"),
        Field("payment_days", _l("Days to pay"), "whole"),
    ]


def _people() -> list[Field]:
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("name", _l("Name"), required=True),
        Field("email", _l("E-mail"), required=True),
        Field("organisation", _l("Organisation"), required=True, help=_ORGANISATION_HELP),
        Field("job_title", _l("Job title")),
        Field("phone", _l("Phone")),
        Field("language", _l("Language"), "language"),
    ]


def _shipments() -> list[Field]:
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("order", lazy_pgettext("kind", "Order"), required=True,
              help=_l("What the other system calls the order, or its reference here.")),
        Field("number", _l("Number of the delivery note")),
        Field("carrier", _l("Carrier")),
        Field("tracking_number", _l("Tracking number")),
        Field("tracking_url", _l("Tracking link")),
        Field("state", _l("State"), "choice"),
        Field("shipped_on", _l("Shipped on"), "date"),
        Field("expected_on", _l("Expected on"), "date"),
        Field("delivered_on", _l("Delivered on"), "date"),
        Field("lines.position", _l("Line number"), "whole"),
        Field("lines.quantity", _l("Quantity"), "number"),
        Field("parcels.number", _l("Number of the parcel")),
        Field("parcels.tracking_number", _l("Tracking number of the parcel")),
        Field("parcels.weight", _l("Weight of the parcel in kilograms"), "number"),
        Field("events.at", _l("Time of the event"), "moment"),
        Field("events.state", _l("State at the event"), "choice"),
        Field("events.place", _l("Place of the event")),
        *_texts("events.words", _l("The carrier’s words")),
    ]  # fmt: skip


def _documents() -> list[Field]:
    return [
        Field("external_id", _l("ID in the other system"), help=_ID_HELP, required=True),
        Field("order", lazy_pgettext("kind", "Order"), required=True,
              help=_l("What the other system calls the order, or its reference here.")),
        Field("kind", _l("Kind of document"), "word", required=True),
        Field("number", _l("Number of the document"), required=True),
        Field("issued_on", _l("Issued on"), "date", required=True),
        Field("due_on", _l("Due on"), "date"),
        Field("total", _l("Total"), "number"),
        Field("filename", _l("Name of the file")),
        Field("content", _l("The PDF"), "file", help=_l("As base64; with the command also its path beside the file.")),
        Field("lines.position", _l("Line number"), "whole"),
        Field("lines.quantity", _l("Quantity"), "number"),
    ]  # fmt: skip


FIELDS: Mapping[str, list[Field]] = {
    "orders": _order(is_purchase=False),
    "purchase-orders": _order(is_purchase=True),
    "products": _products(),
    "organisations": _organisations(),
    "people": _people(),
    "shipments": _shipments(),
    "documents": _documents(),
}

# Where no column is mapped to the id of the other system, this one stands in for it.
STAND_INS: Mapping[str, str] = {
    "orders": "number",
    "purchase-orders": "number",
    "products": "code",
    "people": "email",
    "shipments": "number",
}


def missing(kind: str, mapping: Mapping[str, str]) -> list[Field]:
    """The fields without which no record can be made, and to which no column is mapped."""
    mapped = set(mapping.values())
    mapped |= {name.rpartition(".")[0] for name in mapped}
    if STAND_INS.get(kind) in mapped:
        mapped.add("external_id")
    return [field for field in FIELDS[kind] if field.required and field.name not in mapped]


def guess(kind: str, columns: Iterable[str]) -> dict[str, str]:
    """Fields by column, of the columns that are known by their heading in one of the six languages."""
    own = _own_headings(kind)
    fields = {field.name for field in FIELDS[kind]}
    taken: dict[str, str] = {}
    for column in columns:
        for name in (column, *own.get(key_of(column), ()), *HEADINGS.get(key_of(column), ())):
            if name in fields and name not in taken:
                taken[name] = column
                break
    return {column: name for name, column in taken.items()}


def _own_headings(kind: str) -> dict[str, list[str]]:
    """Our own labels in every language, as headings."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        with speaking(language):
            for field in FIELDS[kind]:
                names = found.setdefault(key_of(str(field.label)), [])
                if field.name not in names:
                    names.append(field.name)
    return found
