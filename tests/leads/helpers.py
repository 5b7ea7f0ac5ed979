"""Leads of the sample world, written and handed out by its people below HTTP."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import find
from portal.accounts.models import Membership, Person
from portal.jobs.outbox import drain
from portal.leads.answering import accept, decline, offer_to
from portal.leads.models import Lead, LeadCustomer, LeadLine, LeadOffer
from portal.leads.ranking import Candidate, Ranked
from portal.organisations.models import Organisation
from portal.products.models import Product
from tests.world import World

# Ten in the morning in London, on a day that is no holiday anywhere.
MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)
FACTS: dict[str, Any] = {"country": "CZ", "amount": 900_000, "currency": "EUR", "source": "event"}
CUSTOMER: dict[str, Any] = {
    "name": "Vodárny Tichý Rak",
    "domain": "tichy-rak.example.com",
    "contact_name": "Rozálie Račí",
    "contact_email": "rozalie.raci@tichy-rak.example.com",
    "contact_phone": "+420 555 010 203",
}
SECRETS = tuple(value for value in CUSTOMER.values())


class LeadWorld:
    """What a test does with leads as one of the cast; every step is committed."""

    def __init__(self, world: World, clock: Any) -> None:
        self.world, self.clock = world, clock

    def draft(self, *, at: datetime = MONDAY, products: Iterable[str] = ("LN-100",), **facts: Any) -> Lead:
        """Complete; detached."""
        customer = {name: facts.pop(name) for name in list(facts) if name in LeadCustomer.__table__.c}
        with self.world.as_("channel-manager") as session:
            who: Principal = session.info["principal"]
            known = {p.code: p.id for p in session.scalars(sa.select(Product))}
            told = {"description": "Twenty lanterns for a waterworks.", **FACTS, **facts}
            lead = Lead(created_by_id=who.person_id, created_at=at, **told)
            lead.customer = LeadCustomer(**{**CUSTOMER, **customer})
            lead.lines = [LeadLine(position=n, product_id=known[code], quantity=20) for n, code in enumerate(products)]
            session.add(lead)
            session.commit()
            return lead

    def hand_out(self, lead: Lead, *keys: str, hours: int = 8, at: datetime = MONDAY) -> Lead:
        """To these companies, one after the other."""
        partners = [self.world.organisation(key) for key in keys]
        with self.world.as_("channel-manager") as session:
            found = session.get_one(Lead, lead.id)
            chosen = [Ranked(Candidate(p.id, p.ref, p.name), ()) for p in partners]
            found.hand_out(session.info["principal"], chosen, hours, at, found.version)
            session.commit()
        self.let_pass(at)
        return lead

    def offered(self, *keys: str, at: datetime = MONDAY, **facts: Any) -> Lead:
        return self.hand_out(self.draft(at=at, **facts), *(keys or ("wolf",)), at=at)

    def let_pass(self, at: datetime) -> None:
        """It is that time now, and what was due is done."""
        self.clock.move_to(at)
        with self.world.app.app_context():
            drain(at)

    @contextmanager
    def asked(self, lead: Lead, hint: str, acting: str = "") -> Iterator[tuple[LeadOffer, Principal]]:
        """The offer as that member of the cast holds it; committed at the end."""
        with self.world.as_(hint, acting) as session:
            who = session.info["principal"]
            found = find(session, Lead, Lead.id == lead.id, lock=True)
            assert found is not None, "out of reach"
            offer = offer_to(session, who, found)
            assert offer is not None
            yield offer, who
            session.commit()

    def accept(self, lead: Lead, hint: str = "partner", at: datetime = MONDAY) -> None:
        with self.asked(lead, hint) as (offer, who):
            accept(offer, who, at)

    def decline(self, lead: Lead, hint: str = "partner", at: datetime = MONDAY) -> None:
        with self.asked(lead, hint) as (offer, who):
            decline(offer, who, at)
        self.let_pass(at)

    def reload(self, lead: Lead) -> Lead:
        with self.world.session() as session:
            return session.get_one(Lead, lead.id)

    def offers(self, lead: Lead) -> list[tuple[str, str]]:
        """Of each that was asked, in order: the name of the company and the state of its offer."""
        with self.world.session() as session:
            rows = session.execute(
                sa.select(Organisation.name, LeadOffer.state)
                .join(Organisation, Organisation.id == LeadOffer.organisation_id)
                .where(LeadOffer.lead_id == lead.id)
                .order_by(LeadOffer.id)
            )
            return [(row.name, row.state) for row in rows]

    def sees(self, hint: str, lead: Lead, acting: str = "") -> bool:
        with self.world.as_(hint, acting) as session:
            return find(session, Lead, Lead.id == lead.id) is not None

    def answer_by(self, lead: Lead) -> datetime:
        """When the time of the one that is asked now is over."""
        with self.world.session() as session:
            asked = sa.select(LeadOffer.answer_by).where(LeadOffer.lead_id == lead.id, LeadOffer.state == "offered")
            return session.scalars(asked).one()

    def partner(self, session: Session, n: int, **facts: Any) -> Organisation:
        """One more partner with somebody to answer."""
        organisation = Organisation(name=f"Partner number {n}", country="CZ", created_at=MONDAY, **facts)
        organisation.is_partner = True
        person = Person(name=f"Seller {n}", email=f"seller{n}@example.com", created_at=MONDAY)
        session.add_all([organisation, person])
        session.flush()
        member = Membership(person_id=person.id, organisation_id=organisation.id, started_at=MONDAY)
        member.is_partner = member.in_deals = True
        session.add(member)
        return organisation
