"""The vendor's business calendar as it is kept: one row, or none while nobody has set it."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.access import Kind
from portal.access.finding import principal_of
from portal.access.scope import OutOfScope, keep
from portal.business_hours.calendar import Calendar, Window
from portal.config import settings
from portal.database import Base

_OFFICE = ((time(9), time(17)),)
USUAL_WINDOWS: tuple[tuple[Window, ...], ...] = (_OFFICE,) * 5 + ((), ())


class BusinessHours(Base):
    """When the vendor works; the words are those of `Calendar`.

    `windows` holds seven lists, Monday first, of `["09:00", "12:00"]` with "24:00" as the end of a day; `closed_days`
    are ISO dates.
    """

    __tablename__ = "business_hours"
    # The portal has one calendar, whatever comes in at once.
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    time_zone: Mapped[str] = mapped_column(sa.String(64))
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    subdivision: Mapped[str] = mapped_column(sa.String(40), default="")
    windows: Mapped[list[Any]] = mapped_column(sa.JSON)
    closed_days: Mapped[list[Any]] = mapped_column(sa.JSON)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(id=1)
        self.follow(calendar)

    def follow(self, calendar: Calendar) -> None:
        """Keep these hours from now on."""
        self.time_zone = calendar.time_zone.key
        self.country, self.subdivision = calendar.country, calendar.subdivision
        self.windows = [[_written(window) for window in day] for day in calendar.windows]
        self.closed_days = [day.isoformat() for day in sorted(calendar.closed_days)]


_KEPT = keep(
    sa.select(
        BusinessHours.time_zone,
        BusinessHours.country,
        BusinessHours.subdivision,
        BusinessHours.windows,
        BusinessHours.closed_days,
    )
)


def vendor_calendar(session: Session) -> Calendar:
    """The hours that all clocks of the portal run by, in one statement.

    While nobody has set any: Monday to Friday, nine to five in the time zone of the settings, without holidays.
    """
    if principal_of(session).kind == Kind.ANONYMOUS:
        raise OutOfScope("strangers are told no deadlines")
    kept = session.execute(_KEPT).one_or_none()
    return calendar_of(kept) if kept else Calendar(ZoneInfo(settings().default_time_zone), USUAL_WINDOWS)


def calendar_of(kept: Any) -> Calendar:
    """The calendar that a row, or its columns, speak of."""
    return Calendar(
        ZoneInfo(kept.time_zone),
        tuple(tuple(_read(window) for window in day) for day in kept.windows),
        kept.country,
        kept.subdivision,
        frozenset(map(date.fromisoformat, kept.closed_days)),
    )


def _written(window: Window) -> list[str]:
    start, end = (edge.isoformat("minutes") for edge in window)
    return [start, "24:00" if end == "00:00" else end]


def _read(window: list[str]) -> Window:
    start, end = window
    return time.fromisoformat(start), time(0) if end == "24:00" else time.fromisoformat(end)
