"""The list of opportunities as its reader sees it: filters by plain names, pages, export, a section on a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.filtering import AddressFilters
from portal.opportunities.models import Opportunity, Stage, Status
from portal.opportunities.rules import with_parties
from portal.organisations.listing import named as organisations_named
from portal.organisations.models import Organisation
from portal.paging import Order, Page, every_page, fetch_page
from portal.text import clean_line, like_escape, sort_key

PAGE_SIZE = 25
MOST_SHOWN = 6
_LONGEST_QUESTION = 200
SORTS = ("-updated", "updated")
# A direct sale is nothing that outsiders ask for.
ORIGINS = ("deal", "direct")

_COLUMNS = tuple(
    getattr(Opportunity, name)
    for name in (
        "ref",
        "title",
        "stage",
        "status",
        "probability",
        "amount",
        "currency",
        "close_on",
        "next_step",
        "activity_at",
        "partner_id",
    )
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address."""

    endpoint = "opportunities.index"

    q: str = ""
    state: str = ""
    stage: str = ""
    origin: str = ""
    organisation: str = ""
    sort: str = SORTS[0]


FILTERS = tuple(Filters.__dataclass_fields__)


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, and for what is not theirs to ask."""
    given = {name: arguments[name] for name in FILTERS if arguments.get(name)}
    if not who.is_staff and not given.keys().isdisjoint({"origin", "organisation"}):
        raise BadRequest
    allowed: dict[str, Any] = {"state": Status, "stage": Stage, "origin": ORIGINS, "sort": SORTS}
    if any(given.get(name, "") not in ("", *values) for name, values in allowed.items()):
        raise BadRequest
    given["q"] = clean_line(given.get("q", "")[:_LONGEST_QUESTION])
    return Filters(**given)


def _conditions(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    if filters.state:
        yield Opportunity.status == filters.state
    if filters.stage:
        yield Opportunity.stage == filters.stage
    if filters.origin:
        yield Opportunity.deal_id.is_(None) if filters.origin == "direct" else Opportunity.deal_id.is_not(None)
    if filters.organisation:
        named = sa.select(Organisation.id).where(Organisation.ref == filters.organisation).scalar_subquery()
        yield sa.or_(Opportunity.customer_id == named, Opportunity.partner_id == named)
    if filters.q:
        folded = like_escape(sort_key(filters.q).partition("\x1f")[0])
        titled = Opportunity.title_key.like(f"%{folded}%\x1f%", escape="\\") if folded else sa.false()
        sold_to = Opportunity.customer_id.in_(sa.select(Organisation.id).where(organisations_named(filters.q)))
        yield sa.or_(titled, sold_to, Opportunity.ref == filters.q.upper())


def _statement(who: Principal, filters: Filters) -> sa.Select[Any]:
    return with_parties(who, *_COLUMNS).where(*_conditions(filters))


def _order(filters: Filters) -> Order:
    return Order((Opportunity.activity_at, Opportunity.ref), is_descending=filters.sort.startswith("-"))


def list_opportunities(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """Raises BadRequest for a place that is none in this list."""
    return fetch_page(session, _statement(who, filters), _order(filters), size, after=after, before=before)


def opportunities_of(session: Session, who: Principal, organisation: Organisation) -> list[Any]:
    """The latest ones of a customer or partner, as its page shows them; one more than that where there are more."""
    statement = with_parties(who, *_COLUMNS).where(
        sa.or_(Opportunity.customer_id == organisation.id, Opportunity.partner_id == organisation.id)
    )
    newest = (Opportunity.activity_at.desc(), Opportunity.id.desc())
    return list(session.execute(statement.order_by(*newest).limit(MOST_SHOWN + 1)))


def every_opportunity(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[Any]:
    """The rows of all pages, read in batches, so that memory stays bounded."""
    for rows in every_page(session, _statement(who, filters), _order(filters), batch):
        yield from rows
