"""Whom to tell of what happens to a lead, in its transaction: those who may answer, and those who handed it out."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import unscoped
from portal.accounts.models import Membership, Person
from portal.notices.notify import notify

if TYPE_CHECKING:
    from portal.leads.models import Lead, LeadOffer

_person, _member = Person.__table__.c, Membership.__table__.c


def answerers(session: Session, organisation_id: int) -> list[int]:
    """The people of a partner who may accept or decline."""
    statement = (
        sa.select(_person.id)
        .select_from(Person.__table__.join(Membership.__table__, _member.person_id == _person.id))
        .where(
            _member.organisation_id == organisation_id,
            _member.ended_at.is_(None),
            _member.in_deals,
            _member.is_partner,
            _person.disabled_at.is_(None),
            _person.is_staff.is_(False),
        )
        .order_by(_person.id)
    )
    with unscoped("who may answer"):
        return list(session.connection().execute(statement).scalars())


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
