"""The filters of a list, as they stand in its address; each list derives a frozen dataclass with its own fields."""

from dataclasses import fields
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import url_for


def in_address(name: str) -> str:
    """A field that is called like a word of Python ends in an underscore, of which the address knows nothing."""
    return name.rstrip("_")


class AddressFilters:
    """Every field is a text, empty where nothing is asked; `sort` has the usual order as its default."""

    __slots__ = ()
    # The list itself, and the fields that stay in sight when the others are folded.
    endpoint: ClassVar[str]
    in_sight: ClassVar[frozenset[str]] = frozenset({"q", "sort"})

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {field.name: field.default for field in fields(cls)}  # type: ignore[arg-type]  # the derived one is one

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in self.defaults() if name != "sort")

    @property
    def is_chosen(self) -> bool:
        """Whether one of the fields beside the words is not as it was: folded, they would hide it."""
        usual = self.defaults()
        hidden = usual.keys() - self.in_sight | {"sort"}
        return any(getattr(self, name) != usual[name] for name in hidden)

    def export_url(self, form: str) -> str:
        """The download of just this, as csv or xlsx."""
        return self._address(url_for(f"{self.endpoint.partition('.')[0]}.export", form=form), {})

    def url(self, endpoint: str = "", **more: str) -> str:
        """The address that shows just this, without what is not set."""
        return self._address(url_for(endpoint or self.endpoint), more)

    def _address(self, address: str, more: dict[str, str]) -> str:
        usual = self.defaults()
        values = {name: getattr(self, name) for name in usual} | more
        asked = urlencode(
            {in_address(name): value for name, value in values.items() if value and value != usual.get(name)}
        )
        return f"{address}?{asked}" if asked else address
