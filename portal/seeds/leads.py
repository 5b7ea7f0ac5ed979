"""The leads of the sample world, told through the verbs by those who would have written and answered them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.leads.answering import accept
from portal.leads.handing import go_on
from portal.leads.models import Lead, LeadCustomer, LeadLine, LeadOffer, PartnerSkill
from portal.leads.ranking import Candidate, rank
from portal.organisations.models import Organisation
from portal.products.models import Product

Who = Callable[[str, str], Principal]

# What the partners know how to sell, by the mail domain of their people.
SKILLS = {
    "latarnia-i-wilk.example.com": ("LN-100", "LN-200", "LN-900"),
    "nine-herons.example.org": ("LN-200", "LN-300", "LN-400", "LN-500"),
}


@dataclass(frozen=True, slots=True)
class LeadStory:
    """`asked` are the mail domains of the partners in their order; `accepts` is who of the cast says yes."""

    name: str
    domain: str
    country: str
    contact: tuple[str, str, str]
    lines: tuple[tuple[str, int | None], ...]
    amount: int
    description: str
    hours_ago: float
    asked: tuple[str, ...] = ()
    accepts: str = ""
    hours: int = 40


LEAD_STORIES: tuple[LeadStory, ...] = (
    LeadStory(
        "Harbour Lights of Quillmouth Ltd",
        "quillmouth-harbour.example.com",
        "GB",
        ("Tobias Anchorage", "Harbour master", "tobias.anchorage@quillmouth-harbour.example.com"),
        (("LN-200", 60), ("LN-500", None)),
        4_200_000,
        "A harbour wants new street lights along the quay, and to steer them from one place. They came to our stand.",
        120,
        ("nine-herons.example.org",),
        "rival-partner",
    ),
    LeadStory(
        "Ogród Botaniczny Pod Sową",
        "ogrod-pod-sowa.example.com",
        "PL",
        ("Halina Puszczyk", "Dyrektorka", "halina.puszczyk@ogrod-pod-sowa.example.com"),
        (("LN-100", 45), ("LN-900", 1)),
        980_000,
        "Ogród planuje oświetlić ścieżki przed sezonem wieczornych spacerów. Prosi o ofertę z opieką serwisową.",
        3,
        ("latarnia-i-wilk.example.com", "nine-herons.example.org"),
    ),
    LeadStory(
        "Lázně Stříbrný Pramen a.s.",
        "stribrny-pramen.example.com",
        "CZ",
        ("Květoslava Prameníková", "Provozní ředitelka", "kvetoslava.pramenikova@stribrny-pramen.example.com"),
        (("LN-300", 4),),
        1_600_000,
        "Lázně obnovují kolonádu a hledají čtyři lustry do hlavního sálu.",
        1,
    ),
)


class LeadPlanter:
    """The session serves the system, the verbs hear who acts."""

    def __init__(self, session: Session, who: Who) -> None:
        self.session, self.who = session, who
        self.products = {product.code: product.id for product in session.scalars(sa.select(Product))}
        self.partners = {
            partner.domain: partner for partner in session.scalars(sa.select(Organisation)) if partner.domain in SKILLS
        }

    def plant(self, until: datetime) -> None:
        for domain, codes in SKILLS.items():
            partner = self.partners[domain]
            self.session.add_all(
                PartnerSkill(organisation_id=partner.id, product_id=self.products[code]) for code in codes
            )
        for story in LEAD_STORIES:
            self.tell(story, until - timedelta(hours=story.hours_ago))

    def tell(self, story: LeadStory, at: datetime) -> None:
        who, (name, role, email) = self.who("channel-manager", ""), story.contact
        lead = Lead(
            created_by_id=who.person_id,
            created_at=at,
            country=story.country,
            amount=story.amount,
            currency="EUR",
            source="event",
            description=story.description,
        )
        lead.customer = LeadCustomer(
            name=story.name, domain=story.domain, contact_name=name, contact_role=role, contact_email=email
        )
        lead.lines = [
            LeadLine(position=n, product_id=self.products[code], quantity=quantity)
            for n, (code, quantity) in enumerate(story.lines)
        ]
        self.session.add(lead)
        self.session.flush()
        if story.asked:
            self.hand_out(story, lead, who, at)

    def hand_out(self, story: LeadStory, lead: Lead, who: Principal, at: datetime) -> None:
        partners = [self.partners[domain] for domain in story.asked]
        candidates = [Candidate(p.id, p.ref, p.name, p.country, p.language) for p in partners]
        ranked = {one.candidate.organisation_id: one for one in rank(candidates, lead.country, lead.product_ids)}
        lead.hand_out(who, [ranked[partner.id] for partner in partners], story.hours, at, lead.version)
        go_on(self.session, lead, at)
        self.session.flush()
        if story.accepts:
            offer = self.session.scalars(sa.select(LeadOffer).where(LeadOffer.lead_id == lead.id)).one()
            accept(offer, self.who(story.accepts, ""), at + timedelta(hours=1))
            self.session.flush()
