"""Deal registrations of the sample world, made by its people below HTTP."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import find
from portal.clock import now
from portal.deals.models import Deal, DealLine
from portal.deals.programmes import Programme
from portal.deals.review import DealReview
from portal.products.models import Product
from portal.seeds.catalogue import STANDARD
from tests.world import World

FACTS: dict[str, Any] = {
    "customer_name": "Sklárny Jitřní Rosa s.r.o.",
    "customer_domain": "jitrni-rosa.example.com",
    "customer_country": "CZ",
    "contact_name": "Alžběta Rosická",
    "contact_email": "alzbeta.rosicka@jitrni-rosa.example.com",
    "amount": 1_250_000,
    "currency": "EUR",
    "close_on": date(2030, 6, 30),
}


class DealWorld:
    """What a test does with deals as one of the cast; every step is committed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def programme(self, session: Session, name: str = STANDARD) -> Programme:
        return next(p for p in session.scalars(sa.select(Programme)) if p.names["en"] == name)

    def draft(
        self,
        hint: str = "partner",
        *,
        acting: str = "",
        products: Iterable[str] = ("LN-100",),
        programme: str = STANDARD,
        at: datetime | None = None,
        **facts: Any,
    ) -> Deal:
        """A complete draft of that partner; detached."""
        with self.world.as_(hint, acting) as session:
            who: Principal = session.info["principal"]
            known = {p.code: p.id for p in session.scalars(sa.select(Product))}
            lines = [
                DealLine(position=n, product_id=known[code], quantity=10, unit_price=12_500)
                for n, code in enumerate(products)
            ]
            deal = Deal(
                organisation_id=who.organisation_id,
                author_id=who.person_id,
                created_by_id=who.person_id,
                programme_id=self.programme(session, programme).id,
                created_at=at or now(),
                **{**FACTS, **facts},
            )
            deal.lines = lines
            session.add(deal)
            session.commit()
            return deal

    def submitted(self, hint: str = "partner", *, at: datetime | None = None, **facts: Any) -> Deal:
        deal = self.draft(hint, at=at, **facts)
        with self.held(deal, hint) as (mine, who):
            mine.submit(who, at or now(), mine.public_version)
        return deal

    def under_review(
        self,
        hint: str = "partner",
        *,
        reviewer: str = "channel-manager",
        customer: str = "glass",
        at: datetime | None = None,
        **facts: Any,
    ) -> Deal:
        """Taken, and its customer named."""
        deal = self.submitted(hint, at=at, **facts)
        self.review(deal, reviewer, customer, at=at)
        return deal

    def review(self, deal: Deal, reviewer: str, customer: str = "", *, at: datetime | None = None) -> None:
        with self.reviewed(deal, reviewer) as (review, who):
            review.take(who, at or now(), review.deal.version)
        if customer:
            self.name_customer(deal, reviewer, customer, at=at)

    def name_customer(self, deal: Deal, reviewer: str, customer: str, *, at: datetime | None = None) -> None:
        customer_id = self.world.organisation(customer).id
        with self.reviewed(deal, reviewer) as (review, who):
            review.name_customer(who, customer_id, at or now(), review.deal.version)

    def approved(self, hint: str = "partner", *, at: datetime | None = None, **facts: Any) -> Deal:
        deal = self.under_review(hint, at=at, **facts)
        self.approve(deal, at=at)
        return deal

    def approve(self, deal: Deal, hint: str = "channel-manager", *, at: datetime | None = None) -> bool:
        with self.reviewed(deal, hint) as (review, who):
            return review.approve(who, at or now(), review.deal.version, reason="Well prepared.")

    @contextmanager
    def held(self, deal: Deal, hint: str, acting: str = "") -> Iterator[tuple[Deal, Principal]]:
        """The deal as that member of the cast holds it, to call verbs on; committed at the end."""
        with self.world.as_(hint, acting) as session:
            found = find(session, Deal, Deal.id == deal.id)
            assert found is not None, "out of reach"
            yield found, session.info["principal"]
            session.commit()

    @contextmanager
    def reviewed(self, deal: Deal, hint: str) -> Iterator[tuple[DealReview, Principal]]:
        with self.world.as_(hint) as session:
            review = session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one()
            yield review, session.info["principal"]
            session.commit()

    def reload(self, deal: Deal) -> Deal:
        """As it stands in the database now; detached."""
        with self.world.session() as session:
            return session.get_one(Deal, deal.id)
