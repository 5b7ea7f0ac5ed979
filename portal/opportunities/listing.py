"""The list of opportunities as its reader sees it: filters by plain names, pages, export, a section on a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.exporting import BYTE_ORDER_MARK, csv_text, see_one_moment, time_cells, time_titles
from portal.filtering import AddressFilters
from portal.languages import currency_exponent, number_text
from portal.opportunities.models import Opportunity, Stage, Status
from portal.opportunities.rules import with_parties
from portal.opportunities.words import STAGES, STATUSES
from portal.organisations.listing import named as organisations_named
from portal.organisations.models import Organisation
from portal.paging import Order, Page, fetch_page
from portal.text import clean_line, like_escape, sort_key

PAGE_SIZE = 25
BATCH = 500
MOST_EXPORTED = 50_000
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
    try:
        return fetch_page(session, _statement(who, filters), _order(filters), size, after=after, before=before)
    except ValueError:
        raise BadRequest from None


def opportunities_of(session: Session, who: Principal, organisation: Organisation) -> list[Any]:
    """The latest ones of a customer or partner, as its page shows them; one more than that where there are more."""
    statement = with_parties(who, *_COLUMNS).where(
        sa.or_(Opportunity.customer_id == organisation.id, Opportunity.partner_id == organisation.id)
    )
    newest = (Opportunity.activity_at.desc(), Opportunity.id.desc())
    return list(session.execute(statement.order_by(*newest).limit(MOST_SHOWN + 1)))


def csv_of(session: Session, who: Principal, filters: Filters) -> Iterator[str]:
    """All pages of the list as CSV, in batches, so that memory stays bounded."""
    see_one_moment(session)
    yield BYTE_ORDER_MARK + csv_text([_titles(who)])
    after, left = "", MOST_EXPORTED
    while True:
        page = fetch_page(session, _statement(who, filters), _order(filters), BATCH, after=after)
        yield csv_text([_cells(who, row) for row in page.rows[:left]])
        left -= len(page.rows)
        if not page.next_cursor:
            return
        if left <= 0:
            most = number_text(MOST_EXPORTED)
            words = _("Only the first %(most)s opportunities are here. Narrow the list to export others.", most=most)
            yield csv_text([[words]])
            return
        after = page.next_cursor


def _titles(who: Principal) -> list[object]:
    titles = [_("Reference"), _("Opportunity"), _("Customer"), _("State"), _("Stage"), _("Probability in per cent")]
    titles += [_("Amount"), _("Currency"), _("Expected close date"), _("Next step")]
    return [*titles, *([_("Partner")] if who.is_staff else []), *time_titles(_("Updated"))]


def _cells(who: Principal, row: Any) -> list[object]:
    """Numbers as spreadsheets count with them in any language."""
    cells: list[object] = [row.ref, row.title, row.customer or "", STATUSES[row.status], STAGES[row.stage]]
    amount = Decimal(row.amount).scaleb(-currency_exponent(row.currency))
    cells += [row.probability, amount, row.currency, row.close_on or "", row.next_step]
    return [*cells, *([row.partner or ""] if who.is_staff else []), *time_cells(row.activity_at)]
