"""The list of leads as its reader sees it: staff all of them, a partner those that it is asked about or accepted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.filtering import AddressFilters
from portal.languages import list_text, voice
from portal.leads.lifecycle import State
from portal.leads.models import Lead, LeadCustomer, LeadLine, LeadOffer
from portal.organisations.models import Organisation
from portal.paging import Order, Page, every_page, fetch_page
from portal.products.models import Product, in_language
from portal.text import clean_line, like_escape, sort_key

PAGE_SIZE = 25
LONGEST_QUESTION = 200
_COLUMNS = (
    Lead.id,
    Lead.ref,
    Lead.state,
    Lead.country,
    Lead.amount,
    Lead.currency,
    LeadCustomer.name.label("customer"),
)
_FOR_STAFF: sa.Select[*tuple[Any, ...]] = (
    sa.select(*_COLUMNS, Lead.updated_at, Organisation.name.label("partner"))
    .select_from(Lead)
    .outerjoin(LeadCustomer, LeadCustomer.lead_id == Lead.id)
    .outerjoin(Organisation, Organisation.id == Lead.partner_id)
)
# Narrowed to the reader's own offer; when the lead was written or handed out is none of theirs.
_FOR_PARTNERS: sa.Select[*tuple[Any, ...]] = (
    sa.select(*_COLUMNS, LeadOffer.offered_at, LeadOffer.answer_by)
    .select_from(Lead)
    .join(LeadOffer, LeadOffer.lead_id == Lead.id)
    .outerjoin(LeadCustomer, LeadCustomer.lead_id == Lead.id)
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address."""

    endpoint = "leads.index"

    q: str = ""
    state: str = ""
    mine: str = ""


def states_for(who: Principal) -> tuple[State, ...]:
    return tuple(State) if who.is_staff else (State.OFFERED, State.ACCEPTED)


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, or not this reader's to ask for."""
    state, mine = arguments.get("state", ""), arguments.get("mine", "")
    if state not in ("", *states_for(who)) or mine not in ("", *(["1"] if who.is_staff else [])):
        raise BadRequest
    return Filters(clean_line(arguments.get("q", "")[:LONGEST_QUESTION]), state, mine)


@dataclass(frozen=True, slots=True)
class Line:
    """A lead in the list; `customer` is empty for a partner that has not accepted it."""

    ref: str
    state: str
    country: str
    amount: int | None
    currency: str
    customer: str
    products: str
    at: datetime
    partner: str = ""
    answer_by: datetime | None = None


def list_leads(session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "") -> Page:
    """One page of lines, the latest first. Raises BadRequest for a place that is none in this list."""
    page = fetch_page(session, _statement(who, filters), _order(who), PAGE_SIZE, after=after, before=before)
    return replace(page, rows=_lines(session, page.rows))


def every_lead(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    """The lines of all pages, in batches, so that memory stays bounded."""
    for rows in every_page(session, _statement(who, filters), _order(who), batch):
        yield _lines(session, rows)


def _statement(who: Principal, filters: Filters) -> sa.Select[*tuple[Any, ...]]:
    statement = _FOR_STAFF if who.is_staff else _FOR_PARTNERS
    if filters.state:
        statement = statement.where(Lead.state == filters.state)
    if filters.mine:
        statement = statement.where(Lead.created_by_id == who.person_id)
    if filters.q:
        # To a partner that has not accepted the lead, its customer has no name to be found by.
        folded = like_escape(sort_key(filters.q).partition("\x1f")[0])
        named = LeadCustomer.name_key.like(f"%{folded}%\x1f%", escape="\\") if folded else sa.false()
        statement = statement.where(sa.or_(named, Lead.ref == filters.q.upper()))
    return statement


def _order(who: Principal) -> Order:
    moment: Any = Lead.updated_at if who.is_staff else LeadOffer.offered_at
    return Order((moment, Lead.ref), is_descending=True)


def _lines(session: Session, rows: Sequence[Any]) -> list[Line]:
    products = products_of(session, [row.id for row in rows])
    return [
        Line(
            ref=row.ref,
            state=row.state,
            country=row.country,
            amount=row.amount,
            currency=row.currency,
            customer=row.customer or "",
            products=list_text(products.get(row.id, ())),
            at=getattr(row, "updated_at", None) or row.offered_at,
            partner=getattr(row, "partner", "") or "",
            answer_by=getattr(row, "answer_by", None) if row.state == State.OFFERED else None,
        )
        for row in rows
    ]


def products_of(session: Session, lead_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the products of each lead."""
    asked = (
        sa.select(LeadLine.lead_id, Product.names)
        .join(Product, Product.id == LeadLine.product_id)
        .where(LeadLine.lead_id.in_(list(lead_ids)))
        .order_by(LeadLine.lead_id, LeadLine.position)
    )
    found: dict[int, list[str]] = {}
    for row in session.execute(asked):
        found.setdefault(row.lead_id, []).append(in_language(row.names, voice().language))
    return found
