"""The periods that figures are counted over: the last twelve months, and the quarters of a year, in UTC."""

from datetime import UTC, datetime

MONTHS = 12


def last_months(at: datetime) -> list[tuple[int, int]]:
    """The last twelve calendar months, the present one at the end."""
    first = at.year * 12 + at.month - MONTHS
    return [(number // 12, number % 12 + 1) for number in range(first, first + MONTHS)]


def since(at: datetime) -> datetime:
    """When the first of these months began."""
    year, month = last_months(at)[0]
    return datetime(year, month, 1, tzinfo=UTC)


def quarters(year: int) -> list[tuple[datetime, datetime]]:
    starts = [datetime(year, month, 1, tzinfo=UTC) for month in (1, 4, 7, 10)]
    return list(zip(starts, [*starts[1:], datetime(year + 1, 1, 1, tzinfo=UTC)], strict=True))


def quarter_of(at: datetime) -> int:
    return (at.month - 1) // 3 + 1
