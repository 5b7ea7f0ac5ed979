"""The queue of the channel managers: what the clock runs on, the oldest clock first, and extensions asked for."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.access import Principal
from portal.accounts.models import Person
from portal.clock import now
from portal.deals.extensions import Extension
from portal.deals.models import Deal
from portal.deals.review import DealReview
from portal.deals.rules import has_part_in
from portal.matching.models import DealMatch
from portal.organisations.models import Organisation
from portal.paging import Order, Page, fetch_page

PAGE_SIZE = 25
MOST_EXTENSIONS = 25
ORDER = Order((Deal.due_at, Deal.ref))

_Reviewer = aliased(Person)
# Only staff review. Said here, it spares PostgreSQL the question who of all people may be known by name.
_is_reviewer = sa.and_(_Reviewer.id == DealReview.reviewer_id, _Reviewer.is_staff)
_ROWS: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Deal.id,
        Deal.ref,
        Deal.customer_name,
        Deal.state,
        Deal.amount,
        Deal.currency,
        Deal.due_at,
        Organisation.name.label("organisation"),
        DealReview.reviewer_id,
        DealReview.first_approver_id,
        _Reviewer.name.label("reviewer"),
    )
    .select_from(Deal)
    .join(DealReview, DealReview.deal_id == Deal.id)
    .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
    .outerjoin(_Reviewer, _is_reviewer)
    .where(Deal.due_at.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Item:
    """A registration that waits. `matches` is how many records may speak of the same customer, `score` the best of
    them in 0 to 100."""

    ref: str
    customer: str
    state: str
    amount: int | None
    currency: str
    due_at: datetime
    organisation: str
    reviewer: str
    is_mine: bool
    is_late: bool
    needs_second: bool
    matches: int
    score: int


def waiting(session: Session, who: Principal, *, after: str = "", before: str = "") -> Page:
    """One page of the queue. Raises BadRequest for a place that is none in it."""
    page = fetch_page(session, _ROWS, ORDER, PAGE_SIZE, after=after, before=before)
    found = _matches(session, [row.id for row in page.rows])
    return replace(page, rows=[_item(who, row, found, now()) for row in page.rows])


def _item(who: Principal, row: Any, found: dict[int, tuple[int, int]], at: datetime) -> Item:
    matches, score = found.get(row.id, (0, 0))
    return Item(
        ref=row.ref,
        customer=row.customer_name,
        state=row.state,
        amount=row.amount,
        currency=row.currency,
        due_at=row.due_at,
        organisation=row.organisation or "",
        reviewer=row.reviewer or "",
        is_mine=row.reviewer_id == who.person_id,
        is_late=row.due_at <= at,
        needs_second=row.first_approver_id is not None,
        matches=matches,
        score=score,
    )


def _matches(session: Session, deal_ids: list[int]) -> dict[int, tuple[int, int]]:
    """How many matches each has, and the best score."""
    columns = (
        DealMatch.deal_id,
        sa.func.count(DealMatch.id).label("matches"),
        sa.func.max(DealMatch.score).label("score"),
    )
    statement = sa.select(*columns).where(DealMatch.deal_id.in_(deal_ids)).group_by(DealMatch.deal_id)
    return {row.deal_id: (row.matches, row.score) for row in session.execute(statement)}


def extensions_asked(session: Session) -> list[Any]:
    """The oldest that wait for a decision: ref, customer_name, organisation, asked_at, days, protected_until."""
    statement = (
        sa.select(
            Deal.ref,
            Deal.customer_name,
            Deal.protected_until,
            Organisation.name.label("organisation"),
            Extension.asked_at,
            Extension.days,
        )
        .select_from(Extension)
        .join(Deal, Deal.id == Extension.deal_id)
        .outerjoin(Organisation, Organisation.id == Deal.organisation_id)
        .where(Extension.decided_at.is_(None))
        .order_by(Extension.asked_at, Extension.id)
    )
    return list(session.execute(statement.limit(MOST_EXTENSIONS)))


# ── From one to the next ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Neighbours:
    previous: str = ""
    next: str = ""


def neighbours(session: Session, deal: Deal) -> Neighbours:
    """What stands before and after it in the queue, by reference; empty where nothing does."""
    if deal.due_at is None:
        return Neighbours(next=first(session))
    place, here = sa.tuple_(Deal.due_at, Deal.ref), (deal.due_at, deal.ref)
    ahead = _refs(place < here).order_by(Deal.due_at.desc(), Deal.ref.desc())
    behind = _refs(place > here).order_by(Deal.due_at, Deal.ref)
    return Neighbours(session.scalar(ahead) or "", session.scalar(behind) or "")


def first(session: Session) -> str:
    found: str | None = session.scalar(_refs().order_by(Deal.due_at, Deal.ref))
    return found or ""


def following(session: Session, who: Principal, due_at: datetime | None, ref: str) -> str:
    """What to show after a decision on what stood there: the next one that nobody else has in hand and that is not
    theirs to stay away from, else the first such; empty where none is left."""
    free = (
        sa.or_(DealReview.reviewer_id.is_(None), DealReview.reviewer_id == who.person_id),
        sa.or_(DealReview.first_approver_id.is_(None), DealReview.first_approver_id != who.person_id),
        sa.not_(has_part_in(Deal, who.person_id)),
        Deal.ref != ref,
    )
    statement = _refs(*free).join(DealReview, DealReview.deal_id == Deal.id).order_by(Deal.due_at, Deal.ref)
    if due_at is not None:
        later = session.scalar(statement.where(sa.tuple_(Deal.due_at, Deal.ref) > (due_at, ref)))
        if later:
            return later
    return session.scalar(statement) or _next_extension(session, ref)


def _refs(*conditions: sa.ColumnElement[bool]) -> sa.Select[str]:
    return sa.select(Deal.ref).where(Deal.due_at.is_not(None), *conditions).limit(1)


def _next_extension(session: Session, ref: str) -> str:
    statement = sa.select(Deal.ref).join(Extension, Extension.deal_id == Deal.id)
    statement = statement.where(Extension.decided_at.is_(None), Deal.ref != ref)
    return session.scalar(statement.order_by(Extension.asked_at, Extension.id).limit(1)) or ""
