"""Dates, numbers, money and lists as the reader writes them; template filters and globals too."""

import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import (
    DateTimeFormat,
    DateTimePattern,
    format_timedelta,
    get_date_format,
    get_datetime_format,
    get_time_format,
)
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, format_percent, get_currency_precision, parse_pattern
from babel.units import format_unit
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from portal.clock import now
from portal.languages.jalali import JalaliFormat
from portal.languages.voice import Voice, voice

Width = Literal["short", "medium", "long", "full"]

PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

# ISO 4217: decimals of the currencies that do not have two. CLDR's own numbers are for cash, so they differ.
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

_CODE_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

SIZES: tuple[tuple[int, str], ...] = (
    (1000**3, "digital-gigabyte"),
    (1000**2, "digital-megabyte"),
    (1000, "digital-kilobyte"),
)

AGES: tuple[tuple[int, Literal["year", "month", "week", "day", "hour", "minute"]], ...] = (
    (31_557_600, "year"),
    (2_629_800, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
)


def datetime_text(moment: datetime, format: Width = "medium") -> str:
    """Date and time to the minute, in the reader's zone, calendar and digits."""
    speaker = voice()
    local = _local(moment, speaker)
    day, clock, both = _patterns(speaker.language, format)
    filler = _filler(local, speaker)
    return own_digits(both.format(clock % filler, day % filler))


def date_text(day: date, format: Width = "medium") -> str:
    """The date alone. A moment is first moved to the reader's zone; a plain date stays the day that it is."""
    speaker = voice()
    if isinstance(day, datetime):
        day = _local(day, speaker)
    return own_digits(_patterns(speaker.language, format)[0] % _filler(day, speaker))


def time_text(moment: datetime) -> str:
    """The time of day, to the minute, in the reader's zone."""
    speaker = voice()
    clock = _patterns(speaker.language, "short")[1]
    return own_digits(clock % DateTimeFormat(_local(moment, speaker), speaker.locale))


def relative_text(moment: datetime) -> str:
    """How long ago, or in how long: "3 hours ago", "in 2 days"; whole units, rounded down."""
    seconds = round((moment - now()).total_seconds())
    for size, unit in AGES:
        count = abs(seconds) // size
        if count:
            return _relative(voice(), unit, count if seconds > 0 else -count)
    return str(_("just now"))


def relative_time(moment: datetime) -> Markup:
    """A `<time>` that reads as a distance and gives the exact moment on hover and on focus."""
    return _exact_time(voice(), moment) + relative_text(moment) + _END_OF_TIME


_END_OF_TIME = Markup("</time>")


@lru_cache(maxsize=8192)
def _exact_time(speaker: Voice, moment: datetime) -> Markup:
    """The beginning of a `<time>`, for the voice that is in force: a list shows the same moments again and again."""
    return Markup('<time datetime="%s" title="%s" tabindex="0">') % (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        datetime_text(moment, "long"),
    )


def number_text(number: float | Decimal, decimals: int | None = None) -> str:
    """A number with the reader's separators and its own decimals (at most six) or exactly `decimals`."""
    speaker = voice()
    pattern = "#,##0.######" if decimals is None else "#,##0" + "." * bool(decimals) + "0" * decimals
    return own_digits(format_decimal(number, _number_pattern(pattern), speaker.locale, numbering_system=numbering()))


def percent(share: float | Decimal, decimals: int = 0) -> str:
    """A share of one as a percentage: 0.25 is "25%"."""
    speaker = voice()
    pattern = _percent_pattern(speaker.language, decimals)
    text = own_digits(format_percent(share, pattern, speaker.locale, numbering_system=numbering()))
    return text.replace("%", "٪") if _has_own_digits(speaker) else text


def money_text(minor: int, currency: str) -> str:
    """An amount in minor units with its ISO 4217 currency; never rounded."""
    speaker = voice()
    shape = _shape_of_money(speaker.language, numbering(), currency.upper(), minor < 0)
    text = shape.write(abs(minor))
    return text.translate(PERSIAN_DIGITS) if _has_own_digits(speaker) else text


@dataclass(frozen=True, slots=True)
class _ShapeOfMoney:
    """How amounts of a currency and sign are written: Babel takes 60 µs for each, and a long order has hundreds."""

    before: str
    after: str
    group: str
    point: str
    # The smallest whole number whose digits are grouped.
    grouped_from: int
    # Of the minor unit, and how many of them are usually written.
    exponent: int
    usual: int

    def write(self, minor: int) -> str:
        whole, part = divmod(minor, 10**self.exponent)
        digits = f"{whole:,}".replace(",", self.group) if whole >= self.grouped_from else str(whole)
        fraction = f"{part:0{self.exponent}}" if self.exponent else ""
        if not fraction[self.usual :].strip("0"):
            fraction = fraction[: self.usual].ljust(self.usual, "0")
        return self.before + digits + (self.point + fraction if fraction else "") + self.after


_WRITTEN = re.compile(r"(\D*)7(\D?)654(\D?)321(\D)0{4}(\D*)", re.ASCII)


@lru_cache(maxsize=512)
def _shape_of_money(language: str, numbering_system: str, currency: str, is_negative: bool) -> _ShapeOfMoney:
    """Read off what Babel writes."""

    def written(number: int) -> str:
        text = _currency_pattern(language, 4).apply(
            -number if is_negative else number,
            locale,
            currency=currency,
            currency_digits=False,
            numbering_system=numbering_system,
        )
        # CLDR wants a space between a code of letters and a digit, which Babel leaves out.
        return _CODE_BESIDE_DIGIT.sub("\u00a0", str(text))

    locale = Locale.parse(language)
    found = _WRITTEN.fullmatch(written(7_654_321))
    if found is None:
        raise LookupError(f"amounts in {language} and {currency} are written in an unknown way")
    before, group, _group, point, after = found.groups()
    is_grouped = f"4{group}321" in written(4321)
    exponent = currency_exponent(currency)
    usual = get_currency_precision(currency)
    return _ShapeOfMoney(before, after, group, point, 1000 if is_grouped else 10_000, exponent, usual)


def currency_exponent(currency: str) -> int:
    """Decimals between a currency and its minor unit, by ISO 4217."""
    return EXPONENTS.get(currency.upper(), 2)


def file_size(size: int) -> str:
    """A number of bytes in the unit that reads best (decimal: 1 kB is 1000 bytes)."""
    speaker = voice()
    for factor, unit in SIZES:
        if size * 2000 >= factor * 1999:  # what would be rounded up to 1000 is written in the next unit
            number = round(Decimal(size) / factor, 1 if size < 100 * factor else 0)
            return _unit(number, unit, speaker)
    return str(ngettext("%(size)s byte", "%(size)s bytes", size, size=number_text(size)))


def list_text(items: Iterable[object]) -> str:
    """`a, b and c` in the reader's language; Markup when an item is, with the others escaped."""
    parts = list(items)
    if any(hasattr(part, "__html__") for part in parts):
        safe = [str(escape(part)) for part in parts]
        return Markup(format_list(safe, locale=voice().locale))  # noqa: S704  # every part was escaped
    return format_list([str(part) for part in parts], locale=voice().locale)


def country_name(code: str) -> str:
    """The name of an ISO 3166-1 country; the code itself when it has none."""
    return str(voice().locale.territories.get(code.upper(), code))


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        country_name,
        date_text,
        datetime_text,
        file_size,
        list_text,
        money_text,
        number_text,
        percent,
        relative_text,
        relative_time,
        time_text,
    )
}


