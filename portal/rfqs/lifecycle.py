"""The life of a request for quotation, and that of each invitation to it: one table each of who moves what to where.

A supplier sees the life of its own invitation alone; where the request stands is the buyers' affair.
"""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.lifecycles import Lifecycle, transitions


class State(StrEnum):
    """Of the request, as buyers see it."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    AWARDED = "awarded"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """Of one supplier's invitation."""

    # A buyer has put it on the list of a draft: the supplier knows nothing of it.
    CHOSEN = "chosen"
    INVITED = "invited"
    OFFERED = "offered"
    DECLINED = "declined"
    WON = "won"
    NOT_WON = "not-won"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    SEND = "send"
    EXTEND = "extend"
    CLOSE = "close"
    AWARD = "award"
    CANCEL = "cancel"
    INVITE = "invite"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    DECLINE = "decline"
    PASS_OVER = "pass-over"


class Side(StrEnum):
    """Who moves it: buyers, the supplier that is invited, or the portal's own clock."""

    BUYER = "buyer"
    SUPPLIER = "supplier"
    CLOCK = "clock"


_NOT_NOW = _l("This cannot be done any more. Look at the request again, then decide.")

# The time that suppliers were promised is never cut short: it may be extended, also once it is over.
_OF_REQUEST = (
    *transitions((State.DRAFT,), Verb.SEND, State.OPEN, Side.BUYER),
    *transitions((State.OPEN, State.CLOSED), Verb.EXTEND, State.OPEN, Side.BUYER),
    *transitions((State.OPEN,), Verb.CLOSE, State.CLOSED, Side.CLOCK),
    *transitions((State.CLOSED,), Verb.AWARD, State.AWARDED, Side.BUYER),
    *transitions((State.OPEN, State.CLOSED), Verb.CANCEL, State.CANCELLED, Side.BUYER),
)

_ASKED = (Answer.INVITED, Answer.OFFERED, Answer.DECLINED)
_OF_INVITATION = (
    *transitions((Answer.CHOSEN,), Verb.INVITE, Answer.INVITED, Side.BUYER),
    *transitions(_ASKED, Verb.OFFER, Answer.OFFERED, Side.SUPPLIER),
    *transitions((Answer.OFFERED,), Verb.WITHDRAW, Answer.INVITED, Side.SUPPLIER),
    *transitions((Answer.INVITED, Answer.OFFERED), Verb.DECLINE, Answer.DECLINED, Side.SUPPLIER),
    *transitions((Answer.OFFERED,), Verb.AWARD, Answer.WON, Side.BUYER),
    *transitions((Answer.OFFERED,), Verb.PASS_OVER, Answer.NOT_WON, Side.BUYER),
    *transitions(_ASKED, Verb.CANCEL, Answer.CANCELLED, Side.BUYER),
)

REQUEST: Lifecycle[State, Verb, Side] = Lifecycle(_OF_REQUEST, _NOT_NOW)
INVITATION: Lifecycle[Answer, Verb, Side] = Lifecycle(_OF_INVITATION, _NOT_NOW)
