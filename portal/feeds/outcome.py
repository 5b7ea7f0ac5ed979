"""What came of one record of a feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.database import Base


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of it, in words for the reader; `lines.10.quantity` names a part."""

    field: str
    message: Any


@dataclass(slots=True)
class Outcome:
    """`before` and `after` are the record as plain values in the words of its shape; a new one was nothing before."""

    action: Action
    record: Base | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Old and new value of each field that differs."""
        old, new = flat(self.before), flat(self.after)
        return {name: (old.get(name), new.get(name)) for name in (new | old) if old.get(name) != new.get(name)}


def refused(*problems: Problem) -> Outcome:
    return Outcome(Action.REFUSE, problems=list(problems))


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """`{"lines": {"10": {"quantity": …}}}` as `{"lines.10.quantity": …}`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{part}": inner for part, inner in flat(value).items()}
        else:
            found[name] = value
    return found
