"""What is known of the customers of many records at once, for scoring; the session serves the system."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine
from portal.matching.domains import identifies_a_company, registrable_domain
from portal.matching.rules import REGISTRATION, TAX, number_of
from portal.matching.scoring import Facts
from portal.opportunities.models import Opportunity, OpportunityLine, Status
from portal.organisations.models import Organisation


def of_deals(session: Session, ids: Iterable[int]) -> dict[int, Facts]:
    """Of those that are submitted: a draft is nobody's business yet."""
    found = session.execute(
        sa.select(
            Deal.id,
            Deal.customer_name,
            Deal.customer_domain,
            Deal.contact_email,
            Deal.customer_country,
            Deal.registration_number,
            Deal.tax_number,
        ).where(Deal.id.in_(list(ids)), Deal.state != State.DRAFT)
    ).all()
    products = _products(session, DealLine.deal_id, DealLine.product_id, [row.id for row in found])
    return {
        row.id: Facts(
            name=row.customer_name,
            domain=_telling(row.customer_domain, row.contact_email),
            country=row.customer_country,
            registration_number=row.registration_number,
            tax_number=row.tax_number,
            products=products[row.id],
        )
        for row in found
    }


def of_organisations(session: Session, ids: Iterable[int]) -> dict[int, Facts]:
    found = session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.domain,
            Organisation.website,
            Organisation.country,
            number_of(Organisation.id, REGISTRATION).label("registration"),
            number_of(Organisation.id, TAX).label("tax"),
        ).where(Organisation.id.in_(list(ids)))
    )
    return {
        row.id: Facts(
            name=row.name,
            domain=_telling(row.domain, row.website),
            country=row.country,
            registration_number=row.registration or "",
            tax_number=row.tax or "",
        )
        for row in found
    }


def of_direct_sales(session: Session, customers: dict[int, Facts]) -> dict[int, Facts]:
    """Of the open opportunities of these organisations that come from no partner, by their own ids."""
    found = session.execute(
        sa.select(Opportunity.id, Opportunity.customer_id).where(
            Opportunity.customer_id.in_(list(customers)),
            Opportunity.status == Status.OPEN,
            Opportunity.deal_id.is_(None),
            Opportunity.partner_id.is_(None),
        )
    ).all()
    line = OpportunityLine
    products = _products(session, line.opportunity_id, line.product_id, [row.id for row in found])
    return {row.id: replace(customers[row.customer_id], products=products[row.id]) for row in found}


def _telling(*typed: str) -> str:
    """The first of these that names a company's own domain; else what was typed first."""
    return next((text for text in typed if identifies_a_company(registrable_domain(text))), typed[0])


def _products(session: Session, owner: Any, product: Any, ids: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    if ids:
        for owner_id, product_id in session.execute(sa.select(owner, product).where(owner.in_(ids))):
            found[owner_id].add(product_id)
    return defaultdict(frozenset, {key: frozenset(values) for key, values in found.items()})
