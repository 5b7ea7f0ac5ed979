"""Who reads and who sets the business calendar."""

from typing import Any

import sqlalchemy as sa

from portal.access import Action, Kind, Principal
from portal.access.scope import Change, Condition, register
from portal.business_hours.models import BusinessHours


def _reads(who: Principal) -> Condition:
    """Everybody who is known: whatever is due for them is counted by it."""
    return sa.false() if who.kind == Kind.ANONYMOUS else sa.true()


def _writes(who: Principal, hours: Any, change: Change) -> bool:
    return change != Change.DELETE and who.may(Action.HOURS_MANAGE)


register(BusinessHours, reads=_reads, writes=_writes)
