"""The states of a ticket: one table of who moves it from where to where, and how outsiders are told."""

from datetime import timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.lifecycles import Lifecycle, Transition, transitions

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


_IN_HAND = (State.NEW, State.OPEN, State.WAITING, State.ON_HOLD)

TRANSITIONS: tuple[Transition[State, Verb, Side], ...] = (
    *transitions((State.NEW,), Verb.START, State.OPEN, Side.STAFF),
    *transitions((State.NEW, State.OPEN, State.ON_HOLD), Verb.ASK, State.WAITING, Side.STAFF),
    *transitions((State.NEW, State.OPEN, State.WAITING), Verb.HOLD, State.ON_HOLD, Side.STAFF),
    *transitions((State.WAITING, State.ON_HOLD), Verb.RESUME, State.OPEN, Side.STAFF),
    *transitions(_IN_HAND, Verb.RESOLVE, State.RESOLVED, Side.STAFF),
    *transitions((*_IN_HAND, State.RESOLVED), Verb.CLOSE, State.CLOSED, Side.STAFF, Side.OUTSIDERS),
    *transitions((State.RESOLVED, State.CLOSED), Verb.REOPEN, State.OPEN, Side.STAFF, Side.OUTSIDERS),
    *transitions((State.WAITING, State.RESOLVED, State.CLOSED), Verb.ANSWER, State.OPEN, Side.OUTSIDERS),
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


_LIFE = Lifecycle(
    TRANSITIONS, _l("The ticket is in a state in which this cannot be done. Look at it again, then decide.")
)
target_of = _LIFE.target_of


def verbs_from(state: str, side: Side) -> list[Verb]:
    """What can be done from this state by itself, in the order of the table: answering comes with a message."""
    return [verb for verb in _LIFE.verbs_from(state, side) if verb != Verb.ANSWER]
