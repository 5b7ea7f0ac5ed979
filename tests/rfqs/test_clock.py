"""What the clock does: it ends the time, and reminds those who have not answered a working day before."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.business_hours.calendar import Calendar
from portal.clock import now
from portal.notices.models import Notice
from portal.rfqs import buying
from portal.rfqs.requests import working_day_before
from tests.rfqs.helpers import RfqWorld
from tests.world import World

OFFICE = ((time(9), time(17)),)


def told(world: World, kind: str) -> list[int]:
    with world.session() as session:
        return list(session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind).order_by(Notice.person_id)))


def test_the_time_ends_by_itself_and_the_buyer_hears_of_it(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent()
    assert rfq.terms.closes_at is not None
    rfqs.tick(rfq.terms.closes_at - timedelta(minutes=1))
    assert rfqs.reload(rfq).state == "open"
    rfqs.tick(rfq.terms.closes_at + timedelta(seconds=1))
    assert rfqs.reload(rfq).state == "closed"
    assert told(world, "rfq-closed") == [world.person_id("buyer")]


def test_a_longer_time_is_kept(rfqs: RfqWorld) -> None:
    rfq, later = rfqs.sent(), rfqs.closing(20)
    with rfqs.held(rfq) as (held, who):
        buying.extend(held, later, who, now(), held.version)
    assert rfq.terms.closes_at is not None
    rfqs.tick(rfq.terms.closes_at + timedelta(seconds=1))
    assert rfqs.reload(rfq).state == "open"
    rfqs.tick(later + timedelta(seconds=1))
    assert rfqs.reload(rfq).state == "closed"


def test_who_has_not_answered_is_reminded_once(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent("looms", "paper", "foundry")
    rfqs.offered(rfq, "paper")
    rfqs.declined(rfq, "foundry")
    assert rfq.terms.closes_at is not None
    for _ in range(2):
        rfqs.tick(rfq.terms.closes_at - timedelta(minutes=5))
    assert told(world, "rfq-reminder") == sorted(world.person_id(hint) for hint in ("supplier", "supplier-admin"))


def test_nobody_is_reminded_of_what_is_cancelled(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent()
    with rfqs.held(rfq) as (held, who):
        buying.cancel(held, who, now(), held.version, reason="Put off.")
    assert rfq.terms.closes_at is not None
    rfqs.tick(rfq.terms.closes_at + timedelta(minutes=5))
    assert told(world, "rfq-reminder") == []
    assert rfqs.reload(rfq).state == "cancelled"


def test_the_day_before_is_a_working_day() -> None:
    calendar = Calendar(ZoneInfo("Europe/Prague"), (OFFICE,) * 5 + ((), ()), closed_days=frozenset({date(2030, 3, 8)}))
    monday = datetime(2030, 3, 11, 11, tzinfo=UTC)
    assert working_day_before(calendar, monday) == datetime(2030, 3, 7, 11, tzinfo=UTC)
