"""What categories, priorities and states are called, in the reader's language; outsiders hear the public states."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.languages import voice
from portal.tickets.lifecycle import PUBLIC_STATES, State, Verb
from portal.tickets.models import Category, Priority

Words = Mapping[Any, Any]

CATEGORIES: Words = {
    Category.QUESTION: _l("Question"),
    Category.PROBLEM: _l("Problem"),
    Category.COMPLAINT: _l("Complaint"),
    Category.CLAIM: _l("Claim"),
    Category.REQUEST: _l("Request"),
}

CATEGORY_HELP: Words = {
    Category.QUESTION: _l("You would like to know something."),
    Category.PROBLEM: _l("Something does not work as it should."),
    Category.COMPLAINT: _l("You are not content with how we served you."),
    Category.CLAIM: _l("Something is faulty and should be repaired, replaced or refunded."),
    Category.REQUEST: _l("You would like us to do something for you."),
}

PRIORITIES: Words = {
    Priority.LOW: _l("Low"),
    Priority.NORMAL: _l("Normal"),
    Priority.HIGH: _l("High"),
    Priority.URGENT: _l("Urgent"),
}

# The tones of badges: see `ui.badge`.
PRIORITY_TONES: Mapping[Any, str] = {Priority.HIGH: "waiting", Priority.URGENT: "danger"}

STATES: Words = {
    State.NEW: _l("New"),
    State.OPEN: _l("Open"),
    State.WAITING: _l("Waiting for customer"),
    State.ON_HOLD: _l("On hold"),
    State.RESOLVED: _l("Resolved"),
    State.CLOSED: _l("Closed"),
}

STATE_TONES: Mapping[Any, str] = {
    State.NEW: "new",
    State.OPEN: "progress",
    State.WAITING: "waiting",
    State.ON_HOLD: "neutral",
    State.RESOLVED: "done",
    State.CLOSED: "neutral",
}

PUBLIC_WORDS: Words = {
    "received": _l("Received"),
    "in-progress": _l("In progress"),
    "waiting-for-you": _l("Waiting for you"),
    "solved": _l("Solved"),
    "closed": _l("Closed"),
}

PUBLIC_TONES: Mapping[str, str] = {
    "received": "new",
    "in-progress": "progress",
    "waiting-for-you": "waiting",
    "solved": "done",
    "closed": "neutral",
}

# On the buttons of the staff.
VERBS: Words = {
    Verb.START: _l("Start work"),
    Verb.ASK: _l("Wait for customer"),
    Verb.HOLD: _l("Put on hold"),
    Verb.RESUME: _l("Resume"),
    Verb.RESOLVE: _l("Resolve"),
    Verb.CLOSE: _l("Close ticket"),
    Verb.REOPEN: _l("Reopen"),
    Verb.ANSWER: _l("The customer answers"),
}


def state_words(state: str, *, staff: bool) -> Any:
    """The state as staff or as outsiders are told it."""
    known = State(state)
    return STATES[known] if staff else PUBLIC_WORDS[PUBLIC_STATES[known]]


def state_tone(state: str, *, staff: bool) -> str:
    known = State(state)
    return STATE_TONES[known] if staff else PUBLIC_TONES[PUBLIC_STATES[known]]


def states_told(*, staff: bool) -> dict[str, tuple[str, str]]:
    """What each state is called and its tone, by the names that staff or outsiders know it by."""
    return _states_told(voice().language, staff)


@cache
def _states_told(language: str, staff: bool) -> dict[str, tuple[str, str]]:
    """In the language that is in force."""
    words, tones = (STATES, STATE_TONES) if staff else (PUBLIC_WORDS, PUBLIC_TONES)
    return {name: (str(word), tones[name]) for name, word in words.items()}
