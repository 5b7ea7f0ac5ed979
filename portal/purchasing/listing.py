"""The inbox of invoices: filters by plain names, order, pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.filtering import AddressFilters
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.paging import every_page
from portal.purchasing.invoices import InvoiceState, SupplierInvoice

PAGE_SIZE = 25
SORTS = ("received", "-received")


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address."""

    endpoint = "purchasing.invoices"

    state: str = ""
    supplier: str = ""
    sort: str = SORTS[1]


_CHOICES: dict[str, Any] = {"state": [state.value for state in InvoiceState], "sort": SORTS}


def read_filters(arguments: MultiDict[str, str]) -> Filters:
    """Raises BadRequest for a value that is none."""
    given = {name: arguments[name] for name in Filters.defaults() if arguments.get(name)}
    if any(given.get(name, "") not in ("", *allowed) for name, allowed in _CHOICES.items()):
        raise BadRequest
    return Filters(**given)


def statement_of(filters: Filters) -> sa.Select[Any]:
    found: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            *(SupplierInvoice.ref, SupplierInvoice.number, SupplierInvoice.state, SupplierInvoice.received_at),
            *(SupplierInvoice.issued_on, SupplierInvoice.due_on, SupplierInvoice.currency, SupplierInvoice.total),
            Order.ref.label("order_ref"),
            OrderDetails.number.label("order_number"),
            Organisation.name.label("supplier"),
        )
        .select_from(SupplierInvoice)
        .join(Order, Order.id == SupplierInvoice.order_id)
        .join(OrderDetails, OrderDetails.order_id == Order.id)
        .outerjoin(Organisation, Organisation.id == Order.organisation_id)
    )
    if filters.state:
        found = found.where(SupplierInvoice.state == filters.state)
    if filters.supplier:
        whose = sa.select(Organisation.id).where(Organisation.ref == filters.supplier).scalar_subquery()
        found = found.where(Order.organisation_id == whose)
    return found


def order_of(filters: Filters) -> Sorting:
    return Sorting((SupplierInvoice.received_at, SupplierInvoice.ref), is_descending=filters.sort.startswith("-"))


@dataclass(frozen=True, slots=True)
class Line:
    ref: str
    number: str
    state: str
    supplier: str
    order_ref: str
    order_number: str
    currency: str
    total: int
    issued_on: date
    due_on: date | None
    received_at: datetime


def lines_of(rows: Sequence[Any]) -> list[Line]:
    return [
        Line(
            ref=row.ref,
            number=row.number,
            state=row.state,
            supplier=row.supplier or "",
            order_ref=row.order_ref,
            order_number=row.order_number or row.order_ref,
            currency=row.currency,
            total=row.total,
            issued_on=row.issued_on,
            due_on=row.due_on,
            received_at=row.received_at,
        )
        for row in rows
    ]


def every_invoice(session: Session, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    for rows in every_page(session, statement_of(filters), order_of(filters), batch):
        yield lines_of(rows)


def supplier_named(session: Session, filters: Filters) -> tuple[str, str] | None:
    """The supplier that the address names, where it is within reach."""
    if not filters.supplier:
        return None
    asked = sa.select(Organisation.ref, Organisation.name).where(Organisation.ref == filters.supplier)
    row = session.execute(asked).one_or_none()
    return (row.ref, row.name) if row else None
