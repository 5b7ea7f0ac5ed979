"""A calendar feed is its person's own."""

import sqlalchemy as sa

from portal.access import Action, Principal
from portal.access.scope import Change, Condition, changed_fields, register
from portal.calendars.models import CalendarFeed


def _reads(who: Principal) -> Condition:
    return CalendarFeed.person_id == who.person_id if who.person_id is not None else sa.false()


def _writes(who: Principal, feed: CalendarFeed, change: Change) -> bool:
    if feed.person_id != who.person_id:
        return False
    if change == Change.INSERT:
        key = who.acting.key if who.acting and not who.is_staff else ""
        return who.may(Action.ORDER_READ) and feed.acting_key == key
    return change == Change.UPDATE and changed_fields(feed) <= {"revoked_at"}


register(CalendarFeed, reads=_reads, writes=_writes)
