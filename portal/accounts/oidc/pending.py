"""Sign-ins that were started and have not come back yet, kept in the browser's session.

Few, short and short-lived: the session may live in a cookie, which holds 4 KB.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import session

from portal.clock import now

KEY = "sign_ins"
MOST = 5
SECONDS = 600
# As JSON. At the very worst this takes 3200 of a cookie's 4096 bytes, mostly half of that.
MOST_CHARACTERS = 2400
# What is longer is no address of the portal's own: it is forgotten, and the sign-in goes on.
LONGEST_NEXT = 1000


@dataclass(frozen=True)
class PendingSignIn:
    """What must be remembered between leaving for a provider and coming back."""

    provider: str
    redirect_uri: str
    next: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    code_verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def remember(pending: PendingSignIn) -> str:
    """Keep it and return the `state` that will fetch it; the oldest make room."""
    state = secrets.token_urlsafe(16)
    target = pending.next if pending.next and len(pending.next) <= LONGEST_NEXT else None
    entry = [
        state,
        int(now().timestamp()),
        pending.provider,
        pending.redirect_uri,
        target,
        pending.extra,
        pending.nonce,
        pending.code_verifier,
    ]
    kept = [*_alive(), entry]
    while len(kept) > 1 and (len(kept) > MOST or len(json.dumps(kept)) > MOST_CHARACTERS):
        kept.pop(0)
    session[KEY] = kept
    return state


def recall(state: str) -> PendingSignIn | None:
    """What was kept under this state, once: a second call finds nothing."""
    kept = _alive()
    found = next((entry for entry in kept if entry[0] == state), None)
    if rest := [entry for entry in kept if entry is not found]:
        session[KEY] = rest
    else:
        session.pop(KEY, None)
    return PendingSignIn(*found[2:]) if found else None


def _alive() -> list[list[Any]]:
    """What is young enough, oldest first."""
    at = now().timestamp()
    kept: list[list[Any]] = session.get(KEY, [])
    return [entry for entry in kept if at - entry[1] < SECONDS]
