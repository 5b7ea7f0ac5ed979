"""The vendor's one calendar: read by whoever is known, in one statement, and set by the administrator alone."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.access import Kind, Principal
from portal.access.scope import OutOfScope, acting_as
from portal.business_hours import Calendar, vendor_calendar
from portal.business_hours.holidays import countries, parts_of, public_holidays
from portal.business_hours.models import BusinessHours
from portal.extensions import db
from tests.postbox import changed_settings
from tests.statements import statements
from tests.world import World

DAY = ((time(9), time(12)), (time(18), time(0)))
TEHRAN = Calendar(ZoneInfo("Asia/Tehran"), (DAY, DAY, DAY, (), (), DAY, ()), "IR", "", frozenset({date(2026, 6, 15)}))


@pytest.fixture
def kept(world: World) -> None:
    with world.session() as session:
        session.add(BusinessHours(TEHRAN))
        session.commit()


def test_while_none_is_set_it_is_nine_to_five_where_the_portal_is(world: World) -> None:
    with changed_settings(world.app, default_time_zone="Europe/Prague"), world.session() as session:
        calendar = vendor_calendar(session)
    friday = datetime(2026, 11, 13, 15, 30, tzinfo=UTC)
    assert calendar.add(friday, 60) == datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
    assert calendar.is_open(datetime(2026, 12, 25, 12, tzinfo=UTC))


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("hint", ["customer", "partner", "supplier-admin", "agent", "admin", "newcomer"])
def test_whoever_is_known_counts_by_what_is_set_in_one_statement(world: World, hint: str) -> None:
    with world.as_(hint) as session, statements(world.app) as seen:
        assert vendor_calendar(session) == TEHRAN
    assert len(seen) == 1


@pytest.mark.usefixtures("kept")
def test_a_job_counts_by_it_too(world: World) -> None:
    with world.session() as session, statements(world.app) as seen:
        assert vendor_calendar(session) == TEHRAN
    assert len(seen) == 1


@pytest.mark.usefixtures("kept")
def test_strangers_are_told_nothing(app: Flask) -> None:
    with app.app_context(), acting_as(db.session(), Principal(Kind.ANONYMOUS)):
        assert db.session.scalar(sa.select(BusinessHours.time_zone)) is None
        with pytest.raises(OutOfScope):
            vendor_calendar(db.session())


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("hint", ["customer-admin", "agent", "channel-manager", "auditor"])
def test_nobody_but_the_administrator_writes_it(world: World, hint: str) -> None:
    with world.as_(hint) as session:
        session.scalars(sa.select(BusinessHours)).one().country = "CZ"
        with pytest.raises(OutOfScope):
            session.flush()
        session.rollback()


@pytest.mark.usefixtures("kept")
def test_there_is_never_a_second_one(world: World) -> None:
    for number in (1, 2):
        with world.session() as session:
            session.add(other := BusinessHours(TEHRAN))
            other.id = number
            with pytest.raises(sa.exc.IntegrityError):
                session.flush()
            session.rollback()


# ── Holidays ──────────────────────────────────────────────────────────────────────────────────────


def test_holidays_are_named_in_a_language_that_is_known_for_them() -> None:
    christmas, nowruz = date(2026, 12, 25), date(2026, 3, 24)
    assert public_holidays("GB", "", 2026, "en")[christmas] == "Christmas Day"
    assert public_holidays("UA", "", 2021, "uk")[date(2021, 8, 24)] == "День незалежності України"
    assert public_holidays("IR", "", 2026, "fa")[nowruz] == "عیدنوروز"
    # Nobody tells the Czech names of Iranian days; English is understood by more than Persian.
    assert public_holidays("IR", "", 2026, "cs")[nowruz].isascii()


def test_a_country_that_is_none_is_said_so() -> None:
    assert public_holidays("", "", 2026) == {}
    for country, part in (("XX", ""), ("GB", "ZZZ")):
        with pytest.raises(LookupError):
            public_holidays(country, part, 2026)


def test_parts_have_the_names_of_their_country() -> None:
    assert parts_of("GB") == {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"}
    assert parts_of("CZ") == {}
    assert {"GB", "CZ", "UA", "PL", "LT", "IR"} <= set(countries())
