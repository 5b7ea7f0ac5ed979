"""Which language a visitor is spoken to in, and how that reaches Flask-Babel and the templates."""

from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.languages import catalogues, formats
from portal.languages.table import ALIASES, DEFAULT_LANGUAGE, LANGUAGES
from portal.languages.voice import voice

if TYPE_CHECKING:
    from flask_babel import Babel


def match_language(tag: str | None) -> str | None:
    """Our code for a tag such as `cs-CZ`, `pl_PL` or `fas`; None for a language that we do not speak."""
    primary = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    code = ALIASES.get(primary, primary)
    return code if code in LANGUAGES else None


def choose_language(
    person_language: str | None = None,
    provider_locale: str | None = None,
    cookie_choice: str | None = None,
    accept_language: str | None = None,
    default: str = DEFAULT_LANGUAGE,
) -> str:
    """The language of a page.

    What the person settled on, else what was picked in this browser, else what the identity provider says,
    else what the browser asks for (`Accept-Language`), else the default.
    """
    return (
        match_language(person_language)
        or match_language(cookie_choice)
        or match_language(provider_locale)
        or _from_header(accept_language)
        or match_language(default)
        or DEFAULT_LANGUAGE
    )


def browser_language(cookie_choice: str | None, accept_language: str | None) -> str | None:
    """What this browser was set to or asks for; None where it does not say, or asks for what we do not speak."""
    return match_language(cookie_choice) or _from_header(accept_language)


def init_app(app: Flask, babel: "Babel") -> None:
    """Connect Flask-Babel and the templates to the voice in force."""
    babel.init_app(app, locale_selector=_select_language, timezone_selector=_select_time_zone)
    babel.domain_instance = catalogues.Domain()
    catalogues.init_app(app, babel.domain_instance)
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals.update(formats.FILTERS)
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, voice=voice)
    app.context_processor(_page_language)


def _select_language() -> str:
    return voice().language


def _select_time_zone() -> str:
    return voice().time_zone


def _page_language() -> dict[str, Any]:
    speaker = voice()
    return {"lang": speaker.language, "language": speaker.language, "direction": speaker.table.direction}


def _from_header(header: str | None) -> str | None:
    # Werkzeug's own best_match would prefer an exact `cs;q=0.1` to `en-GB`.
    for tag, quality in parse_accept_header(header, LanguageAccept):
        code = match_language(tag)
        if code and quality > 0:
            return code
    return None
