"""Who reads what matching found: whoever may know of the other party, and nobody outside. Jobs alone write it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.access.scope import Condition, nobody, register, unscoped
from portal.deals.models import Deal
from portal.deals.rules import of_readable_deal
from portal.matching import watching  # noqa: F401  # listens from now on
from portal.matching.models import SOUGHT, DealMatch, MatchKey
from portal.opportunities.models import Opportunity
from portal.organisations.models import ExternalId, Organisation

# The sources under which other systems keep these numbers of an organisation.
REGISTRATION, TAX = "register", "tax"


def _sees_the_other_party(who: Principal) -> Condition:
    if not who.is_staff or not who.sees(FieldGroup.DEAL_RIVALS):
        return sa.false()
    return of_readable_deal(DealMatch.deal_id, who)


register(DealMatch, reads=_sees_the_other_party)
register(MatchKey, reads=nobody)


def number_of(organisation_id: Any, source: str) -> sa.ScalarSelect[Any]:
    """The number of an organisation in a register, as it was imported."""
    external = ExternalId.__table__.alias().c
    return (
        sa.select(sa.func.min(external.value))
        .where(external.kind == "organisation", external.source == source, external.record_id == organisation_id)
        .scalar_subquery()
    )


def match_rows(deal_id: int, most: int) -> sa.Select[Any]:
    """The matches of a registration that the principal reads, best first, with what stands in the other record.

    A match makes the other one known to who decides, whether or not they reach it otherwise.
    """
    other, partner = Deal.__table__.alias(), Organisation.__table__.alias()
    organisation, opportunity = Organisation.__table__.alias(), Opportunity.__table__.alias()
    known = organisation.c.id
    return (
        sa.select(
            DealMatch.score,
            DealMatch.reasons,
            DealMatch.other_deal_id,
            DealMatch.opportunity_id,
            sa.func.coalesce(other.c.ref, opportunity.c.ref, organisation.c.ref).label("ref"),
            sa.func.coalesce(other.c.customer_name, organisation.c.name).label("name"),
            sa.func.coalesce(other.c.customer_domain, organisation.c.domain, "").label("domain"),
            sa.func.coalesce(organisation.c.website, "").label("website"),
            sa.func.coalesce(other.c.customer_country, organisation.c.country).label("country"),
            sa.func.coalesce(other.c.registration_number, number_of(known, REGISTRATION), "").label("registration"),
            sa.func.coalesce(other.c.tax_number, number_of(known, TAX), "").label("tax"),
            partner.c.name.label("partner_name"),
            partner.c.ref.label("partner_ref"),
            organisation.c.ref.label("organisation_ref"),
            opportunity.c.title,
            other.c.state,
            other.c.submitted_at,
            other.c.protected_until,
        )
        .outerjoin(other, other.c.id == DealMatch.other_deal_id)
        .outerjoin(partner, partner.c.id == other.c.organisation_id)
        .outerjoin(opportunity, opportunity.c.id == DealMatch.opportunity_id)
        .outerjoin(
            organisation, organisation.c.id == sa.func.coalesce(DealMatch.organisation_id, opportunity.c.customer_id)
        )
        .where(DealMatch.deal_id == deal_id)
        .order_by(DealMatch.score.desc(), DealMatch.id.desc())
        .limit(most)
    )


def were_sought(session: Session, deal_id: int) -> bool:
    """Whether a job has looked for matches of the registration already; says nothing of what it found."""
    key = MatchKey.__table__.c
    done = sa.select(key.id).where(key.deal_id == deal_id, key.kind == SOUGHT)
    with unscoped("whether the job has run"):
        return session.connection().execute(done.limit(1)).first() is not None
