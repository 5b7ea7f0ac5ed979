"""The life of a lead: one table of who moves it from where to where."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.lifecycles import Lifecycle, Transition, transitions


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


TRANSITIONS: tuple[Transition[State, Verb, Side], ...] = (
    *transitions((State.DRAFT, State.EXHAUSTED), Verb.HAND_OUT, State.OFFERED, Side.STAFF),
    *transitions((State.OFFERED,), Verb.ACCEPT, State.ACCEPTED, Side.PARTNER),
    # Declining and letting the time lapse are one verb: nobody is to tell them apart.
    *transitions((State.OFFERED,), Verb.PASS, State.OFFERED, Side.PARTNER, Side.CLOCK),
    *transitions((State.OFFERED,), Verb.EXHAUST, State.EXHAUSTED, Side.CLOCK),
    *transitions((State.DRAFT, State.OFFERED, State.EXHAUSTED), Verb.WITHDRAW, State.WITHDRAWN, Side.STAFF),
)

_LIFE = Lifecycle(
    TRANSITIONS, _l("The lead is in a state in which this cannot be done. Look at it again, then decide.")
)
target_of = _LIFE.target_of


def can(state: str, verb: Verb, side: Side) -> bool:
    return verb in _LIFE.verbs_from(state, side)
