"""The languages that the portal speaks. Nothing here imports anything of the portal."""

from dataclasses import dataclass
from typing import Literal

Calendar = Literal["gregorian", "jalali"]
Digits = Literal["latin", "native"]
Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface. `code` is both the catalogue's name and the value of `lang`."""

    code: str
    own_name: str
    direction: Direction = "ltr"
    calendar: Calendar = "gregorian"
    digits: Digits = "latin"


DEFAULT_LANGUAGE = "en"

LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English"),
        Language("cs", "Čeština"),
        Language("uk", "Українська"),
        Language("pl", "Polski"),
        Language("lt", "Lietuvių"),
        Language("fa", "فارسی", direction="rtl", calendar="jalali", digits="native"),
    )
}

# ISO 639-2 and 639-3 names that identity providers send instead of the two-letter ones; Dari reads Persian.
ALIASES = {
    "eng": "en",
    "ces": "cs",
    "cze": "cs",
    "ukr": "uk",
    "pol": "pl",
    "lit": "lt",
    "fas": "fa",
    "per": "fa",
    "pes": "fa",
    "prs": "fa",
}
