"""Six languages, two directions, two calendars: which one is spoken, and how things are written in it."""

from portal.languages.choice import browser_language, choose_language, init_app, match_language
from portal.languages.formats import (
    country_name,
    currency_exponent,
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
from portal.languages.reading import parse_date, parse_number
from portal.languages.table import LANGUAGES, Calendar, Digits, Language
from portal.languages.voice import Voice, speak, speaking, voice

__all__ = [
    "LANGUAGES",
    "Calendar",
    "Digits",
    "Language",
    "Voice",
    "browser_language",
    "choose_language",
    "country_name",
    "currency_exponent",
    "date_text",
    "datetime_text",
    "file_size",
    "init_app",
    "list_text",
    "match_language",
    "money_text",
    "number_text",
    "parse_date",
    "parse_number",
    "percent",
    "relative_text",
    "relative_time",
    "speak",
    "speaking",
    "time_text",
    "voice",
]
