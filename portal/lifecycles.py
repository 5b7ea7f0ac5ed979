"""The one table of a life: from which state which verb leads where, and who may."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from portal.errors import RuleBroken

S = TypeVar("S")
V = TypeVar("V")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, V, D]):
    source: S
    verb: V
    target: S
    sides: frozenset[D]


def transitions(sources: Iterable[S], verb: V, target: S, *sides: D) -> tuple[Transition[S, V, D], ...]:
    """The same step from each of these states."""
    return tuple(Transition(source, verb, target, frozenset(sides)) for source in sources)


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, V, D]):
    """`refusal`: what a person is told who asks for what the table does not have."""

    rows: tuple[Transition[S, V, D], ...]
    refusal: Any

    def target_of(self, state: str, verb: V, side: D) -> S:
        """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
        for row in self.rows:
            if row.source == state and row.verb == verb and side in row.sides:
                return row.target
        raise RuleBroken(self.refusal)

    def verb_between(self, state: str, target: str, side: D) -> V:
        """What that side does to bring it from one state to the other; raises RuleBroken where it cannot."""
        for row in self.rows:
            if row.source == state and row.target == target and side in row.sides:
                return row.verb
        raise RuleBroken(self.refusal)

    def verbs_from(self, state: str, side: D) -> list[V]:
        """What can be done from this state, in the order of the table."""
        return [row.verb for row in self.rows if row.source == state and side in row.sides]
