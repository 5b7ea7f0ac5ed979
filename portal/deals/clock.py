"""The vendor's clock: when a decision is due, how late it came, and how many registrations a partner hands in a day."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.business_hours.models import vendor_calendar
from portal.config import settings
from portal.deals import terms
from portal.deals.programmes import Programme
from portal.errors import RuleBroken
from portal.organisations.models import Organisation

if TYPE_CHECKING:
    from portal.deals.models import Deal

DAY = timedelta(hours=24)


def check_open_cap(session: Session, programme: Programme, organisation_id: int) -> None:
    """Raises RuleBroken where the partner has as many open registrations in this programme as it may."""
    from portal.deals.rules import open_registrations

    most = programme.most_open
    if most is not None and open_registrations(session, programme.id, organisation_id) >= most:
        raise RuleBroken(
            _l("Your company has as many open registrations in this programme as it may. The draft is saved.")
        )


def due(session: Session, deal: "Deal", at: datetime) -> datetime:
    """When the decision on what was handed in now is due."""
    return vendor_calendar(session).add(at, terms.holding(deal).decision_hours * 60)


def next_morning(session: Session, at: datetime) -> datetime:
    """When the first business day after this one begins, where we are; at once, where there is none in a year."""
    calendar = vendor_calendar(session)
    today = calendar.day_of(at)
    for day in (today + timedelta(days=number) for number in range(1, 366)):
        if (windows := calendar.windows[day.weekday()]) and not calendar.is_closed_on(day):
            return datetime.combine(day, windows[0][0], calendar.time_zone).astimezone(at.tzinfo)
    return at


def minutes_passed(session: Session, since: datetime | None, at: datetime) -> int:
    """Business minutes since then; none where there is no such moment."""
    return vendor_calendar(session).minutes_between(since, at) if since is not None else 0


def check_daily_cap(session: Session, organisation_id: int, at: datetime) -> None:
    """Raises RuleBroken where the partner has handed in as many as it may within 24 hours.

    Its people hand in one after the other: the partner is locked until this one is stored or given up.
    """
    from portal.deals.rules import submitted_since

    session.execute(sa.select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    if submitted_since(session, organisation_id, at - DAY) >= settings().deals_per_day:
        raise RuleBroken(
            _l("Your company has submitted as many registrations as it may within a day. The draft is saved.")
        )
