"""What changed about an opportunity, in the reader's words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from portal.languages import date_text, percent
from portal.opportunities.words import FIELDS, STAGES


class Told(NamedTuple):
    """A field with what stood there and what stands there now; empty where nothing did. Only `is_typed` was written by
    a person."""

    field: Any
    before: str
    after: str
    is_typed: bool


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "stage": lambda value: str(STAGES.get(value, value)),
    "probability": lambda value: percent(value / 100),
    "close_on": lambda value: date_text(date.fromisoformat(value)),
}


def told(changes: Mapping[str, Any]) -> list[Told]:
    """As they are kept: before and after, by field."""
    return [
        Told(label, _words(name, before), _words(name, after), name == "next_step")
        for name, label in FIELDS.items()
        if name in changes
        for before, after in (changes[name],)
    ]


def _words(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    return _WORDS.get(name, str)(value)
