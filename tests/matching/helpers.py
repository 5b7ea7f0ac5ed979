"""Matching in a test: the jobs are promised as the rooms promise them, and done as the worker does them."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from portal.access import Capacity
from portal.clock import now
from portal.deals.models import Deal
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.matching.reading import Candidate, matches_of
from portal.opportunities.models import Opportunity, OpportunityLine
from portal.organisations.models import Organisation
from portal.products.models import Product
from tests.world import World


def work(world: World) -> None:
    """Whatever matching has to do is done, and nothing fails; mail is another matter."""
    with world.session() as session:
        session.execute(sa.delete(Job).where(Job.kind.not_like("%.match")))
        session.commit()
    with world.app.app_context():
        counts = outbox.drain(now() + timedelta(seconds=1))
    assert set(counts) <= {"done"}


def promise(world: World, *deals: Deal) -> None:
    """In place of whatever else was promised."""
    with world.session() as session:
        session.execute(sa.delete(Job))
        for deal in deals:
            outbox.enqueue("deal.match", deal=deal.ref)
        session.commit()


def match(world: World, *deals: Deal) -> None:
    promise(world, *deals)
    work(world)


def seen(world: World, hint: str, deal: Deal) -> list[Candidate]:
    with world.as_(hint) as session:
        return matches_of(session, deal.id)


def organisation(world: World, name: str, **facts: Any) -> Organisation:
    """A customer, written by the system; detached."""
    with world.session() as session:
        found = Organisation(name=name, created_at=now(), **facts)
        found.capacities = frozenset({Capacity.CUSTOMER})
        session.add(found)
        session.commit()
        return session.scalars(sa.select(Organisation).where(Organisation.id == found.id)).one()


def direct_sale(world: World, customer: Organisation, product: str = "LN-100") -> Opportunity:
    with world.session() as session:
        known = session.scalars(sa.select(Product).where(Product.code == product)).one()
        sale = Opportunity(customer_id=customer.id, title="Ours", amount=100, currency="EUR", created_at=now())
        sale.lines = [OpportunityLine(product_id=known.id, quantity=1)]
        session.add(sale)
        session.commit()
        return session.scalars(sa.select(Opportunity).where(Opportunity.id == sale.id)).one()
