"""Whom to tell of what happens to a request for quotation, in its transaction.

Each supplier is told of its own invitation alone, and buyers of each apart.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Principal, Role
from portal.access.scope import unscoped
from portal.notices.notify import notify
from portal.notices.people import members_of, people_in_role

if TYPE_CHECKING:
    from portal.rfqs.models import Rfq, RfqInvitation

_KINDS = {"invite": "rfq-new", "award": "rfq-decided", "pass-over": "rfq-decided"}


def answerers(session: Session, organisation_id: int) -> list[int]:
    """The people of a supplier who may answer."""
    return members_of(session, organisation_id, Capacity.SUPPLIER, Area.ORDERS)


def buyers_of(session: Session, rfq_id: int) -> list[int]:
    """Whoever wrote the request; all buyers where they are one no more."""
    from portal.rfqs.models import Rfq

    table = Rfq.__table__.c
    with unscoped("who wrote a request"):
        author = session.connection().scalar(sa.select(table.author_id).where(table.id == rfq_id))
    buyers = people_in_role(session, Role.BUYER)
    return [author] if author in buyers else buyers


def tell_supplier(
    session: Session, invitation: "RfqInvitation", verb: str, who: Principal, at: datetime, **params: Any
) -> None:
    people = answerers(session, invitation.organisation_id)
    _tell(people, _KINDS.get(verb, "rfq-changed"), invitation, verb, who.person_id, at, params)


def tell_buyers(
    session: Session, invitation: "RfqInvitation", verb: str, who: Principal, at: datetime, **params: Any
) -> None:
    _tell(buyers_of(session, invitation.rfq_id), "rfq-answered", invitation, verb, who.person_id, at, params)


def remind(session: Session, invitation: "RfqInvitation", until: datetime, at: datetime) -> None:
    people, params = answerers(session, invitation.organisation_id), {"until": until.isoformat()}
    _tell(people, "rfq-reminder", invitation, "remind", None, at, params)


def tell_that_it_closed(session: Session, rfq: "Rfq", invitation: "RfqInvitation", at: datetime) -> None:
    """Once for the request; the notice hangs on one of its invitations, which leads staff to the request."""
    _tell(buyers_of(session, rfq.id), "rfq-closed", invitation, "close", None, at, {})


def _tell(
    people: list[int],
    kind: str,
    invitation: "RfqInvitation",
    verb: str,
    actor_id: int | None,
    at: datetime,
    params: dict[str, Any],
) -> None:
    event = f"rfq:{invitation.id}:{verb}:{at.timestamp():.6f}"[:64]
    told = {"verb": verb, **params}
    notify(people, kind=kind, event=event, at=at, actor_id=actor_id, rfq_invitation_id=invitation.id, **told)
