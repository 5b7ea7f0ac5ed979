"""Numbers and dates as people type them, in any of the digits and in the reader's own notation."""

import re
from datetime import date
from decimal import Decimal

from portal.languages.jalali import FIRST_YEAR, LAST_YEAR, from_jalali
from portal.languages.voice import voice

_DIGITS = str.maketrans(
    "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩０１２３４５６７８９−﹣－‐‑–٫،",
    "012345678901234567890123456789------\u066b,",
)
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200E, 0x200F, 0x061C, 0xFEFF, *range(0x202A, 0x202F)])
_GAPS = re.compile(r"(?<=\d)[\s'’٬](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"(\d+(\.\d*)?|\.\d+)")
_GROUPED = {mark: re.compile(rf"\d{{1,3}}({re.escape(mark)}\d{{3}})+") for mark in ",."}
_COMMA_LANGUAGES = frozenset(("cs", "uk", "pl", "lt"))
_LONGEST = 40


def parse_number(text: str, language: str | None = None) -> Decimal:
    """The number that was typed; ValueError when it is none, or when it could be two different ones.

    `1.234` in Czech could be one and a bit or over a thousand, so it is refused and not guessed.
    """
    language = language or voice().language
    typed = _clean(text)
    if len(typed) > _LONGEST:
        raise ValueError("too long for a number")
    before = None
    while before != typed:
        before, typed = typed, _GAPS.sub("", typed)
    sign = typed[:1] if typed[:1] in ("-", "+") else ""
    typed = _decimal_point(typed[len(sign) :].strip(), language)
    if not _PLAIN.fullmatch(typed):
        raise ValueError("not a number")
    return Decimal(sign + typed)


def parse_date(text: str, language: str | None = None, calendar: str | None = None) -> date:
    """The day that was typed: year first, or in the order of the language; ValueError when there is none.

    The year must have four digits. ISO 8601 dates are always understood; a year that only the Jalali calendar
    can mean is Jalali for those who use that calendar.
    """
    speaker = voice()
    language = language or speaker.language
    calendar = calendar or speaker.calendar
    numbers = re.fullmatch(r"(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\s*(?:р|г|m)?\.?", _clean(text))
    if not numbers:
        raise ValueError("not a date")
    year, month, day = _order(numbers[1], numbers[3], numbers[4], month_first=language == "en" and numbers[2] == "/")
    if FIRST_YEAR <= year <= LAST_YEAR:
        if calendar != "jalali":
            raise ValueError("a year of another calendar")
        return from_jalali(year, month, day)
    return date(year, month, day)


def _clean(text: str) -> str:
    return text.translate(_DIGITS).translate(_INVISIBLE).strip()


def _decimal_point(typed: str, language: str) -> str:
    """The same number with a point for its decimals and nothing between its thousands."""
    if "\u066b" in typed:
        return typed.replace(",", "").replace("\u066b", ".")
    if language == "fa" and re.fullmatch(r"\d+/\d+", typed):
        return typed.replace("/", ".")
    if "," in typed and "." in typed:
        last, first = (",", ".") if typed.rindex(",") > typed.rindex(".") else (".", ",")
        whole, _, rest = typed.rpartition(last)
        if not _GROUPED[first].fullmatch(whole):
            raise ValueError("thousands and decimals are mixed up")
        return whole.replace(first, "") + "." + rest
    if language in _COMMA_LANGUAGES:
        if _GROUPED["."].fullmatch(typed) and not typed.startswith("0"):
            raise ValueError("thousands or decimals?")
        return typed.replace(",", ".")
    return typed.replace(",", "") if _GROUPED[","].fullmatch(typed) else typed


def _order(first: str, second: str, third: str, *, month_first: bool) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    if len(third) != 4:
        raise ValueError("a year has four digits")
    if month_first:
        return int(third), int(first), int(second)
    return int(third), int(second), int(first)
