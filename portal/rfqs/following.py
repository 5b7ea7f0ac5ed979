"""What follows from each step, in its transaction: the entry in the contact history, and who is told.

One entry and one telling for each invitation: what is said to several suppliers is said to each of them apart.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.database import session_of
from portal.notices.rfqs import tell_buyers, tell_supplier, tell_that_it_closed
from portal.organisations.models import record_activity
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.requests import Rfq

BY_SUPPLIER = frozenset({"ask", "offer", "revise", "withdraw", "decline"})
# Written down, but no news: whoever did it knows.
_UNTOLD = frozenset({"order"})


def follow(invitation: RfqInvitation, verb: str, who: Principal, at: datetime, **params: Any) -> None:
    """Write it into the history of this supplier alone, and tell the other side; `params` are for the sentences."""
    session = session_of(invitation)
    session.flush()
    session.add(
        record_activity(
            f"rfq-{verb}",
            at=at,
            actor_id=who.person_id,
            concerns={invitation.organisation_id: Capacity.SUPPLIER},
            readers=frozenset({invitation.organisation_id}),
            rfq_invitation_id=invitation.id,
        )
    )
    if verb in _UNTOLD:
        return
    tell = tell_buyers if verb in BY_SUPPLIER else tell_supplier
    tell(session, invitation, verb, who, at, **params)


def follow_all(invitations: Iterable[RfqInvitation], verb: str, who: Principal, at: datetime, **params: Any) -> None:
    for invitation in invitations:
        follow(invitation, verb, who, at, **params)


def follow_close(session: Session, rfq: Rfq, invitations: list[RfqInvitation], at: datetime) -> None:
    """Buyers alone hear of it: suppliers have known the time all along."""
    tell_that_it_closed(session, rfq, invitations[0], at)
