"""The life of a deal registration: one table of who moves it from where to where."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.errors import RuleBroken


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under-review"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    APPROVED = "approved"
    CONVERTED = "converted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Verb(StrEnum):
    SUBMIT = "submit"
    TAKE = "take"
    PUT_BACK = "put-back"
    RETURN = "return"
    RESUBMIT = "resubmit"
    APPROVE = "approve"
    REJECT = "reject"
    MARK_DUPLICATE = "mark-duplicate"
    ACCEPT_PLACE = "accept-place"
    WITHDRAW = "withdraw"
    CONVERT = "convert"
    REVOKE = "revoke"
    EXPIRE = "expire"


class Side(StrEnum):
    """Who moves it: the partner, staff on the partner's behalf too, the channel managers, or the portal's own clock."""

    PARTNER = "partner"
    STAFF = "staff"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    verb: Verb
    target: State
    sides: frozenset[Side]


def _rows(sources: tuple[State, ...], verb: Verb, target: State, *sides: Side) -> tuple[Transition, ...]:
    return tuple(Transition(source, verb, target, frozenset(sides)) for source in sources)


# The partner is owed a decision.
WAITING = (State.SUBMITTED, State.RESUBMITTED, State.UNDER_REVIEW)
UNDECIDED = (*WAITING, State.RETURNED)
EDITABLE = (State.DRAFT, State.RETURNED)
# A customer is, or may become, the partner's own.
CLAIMING = (*UNDECIDED, State.APPROVED)
OPEN = (*CLAIMING, State.CONVERTED)
# What staff decide on.
DECISIONS = (Verb.APPROVE, Verb.RETURN, Verb.REJECT, Verb.MARK_DUPLICATE)

TRANSITIONS: tuple[Transition, ...] = (
    *_rows((State.DRAFT,), Verb.SUBMIT, State.SUBMITTED, Side.PARTNER, Side.STAFF),
    *_rows((State.SUBMITTED, State.RESUBMITTED), Verb.TAKE, State.UNDER_REVIEW, Side.STAFF),
    *_rows((State.UNDER_REVIEW,), Verb.PUT_BACK, State.SUBMITTED, Side.STAFF),
    *_rows((State.UNDER_REVIEW,), Verb.APPROVE, State.APPROVED, Side.STAFF),
    *_rows((State.UNDER_REVIEW,), Verb.RETURN, State.RETURNED, Side.STAFF),
    *_rows((State.UNDER_REVIEW,), Verb.REJECT, State.REJECTED, Side.STAFF),
    *_rows((State.UNDER_REVIEW,), Verb.MARK_DUPLICATE, State.DUPLICATE, Side.STAFF),
    *_rows((State.RETURNED,), Verb.RESUBMIT, State.RESUBMITTED, Side.PARTNER, Side.STAFF),
    *_rows((State.DUPLICATE,), Verb.ACCEPT_PLACE, State.SUBMITTED, Side.PARTNER, Side.STAFF),
    *_rows(UNDECIDED, Verb.WITHDRAW, State.WITHDRAWN, Side.PARTNER, Side.STAFF),
    *_rows((State.APPROVED,), Verb.CONVERT, State.CONVERTED, Side.STAFF),
    *_rows((State.APPROVED,), Verb.REVOKE, State.REVOKED, Side.STAFF),
    *_rows((State.APPROVED,), Verb.EXPIRE, State.EXPIRED, Side.CLOCK),
)

_NOT_NOW = _l("The registration is in a state in which this cannot be done. Look at it again, then decide.")


def target_of(state: str, verb: Verb, side: Side) -> State:
    """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
    for row in TRANSITIONS:
        if row.source == state and row.verb == verb and side in row.sides:
            return row.target
    raise RuleBroken(_NOT_NOW)


def verbs_from(state: str, side: Side) -> list[Verb]:
    """What can be done from this state, in the order of the table."""
    return [row.verb for row in TRANSITIONS if row.source == state and side in row.sides]
