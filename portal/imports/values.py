"""What stands in a cell, as a value of a shape; `Unread` says in words why it cannot be read."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale
from flask_babel import lazy_gettext as _l

from portal.access.words import CAPACITIES
from portal.imports.reading import FileForm
from portal.languages import LANGUAGES, match_language, speaking
from portal.languages.jalali import FIRST_YEAR, LAST_YEAR, from_jalali
from portal.languages.voice import voice
from portal.orders.words import KINDS, PAYMENT_STATES, STATES
from portal.text import clean_line, clean_text, fold


class Unread(ValueError):
    """A cell that cannot be read as what it should be; `message` is for the reader."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


# ── Text ──────────────────────────────────────────────────────────────────────────────────────────

# As spreadsheets and our own exports keep text from being taken for a formula or a number.
_AS_TEXT = re.compile(r'="([^"]*)"')
_GUARDED = re.compile(r"'(?=[=+\-@|%])")
# What a workbook shows where a formula failed.
_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))


def text_of(value: Any) -> str:
    """As it stands, on one line."""
    return clean_line(_raw(value))


def long_text_of(value: Any) -> str:
    return clean_text(_raw(value)).strip()


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        number = _of_float(value)
        return f"{number:f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    text = str(value)
    if text in _ERRORS:
        raise Unread(_l("The formula in this cell has no result: %(text)s", text=text))
    if match := _AS_TEXT.fullmatch(text.strip()):
        return match[1]
    return _GUARDED.sub("", text, count=1) if text.startswith("'") else text


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩−﹣－", "01234567890123456789---")
_MARKS = str.maketrans({"٫": ".", "٬": "", "\u200e": "", "\u200f": "", "\u061c": "", "\u200c": ""})
_GAPS = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?")
_GROUPED = {mark: re.compile(rf"[-+]?[1-9]\d{{0,2}}({re.escape(mark)}\d{{3}})+") for mark in ",."}
_SIGNS = {
    "€": "EUR", "kč": "CZK", "zł": "PLN", "₴": "UAH", "грн": "UAH", "грн.": "UAH", "£": "GBP", "$": "USD",
    "﷼": "IRR", "ریال": "IRR",
}  # fmt: skip
_MONEY = re.compile(r"(?P<before>[^\d\s+\-.,']{1,5})?\s*(?P<number>[-+]?\s*[\d.,].*?)\s*(?P<after>[^\d\s.,']{1,5}\.?)?")
_LONGEST = 40


def number_of(value: Any, form: FileForm, currency: str = "") -> Decimal:
    """A number, of which a currency sign is taken off when it is that of `currency`."""
    if isinstance(value, bool):
        raise Unread(_l("This is not a number."))
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise Unread(_l("This is not a number."))
        return value
    typed = _raw(value).translate(_DIGITS).strip()
    has_own_mark = "٫" in typed
    typed = typed.translate(_MARKS)
    if len(typed) > _LONGEST:
        raise Unread(_l("“%(text)s” is not a number.", text=typed[:_LONGEST]))
    plain = _without_sign(typed, currency)
    before = None
    while before != plain:
        before, plain = plain, _GAPS.sub("", plain)
    plain = plain.replace("- ", "-")
    mark = "." if has_own_mark else form.decimal
    plain = _pointed(plain, mark, typed)
    if not _PLAIN.fullmatch(plain):
        raise Unread(_l("“%(text)s” is not a number.", text=typed))
    return Decimal(plain)


def _without_sign(typed: str, currency: str) -> str:
    match = _MONEY.fullmatch(typed)
    signs = [sign for sign in (match["before"], match["after"]) if sign] if match else []
    for sign in signs:
        meant = _SIGNS.get(sign.lower()) or sign
        if not re.fullmatch(r"[A-Z]{3}", meant):
            raise Unread(_l("“%(text)s” is not a number.", text=typed))
        if currency and meant != currency:
            raise Unread(_l("“%(text)s” is not in the currency %(currency)s.", text=typed, currency=currency))
        if not currency:
            raise Unread(_l("“%(text)s” is not a number: an amount of money has no place here.", text=typed))
    return match["number"].strip() if match and signs else typed


def _pointed(plain: str, mark: str, typed: str) -> str:
    """With a point before its decimals and nothing between its thousands."""
    if mark:
        other = "," if mark == "." else "."
        if other in plain:
            whole, decimal, rest = plain.partition(mark)
            if not _GROUPED[other].fullmatch(whole):
                raise Unread(_mixed(mark, typed))
            plain = whole.replace(other, "") + decimal + rest
        return plain.replace(mark, ".")
    if "," in plain and "." in plain:
        last = max(",.", key=plain.rfind)
        return _pointed(plain, last, typed)
    for sign in ",.":
        if _GROUPED[sign].fullmatch(plain):
            if plain.count(sign) > 1:
                return plain.replace(sign, "")
            raise Unread(
                _l("“%(text)s” could be thousands or decimals. Choose what is written before decimals.", text=typed)
            )
    return plain.replace(",", ".")


