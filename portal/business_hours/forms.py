"""The form of the business hours: shape alone."""

import re
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, TextAreaField
from wtforms.validators import ValidationError

from portal.accounts.forms import time_zones
from portal.business_hours.calendar import Calendar, Window
from portal.business_hours.holidays import countries, parts_of
from portal.business_hours.models import USUAL_WINDOWS
from portal.config import settings
from portal.forms import LineField, PortalForm, SelectField, TypedField, choices, typed_date
from portal.languages import country_name, list_text, parse_date, voice
from portal.languages.formats import own_digits
from portal.text import clean_text, fold, isolate, sort_key

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_CLOSED_DAYS = 400
# So many are named where one was not understood.
MOST_PARTS = 16

_CLOCK = r"(\d{1,2})(?:[:.٫](\d\d))?"
_WINDOW = re.compile(rf"{_CLOCK}\s*(?:[-‐-―−]|تا)\s*{_CLOCK}")
_BETWEEN = re.compile(r"\s*[,;،؛]\s*")


def windows_text(windows: tuple[Window, ...]) -> str:
    """The hours of a day as the reader writes them: "09:00–12:00, 13:00–17:00"."""
    texts = [_("%(start)s–%(end)s", start=_clock(start), end=_clock(end, "24:00")) for start, end in windows]
    return ("، " if voice().language == "fa" else ", ").join(texts)


def _clock(moment: time, midnight: str = "00:00") -> str:
    return own_digits(midnight if moment == time(0) else moment.strftime("%H:%M"))


def parse_windows(text: str) -> tuple[Window, ...]:
    """The hours that were typed, in any digits; ValueError, with words for the person, when they make no sense."""
    wanted = []
    for part in filter(None, _BETWEEN.split(fold(text).strip())):
        found = _WINDOW.fullmatch(part)
        if not found:
            raise ValueError(_("Enter hours such as %(example)s.", example=windows_text(USUAL_WINDOWS[0])))
        start, end = (_minutes(*found.group(n, n + 1)) for n in (1, 3))
        wanted.append((start, end or 1440))
    for start, end in wanted:
        if start >= end:
            raise ValueError(_("Hours end after they begin. What goes on after midnight belongs to the next day."))
    wanted.sort()
    if any(end > start for (_start, end), (start, _end) in pairwise(wanted)):
        raise ValueError(_("These hours overlap."))
    return tuple((_time(start), _time(end)) for start, end in wanted)


def _minutes(hours: str, minutes: str | None) -> int:
    count = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) > 59 or count > 1440:
        raise ValueError(_("There is no such time. A day goes from 0:00 to 24:00."))
    return count


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


class WindowsField(TypedField):
    """The hours of one day; nothing where nobody works."""

    def read(self, typed: str) -> tuple[Window, ...]:
        try:
            return parse_windows(typed)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None

    def write(self, value: tuple[Window, ...]) -> str:
        return windows_text(value)


class DaysField(TextAreaField):
    """Several days, each on a line of its own, in the reader's calendar and notation."""

    def process_formdata(self, valuelist: list[str]) -> None:
        lines = [line for line in clean_text("".join(valuelist[:1])).splitlines() if line.strip()]
        self.data: Any = frozenset()
        if len(lines) > MOST_CLOSED_DAYS:
            raise ValidationError(_("These are too many days."))
        self.data = frozenset(map(self._read, lines))

    def _read(self, line: str) -> date:
        try:
            return parse_date(line)
        except ValueError:
            words = _("“%(text)s” is no date. Write one on each line, such as %(example)s.")
            example = typed_date(date(2026, 12, 31))
            raise ValidationError(words % {"text": isolate(line[:40]), "example": example}) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(typed_date(day) for day in sorted(self.data or ()))


class BusinessHoursForm(PortalForm):
    """What a `Calendar` is made of: filled by `of`, read by `calendar` once it is valid."""

    version = HiddenField()
    monday = WindowsField()
    tuesday = WindowsField()
    wednesday = WindowsField()
    thursday = WindowsField()
    friday = WindowsField()
    saturday = WindowsField()
    sunday = WindowsField()
    time_zone = SelectField(_l("Time zone"))
    country = SelectField(_l("Public holidays"))
    subdivision = LineField(_l("Part of the country"))
    closed_days = DaysField(_l("Other days when you are closed"))

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        names = voice().locale.days["stand-alone"]["wide"]
        for number, field in enumerate(self.days):
            field.label.text = names[number][0].upper() + names[number][1:]
        # The one in the settings may have no name that people know.
        zones = dict.fromkeys([*time_zones(), settings().default_time_zone])
        self.time_zone.choices = choices((zone, zone.replace("_", " ")) for zone in zones)
        named = sorted(((code, country_name(code)) for code in countries()), key=lambda pair: sort_key(pair[1]))
        self.country.choices = choices([("", _("None")), *named])

    @classmethod
    def of(cls, calendar: Calendar, version: int) -> "BusinessHoursForm":
        return cls(
            version=version,
            time_zone=calendar.time_zone.key,
            country=calendar.country,
            subdivision=parts_of(calendar.country).get(calendar.subdivision, calendar.subdivision),
            closed_days=calendar.closed_days,
            **dict(zip(WEEKDAYS, calendar.windows, strict=True)),
        )

    @property
    def days(self) -> list[Field]:
        """The fields of the hours, Monday first."""
        return [self[name] for name in WEEKDAYS]

    @property
    def week(self) -> list[Field]:
        """The same in the order of the reader's week, which in the Jalali calendar begins on Saturday."""
        first = 5 if voice().calendar == "jalali" else 0
        return self.days[first:] + self.days[:first]

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts of the chosen country that have holidays of their own, by code."""
        return parts_of(self.country.data or "")

    @property
    def calendar(self) -> Calendar:
        return Calendar(
            ZoneInfo(self.time_zone.data),
            tuple(field.data or () for field in self.days),
            self.country.data,
            self._part() or "",
            self.closed_days.data,
        )

    def _part(self) -> str | None:
        """The code of the part that was typed, by code or name; None where it is none."""
        typed = fold(self.subdivision.data or "")
        return next((code for code, name in self.parts.items() if typed in (fold(code), fold(name))), None)

    def validate_subdivision(self, field: Field) -> None:
        if not field.data or self._part():
            return
        if not self.parts:
            raise ValidationError(_("The holidays of this country are known for the whole of it. Leave this empty."))
        names = [isolate(name) for name in self.parts.values()]
        known = list_text([*names[:MOST_PARTS], *(["…"] if len(names) > MOST_PARTS else [])])
        raise ValidationError(_("No such part of this country is known. Known are: %(names)s.", names=known))

    def validate(self, *arguments: Any, **options: Any) -> bool:
        is_valid: bool = super().validate(*arguments, **options)
        if is_valid and not any(field.data for field in self.days):
            self.form_errors.append(_("Enter hours for at least one day. Without any, nothing would ever be due."))
            return False
        return is_valid
