"""The life of a lead: one table of who moves it from where to where."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.errors import RuleBroken


class State(StrEnum):
    DRAFT = "draft"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXHAUSTED = "exhausted"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    HAND_OUT = "hand-out"
    ACCEPT = "accept"
    PASS = "pass"
    EXHAUST = "exhaust"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Who moves it: channel managers, the partner that is asked, or the portal's own clock."""

    STAFF = "staff"
    PARTNER = "partner"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    verb: Verb
    target: State
    sides: frozenset[Side]


def _rows(sources: tuple[State, ...], verb: Verb, target: State, *sides: Side) -> tuple[Transition, ...]:
    return tuple(Transition(source, verb, target, frozenset(sides)) for source in sources)


TRANSITIONS: tuple[Transition, ...] = (
    *_rows((State.DRAFT, State.EXHAUSTED), Verb.HAND_OUT, State.OFFERED, Side.STAFF),
    *_rows((State.OFFERED,), Verb.ACCEPT, State.ACCEPTED, Side.PARTNER),
    # Declining and letting the time lapse are one verb: nobody is to tell them apart.
    *_rows((State.OFFERED,), Verb.PASS, State.OFFERED, Side.PARTNER, Side.CLOCK),
    *_rows((State.OFFERED,), Verb.EXHAUST, State.EXHAUSTED, Side.CLOCK),
    *_rows((State.DRAFT, State.OFFERED, State.EXHAUSTED), Verb.WITHDRAW, State.WITHDRAWN, Side.STAFF),
)

_NOT_NOW = _l("The lead is in a state in which this cannot be done. Look at it again, then decide.")


def target_of(state: str, verb: Verb, side: Side) -> State:
    """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
    for row in TRANSITIONS:
        if row.source == state and row.verb == verb and side in row.sides:
            return row.target
    raise RuleBroken(_NOT_NOW)


def can(state: str, verb: Verb, side: Side) -> bool:
    return any(row.source == state and row.verb == verb and side in row.sides for row in TRANSITIONS)
