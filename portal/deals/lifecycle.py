"""The life of a deal registration: one table of who moves it from where to where."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.lifecycles import Lifecycle, Transition, transitions


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


# The partner is owed a decision.
WAITING = (State.SUBMITTED, State.RESUBMITTED, State.UNDER_REVIEW)
UNDECIDED = (*WAITING, State.RETURNED)
EDITABLE = (State.DRAFT, State.RETURNED)
# A customer is, or may become, the partner's own.
CLAIMING = (*UNDECIDED, State.APPROVED)
OPEN = (*CLAIMING, State.CONVERTED)
# What staff decide on.
DECISIONS = (Verb.APPROVE, Verb.RETURN, Verb.REJECT, Verb.MARK_DUPLICATE)

TRANSITIONS: tuple[Transition[State, Verb, Side], ...] = (
    *transitions((State.DRAFT,), Verb.SUBMIT, State.SUBMITTED, Side.PARTNER, Side.STAFF),
    *transitions((State.SUBMITTED, State.RESUBMITTED), Verb.TAKE, State.UNDER_REVIEW, Side.STAFF),
    *transitions((State.UNDER_REVIEW,), Verb.PUT_BACK, State.SUBMITTED, Side.STAFF),
    *transitions((State.UNDER_REVIEW,), Verb.APPROVE, State.APPROVED, Side.STAFF),
    *transitions((State.UNDER_REVIEW,), Verb.RETURN, State.RETURNED, Side.STAFF),
    *transitions((State.UNDER_REVIEW,), Verb.REJECT, State.REJECTED, Side.STAFF),
    *transitions((State.UNDER_REVIEW,), Verb.MARK_DUPLICATE, State.DUPLICATE, Side.STAFF),
    *transitions((State.RETURNED,), Verb.RESUBMIT, State.RESUBMITTED, Side.PARTNER, Side.STAFF),
    *transitions((State.DUPLICATE,), Verb.ACCEPT_PLACE, State.SUBMITTED, Side.PARTNER, Side.STAFF),
    *transitions(UNDECIDED, Verb.WITHDRAW, State.WITHDRAWN, Side.PARTNER, Side.STAFF),
    *transitions((State.APPROVED,), Verb.CONVERT, State.CONVERTED, Side.STAFF),
    *transitions((State.APPROVED,), Verb.REVOKE, State.REVOKED, Side.STAFF),
    *transitions((State.APPROVED,), Verb.EXPIRE, State.EXPIRED, Side.CLOCK),
)

_LIFE = Lifecycle(
    TRANSITIONS, _l("The registration is in a state in which this cannot be done. Look at it again, then decide.")
)
target_of, verbs_from = _LIFE.target_of, _LIFE.verbs_from
