"""The states of a ticket: one table of who moves it from where to where, and how outsiders are told."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.errors import RuleBroken

REOPEN_WITHIN = timedelta(days=30)


class State(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on-hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Verb(StrEnum):
    START = "start"
    ASK = "ask"
    HOLD = "hold"
    RESUME = "resume"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    ANSWER = "answer"  # an outsider's reply


class Side(StrEnum):
    OUTSIDERS = "outsiders"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    verb: Verb
    target: State
    sides: frozenset[Side]


def _rows(sources: tuple[State, ...], verb: Verb, target: State, *sides: Side) -> tuple[Transition, ...]:
    return tuple(Transition(source, verb, target, frozenset(sides)) for source in sources)


_IN_HAND = (State.NEW, State.OPEN, State.WAITING, State.ON_HOLD)

TRANSITIONS: tuple[Transition, ...] = (
    *_rows((State.NEW,), Verb.START, State.OPEN, Side.STAFF),
    *_rows((State.NEW, State.OPEN, State.ON_HOLD), Verb.ASK, State.WAITING, Side.STAFF),
    *_rows((State.NEW, State.OPEN, State.WAITING), Verb.HOLD, State.ON_HOLD, Side.STAFF),
    *_rows((State.WAITING, State.ON_HOLD), Verb.RESUME, State.OPEN, Side.STAFF),
    *_rows(_IN_HAND, Verb.RESOLVE, State.RESOLVED, Side.STAFF),
    *_rows((*_IN_HAND, State.RESOLVED), Verb.CLOSE, State.CLOSED, Side.STAFF, Side.OUTSIDERS),
    *_rows((State.RESOLVED, State.CLOSED), Verb.REOPEN, State.OPEN, Side.STAFF, Side.OUTSIDERS),
    *_rows((State.WAITING, State.RESOLVED, State.CLOSED), Verb.ANSWER, State.OPEN, Side.OUTSIDERS),
)

# What outsiders are told: being on hold is our affair.
PUBLIC_STATES = {
    State.NEW: "received",
    State.OPEN: "in-progress",
    State.WAITING: "waiting-for-you",
    State.ON_HOLD: "in-progress",
    State.RESOLVED: "solved",
    State.CLOSED: "closed",
}


def target_of(state: str, verb: Verb, side: Side) -> State:
    """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
    for row in TRANSITIONS:
        if row.source == state and row.verb == verb and side in row.sides:
            return row.target
    raise RuleBroken(_l("The ticket is in a state in which this cannot be done. Look at it again, then decide."))


def verbs_from(state: str, side: Side) -> list[Verb]:
    """What can be done from this state, in the order of the table."""
    return [row.verb for row in TRANSITIONS if row.source == state and side in row.sides and row.verb != Verb.ANSWER]