def _mixed(mark: str, typed: str) -> Any:
    if mark == ",":
        return _l("“%(text)s” is not a number where a comma stands before decimals.", text=typed)
    return _l("“%(text)s” is not a number where a point stands before decimals.", text=typed)


def _of_float(value: float) -> Decimal:
    """What a workbook shows: it keeps fifteen digits, the rest is noise."""
    try:
        number = Decimal(format(value, ".15g"))
    except (InvalidOperation, ValueError) as error:
        raise Unread(_l("This is not a number.")) from error
    if not number.is_finite():
        raise Unread(_l("This is not a number."))
    return number


def rate_of(value: Any, form: FileForm) -> Decimal:
    """Per cent, with or without the sign."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%").removesuffix("٪").rstrip()
    return number_of(value, form)


def whole_of(value: Any, form: FileForm) -> int:
    number = number_of(value, form)
    if number != number.to_integral_value():
        raise Unread(_l("“%(text)s” is not a whole number.", text=str(value)))
    return int(number)


# ── Days and moments ──────────────────────────────────────────────────────────────────────────────

_DATE = re.compile(r"(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\s*(?:р|г|m)?\.?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_TIME = re.compile(r"[T\s,]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$")
# Days of the serial numbers that a workbook keeps: 1954 to 2119.
_SERIALS = range(20_000, 80_000)
_EPOCH = date(1899, 12, 30)


def date_of(value: Any, form: FileForm, language: str) -> date:
    """A day; years that only the Persian calendar can mean are of that calendar where the reader's language is."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if form.kind == "xlsx" and isinstance(value, int | float) and int(value) in _SERIALS:
        return _EPOCH + timedelta(days=int(value))
    text = _raw(value).translate(_DIGITS).translate(_MARKS).strip()
    return _day(_TIME.sub("", text), text, form, language)


def _day(typed: str, text: str, form: FileForm, language: str) -> date:
    problem = Unread(_l("“%(text)s” is not a date.", text=text[:_LONGEST]))
    if match := _COMPACT.fullmatch(typed):
        return _existing(int(match[1]), int(match[2]), int(match[3]), problem)
    match = _DATE.fullmatch(typed)
    if match is None:
        raise problem
    first, middle, last = match[1], int(match[3]), match[4]
    if len(first) == 4:
        year, month, day = int(first), middle, int(last)
    elif len(last) == 4:
        year = int(last)
        # The Persian calendar is never written with the month first.
        is_persian = FIRST_YEAR <= year <= LAST_YEAR
        day, month = (int(first), middle) if is_persian else _in_order(int(first), middle, match[2], form, text)
    else:
        raise Unread(_l("“%(text)s” is not a date: a year has four digits.", text=text[:_LONGEST]))
    if FIRST_YEAR <= year <= LAST_YEAR:
        if language != "fa":
            raise problem
        try:
            return from_jalali(year, month, day)
        except ValueError as error:
            raise problem from error
    return _existing(year, month, day, problem)


def _in_order(first: int, second: int, mark: str, form: FileForm, text: str) -> tuple[int, int]:
    """Day and month."""
    if mark == "." or form.date_order == "dmy" or first > 12 or first == second:
        return first, second
    if form.date_order == "mdy" or second > 12:
        return second, first
    raise Unread(_l("“%(text)s” could be two days. Choose whether the day or the month comes first.", text=text))


def _existing(year: int, month: int, day: int, problem: Unread) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise problem from error


