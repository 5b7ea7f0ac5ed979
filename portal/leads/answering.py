"""What the partner that is asked says: yes, and it has a draft of a registration; or nothing that anybody learns of."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.database import session_of
from portal.deals.models import Deal, DealLine
from portal.deals.programmes import Programme
from portal.errors import RuleBroken
from portal.leads.lifecycle import Side, Verb, target_of
from portal.leads.models import Lead, LeadCustomer, LeadOffer, OfferState
from portal.notices.leads import tell_of_acceptance
from portal.organisations.models import record_activity

# Until somebody knows better: when the deal is expected to close.
CLOSES_IN = timedelta(days=90)

_ANSWERED = _l("Your company has answered already.")
_TOO_LATE = _l("The time to answer is over.")


def offer_to(session: Session, who: Principal, lead: Lead) -> LeadOffer | None:
    """The offer of their own company, as it stands now."""
    mine = sa.select(LeadOffer).where(LeadOffer.lead_id == lead.id, LeadOffer.organisation_id == who.organisation_id)
    return session.scalars(mine.execution_options(populate_existing=True)).one_or_none()


def accept(offer: LeadOffer, who: Principal, at: datetime) -> Deal:
    """Take the lead: it becomes a draft of a registration that its author can hand in. The lead is locked.

    Raises RuleBroken where it was answered, or the time is over.
    """
    _check_open(offer, at)
    session, lead = session_of(offer), offer.lead
    lead.state = target_of(lead.state, Verb.ACCEPT, Side.PARTNER)
    lead.partner_id, lead.accepted_at, lead.updated_at = offer.organisation_id, at, at
    offer.state, offer.answered_by_id = OfferState.ACCEPTED, who.person_id
    # From here on the customer is theirs to read.
    session.flush()
    customer = session.scalars(sa.select(LeadCustomer).where(LeadCustomer.lead_id == lead.id)).one()
    deal = _draft(session, lead, customer, who, at)
    session.add(deal)
    session.flush()
    lead.deal_id = deal.id
    concerns: dict[int, Capacity | None] = {offer.organisation_id: Capacity.PARTNER}
    if customer.organisation_id is not None:
        concerns.setdefault(customer.organisation_id, Capacity.CUSTOMER)
    mine = frozenset({offer.organisation_id})
    session.add(
        record_activity("lead-accepted", at=at, actor_id=who.person_id, concerns=concerns, readers=mine, lead=lead.ref)
    )
    tell_of_acceptance(session, lead, who, at)
    return deal


def decline(offer: LeadOffer, who: Principal, at: datetime) -> None:
    """Leave it to others: what is written is what is written when nobody answers. The lead is locked.

    Raises RuleBroken where it was answered, or the time is over.
    """
    _check_open(offer, at)
    lead = offer.lead
    target_of(lead.state, Verb.PASS, Side.PARTNER)
    offer.state = OfferState.PASSED
    lead.go_on_later()


def _check_open(offer: LeadOffer, at: datetime) -> None:
    if offer.state != OfferState.OFFERED:
        raise RuleBroken(_ANSWERED)
    if at >= offer.answer_by:
        raise RuleBroken(_TOO_LATE)


def _draft(session: Session, lead: Lead, customer: LeadCustomer, who: Principal, at: datetime) -> Deal:
    programmes = session.scalars(sa.select(Programme).where(Programme.is_open).order_by(Programme.id)).all()
    programme = next((p for p in programmes if p.currency == lead.currency), next(iter(programmes), None))
    deal = Deal(
        organisation_id=who.organisation_id,
        author_id=who.person_id,
        created_by_id=who.person_id,
        programme_id=programme.id if programme else None,
        customer_name=customer.name,
        customer_domain=customer.domain,
        customer_country=lead.country,
        contact_name=customer.contact_name,
        contact_role=customer.contact_role,
        contact_email=customer.contact_email,
        contact_phone=customer.contact_phone,
        amount=lead.amount,
        currency=lead.currency,
        close_on=(at + CLOSES_IN).date(),
        source=lead.source,
        description=lead.description,
        created_at=at,
    )
    deal.lines = [
        DealLine(position=line.position, product_id=line.product_id, quantity=line.quantity or 1) for line in lead.lines
    ]
    return deal
