"""The deal registrations of a random world as rows, written by the system."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Capacity
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealEvent, DealLine
from portal.deals.protection import ProtectedPlace
from portal.deals.review import DealReview
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.opportunities.models import Opportunity, OpportunityLine
from portal.organisations.models import Activity, Share, record_activity
from portal.products.models import Product
from portal.receipts.models import Receipt
from portal.tickets.messages import SearchEntry
from tests.deals.oracle import Guest, Lead, Sale, Step, Trade
from tests.planting import DAY, Planted


class PlantedTrade:
    """By the numbers that they have in the random world; every text carries a word of its own."""

    def __init__(self, session: Session, trade: Trade, at: datetime) -> None:
        self.rows = Planted(session, trade.world, at)
        self.session, self.trade, self.at = session, trade, at
        self.product_id = session.scalars(sa.select(Product.id).order_by(Product.id)).first()
        self.deals: dict[int, Deal] = {}
        self.events: dict[int, DealEvent] = {}
        self.activities: dict[int, Activity] = {}
        self.files: dict[int, Attachment] = {}
        self.notices: dict[tuple[int, int], Notice] = {}
        self.hung: dict[type, dict[int, object]] = {}
        for lead in trade.leads:
            self._lead(lead)
        self.sales = {sale.n: self._sale(sale) for sale in trade.sales}
        session.flush()

    def _add(self, row):
        self.session.add(row)
        return row

    def _hang(self, lead: Lead, row) -> None:
        """One row of its kind for each deal."""
        self.hung.setdefault(type(row), {})[lead.n] = self._add(row)

    def _lead(self, lead: Lead) -> None:
        deal = Deal(
            organisation_id=self.rows.orgs[lead.org.n].id,
            author_id=self.rows.people[lead.author.n].id,
            created_by_id=self.rows.people[lead.writer.n].id,
            state=State.DRAFT if lead.is_draft else State.UNDER_REVIEW,
            customer_name=f"lead{lead.n}z",
            currency="EUR",
            close_on=date(2031, 1, 1),
            created_at=self.at,
            due_at=None if lead.is_draft else self.at + DAY,
        )
        deal.lines = [DealLine(position=0, product_id=self.product_id, quantity=1)]
        self.deals[lead.n] = self._add(deal)
        self.session.flush()
        self.hung.setdefault(DealLine, {})[lead.n] = deal.lines[0]
        for step in lead.steps:
            self._step(lead, deal, step)
        for guest in lead.guests:
            self._guest(deal, guest)
        # The words by which it is found are written with it.
        self.hung.setdefault(SearchEntry, {})[lead.n] = deal.search_entry
        self._told(lead, deal)
        if not lead.is_draft:
            self._reviewed(lead, deal)

    def _step(self, lead: Lead, deal: Deal, step: Step) -> None:
        self.events[step.n] = self._add(
            DealEvent(
                deal_id=deal.id,
                verb="return",
                is_by_staff=True,
                at=self.at,
                state=deal.state,
                reason=f"reason{step.n}z",
                note=f"note{step.n}z",
                is_public=step.is_public,
            )
        )
        concerns: dict[int, Capacity | None] = {deal.organisation_id: Capacity.PARTNER}
        if lead.customer:
            concerns[self.rows.orgs[lead.customer.n].id] = Capacity.CUSTOMER
        readers = frozenset({deal.organisation_id}) if step.is_public else frozenset[int]()
        self.activities[step.n] = self._add(
            record_activity(
                "deal-return", at=self.at, actor_id=None, concerns=concerns, readers=readers, deal_id=deal.id
            )
        )

    def _guest(self, deal: Deal, guest: Guest) -> None:
        self._add(
            Share(
                record_kind="deal",
                record_id=deal.id,
                organisation_id=self.rows.orgs[guest.org.n].id,
                person_id=self.rows.people[guest.human.n].id if guest.human else None,
                shared_by_id=deal.author_id,
                starts_at=self.at - DAY,
                ends_at=None if guest.live else self.at - timedelta(hours=1),
                reads_from=self.at + timedelta(minutes=1) if guest.late else None,
            )
        )

    def _told(self, lead: Lead, deal: Deal) -> None:
        if lead.has_file:
            self.files[lead.n] = self._add(
                Attachment(
                    deal_id=deal.id,
                    sha256="0" * 64,
                    filename=f"proof{lead.n}z.txt",
                    media_type="text/plain",
                    size=1,
                    created_at=self.at,
                )
            )
        for human in self.trade.world.humans:
            self.notices[human.n, lead.n] = self._add(
                Notice(
                    person_id=self.rows.people[human.n].id,
                    event=f"deal:{deal.id}:return",
                    kind="reply",
                    deal_id=deal.id,
                    created_at=self.at,
                )
            )

    def _reviewed(self, lead: Lead, deal: Deal) -> None:
        customer_id = self.rows.orgs[lead.customer.n].id if lead.customer else None
        self._hang(lead, DealReview(deal_id=deal.id, customer_id=customer_id, submitter_id=deal.author_id))
        self._hang(
            lead,
            Extension(
                deal_id=deal.id, asked_by_id=deal.author_id, asked_at=self.at, evidence=f"evidence{lead.n}z", days=30
            ),
        )
        self._hang(lead, self._receipt(deal))
        if lead.is_sold and customer_id is not None:
            sold = self._opportunity(f"sold{lead.n}z", customer_id, partner_id=deal.organisation_id, deal_id=deal.id)
            self._hang(lead, sold)
            self._hang(lead, sold.lines[0])
            if (
                self.session.scalar(sa.select(ProtectedPlace.id).where(ProtectedPlace.customer_id == customer_id))
                is None
            ):
                place = ProtectedPlace(customer_id=customer_id, product_id=self.product_id, deal_id=deal.id)
                self._hang(lead, place)

    def _receipt(self, deal: Deal) -> Receipt:
        return Receipt(
            kind="deal",
            record_id=deal.id,
            record_ref=deal.ref,
            organisation_id=deal.organisation_id,
            sequence=1,
            event="submit",
            at=self.at,
            kid="-",
            jws="-",
            sha256="0" * 64,
        )

    def _sale(self, sale: Sale) -> Opportunity:
        return self._add(self._opportunity(f"sale{sale.n}z", self.rows.orgs[sale.customer.n].id))

    def _opportunity(self, title: str, customer_id: int, **facts) -> Opportunity:
        line = OpportunityLine(product_id=self.product_id, quantity=1)
        return Opportunity(
            title=title, customer_id=customer_id, amount=1, currency="EUR", created_at=self.at, lines=[line], **facts
        )