def moment_of(value: Any, form: FileForm, language: str) -> datetime:
    """A moment; without a zone it is in that of the installation."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=voice().zone)
    if isinstance(value, date | int | float):
        return datetime.combine(date_of(value, form, language), datetime.min.time(), voice().zone)
    text = _raw(value).translate(_DIGITS).translate(_MARKS).strip()
    match = _TIME.search(text)
    day = date_of(text, form, language)
    if match is None:
        return datetime.combine(day, datetime.min.time(), voice().zone)
    zone = voice().zone if match[4] is None else UTC if match[4] == "Z" else datetime.strptime(match[4], "%z").tzinfo
    try:
        return datetime(day.year, day.month, day.day, int(match[1]), int(match[2]), int(match[3] or 0), tzinfo=zone)
    except ValueError as error:
        raise Unread(_l("“%(text)s” is not a time.", text=text[:_LONGEST])) from error


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────

_YES = "1 true yes y x ano a tak t так taip بله آری"
_NO = "0 false no n ne nie ні خیر نه"


def flag_of(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _IS.get(fold(text_of(value)))
    if found is None:
        raise Unread(_l("“%(text)s” is neither yes nor no.", text=text_of(value)))
    return found


_IS = {fold(word): True for word in _YES.split()} | {fold(word): False for word in _NO.split()}


def choice_of(value: Any, name: str) -> str:
    """The word of the shape, for it or for what we call it in one of the six languages."""
    typed = text_of(value)
    found = _choices(name).get(fold(typed))
    if found is None:
        raise Unread(_l("“%(text)s” is none of the words that can stand here.", text=typed))
    return found


def choices_of(value: Any, name: str) -> list[str]:
    parts = [part for part in re.split(r"[,;/|+،]", text_of(value)) if part.strip()]
    return list(dict.fromkeys(choice_of(part, name) for part in parts))


def _words_of(name: str) -> Mapping[Any, Any]:
    match name:
        case "capacity" | "capacities":
            return CAPACITIES
        case "kind":
            return KINDS
        case "payment_state":
            return {state: words for state, words in PAYMENT_STATES.items() if state}
        case "rounding":
            return {
                "line": _l("On each line"),
                "document": _l("On the whole document"),
            }
        case "shipment_state":
            return _SHIPMENT_STATES
    return STATES


_SHIPMENT_STATES: Mapping[str, Any] = {
    state: state for state in ("announced", "in-transit", "out-for-delivery", "delivered", "exception", "returned")
}


def _choices(name: str) -> dict[str, str]:
    if name not in _kept:
        found: dict[str, str] = {}
        for code, words in _words_of(name).items():
            found[fold(str(code))] = str(code)
            for language in LANGUAGES:
                with speaking(language):
                    found.setdefault(fold(str(words)), str(code))
        _kept[name] = found
    return _kept[name]


_kept: dict[str, dict[str, str]] = {}

# Codes of UN/ECE Recommendation 20, by what people write.
_UNITS = {
    "C62": "ks kus kusy kusů pcs pc piece pieces szt sztuka sztuki шт штука vnt vienetas عدد دانه",
    "KGM": "kg кг کیلوگرم کیلو",
    "GRM": "g г гр گرم",
    "TNE": "t т тонна тон تن",
    "MTR": "m м metr metras متر",
    "MTK": "m2 м2 кв.м مترمربع",
    "MTQ": "m3 м3 куб.м مترمکعب",
    "LTR": "l л litr litras لیتر",
    "HUR": "h hod hodina hour hours godz год val valanda ساعت",
    "SET": "set sada kpl komplet komplekt комплект к-т kompl komplektas دست",
    "PR": "pair pár para пара pora جفت",
    "BX": "box krabice karton pudełko коробка ящик dėžė جعبه کارتن",
    "PF": "pallet paleta палета piддон padėklas پالت",
    "DAY": "day days den dny dzień dni день дн diena روز",
    "MON": "month months měsíc miesiąc місяць міс mėnuo ماه",
    "ANN": "year years rok рік metai سال",
}
_UNIT_OF = {fold(word).rstrip("."): code for code, words in _UNITS.items() for word in words.split()}


def unit_of(value: Any) -> str:
    typed = text_of(value)
    if found := _UNIT_OF.get(fold(typed).rstrip(".")):
        return found
    if re.fullmatch(r"[A-Z0-9]{2,3}", typed.upper()):
        return typed.upper()
    raise Unread(_l("“%(text)s” is no unit that we know: use a code of UN/ECE Recommendation 20.", text=typed))


def currency_of(value: Any) -> str:
    typed = text_of(value)
    found = _SIGNS.get(typed.lower(), typed.upper())
    if not re.fullmatch(r"[A-Z]{3}", found):
        raise Unread(_l("“%(text)s” is no currency: use the code of ISO 4217.", text=typed))
    return found


def country_of(value: Any) -> str:
    typed = text_of(value)
    if re.fullmatch(r"[A-Za-z]{2}", typed):
        return typed.upper()
    if found := _countries().get(fold(typed)):
        return found
    raise Unread(_l("“%(text)s” is no country: use the code of ISO 3166.", text=typed))


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    return {
        fold(name): code
        for language in LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


def language_of(value: Any) -> str:
    typed = text_of(value)
    own = {fold(language.own_name): code for code, language in LANGUAGES.items()}
    found = match_language(typed) or own.get(fold(typed))
    if found is None:
        raise Unread(_l("“%(text)s” is no language that the portal speaks.", text=typed))
    return found
