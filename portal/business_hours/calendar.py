"""Business hours, counted: when so many open minutes have passed, and how many lie between two moments.

A moment is open when the clock on the vendor's wall shows a time inside one of the weekday's windows and the day is
neither a holiday nor closed. So the hour that is skipped in spring does not count, and the one that comes twice in
autumn counts twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from portal.business_hours.holidays import public_holidays

# From a time to a later one of the same day; midnight as an end is the end of the day.
Window = tuple[time, time]

# Moments are counted in whole microseconds since the epoch, as exactly as a datetime knows them.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
# Whoever waits longer for open minutes has none.
_YEARS = 100


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works.

    `windows` has one tuple for each weekday, Monday first, in order and without overlaps. `country` (ISO 3166-1) and
    `subdivision` are as `public_holidays` takes them, empty for none. `closed_days` are one's own days off.
    """

    time_zone: ZoneInfo
    windows: tuple[tuple[Window, ...], ...]
    country: str = ""
    subdivision: str = ""
    closed_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.windows) != 7:
            raise ValueError("a week has seven days")
        for windows in self.windows:
            edges = [edge for window in windows for edge in _edges(window)]
            if edges != sorted(edges) or any(start == end for start, end in map(_edges, windows)):
                raise ValueError("windows follow one another, and end after they begin")

    def is_open(self, at: datetime) -> bool:
        """Whether this aware moment is open; the beginning of a window is, its end is not."""
        moment = _count(at)
        return _year(self, at.astimezone(UTC).year).holds(moment)

    def add(self, start: datetime, minutes: int) -> datetime:
        """The first moment, in UTC, at which so many open minutes have passed since `start`.

        It may be the very end of a window. No minutes have passed at once, outside hours too. ValueError for a naive
        moment, for less than none, and where a century does not hold so many.
        """
        if minutes < 0:
            raise ValueError("no clock runs backwards")
        moment = _count(start)
        if minutes == 0:
            return _moment(moment)
        first = _moment(moment).year
        wanted = minutes * _MINUTE + _year(self, first).passed(moment)
        for year in range(first, first + _YEARS if any(self.windows) else first):
            table = _year(self, year)
            if wanted <= table.total:
                return _moment(table.reaching(wanted))
            wanted -= table.total
        raise ValueError("this calendar is never open for so long")

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """The whole open minutes from an aware moment to a later one; none when it is not later."""
        since, until = _count(start), _count(end)
        if until <= since:
            return 0
        first, last = _moment(since).year, _moment(until).year
        whole = sum(_year(self, year).total for year in range(first, last))
        return (whole + _year(self, last).passed(until) - _year(self, first).passed(since)) // _MINUTE

    def day_of(self, at: datetime) -> date:
        """Which day it is at this aware moment, where they work."""
        return at.astimezone(self.time_zone).date()

    def working_days(self, since: datetime, until: datetime) -> int:
        """The days on which they work after that of the one moment, up to that of the other."""
        day, last, count = self.day_of(since), self.day_of(until), 0
        while day < last:
            day += timedelta(days=1)
            morning = datetime.combine(day, time(), self.time_zone)
            count += self.minutes_between(morning, morning + timedelta(days=1)) > 0
        return count

    def is_closed_on(self, day: date) -> bool:
        """Whether a day off keeps the windows of a day shut."""
        return day in self.closed_days or day in self.holidays(day.year)

    def holidays(self, year: int, language: str = "") -> Mapping[date, str]:
        """The public holidays of a year, by name."""
        return public_holidays(self.country, self.subdivision, year, language)


class _Year:
    """The open stretches of one year of UTC, in order: asking costs a binary search, not a walk."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        self.starts = [start for start, _ in stretches]
        self.ends = [end for _, end in stretches]
        self.sums = list(accumulate((end - start for start, end in stretches), initial=0))
        self.total = self.sums[-1]

    def holds(self, moment: int) -> bool:
        place = bisect_right(self.starts, moment)
        return place > 0 and moment < self.ends[place - 1]

    def passed(self, moment: int) -> int:
        """The open microseconds of the year before a moment in it."""
        place = bisect_right(self.starts, moment)
        return self.sums[place] - max(0, self.ends[place - 1] - moment) if place else 0

    def reaching(self, passed: int) -> int:
        """The first moment by which so many open microseconds, at least one, have passed."""
        place = bisect_left(self.sums, passed)
        return self.ends[place - 1] - (self.sums[place] - passed)


@lru_cache(maxsize=256)
def _year(calendar: Calendar, year: int) -> _Year:
    start, end = (_count(datetime(y, 1, 1, tzinfo=UTC)) for y in (year, year + 1))
    pieces = _pieces(calendar.time_zone, start, end)
    return _Year([stretch for piece in pieces for stretch in _stretches(calendar, *piece)])


def _pieces(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """A year cut where the clocks change: (from, to, offset from UTC)."""
    offset = _offset(zone, start)
    for morning, evening in pairwise(range(start, end + _DAY, _DAY)):
        if _offset(zone, evening) != offset:
            change = _change(zone, morning, evening)
            yield start, change, offset
            start, offset = change, _offset(zone, change)
    yield start, end, offset


def _change(zone: ZoneInfo, morning: int, evening: int) -> int:
    """When the clocks change in a day, which they do but once."""
    old = _offset(zone, morning)
    return morning + bisect_left(range(morning, evening), True, key=lambda at: _offset(zone, at) != old)


def _stretches(calendar: Calendar, start: int, end: int, offset: int) -> Iterator[tuple[int, int]]:
    """The open stretches of a piece of time in which the wall clock runs evenly."""
    first = _moment(start + offset).date()
    midnight = (start + offset) // _DAY * _DAY - offset
    for number, at in enumerate(range(midnight, end, _DAY)):
        day = first + timedelta(days=number)
        windows = calendar.windows[day.weekday()]
        if windows and not calendar.is_closed_on(day):
            for opening, closing in map(_edges, windows):
                if (opens := max(start, at + opening)) < (closes := min(end, at + closing)):
                    yield opens, closes


def _edges(window: Window) -> tuple[int, int]:
    """A window in microseconds since midnight."""
    start, end = (timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) // _MICROSECOND for t in window)
    return start, end or _DAY


def _count(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is none")
    return (moment - _EPOCH) // _MICROSECOND


def _moment(count: int) -> datetime:
    return _EPOCH + count * _MICROSECOND


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = _moment(at).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // _MICROSECOND
