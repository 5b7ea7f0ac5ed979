"""What changed about an opportunity, in the reader's words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from portal.languages import date_text, money_text, percent
from portal.opportunities.words import FIELDS, STAGES


class Told(NamedTuple):
    """A field with what stood there and what stands there now; empty where nothing did. Only `is_typed` was written by
    a person."""

    field: Any
    before: str
    after: str
    is_typed: bool


_TYPED = frozenset({"title", "next_step"})
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "stage": lambda value: str(STAGES.get(value, value)),
    "probability": lambda value: percent(value / 100),
    "close_on": lambda value: date_text(date.fromisoformat(value)),
}


def told(changes: Mapping[str, Any], currency: str, people: Mapping[int, str]) -> list[Told]:
    """As they are kept: before and after, by field. `people`: names by id, as far as the reader may know them."""
    words: dict[str, Callable[[Any], str]] = {
        **_WORDS,
        "amount": lambda value: money_text(value, currency),
        "owner_id": lambda value: people.get(value, ""),
    }

    def in_words(name: str, value: Any) -> str:
        return "" if value is None or value == "" else words.get(name, str)(value)

    return [
        Told(label, in_words(name, before), in_words(name, after), name in _TYPED)
        for name, label in FIELDS.items()
        if name in changes
        for before, after in (changes[name],)
    ]


def people_in(every: Iterable[Mapping[str, Any]]) -> set[int]:
    """Whom these changes speak of, by id."""
    return {id for changes in every for id in changes.get("owner_id", ()) if id is not None}
