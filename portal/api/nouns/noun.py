"""The shape of a noun: its list, its rows in brief, and one of them whole. Absent fields are outside the lens."""

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


class Noun:
    name: str
    model: ClassVar[Any]
    # As external ids name it.
    kind: ClassVar[str]
    answer: type[BaseModel]
    filters: Mapping[str, Filter] = {}
    # Whether it has a time of its last change, by which a list is followed.
    moves: ClassVar[bool] = False
    says: str

    def sorting(self, who: Principal) -> Sorting:
        """Oldest change first, so that whoever follows misses nothing."""
        raise NotImplementedError

    def statement(self, who: Principal) -> sa.Select[Any]:
        raise NotImplementedError

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        raise NotImplementedError

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        """What one record tells beyond what a list does."""
        return {}

    def whole(self, session: Session, condition: Condition, who: Principal) -> dict[str, Any] | None:
        row = session.execute(self.statement(who).where(condition)).one_or_none()
        if row is None:
            return None
        (brief,) = self.in_brief(session, [row], who)
        return brief | self.rest(session, row, who)


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
