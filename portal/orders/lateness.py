"""What is late, by company: of each the number of orders, the day that was missed first, and how long ago that was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.orders.lifecycle import Kind
from portal.orders.listing import Filters, in_portfolio
from portal.orders.models import Order
from portal.organisations.models import Organisation

# Those that wait longest; whoever looks after so many narrows them to their portfolio.
MOST = 100


@dataclass(frozen=True, slots=True)
class LateCompany:
    """With how many orders a company is late, and where they are; the name is empty where it is not the reader's."""

    name: str
    orders: int
    oldest_due_on: date
    days: int
    url: str


def late_companies(
    session: Session, who: Principal, today: date, *, of_purchase: bool, mine: bool = False
) -> tuple[list[LateCompany], bool]:
    """The companies that wait longest first, or that we wait for; and whether there are more of them."""
    oldest = sa.func.min(Order.due_on).label("oldest")
    is_purchase = Order.kind == Kind.PURCHASE
    statement = (
        sa.select(Order.organisation_id, sa.func.count().label("orders"), oldest)
        .where(Order.due_on < today, is_purchase if of_purchase else Order.kind == Kind.SALES)
        .group_by(Order.organisation_id)
        .order_by(oldest, Order.organisation_id)
        .limit(MOST + 1)
    )
    if mine:
        statement = statement.where(in_portfolio(who))
    rows = session.execute(statement).all()
    shown = rows[:MOST]
    companies = _companies(session, shown)
    field = "supplier" if of_purchase else "customer"
    found = []
    for row in shown:
        company = companies.get(row.organisation_id)
        asked = {field: company.ref} if company and _narrows(who) else {}
        filters = Filters(late="1", sort="due", **asked)
        name = company.name if company else ""
        found.append(LateCompany(name, row.orders, row.oldest, (today - row.oldest).days, filters.url()))
    return found, len(rows) > MOST


def _narrows(who: Principal) -> bool:
    """Whether their list may be narrowed to one company; that of the others is of one company anyway."""
    return who.is_staff or who.capacity == Capacity.PARTNER


def _companies(session: Session, rows: Sequence[Any]) -> dict[int, Any]:
    if not rows:
        return {}
    ids = sorted(row.organisation_id for row in rows)
    statement = sa.select(Organisation.id, Organisation.ref, Organisation.name).where(Organisation.id.in_(ids))
    return {row.id: row for row in session.execute(statement)}
