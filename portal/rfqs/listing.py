"""The list of requests as its reader sees it: our staff all of them, a supplier its own invitations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.access import Principal
from portal.filtering import AddressFilters
from portal.paging import Order, Page, every_page, fetch_page
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.lifecycle import Answer, State
from portal.rfqs.offers import RfqOffer
from portal.rfqs.requests import Rfq, RfqTerms
from portal.text import clean_line, like_escape, sort_key

PAGE_SIZE = 25
LONGEST_QUESTION = 200
_FOR_STAFF: sa.Select[*tuple[Any, ...]] = (
    sa.select(Rfq.id, Rfq.ref, Rfq.state, Rfq.created_at, RfqTerms.title, RfqTerms.closes_at, RfqTerms.currency)
    .select_from(Rfq)
    .join(RfqTerms, RfqTerms.rfq_id == Rfq.id)
)
# When the request was written or sent, and where it stands, is none of theirs.
_FOR_SUPPLIERS: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        *(RfqInvitation.ref, RfqInvitation.answer.label("state"), RfqInvitation.invited_at, RfqTerms.title),
        *(RfqTerms.closes_at, RfqTerms.currency),
    )
    .select_from(RfqInvitation)
    .join(RfqTerms, RfqTerms.rfq_id == RfqInvitation.rfq_id)
)


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address."""

    endpoint = "rfqs.index"

    q: str = ""
    state: str = ""


def states_for(who: Principal) -> tuple[Any, ...]:
    return tuple(State) if who.is_staff else tuple(answer for answer in Answer if answer != Answer.CHOSEN)


def read_filters(arguments: MultiDict[str, str], who: Principal) -> Filters:
    """Raises BadRequest for a value that is none, or not this reader's to ask for."""
    state = arguments.get("state", "")
    if state not in ("", *states_for(who)):
        raise BadRequest
    return Filters(clean_line(arguments.get("q", "")[:LONGEST_QUESTION]), state)


@dataclass(frozen=True, slots=True)
class Line:
    """A request in the list; only staff learn how many were invited, and how many have answered with an offer."""

    ref: str
    title: str
    state: str
    closes_at: datetime | None
    currency: str
    at: datetime
    invited: int = 0
    offered: int = 0


def list_rfqs(
    session: Session, who: Principal, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """One page of lines, the latest first. Raises BadRequest for a place that is none in this list."""
    page = fetch_page(session, statement_of(who, filters), order_for(who), size, after=after, before=before)
    return replace(page, rows=_lines(session, who, page.rows))


def every_rfq(session: Session, who: Principal, filters: Filters, *, batch: int) -> Iterator[list[Line]]:
    """The lines of all pages, in batches, so that memory stays bounded."""
    for rows in every_page(session, statement_of(who, filters), order_for(who), batch):
        yield _lines(session, who, rows)


def statement_of(who: Principal, filters: Filters) -> sa.Select[*tuple[Any, ...]]:
    statement = _FOR_STAFF if who.is_staff else _FOR_SUPPLIERS
    if filters.state:
        statement = statement.where((Rfq.state if who.is_staff else RfqInvitation.answer) == filters.state)
    if filters.q:
        folded = like_escape(sort_key(filters.q).partition("\x1f")[0])
        named = RfqTerms.title_key.like(f"%{folded}%\x1f%", escape="\\") if folded else sa.false()
        ref = Rfq.ref if who.is_staff else RfqInvitation.ref
        statement = statement.where(sa.or_(named, ref == filters.q.upper()))
    return statement


def order_for(who: Principal) -> Order:
    columns = (Rfq.created_at, Rfq.ref) if who.is_staff else (RfqInvitation.invited_at, RfqInvitation.ref)
    return Order(columns, is_descending=True)


def _lines(session: Session, who: Principal, rows: Sequence[Any]) -> list[Line]:
    counts = _counts(session, [row.id for row in rows]) if who.is_staff else {}
    return [
        Line(
            ref=row.ref,
            title=row.title,
            state=row.state,
            closes_at=row.closes_at,
            currency=row.currency,
            at=row.created_at if who.is_staff else row.invited_at,
            **counts.get(row.id, {}) if who.is_staff else {},
        )
        for row in rows
    ]


def _counts(session: Session, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many are invited to each of these, and how many of them have an offer that counts."""
    asked = (
        sa.select(
            RfqInvitation.rfq_id,
            sa.func.count(RfqInvitation.id).label("invited"),
            sa.func.count(RfqOffer.id).label("offered"),
        )
        .outerjoin(RfqOffer, sa.and_(RfqOffer.invitation_id == RfqInvitation.id, RfqOffer.is_current))
        .where(RfqInvitation.rfq_id.in_(ids))
        .group_by(RfqInvitation.rfq_id)
    )
    return {row.rfq_id: {"invited": row.invited, "offered": row.offered} for row in session.execute(asked)}
