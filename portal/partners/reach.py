"""The figures of one partner, counted over all its people: whoever may see them sees the same.

Raw tables, since a member reaches their own registrations alone and the company's figures are one and the same for all;
who may ask for them is checked before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import unscoped
from portal.business_hours.models import vendor_calendar
from portal.deals.lifecycle import UNDECIDED, State, Verb
from portal.deals.models import Deal, DealEvent
from portal.opportunities.models import Opportunity, Status
from portal.partners.models import Absence

_deal, _event, _opportunity, _absence = (model.__table__.c for model in (Deal, DealEvent, Opportunity, Absence))
_EVENTS = DealEvent.__table__.join(Deal.__table__, _deal.id == _event.deal_id)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Counts of a partner's registrations since a day; `won_amounts` are minor units by currency."""

    registered: int
    decided: int
    decided_in_time: int
    won: int
    lost: int
    expired: int
    waiting: int
    protected: int
    won_amounts: dict[str, int]


def scorecard(session: Session, organisation_id: int, since: datetime) -> Scorecard:
    """In three statements, whatever there is."""
    mine = _deal.organisation_id == organisation_id

    def events(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(*conditions), _event.id)))

    counted = (
        sa.select(
            events(_event.verb == Verb.SUBMIT).label("registered"),
            events(_event.minutes.is_not(None)).label("decided"),
            events(_event.minutes_late == 0).label("decided_in_time"),
            events(_event.verb == Verb.EXPIRE).label("expired"),
        )
        .select_from(_EVENTS)
        .where(mine, _event.at >= since)
    )
    standing = sa.select(
        sa.func.count(sa.case((_deal.state.in_(UNDECIDED), _deal.id))).label("waiting"),
        sa.func.count(sa.case((_deal.state == State.APPROVED, _deal.id))).label("protected"),
    ).where(mine)
    closed = (
        sa.select(_opportunity.status, _opportunity.currency, sa.func.count(), sa.func.sum(_opportunity.amount))
        .where(_opportunity.partner_id == organisation_id, _opportunity.closed_at >= since)
        .group_by(_opportunity.status, _opportunity.currency)
    )
    with unscoped("a partner's figures"):
        connection = session.connection()
        happened, stands = connection.execute(counted).one(), connection.execute(standing).one()
        rows = list(connection.execute(closed))
    amounts = {currency: int(amount) for status, currency, _count, amount in rows if status == Status.WON}
    return Scorecard(
        **happened._mapping,
        **stands._mapping,
        won=sum(count for status, _c, count, _a in rows if status == Status.WON),
        lost=sum(count for status, _c, count, _a in rows if status == Status.LOST),
        won_amounts=amounts,
    )


def won_between(
    session: Session, organisation_id: int, bounds: Iterable[tuple[datetime, datetime]]
) -> list[dict[str, int]]:
    """What was won from one moment to another, for each pair: minor units by currency."""
    pairs = list(bounds)
    columns = [
        sa.func.sum(
            sa.case(
                (sa.and_(_opportunity.closed_at >= since, _opportunity.closed_at < until), _opportunity.amount), else_=0
            )
        )
        for since, until in pairs
    ]
    won = (
        sa.select(_opportunity.currency, *columns)
        .where(_opportunity.partner_id == organisation_id, _opportunity.status == Status.WON)
        .group_by(_opportunity.currency)
    )
    with unscoped("a partner's figures"):
        rows = list(session.connection().execute(won))
    return [{row[0]: int(row[n + 1]) for row in rows if row[n + 1]} for n in range(len(pairs))]


# The upper ends of the classes of the chart, in business hours; what took longer is in the last one.
CLASSES = (4, 8, 16, 24, 40)


def decision_times(
    session: Session, since: datetime, organisation_id: int | None = None
) -> dict[tuple[int, int], list[int]]:
    """How many decisions fell into each class, by year and month (UTC); of one partner, or all."""
    bounds = (0, *(hours * 60 for hours in CLASSES))
    columns = [
        sa.func.count(
            sa.case((sa.and_(_event.minutes > low if low else _event.minutes >= 0, _event.minutes <= high), 1))
        )
        for low, high in pairwise(bounds)
    ]
    columns.append(sa.func.count(sa.case((_event.minutes > bounds[-1], 1))))
    year, month = sa.extract("year", _event.at), sa.extract("month", _event.at)
    counted = sa.select(year, month, *columns).where(_event.minutes.is_not(None), _event.at >= since)
    if organisation_id is not None:
        counted = counted.select_from(_EVENTS).where(_deal.organisation_id == organisation_id)
    with unscoped("how long decisions take"):
        rows = session.connection().execute(counted.group_by(year, month))
        return {(int(row[0]), int(row[1])): list(row[2:]) for row in rows}


def deputies(session: Session, people: Iterable[int], at: datetime) -> dict[int, int]:
    """Of these people who is away on that day, as it is where we work, and who stands in for them."""
    day = vendor_calendar(session).day_of(at)
    away = sa.select(_absence.person_id, _absence.deputy_id).where(
        _absence.person_id.in_(sorted(people)), _absence.starts_on <= day, _absence.ends_on >= day
    )
    with unscoped("who stands in"):
        return {row.person_id: row.deputy_id for row in session.connection().execute(away)}
