"""Who reaches leads, and what of them. Raw tables are for this kind of file alone.

Channel managers and auditors read every lead, its customer, and whom they chose. The offers are between the portal and
the partner that is asked: a partner reads its own, and by it the lead, while it is asked and when it has accepted.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from portal.access import Action, Level, Principal
from portal.access.scope import Change, Condition, changed_fields, register, unscoped
from portal.clock import now
from portal.database import UtcDateTime
from portal.leads.lifecycle import State
from portal.leads.models import Lead, LeadCandidate, LeadCustomer, LeadLine, LeadOffer, OfferState, PartnerSkill

# What an acceptance changes of the lead.
_ANSWERED = frozenset({"state", "partner_id", "partner", "accepted_at", "deal_id", "updated_at"})
# Rules are put together once: what time it is goes in when they are asked.
_NOW = sa.bindparam("leads_asked_now", callable_=lambda: now(), type_=UtcDateTime())


def _offered(lead: Any, offer: Any, who: Principal) -> Condition:
    """Their own company is asked at this moment."""
    return sa.and_(
        offer.organisation_id == who.organisation_id,
        offer.state == OfferState.OFFERED,
        offer.answer_by > _NOW,
        lead.state == State.OFFERED,
    )


def _accepted(offer: Any, who: Principal) -> Condition:
    """They have accepted it themselves; of their administrators, anybody of the company."""
    accepted = sa.and_(offer.organisation_id == who.organisation_id, offer.state == OfferState.ACCEPTED)
    if who.acting is not None and who.acting.level == Level.ADMIN:
        return accepted
    return sa.and_(accepted, offer.answered_by_id == who.person_id)


def lead_readable(lead: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    if not who.may(Action.LEAD_READ):
        return sa.false()
    if who.is_staff:
        return sa.true()
    offer = LeadOffer.__table__.alias().c
    return sa.exists().where(offer.lead_id == lead.id, sa.or_(_offered(lead, offer, who), _accepted(offer, who)))


def of_readable_lead(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    lead = Lead.__table__.alias()
    return sa.exists().where(lead.c.id == column, lead_readable(lead.c, who))


def _offer_reads(who: Principal) -> Condition:
    if who.is_staff or not who.may(Action.LEAD_READ):
        return sa.false()
    lead = Lead.__table__.alias()
    asked = sa.exists().where(lead.c.id == LeadOffer.lead_id, _offered(lead.c, LeadOffer, who))
    return sa.or_(asked, _accepted(LeadOffer, who))


def _customer_reads(who: Principal) -> Condition:
    if not who.may(Action.LEAD_READ):
        return sa.false()
    if who.is_staff:
        return sa.true()
    offer = LeadOffer.__table__.alias().c
    return sa.exists().where(offer.lead_id == LeadCustomer.lead_id, _accepted(offer, who))


def _staff_read(who: Principal) -> Condition:
    return sa.true() if who.is_staff and who.may(Action.LEAD_READ) else sa.false()


def _keeps(who: Principal) -> bool:
    return who.is_staff and who.may(Action.LEAD_HAND_OUT)


def _lead_writes(who: Principal, lead: Lead, change: Change) -> bool:
    if _keeps(who):
        return change == Change.UPDATE or (lead.state == State.DRAFT and lead.created_by_id is not None)
    is_theirs = who.may(Action.LEAD_ANSWER) and lead.partner_id == who.organisation_id
    return change == Change.UPDATE and is_theirs and changed_fields(lead) <= _ANSWERED


def _part_writes(who: Principal, part: LeadCustomer | LeadLine, change: Change) -> bool:
    return _keeps(who) and (part.lead is None or part.lead.is_editable)


def _candidate_writes(who: Principal, candidate: LeadCandidate, change: Change) -> bool:
    return _keeps(who) and change == Change.INSERT and not is_own(object_session(candidate), who, candidate)


def is_own(session: Session | None, who: Principal, candidate: LeadCandidate) -> bool:
    """Whether it is a company of theirs: nobody hands a lead to their own."""
    from portal.accounts.models import Membership

    member = Membership.__table__.c
    belongs = sa.select(member.id).where(
        member.person_id == who.person_id,
        member.organisation_id == candidate.organisation_id,
        member.ended_at.is_(None),
    )
    assert session is not None
    with unscoped("whose company it is"):
        return session.connection().execute(belongs.limit(1)).first() is not None


def _offer_writes(who: Principal, offer: LeadOffer, change: Change) -> bool:
    is_theirs = who.may(Action.LEAD_ANSWER) and offer.organisation_id == who.organisation_id
    return change == Change.UPDATE and is_theirs and changed_fields(offer) <= {"state", "answered_by_id"}


def _skill_writes(who: Principal, skill: PartnerSkill, change: Change) -> bool:
    return _keeps(who) and change != Change.UPDATE


def passed(session: Session, lead_id: int, at: datetime) -> int:
    """How many partners have not taken it. Each counts from when its time was over, also where it said no before:
    the number moves at moments that tell nothing."""
    offer = LeadOffer.__table__.c
    count = sa.select(sa.func.count()).where(
        offer.lead_id == lead_id, offer.state == OfferState.PASSED, offer.answer_by <= at
    )
    with unscoped("how many have passed"):
        return session.connection().scalar(count) or 0


register(Lead, reads=lambda who: lead_readable(Lead, who), writes=_lead_writes)
register(LeadCustomer, reads=_customer_reads, writes=_part_writes)
register(LeadLine, reads=lambda who: of_readable_lead(LeadLine.lead_id, who), writes=_part_writes)
register(LeadCandidate, reads=_staff_read, writes=_candidate_writes)
register(LeadOffer, reads=_offer_reads, writes=_offer_writes)
register(PartnerSkill, reads=_staff_read, writes=_skill_writes)
