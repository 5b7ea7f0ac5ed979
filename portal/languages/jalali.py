"""The Jalali (Solar Hijri) calendar, drawn through the date patterns of each language."""

from datetime import date

from babel import Locale
from babel.dates import DateTimeFormat
from persiantools.jdatetime import JalaliDate

MONTHS: dict[str, tuple[str, ...]] = {
    "en": (
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
        "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
    ),
    "cs": (
        "farvardín", "ordíbehešt", "chordád", "tír", "mordád", "šahrívar",
        "mehr", "ábán", "ázar", "dej", "bahman", "esfand",
    ),
    "uk": (
        "фарвардин", "ордібегешт", "хордад", "тир", "мордад", "шахрівар",
        "мегр", "абан", "азар", "дей", "бахман", "есфанд",
    ),
    "pl": (
        "farwardin", "ordibeheszt", "chordad", "tir", "mordad", "szahriwar",
        "mehr", "aban", "azar", "dej", "bahman", "esfand",
    ),
    "lt": (
        "farvardinas", "ordibeheštas", "chordadas", "tiras", "mordadas", "šahrivaras",
        "mehras", "abanas", "azaras", "dėjus", "bahmanas", "esfandas",
    ),
    "fa": (
        "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
        "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
    ),
}  # fmt: skip

# Years that a person can mean in each calendar: they do not overlap, so an ISO date is never ambiguous.
FIRST_YEAR, LAST_YEAR = 1200, 1600


def to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day in the Jalali calendar."""
    converted = JalaliDate(day)  # type: ignore[no-untyped-call]  # the library annotates only what it returns
    return converted.year, converted.month, converted.day


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali one; ValueError when there is no such day."""
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # as above


class JalaliFormat(DateTimeFormat):
    """Fills a CLDR pattern with Jalali year, month and day; weekdays and clock times are the same in both."""

    def __init__(self, value: date, locale: Locale) -> None:
        super().__init__(value, locale)
        self.jalali_year, self.jalali_month, self.jalali_day = to_jalali(value)

    def __getitem__(self, name: str) -> str:
        match name[0]:
            case "y":
                return self.format(self.jalali_year, len(name))
            case "M" | "L" if len(name) <= 2:
                return self.format(self.jalali_month, len(name))
            case "M" | "L":
                return MONTHS[self.locale.language][self.jalali_month - 1]
            case "d":
                return self.format(self.jalali_day, len(name))
            case _:
                return super().__getitem__(name)
