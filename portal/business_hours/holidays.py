"""Public holidays by country, from the library `holidays`, which is loaded only when a calendar asks for them."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, year: int, language: str = "") -> Mapping[date, str]:
    """The days of a year with their names, for an ISO 3166-1 country and the library's code of a part of it.

    Names are in the language where the library knows it, else in English or as the country itself writes them. Empty
    without a country, and for years that the library cannot tell. LookupError for what is no country or part.
    """
    if not country:
        return {}
    import holidays

    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=_spoken(country, language)
        )
    except NotImplementedError as fault:
        raise LookupError(str(fault)) from None
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """ISO 3166-1 codes of the countries whose holidays are known."""
    import holidays

    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


@lru_cache(maxsize=64)
def parts_of(country: str) -> Mapping[str, str]:
    """The parts of a country that have holidays of their own: codes, and names as they are written there."""
    found = _library_of(country)
    names: dict[str, str] = {}
    for name, code in getattr(found, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return {code: names.get(code, code) for code in getattr(found, "subdivisions", ())}


def _spoken(country: str, language: str) -> str | None:
    found = _library_of(country)
    known = (getattr(found, "default_language", None) or "", *getattr(found, "supported_languages", ()))
    return next((name for wanted in (language, "en") for name in known if name.partition("_")[0] == wanted), None)


def _library_of(country: str) -> Any:
    """What the library knows of a country."""
    import holidays

    return getattr(holidays, country, None) if country in countries() else None
