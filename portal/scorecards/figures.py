"""The figures of suppliers: for each measure how many lines count, and how many of these are met."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _
from persiantools.jdatetime import JalaliDate
from sqlalchemy.orm import Session

from portal.business_hours.models import vendor_calendar
from portal.config import settings
from portal.languages import date_text, number_text, percent, voice
from portal.languages.formats import own_digits
from portal.languages.jalali import MONTHS
from portal.partners.charts import month_text
from portal.scorecards.reach import Measure, Rule, Window, rows_of, window_of

_BY_AGREED_DAY = (Measure.IN_TIME, Measure.IN_FULL, Measure.OTIF)
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """`met` of `counted` lines; of none there is no share, which is another thing than none of them."""

    counted: int = 0
    met: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.counted + other.counted, self.met + other.met)

    @property
    def missed(self) -> int:
        return self.counted - self.met

    @property
    def share(self) -> float | None:
        return self.met / self.counted if self.counted else None

    @property
    def text(self) -> str:
        """Never all or none of a part, however it is rounded."""
        if not self.counted:
            return "–"
        share = Decimal(self.met) / self.counted
        if self.met in (0, self.counted):
            return percent(share)
        share = min(Decimal("0.999"), max(Decimal("0.001"), share))
        return percent(share, 0 if share * 100 % 1 == 0 else 1)

    @property
    def of_text(self) -> str:
        """“7 of 8”."""
        return str(_("%(part)s of %(whole)s", part=number_text(self.met), whole=number_text(self.counted)))


Shares = Mapping[Measure, Share]
NOTHING: Shares = dict.fromkeys(Measure, Share())


@dataclass(frozen=True, slots=True)
class Period:
    """A month, or a quarter as far as it lies in the window; `name` is how it is called in addresses."""

    name: str
    label: str
    months: tuple[Month, ...]
    shares: Shares
    # Where only a part of a quarter is among the twelve months.
    note: str = ""


def window_at(session: Session, at: datetime) -> Window:
    return window_of(vendor_calendar(session), at, settings().purchase_confirm_days)


def months_of(session: Session, window: Window, supplier_id: int) -> dict[Month, Shares]:
    """The figures of a supplier by month, in two statements; months without any are not among them."""
    rule = Rule(window, supplier_id)
    found: dict[Month, dict[Measure, Share]] = {}
    for measures in ((Measure.CONFIRMED,), _BY_AGREED_DAY):
        day = rule.day(measures[0])
        year, month = sa.extract("year", day), sa.extract("month", day)
        counts = sa.or_(*(rule.counts(measure) for measure in measures))
        statement = rule.of_lines(year, month, *rule.columns(*measures)).where(counts).group_by(year, month)
        for row in rows_of(session, statement):
            shares = found.setdefault((int(row[0]), int(row[1])), dict(NOTHING))
            for n, measure in enumerate(measures):
                shares[measure] = Share(row[2 + 2 * n], row[3 + 2 * n])
    return dict(found)


def added(shares: Iterable[Shares]) -> Shares:
    total = dict(NOTHING)
    for one in shares:
        total = {measure: total[measure] + one[measure] for measure in Measure}
    return total


def month_label(month: Month) -> str:
    """`Nov 2026`; by the Jalali calendar, whose months begin elsewhere, the two that it lies in."""
    if voice().calendar != "jalali":
        return month_text(month)
    first = date(*month, 1)
    following = date.fromordinal(first.toordinal() + 31).replace(day=1)
    ends = (first, date.fromordinal(following.toordinal() - 1))
    days = [JalaliDate(day) for day in ends]  # type: ignore[no-untyped-call]  # the library has no types
    names = [f"{MONTHS[voice().language][day.month - 1]} {day.year}" for day in days]
    if days[0].year == days[1].year:
        names[0] = names[0].rpartition(" ")[0]
    return own_digits("–".join(names))


def by_month(window: Window, found: Mapping[Month, Shares]) -> list[Period]:
    return [
        Period(f"{year}-{month:02}", month_label((year, month)), ((year, month),), found.get((year, month), NOTHING))
        for year, month in window.months
    ]


def by_quarter(window: Window, found: Mapping[Month, Shares]) -> list[Period]:
    quarters: dict[Month, list[Month]] = {}
    for year, month in window.months:
        quarters.setdefault((year, (month - 1) // 3 + 1), []).append((year, month))
    periods = []
    for (year, quarter), months in quarters.items():
        label = str(_("Quarter %(quarter)s of %(year)s", quarter=number_text(quarter), year=own_digits(f"{year}")))
        is_cut = months[0][1] % 3 != 1
        note = str(_("from %(day)s", day=date_text(date(*months[0], 1)))) if is_cut else ""
        shares = added(found.get(month, NOTHING) for month in months)
        periods.append(Period(f"{year}-q{quarter}", label, tuple(months), shares, note))
    return periods
