"""Whom we are speaking to just now: language, time zone, calendar and digits.

In a request the gate says so once with `speak()`. Mail and jobs, which speak to several people one after
another, use `with speaking(...)`, which goes before what the request says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from flask import current_app, g, has_app_context

from portal.languages.table import DEFAULT_LANGUAGE, LANGUAGES, Calendar, Digits, Language


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak to one person."""

    language: str
    time_zone: str
    calendar: Calendar
    digits: Digits

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def zone(self) -> tzinfo:
        return _zone(self.time_zone)

    @property
    def table(self) -> Language:
        return LANGUAGES[self.language]


_override: ContextVar[Voice | None] = ContextVar("portal_voice", default=None)


def voice() -> Voice:
    """The voice in force: that of `speaking()`, else the request's, else the installation's."""
    override = _override.get()
    if override is not None:
        return override
    spoken: Voice | None = g.get("voice") if has_app_context() else None
    return spoken or make_voice()


def make_voice(
    language: str | None = None,
    time_zone: str | None = None,
    calendar: str | None = None,
    digits: str | None = None,
) -> Voice:
    """A voice from what is known; what is unknown or not understood comes from the defaults."""
    fallback_language, fallback_zone = _defaults()
    return _voice(language, time_zone, calendar, digits, fallback_language, fallback_zone)


def speak(
    language: str | None, time_zone: str | None = None, calendar: str | None = None, digits: str | None = None
) -> None:
    """Say for the rest of this request to whom it speaks; what is None follows the language."""
    # A page asks for it hundreds of times.
    g.voice = make_voice(language, time_zone, calendar, digits)
    flask_babel.refresh()


@contextmanager
def speaking(
    language: str | None, time_zone: str | None = None, calendar: str | None = None, digits: str | None = None
) -> Iterator[Voice]:
    """Speak to somebody else for the length of the block; what is None follows the language.

    The catalogue follows too, so `gettext` inside the block answers in `language`.
    """
    chosen = make_voice(language, time_zone, calendar, digits)
    token = _override.set(chosen)
    flask_babel.refresh()
    try:
        yield chosen
    finally:
        _override.reset(token)
        flask_babel.refresh()


def _defaults() -> tuple[str, str]:
    settings = current_app.extensions.get("portal_settings") if has_app_context() else None
    if settings is None:
        return DEFAULT_LANGUAGE, "UTC"
    return str(settings.default_language), str(settings.default_time_zone)


@lru_cache(maxsize=1024)
def _voice(
    language: str | None,
    time_zone: str | None,
    calendar: str | None,
    digits: str | None,
    fallback_language: str,
    fallback_zone: str,
) -> Voice:
    if language not in LANGUAGES:
        language = fallback_language if fallback_language in LANGUAGES else DEFAULT_LANGUAGE
    if time_zone is None or not is_time_zone(time_zone):
        time_zone = fallback_zone if is_time_zone(fallback_zone) else "UTC"
    table = LANGUAGES[language]
    return Voice(
        language,
        time_zone,
        cast(Calendar, calendar) if calendar in ("gregorian", "jalali") else table.calendar,
        cast(Digits, digits) if digits in ("latin", "native") else table.digits,
    )


@lru_cache(maxsize=1024)
def is_time_zone(name: str) -> bool:
    """Whether the tz database knows this name; anything else would fail when a page is drawn."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # A name that is a folder, a path that leads out, or one that does not exist.
        return False
    return True


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