def _local(moment: datetime, speaker: Voice) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(speaker.zone)


def _filler(day: date, speaker: Voice) -> DateTimeFormat:
    if speaker.calendar == "jalali":
        return JalaliFormat(day, speaker.locale)
    return DateTimeFormat(day, speaker.locale)


def own_digits(text: str) -> str:
    """Text of our own making with the reader's digits. Babel localises the separators only."""
    return text.translate(PERSIAN_DIGITS) if _has_own_digits(voice()) else text


def numbering() -> str:
    """Babel's name for the reader's numbering system, which decides on the separators."""
    return "default" if voice().digits == "native" else "latn"


def _has_own_digits(speaker: Voice) -> bool:
    # Persian is our only language whose own digits are not the Latin ones.
    return speaker.digits == "native" and speaker.language == "fa"


@lru_cache(maxsize=64)
def _patterns(language: str, format: Width) -> tuple[DateTimePattern, DateTimePattern, str]:
    locale = Locale.parse(language)
    return (
        get_date_format(format, locale),
        get_time_format("short", locale),
        str(get_datetime_format(format, locale=locale)).replace("'", ""),
    )


@lru_cache(maxsize=4096)
def _relative(speaker: Voice, unit: Literal["year", "month", "week", "day", "hour", "minute"], count: int) -> str:
    """In the voice that is in force."""
    size = next(size for size, name in AGES if name == unit)
    # Babel counts a month as 30 days and a year as 365, so it is given its own units.
    size = {"month": 2_592_000, "year": 31_536_000}.get(unit, size)
    text = format_timedelta(
        timedelta(seconds=count * size), unit, threshold=10_000, add_direction=True, locale=speaker.language
    )
    return own_digits(text)


@lru_cache(maxsize=64)
def _number_pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


@lru_cache(maxsize=64)
def _percent_pattern(language: str, decimals: int) -> NumberPattern:
    return _with_decimals(Locale.parse(language).percent_formats[None], decimals)


@lru_cache(maxsize=64)
def _currency_pattern(language: str, decimals: int) -> NumberPattern:
    return _with_decimals(Locale.parse(language).currency_formats["standard"], decimals)


def _with_decimals(pattern: NumberPattern, decimals: int) -> NumberPattern:
    changed = copy(pattern)
    changed.frac_prec = (decimals, decimals)
    return changed


def _unit(number: Decimal, unit: str, speaker: Voice) -> str:
    # Adding nought turns 1E+2, which normalize() makes of 100, back into plain digits.
    plain = number.normalize() + 0
    # CLDR's short Persian units are Latin letters.
    width: Literal["long", "short"] = "long" if speaker.language == "fa" else "short"
    text = format_unit(plain, unit, width, locale=speaker.locale, numbering_system=numbering())
    return own_digits(text)
