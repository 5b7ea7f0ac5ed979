"""The deal registrations of the sample world, told through the verbs by those who would have done it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import principal_of
from portal.deals import protection
from portal.deals.extensions import Extension
from portal.deals.models import Deal, DealLine, Outcome
from portal.deals.programmes import Programme
from portal.deals.review import DealReview
from portal.opportunities.models import LostReason, Opportunity, OpportunityLine, Stage, Status, WonReason
from portal.organisations.models import Organisation, Phase
from portal.partners.models import Target
from portal.products.models import Product
from portal.seeds.collisions import ONE_CUSTOMER
from portal.seeds.deal_stories import DEAL_STORIES, DealStory, Step

# Whose place in `ONE_CUSTOMER` the direct sale is.
DIRECT_CUSTOMER = 5
Who = Callable[[str, str], Principal]


class DealPlanter:
    """The session serves the system, the verbs hear who acts."""

    def __init__(self, session: Session, who: Who) -> None:
        self.session, self.who = session, who
        self.products = {product.code: product.id for product in session.scalars(sa.select(Product))}
        self.programmes = {p.names["en"]: p for p in session.scalars(sa.select(Programme))}
        self.customers: dict[int, Organisation] = {}

    def plant(self, until: datetime) -> None:
        """All stories, the oldest first; what would happen after `until` does not."""
        self.aim(until)
        self.sell_directly(until - timedelta(days=60))
        for story in sorted(DEAL_STORIES, key=lambda story: -story.days_ago):
            self.tell(story, until - timedelta(days=story.days_ago), until)

    def tell(self, story: DealStory, at: datetime, until: datetime) -> None:
        deal = self.draft(story, at)
        for step in story.steps:
            at += timedelta(hours=step.hours)
            if at < until:
                self.take(deal, story, step, at, until)
                self.session.flush()

    def draft(self, story: DealStory, at: datetime) -> Deal:
        who, customer = self.who(story.partner, story.acting), ONE_CUSTOMER[story.customer][story.spelling]
        name, role, email = story.contact
        deal = Deal(
            organisation_id=who.organisation_id,
            author_id=who.person_id,
            created_by_id=who.person_id,
            programme_id=self.programmes[story.programme].id,
            customer_name=customer.name,
            customer_domain=customer.domain or email.rpartition("@")[2],
            customer_country=customer.country,
            registration_number=customer.registration_number,
            contact_name=name,
            contact_role=role,
            contact_email=email,
            amount=story.amount,
            currency=story.currency,
            close_on=(at + timedelta(days=story.close_in)).date(),
            source=story.source,
            sales_type=story.sales_type,
            description=story.description,
            created_at=at,
        )
        deal.lines = [
            DealLine(position=n, product_id=self.products[code], quantity=quantity, unit_price=price)
            for n, (code, quantity, price) in enumerate(story.lines)
        ]
        self.session.add(deal)
        self.session.flush()
        return deal

    def take(self, deal: Deal, story: DealStory, step: Step, at: datetime, until: datetime) -> None:
        partner = self.who(story.partner, story.acting)
        match step.verb:
            case "submit" | "resubmit":
                deal.submit(partner, at, deal.public_version)
            case "withdraw":
                deal.withdraw(partner, at, deal.public_version, step.reason)
            case "extension":
                Extension.ask(deal, partner, at, deal.public_version, step.reason)
            case "expire":
                assert deal.protected_until is not None
                ends = deal.protected_until
                if ends < until:
                    protection.expire(self.session, deal, principal_of(self.session), ends)
            case _:
                self.decide(deal, story, step, at)

    def decide(self, deal: Deal, story: DealStory, step: Step, at: datetime) -> None:
        review = self.session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one()
        who, version, told = self.who(step.who, ""), deal.version, {"reason": step.reason, "note": step.note}
        match step.verb:
            case "take":
                review.take(who, at, version)
            case "name":
                review.name_customer(who, self.customer(story.customer, at).id, at, version)
            case "approve":
                review.approve(who, at, version, **told)
            case "return":
                review.send_back(who, at, version, **told)
            case "reject-direct":
                review.reject(who, at, version, **told, outcome=Outcome.DIRECT_SALE)
            case "duplicate" | "line":
                is_in_line = step.verb == "line"
                review.mark_duplicate(who, at, version, **told, outcome=Outcome.PARTNER, in_line=is_in_line)
            case "revoke":
                review.revoke(who, at, version, **told)
            case "convert":
                Opportunity.convert(review, who, at, version)
            case "stage" | "win" | "lose":
                self.pursue(deal, step, at)
            case _:
                raise ValueError(f"nobody knows how to {step.verb}")

    def pursue(self, deal: Deal, step: Step, at: datetime) -> None:
        """What becomes of the opportunity."""
        found = self.session.scalars(sa.select(Opportunity).where(Opportunity.deal_id == deal.id)).one()
        who = self.who(step.who, "")
        if step.verb == "stage":
            close_on = found.close_on
            found.update_stage(
                who, at, found.version, stage=Stage.PROPOSAL, probability=45, next_step=step.reason, close_on=close_on
            )
            return
        is_won = step.verb == "win"
        reason = str(next(iter(WonReason if is_won else LostReason)))
        status = Status.WON if is_won else Status.LOST
        found.close(who, at, found.version, status=status, reason=reason, words=step.reason)

    def sell_directly(self, at: datetime) -> None:
        """What our own people sell to a customer whom a partner wanted to register."""
        line = OpportunityLine(product_id=self.products["LN-400"], quantity=75, unit_price=15_200)
        facts = {"title": "Forge hall lights", "amount": 1_140_000, "currency": "EUR"}
        customer = self.customer(DIRECT_CUSTOMER, at)
        Opportunity.open(self.session, self.who("account-manager", ""), at, customer, [line], **facts)

    def aim(self, at: datetime) -> None:
        """Targets of the two partners for this year."""
        for hint, amount in (("partner", 6_000_000), ("rival-partner", 4_000_000)):
            organisation_id = self.who(hint, "").organisation_id
            self.session.add_all(
                Target(organisation_id=organisation_id, year=at.year, quarter=quarter, amount=amount, currency="EUR")
                for quarter in range(1, 5)
            )

    def customer(self, number: int, at: datetime) -> Organisation:
        """The record of the customer, made when it is first named."""
        if number not in self.customers:
            known = ONE_CUSTOMER[number][0]
            organisation = Organisation(
                name=known.name,
                country=known.country,
                language=known.language,
                domain=known.domain,
                website=f"https://{known.domain}/" if known.domain else "",
                phase=Phase.PROSPECT,
                created_at=at,
            )
            organisation.is_customer = True
            self.session.add(organisation)
            self.session.flush()
            self.customers[number] = organisation
        return self.customers[number]
