"""Opportunities of the sample world, made by its people below HTTP."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from portal.access import Principal
from portal.access.finding import find
from portal.clock import now
from portal.deals.models import Deal
from portal.opportunities.models import Opportunity, OpportunityLine, Status
from portal.organisations.models import Organisation, PartnerLink
from portal.products.models import Product
from tests.deals.helpers import DealWorld


class Sales:
    """What a test does with opportunities as one of the cast; every step is committed."""

    def __init__(self, deals: DealWorld) -> None:
        self.deals, self.world = deals, deals.world

    def convert(self, deal: Deal, hint: str = "channel-manager", *, at: datetime | None = None) -> Opportunity:
        """Detached."""
        with self.deals.reviewed(deal, hint) as (review, who):
            return Opportunity.convert(review, who, at or now(), review.deal.version)

    def converted(self, hint: str = "partner", **facts: Any) -> Opportunity:
        return self.convert(self.deals.approved(hint, **facts))

    def direct(
        self,
        hint: str = "account-manager",
        customer: str = "glass",
        products: Iterable[str] = ("LN-200",),
        title: str = "Lights for the new hall",
        at: datetime | None = None,
    ) -> Opportunity:
        with self.world.as_(hint) as session:
            company = find(session, Organisation, Organisation.id == self.world.organisation(customer).id)
            assert company is not None
            known = {p.code: p.id for p in session.scalars(sa.select(Product))}
            lines = [OpportunityLine(product_id=known[code], quantity=3, unit_price=40_000) for code in products]
            found = Opportunity.open(
                session,
                session.info["principal"],
                at or now(),
                company,
                lines,
                title=title,
                amount=120_000,
                currency="EUR",
                close_on=date(2030, 5, 1),
            )
            session.commit()
            return found

    @contextmanager
    def held(self, opportunity: Opportunity, hint: str) -> Iterator[tuple[Opportunity, Principal]]:
        """As that member of the cast holds it, to call verbs on; committed at the end."""
        with self.world.as_(hint) as session:
            found = find(session, Opportunity, Opportunity.id == opportunity.id)
            assert found is not None, "out of reach"
            yield found, session.info["principal"]
            session.commit()

    def close(
        self,
        opportunity: Opportunity,
        status: Status = Status.LOST,
        reason: str = "price",
        hint: str = "channel-manager",
    ) -> None:
        with self.held(opportunity, hint) as (mine, who):
            mine.close(who, now(), mine.version, status=status, reason=reason)

    def reload(self, opportunity: Opportunity) -> Opportunity:
        with self.world.session() as session:
            return session.get_one(Opportunity, opportunity.id)

    def seen_by(self, hint: str, acting: str = "") -> set[str]:
        """The references of all that this member of the cast reads."""
        with self.world.as_(hint, acting) as session:
            return set(session.scalars(sa.select(Opportunity.ref)))

    def links(self, partner: str, customer: str) -> list[PartnerLink]:
        ids = self.world.organisation(partner).id, self.world.organisation(customer).id
        with self.world.session() as session:
            statement = sa.select(PartnerLink).where(
                PartnerLink.partner_id == ids[0], PartnerLink.customer_id == ids[1]
            )
            return list(session.scalars(statement))
