"""Whom to tell that an administrator opened break-glass access. Called beside the verb, in its transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.break_glass import BreakGlass, other_admins
from portal.notices.notify import notify


def tell_of_break_glass(session: Session, glass: BreakGlass, at: datetime) -> int:
    """All other administrators, at the bell and by mail; returns how many that are."""
    return notify(
        [other.id for other in other_admins(session, glass.person_id)],
        kind="break-glass",
        event=f"break-glass:{glass.ref}",
        at=at,
        actor_id=glass.person_id,
        reason=glass.reason,
        until=glass.ends_at.isoformat(),
    )
