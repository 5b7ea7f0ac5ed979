"""The shape of a noun: its list, its rows in brief, and one of them whole. Absent fields are outside the lens."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.feeds import amounts
from portal.paging import Order as Sorting

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter of a list; `choices` are all the values that it takes, if they are known."""

    says: str
    condition: Callable[[Principal, str], Condition]
    choices: tuple[str, ...] = ()
    example: str = ""


class Noun(ABC):
    name: str
    model: ClassVar[Any]
    # As external ids name it.
    kind: ClassVar[str]
    answer: type[BaseModel]
    filters: Mapping[str, Filter] = {}
    says: str

    @abstractmethod
    def sorting(self, who: Principal) -> Sorting:
        """The order of the list: its columns are in the statement."""

    @abstractmethod
    def statement(self, who: Principal) -> sa.Select[Any]:
        """Columns of the records within reach."""

    @abstractmethod
    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        """What a list tells of each of these rows."""

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        """What one record tells beyond what a list does."""
        return {}

    def whole(self, session: Session, condition: Condition, who: Principal) -> dict[str, Any] | None:
        row = session.execute(self.statement(who).where(condition)).one_or_none()
        if row is None:
            return None
        (brief,) = self.in_brief(session, [row], who)
        return brief | self.rest(session, row, who)


class MovingNoun(Noun):
    """One that has a time of its last change, by which a list is followed."""

    def __init__(self) -> None:
        since = Filter("Changed at this time or later.", self._since, (), "2026-01-01T00:00:00Z")
        self.filters = {**self.filters, "updated_since": since}

    def _since(self, who: Principal, value: str) -> Condition:
        found: Condition = self.moved(who) >= moment(value)
        return found

    def moved(self, who: Principal) -> Any:
        """When it changed last, as far as this reader can see it move."""
        return self.model.activity_at if who.is_staff else self.model.public_at

    def sorting(self, who: Principal) -> Sorting:
        """Oldest change first, so that whoever follows misses nothing."""
        return Sorting((self.moved(who), self.model.ref))

    def updated(self, row: Any, who: Principal) -> dict[str, Any]:
        key = self.moved(who).key
        return {"updated_at": plain(getattr(row, key))}


def money(amount: int | None, currency: str) -> str | None:
    return None if amount is None else f"{amounts.major(amount, currency):f}"


def quantity(thousandths: int) -> str:
    return f"{amounts.to_decimal(thousandths, amounts.THOUSANDTHS):f}"


def rate(hundredths: int) -> str:
    return f"{amounts.to_decimal(hundredths, amounts.HUNDREDTHS):f}"


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def told(row: Any, *names: str) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in names}


def moment(value: str) -> datetime:
    """Raises ValueError for what is no time with its zone."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    # Beyond the calendar's ends no database follows.
    return found.astimezone(UTC)


def day(value: str) -> date:
    return date.fromisoformat(value)


def equals(column: Any) -> Callable[[Principal, str], Condition]:
    return lambda who, value: column == value
