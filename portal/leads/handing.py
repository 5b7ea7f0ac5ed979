"""Handing a lead on: to the next partner, until one accepts or nobody is left. The system does it, in jobs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.business_hours.models import vendor_calendar
from portal.jobs.outbox import enqueue
from portal.leads.lifecycle import Side, State, Verb, target_of
from portal.leads.models import Lead, LeadCandidate, LeadOffer, OfferState
from portal.notices.leads import answerers, tell_of_exhaustion, tell_of_offer, tell_of_withdrawal


def go_on(session: Session, lead: Lead, at: datetime) -> None:
    """Close the offer whose time is over and make the next one; safe to be called at any time. The lead is locked.

    The last partner's no is known only when its time would have been over: sooner, it would tell who said it.
    """
    offers = _offers(session, lead)
    asked = next((offer for offer in offers if offer.state == OfferState.OFFERED), None)
    if lead.state != State.OFFERED:
        if asked is not None and lead.state == State.WITHDRAWN:
            asked.state = OfferState.WITHDRAWN
            tell_of_withdrawal(session, lead, asked, at)
        return
    if asked is not None:
        if at < asked.answer_by:
            return
        asked.state = OfferState.PASSED
        session.flush()
    if not _ask_next(session, lead, at) and all(offer.answer_by <= at for offer in offers):
        lead.state, lead.updated_at = target_of(lead.state, Verb.EXHAUST, Side.CLOCK), at
        tell_of_exhaustion(session, lead, at)


def _offers(session: Session, lead: Lead) -> list[LeadOffer]:
    asked = sa.select(LeadOffer).where(LeadOffer.lead_id == lead.id).with_for_update()
    return list(session.scalars(asked.execution_options(populate_existing=True)))


def _ask_next(session: Session, lead: Lead, at: datetime) -> bool:
    """Offer it to the first of those who were not asked yet and have somebody to answer."""
    waiting = (
        sa.select(LeadCandidate.organisation_id)
        .where(LeadCandidate.lead_id == lead.id)
        .where(LeadCandidate.organisation_id.not_in(_asked(lead)))
        .order_by(LeadCandidate.place)
    )
    for organisation_id in list(session.scalars(waiting)):
        if people := answerers(session, organisation_id):
            _offer(session, lead, organisation_id, people, at)
            return True
    return False


def _asked(lead: Lead) -> sa.Select[int]:
    return sa.select(LeadOffer.organisation_id).where(LeadOffer.lead_id == lead.id)


def _offer(session: Session, lead: Lead, organisation_id: int, people: list[int], at: datetime) -> None:
    assert lead.answer_hours is not None
    answer_by = vendor_calendar(session).add(at, lead.answer_hours * 60)
    offer = LeadOffer(lead_id=lead.id, organisation_id=organisation_id, offered_at=at, answer_by=answer_by)
    session.add(offer)
    session.flush()
    # The moment is its own: a partner is asked once for a lead.
    enqueue("lead.go-on", key=f"lead.lapse:{lead.ref}:{organisation_id}", run_at=answer_by, lead=lead.ref)
    tell_of_offer(session, lead, offer, people, at)
