"""Whom to tell of what happens to a lead, in its transaction: those who may answer, and those who handed it out."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Principal
from portal.notices.notify import notify
from portal.notices.people import members_of

if TYPE_CHECKING:
    from portal.leads.models import Lead, LeadOffer


def answerers(session: Session, organisation_id: int) -> list[int]:
    """The people of a partner who may accept or decline."""
    return members_of(session, organisation_id, Capacity.PARTNER, Area.DEALS)


def tell_of_offer(session: Session, lead: "Lead", offer: "LeadOffer", people: Iterable[int], at: datetime) -> None:
    until = offer.answer_by.isoformat()
    event = f"lead:{lead.id}:offer:{offer.organisation_id}"
    notify(people, kind="lead-offered", event=event, at=at, lead=lead.ref, verb="offer", until=until)


def tell_of_withdrawal(session: Session, lead: "Lead", offer: "LeadOffer", at: datetime) -> None:
    """At the bell alone: there is nothing left to be read or done."""
    people = answerers(session, offer.organisation_id)
    event = f"lead:{lead.id}:withdraw:{offer.organisation_id}"
    notify(people, kind="lead-offered", event=event, at=at, by_mail=False, verb="withdraw")


def tell_of_acceptance(session: Session, lead: "Lead", who: Principal, at: datetime) -> None:
    event = f"lead:{lead.id}:accept"
    notify(_staff(lead), kind="lead-answered", event=event, at=at, actor_id=who.person_id, lead=lead.ref, verb="accept")


def tell_of_exhaustion(session: Session, lead: "Lead", at: datetime) -> None:
    event = f"lead:{lead.id}:exhaust:{at.timestamp():.0f}"
    notify(_staff(lead), kind="lead-answered", event=event, at=at, lead=lead.ref, verb="exhaust")


def _staff(lead: "Lead") -> set[int | None]:
    """Whoever wrote it and whoever handed it out."""
    return {lead.created_by_id, lead.handed_out_by_id}
