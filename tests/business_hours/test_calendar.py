"""The business calendar against an oracle that looks at the wall clock of every single minute."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from time import perf_counter
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.business_hours import Calendar

MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC", "Europe/London", "Europe/Prague", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
    "America/Havana", "Africa/Casablanca", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut",
    "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia",
)  # fmt: skip
COUNTRIES = (("", ""), ("GB", "SCT"), ("CZ", ""), ("IR", ""), ("US", "CA"), ("AU", "SA"))
OFFICE = ((time(9), time(12)), (time(13), time(17)))
WEEK = (OFFICE,) * 5 + ((), ())


# ── The oracle ────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=64)
def days_off(country: str, part: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year)) if country else frozenset()


def shows_open(calendar: Calendar, at: datetime) -> bool:
    """What somebody sees who looks at the wall clock and the sign on the door."""
    wall = at.astimezone(calendar.time_zone)
    if wall.date() in calendar.closed_days | days_off(calendar.country, calendar.subdivision, wall.year):
        return False
    clock = wall.time()
    return any(start <= clock and (clock < end or end == time(0)) for start, end in calendar.windows[wall.weekday()])


def watch(calendar: Calendar, start: datetime, minutes: int) -> list[bool]:
    return [shows_open(calendar, start + n * MINUTE) for n in range(minutes)]


# ── What is tried ─────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=512)
def changes(zone: str, year: int) -> list[datetime]:
    """The days of a year on which the clocks of a zone are changed."""
    mornings = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [morning.astimezone(ZoneInfo(zone)).utcoffset() for morning in mornings]
    return [mornings[n] for n in range(365) if offsets[n] != offsets[n + 1]]


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """Up to three in a day; those that touch midnight, and the hours at which clocks are changed, come often."""
    hour = st.sampled_from((0, 1, 2, 3, 9, 12, 13, 17, 23, 24)).map(lambda h: h * 60)
    marks = sorted(draw(st.lists(hour | st.integers(0, 1440), max_size=6, unique=True)))
    return tuple((at(start), at(end)) for start, end in zip(marks[::2], marks[1::2], strict=False))


def at(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def calendars_and_starts(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone, year = draw(st.sampled_from(ZONES)), draw(st.integers(2009, 2027))
    days = st.integers(0, 364).map(lambda n: datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n))
    day = draw(st.sampled_from(changes(zone, year)) | days if changes(zone, year) else days)
    start = day + timedelta(minutes=draw(st.integers(-3000, 1500)))
    country, part = draw(st.sampled_from(COUNTRIES))
    closed = draw(st.frozensets(st.integers(-2, 9).map(lambda n: (day + timedelta(days=n)).date()), max_size=3))
    week = tuple(draw(st.lists(windows(), min_size=7, max_size=7)))
    return Calendar(ZoneInfo(zone), week, country, part, closed), start


moments = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# Each is open on one day of the week at least, so that no clock runs for a century.
shops = calendars_and_starts().map(lambda found: replace(found[0], windows=(*found[0].windows[:6], OFFICE)))


# ── Against the oracle ────────────────────────────────────────────────────────────────────────────


@settings(max_examples=150)
@given(calendars_and_starts(), st.integers(0, 9000))
def test_minutes_between_are_those_that_the_oracle_sees_open(found: tuple[Calendar, datetime], span: int) -> None:
    calendar, start = found
    assert calendar.minutes_between(start, start + span * MINUTE) == sum(watch(calendar, start, span))


@settings(max_examples=150)
@given(calendars_and_starts(), st.integers(1, 4000))
def test_add_ends_with_the_minute_that_the_oracle_counts_last(found: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = found
    seen = [n for n, is_open in enumerate(watch(calendar, start, 9000)) if is_open]
    if not any(calendar.windows):
        with pytest.raises(ValueError, match="never open"):
            calendar.add(start, minutes)
    elif minutes <= len(seen):
        assert calendar.add(start, minutes) == start + (seen[minutes - 1] + 1) * MINUTE
    else:
        assert calendar.add(start, minutes) > start + 9000 * MINUTE


@settings(max_examples=100)
@given(calendars_and_starts())
def test_is_open_when_the_oracle_sees_it(found: tuple[Calendar, datetime]) -> None:
    calendar, start = found
    moments = [start + n * 7 * MINUTE for n in range(700)]
    assert [calendar.is_open(moment) for moment in moments] == [shows_open(calendar, moment) for moment in moments]


# ── What holds for all ────────────────────────────────────────────────────────────────────────────


@given(shops, moments, st.integers(0, 200_000))
def test_adding_and_counting_back_gives_the_same_minutes(shop: Calendar, start: datetime, minutes: int) -> None:
    due = shop.add(start, minutes)
    assert due >= start
    assert shop.minutes_between(start, due) == minutes
    assert shop.minutes_between(due, start) == 0


@given(shops, moments, st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_minutes_and_a_later_start_never_end_earlier(
    shop: Calendar, start: datetime, minutes: int, later: int
) -> None:
    due = shop.add(start, minutes)
    assert due <= shop.add(start, minutes + later)
    assert due <= shop.add(start + later * MINUTE, minutes)
    assert shop.add(due, later) == shop.add(start, minutes + later) or minutes == 0 or later == 0


@given(shops, st.lists(moments, min_size=3, max_size=3))
def test_a_stretch_counts_what_its_parts_count(shop: Calendar, three: list[datetime]) -> None:
    first, second, third = sorted(three)
    parts = shop.minutes_between(first, second) + shop.minutes_between(second, third)
    # Whole minutes: two halves make one.
    assert shop.minutes_between(first, third) - parts in (0, 1)


# ── By hand ───────────────────────────────────────────────────────────────────────────────────────


def london(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, fold=fold, tzinfo=ZoneInfo("Europe/London"))  # type: ignore[misc,arg-type]


LONDON = Calendar(ZoneInfo("Europe/London"), WEEK, "GB", "ENG")


def test_forty_hours_before_easter_end_after_it() -> None:
    # Good Friday and Easter Monday are off, and the clocks have gone forward on 29 March.
    assert LONDON.add(london(2026, 3, 27, 16), 40 * 60) == london(2026, 4, 8, 14)


def test_a_clock_started_at_night_begins_in_the_morning() -> None:
    assert LONDON.add(london(2026, 6, 13, 23, 30), 1) == london(2026, 6, 15, 9, 1)
    assert LONDON.add(london(2026, 6, 13, 23, 30), 0) == london(2026, 6, 13, 23, 30)


def test_a_window_ends_with_its_last_minute() -> None:
    assert LONDON.add(london(2026, 6, 15, 9), 180) == london(2026, 6, 15, 12)
    assert LONDON.is_open(london(2026, 6, 15, 11, 59))
    assert not LONDON.is_open(london(2026, 6, 15, 12))


def test_seconds_are_kept_and_not_counted() -> None:
    start = london(2026, 6, 15, 9, 0, 30)
    assert LONDON.add(start, 1) == london(2026, 6, 15, 9, 1, 30)
    assert LONDON.minutes_between(start, london(2026, 6, 15, 9, 1, 29)) == 0


def test_the_night_of_the_clock_change_is_as_long_as_it_is() -> None:
    always = Calendar(ZoneInfo("Europe/London"), (((time(0), time(0)),),) * 7)
    assert always.minutes_between(london(2026, 3, 29), london(2026, 3, 30)) == 23 * 60
    assert always.minutes_between(london(2026, 10, 25), london(2026, 10, 26)) == 25 * 60
    night = Calendar(ZoneInfo("Europe/London"), (((time(1), time(2)),),) * 7)
    assert night.minutes_between(london(2026, 3, 29), london(2026, 3, 30)) == 0
    assert night.minutes_between(london(2026, 10, 25), london(2026, 10, 26)) == 120


def test_tehran_rests_on_friday_and_at_nowruz() -> None:
    tehran = ZoneInfo("Asia/Tehran")
    friday_off = Calendar(tehran, (*(OFFICE,) * 4, (), OFFICE, OFFICE), "IR")
    thursday = datetime(2026, 5, 14, 17, tzinfo=tehran)
    assert friday_off.add(thursday, 60) == datetime(2026, 5, 16, 10, tzinfo=tehran)
    nowruz = datetime(2026, 3, 21, 10, tzinfo=tehran)
    assert not friday_off.is_open(nowruz)


def test_parts_of_a_country_have_their_own_holidays() -> None:
    scotland = Calendar(ZoneInfo("Europe/London"), WEEK, "GB", "SCT")
    second_of_january = london(2025, 1, 2, 10)
    assert LONDON.is_open(second_of_january)
    assert not scotland.is_open(second_of_january)


def test_days_of_ones_own_are_closed() -> None:
    closed = Calendar(ZoneInfo("UTC"), WEEK, closed_days=frozenset({date(2026, 6, 15)}))
    assert closed.minutes_between(datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 6, 17, tzinfo=UTC)) == 7 * 60


# ── What is refused ───────────────────────────────────────────────────────────────────────────────


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        LONDON.add(london(2026, 6, 15), -1)
    with pytest.raises(ValueError, match="time zone"):
        LONDON.add(datetime(2026, 6, 15, 9), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="never open"):
        Calendar(ZoneInfo("UTC"), ((),) * 7).add(london(2026, 6, 15), 1)
    with pytest.raises(ValueError, match="so long"):
        LONDON.add(london(2026, 6, 15), 10**9)


@pytest.mark.parametrize(
    "day",
    [
        ((time(12), time(9)),),
        ((time(9), time(9)),),
        ((time(9), time(13)), (time(12), time(17))),
        ((time(13), time(17)), (time(9), time(12))),
        ((time(9), time(0)), (time(0), time(9))),
    ],
)
def test_windows_that_are_none_are_refused(day: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="windows"):
        Calendar(ZoneInfo("UTC"), (day,) * 7)
    with pytest.raises(ValueError, match="seven"):
        Calendar(ZoneInfo("UTC"), (OFFICE,) * 5)


# ── What it costs ─────────────────────────────────────────────────────────────────────────────────


def test_two_years_of_hours_are_counted_in_a_moment() -> None:
    start = london(2026, 6, 15, 10)
    LONDON.minutes_between(start, start + timedelta(days=730))
    before = perf_counter()
    for n in range(1000):
        LONDON.minutes_between(start, start + timedelta(days=730 - n / 2))
        LONDON.add(start, 40 * 60 + n)
    assert (perf_counter() - before) / 2000 < 0.001


def test_the_library_of_holidays_is_loaded_only_where_it_is_needed() -> None:
    script = "import sys, portal.business_hours; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
