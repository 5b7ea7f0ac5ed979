"""What is known of the partners that a lead could be handed to: a handful of statements, however many there are."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.accounts.models import Membership, Person
from portal.deals.lifecycle import CLAIMING
from portal.deals.models import Deal
from portal.leads.lifecycle import State
from portal.leads.models import Lead, LeadCandidate, PartnerSkill
from portal.leads.ranking import Candidate, Ranked, rank
from portal.opportunities.models import Opportunity, Status
from portal.organisations.models import Organisation

# Nobody reads further down, nor is asked.
MOST_RANKED = 20
MOST_KNOWN = 1000
WINS_COUNT = timedelta(days=730)
# So long does an accepted lead count as work before there is a registration of it to be seen.
FRESH = timedelta(days=30)


def ranked_for(session: Session, who: Principal, lead: Lead, at: datetime) -> list[Ranked]:
    """Partners with somebody to answer, the best first; none of the reader's own, and none that was chosen before."""
    partners = list(session.execute(_partners(who, lead)))
    ids = [row.id for row in partners]
    skills: dict[int, set[int]] = {}
    known = sa.select(PartnerSkill.organisation_id, PartnerSkill.product_id)
    for row in session.execute(known.where(PartnerSkill.organisation_id.in_(ids))):
        skills.setdefault(row.organisation_id, set()).add(row.product_id)
    loads = [_counts(session, statement) for statement in _loads(ids, at)]
    wins = _counts(session, _wins(ids, at))
    candidates = [
        Candidate(
            organisation_id=row.id,
            ref=row.ref,
            name=row.name,
            country=row.country,
            language=row.language,
            tier=row.partner_tier,
            skills=frozenset(skills.get(row.id, ())),
            load=sum(load.get(row.id, 0) for load in loads),
            wins=wins.get(row.id, 0),
        )
        for row in partners
    ]
    return rank(candidates, lead.country, lead.product_ids)[:MOST_RANKED]


def _counts(session: Session, statement: sa.Select[Any, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(statement)}


def _partners(who: Principal, lead: Lead) -> sa.Select[int, str, str, str, str, str]:
    somebody = (
        sa.select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id == Organisation.id,
            Membership.is_partner,
            Membership.in_deals,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
            Person.is_staff.is_(False),
        )
    )
    own = sa.select(Membership.organisation_id).where(
        Membership.person_id == who.person_id, Membership.ended_at.is_(None)
    )
    before = sa.select(LeadCandidate.organisation_id).where(LeadCandidate.lead_id == lead.id)
    return (
        sa.select(
            Organisation.id,
            Organisation.ref,
            Organisation.name,
            Organisation.country,
            Organisation.language,
            Organisation.partner_tier,
        )
        .where(Organisation.is_partner, somebody.exists())
        .where(Organisation.id.not_in(own), Organisation.id.not_in(before))
        .where(Organisation.id != (lead.customer.organisation_id or 0))
        .order_by(Organisation.id)
        .limit(MOST_KNOWN)
    )


def _loads(ids: Iterable[int], at: datetime) -> list[sa.Select[Any, int]]:
    """Registrations that wait or are protected, opportunities that are open, and leads accepted lately of which there
    is nothing to be seen yet. Not what is offered just now: the number would tell who is asked."""
    wanted, count = list(ids), sa.func.count()
    seen = sa.select(Deal.id).where(Deal.id == Lead.deal_id)
    return [
        sa.select(Deal.organisation_id, count)
        .where(Deal.organisation_id.in_(wanted), Deal.state.in_(CLAIMING))
        .group_by(Deal.organisation_id),
        sa.select(Opportunity.partner_id, count)
        .where(Opportunity.partner_id.in_(wanted), Opportunity.status == Status.OPEN)
        .group_by(Opportunity.partner_id),
        sa.select(Lead.partner_id, count)
        .where(Lead.partner_id.in_(wanted), Lead.state == State.ACCEPTED, Lead.accepted_at > at - FRESH)
        .where(~seen.exists())
        .group_by(Lead.partner_id),
    ]


def _wins(ids: Iterable[int], at: datetime) -> sa.Select[Any, int]:
    return (
        sa.select(Opportunity.partner_id, sa.func.count())
        .where(Opportunity.partner_id.in_(list(ids)), Opportunity.status == Status.WON)
        .where(Opportunity.closed_at > at - WINS_COUNT)
        .group_by(Opportunity.partner_id)
    )
