"""The requests for quotation of the sample world, told through the verbs by those who would have written and answered
them, each in their own language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.orders.lifecycle import Kind
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.rfqs import answering, buying
from portal.rfqs.following import follow_close
from portal.rfqs.holding import hold, hold_invitation, invitations_of
from portal.rfqs.invitations import OfferTerms, RfqInvitation, RfqQuestion
from portal.rfqs.offers import LineTerms
from portal.rfqs.requests import Rfq, RfqLine, RfqTerms, is_working_day

Who = Callable[[str, str], Principal]
# Who answers for which supplier, and acting for whom.
PEOPLE = {"looms": ("supplier", ""), "paper": ("rival-supplier", ""), "foundry": ("many", "foundry.supplier")}


@dataclass(frozen=True, slots=True)
class Told:
    """What a supplier offers, so many hours after it was asked: for each line a price in minor units (None: it cannot),
    for how many, and days of delivery."""

    company: str
    hours: float
    lines: tuple[tuple[int | None, int, int], ...]
    remark: str = ""
    remarks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RfqStory:
    """`lines` are a product by its code or none, a description, thousandths and the unit. Days count from today."""

    title: str
    description: str
    currency: str
    lines: tuple[tuple[str, str, int, str], ...]
    sent: float | None
    closes: float
    asked: tuple[str, ...]
    offers: tuple[Told, ...] = ()
    # A question of one, the question as all read it, and the answer.
    question: tuple[str, str, str, str] | None = None
    declined: tuple[str, str] | None = None
    # Companies by the number of the line, with a word for some; or why it was cancelled.
    won: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    cancelled: str = ""


STORIES: tuple[RfqStory, ...] = (
    RfqStory(
        "Packaging for the spring collection",
        "For the *Meadow* lanterns that leave from March on. Please offer **printed and plain** boxes, and say which "
        "of them you keep in stock.",
        "EUR",
        (
            ("", "Printed boxes, 40 × 40 × 60 cm, two colours", 4_000_000, "C62"),
            ("", "Wrapping cloth, unbleached linen, 140 cm wide", 650_000, "MTR"),
            ("", "Corner guards of cast iron, painted", 800_000, "SET"),
        ),
        -3,
        6,
        ("paper", "looms", "foundry"),
        (
            Told("paper", 20, ((189, 1, 14), (None, 1, 0), (None, 1, 0)), "Potisk je v ceně, klišé vyrobíme zdarma."),
            Told("paper", 44, ((18_250, 100, 14), (None, 1, 0), (None, 1, 0)), "Od 4 000 kusů levněji, viz řádek 10."),
            Told("foundry", 30, ((None, 1, 0), (None, 1, 0), (1_240, 1, 21)), "Farba proszkowa, kolor do wyboru."),
        ),
        (
            "looms",
            "Ar audinys turi būti skalbtas? Mūsų staklėms tai svarbu dėl pločio po skalbimo.",
            "Does the linen have to be washed before it is cut?",
            "No: unwashed linen is fine, as long as it is 140 cm wide when it arrives.",
        ),
    ),
    RfqStory(
        "Cast bases for the harbour street lights",
        "Sixty lights go to a harbour this autumn. The bases have to stand salt water; a certificate for the coating "
        "has to come with the first delivery.",
        "CZK",
        (
            ("", "Cast base, 38 kg, hot-dip galvanised", 60_000, "C62"),
            ("LN-200", "Spare housings without electronics", 12_000, "C62"),
            ("", "Pallet boxes for the transport", 20_000, "C62"),
        ),
        -16,
        -1,
        ("foundry", "paper", "looms"),
        (
            Told("foundry", 50, ((486_000, 1, 35), (1_120_000, 1, 42), (98_000, 1, 7)), "Ceny loco odlewnia."),
            Told(
                "paper",
                70,
                ((None, 1, 0), (None, 1, 0), (61_500, 1, 5)),
                remarks={30: "Z pětivrstvé lepenky, nosnost 600 kg."},
            ),
        ),
        declined=("looms", "Metalo nedirbame, ačiū, kad pagalvojote apie mus."),
    ),
    RfqStory(
        "Catalogue and price lists, autumn",
        "Printed on your own paper, sewn, in five languages.",
        "PLN",
        (
            ("", "Catalogue, 96 pages, sewn", 3_500_000, "C62"),
            ("", "Price list, 16 pages, stapled", 12_000_000, "C62"),
        ),
        -40,
        -26,
        ("paper", "foundry"),
        (
            Told("paper", 26, ((1_890, 1, 20), (8_400, 100, 10))),
            Told("foundry", 90, ((2_140, 1, 30), (7_900, 100, 12)), "Drukujemy z drukarnią z sąsiedztwa."),
        ),
        won=("paper", "foundry"),
        words={"paper": "The samples convinced everybody here.", "foundry": "Please send us a proof before you print."},
    ),
    RfqStory(
        "Woven lampshades, a trial series",
        "A small series to see whether they sell.",
        "GBP",
        (("", "Woven shade, willow, 45 cm", 120_000, "C62"),),
        -60,
        -45,
        ("looms", "foundry"),
        (Told("looms", 60, ((2_450, 1, 28),)),),
        cancelled="The design was changed: we ask again once the drawings are ready.",
    ),
    RfqStory(
        "Screws and fittings for the workshop",
        "",
        "EUR",
        (("", "Brass screws M4 × 20, box of 500", 40_000, "XBX"),),
        None,
        9,
        ("foundry",),
    ),
)


class RfqPlanter:
    """The session serves the system, the verbs hear who acts."""

    def __init__(self, session: Session, companies: Mapping[str, int], who: Who, until: datetime) -> None:
        self.session, self.companies, self.who, self.until = session, companies, who, until
        self.products = {product.code: product.id for product in session.scalars(sa.select(Product))}
        self.calendar = vendor_calendar(session)

    def plant(self) -> None:
        for story in STORIES:
            self.tell(story)
        self.session.flush()

    def noon(self, days: float) -> datetime:
        """Of a working day, so many days from now; the past counts backwards."""
        local = (self.until + timedelta(days=days)).astimezone(self.calendar.time_zone)
        local = local.replace(hour=12, minute=0, second=0, microsecond=0)
        while not is_working_day(self.calendar, local.date()):
            local += timedelta(days=1 if days > 0 else -1)
        return local

    def tell(self, story: RfqStory) -> None:
        buyer = self.who("buyer", "")
        at = self.until + timedelta(days=story.sent if story.sent is not None else -1)
        rfq = self._write(story, buyer, at - timedelta(hours=2))
        if story.sent is None:
            return
        buying.send(rfq, buyer, at, rfq.version)
        self.answer(story, rfq, buyer, at)
        self.decide(story, rfq, buyer)

    def _write(self, story: RfqStory, buyer: Principal, at: datetime) -> Rfq:
        rfq = Rfq(author_id=buyer.person_id, created_at=at)
        rfq.terms = RfqTerms(
            title=story.title,
            description=story.description,
            currency=story.currency,
            closes_at=self.noon(story.closes),
            delivery_address="Lanternfield Works\n1 Foundry Lane\nLanternfield",
            delivery_terms="DAP",
            payment_terms="30 days net",
        )
        rfq.lines = [
            RfqLine(
                position=10 * n, product_id=self.products.get(code), description=words, quantity=quantity, unit=unit
            )
            for n, (code, words, quantity, unit) in enumerate(story.lines, 1)
        ]
        self.session.add(rfq)
        self.session.flush()
        wanted = [self.companies[key] for key in story.asked]
        buying.choose(
            self.session, rfq, self.session.scalars(sa.select(Organisation).where(Organisation.id.in_(wanted)))
        )
        return rfq

    def answer(self, story: RfqStory, rfq: Rfq, buyer: Principal, at: datetime) -> None:
        if story.question is not None:
            company, own, told, answer = story.question
            invitation, terms, who = self._invited(rfq, company)
            answering.ask(invitation, own, who, terms, at + timedelta(hours=5))
            asked = self.session.scalars(sa.select(RfqQuestion).where(RfqQuestion.invitation_id == invitation.id)).one()
            buying.clarify(rfq, told, answer, buyer, at + timedelta(hours=7), rfq.version, asked=asked)
        if story.declined is not None:
            invitation, terms, who = self._invited(rfq, story.declined[0])
            said, version = story.declined[1], invitation.version
            answering.decline(invitation, who, terms, at + timedelta(hours=9), version, reason=said)
        for told_offer in story.offers:
            self._offer(rfq, told_offer, at + timedelta(hours=told_offer.hours))

    def _offer(self, rfq: Rfq, told: Told, at: datetime) -> None:
        lines = {
            10 * n: LineTerms(price, per, lead_days=days if price else None, remark=told.remarks.get(10 * n, ""))
            for n, (price, per, days) in enumerate(told.lines, 1)
        }
        until = self.calendar.day_of(self.until + timedelta(days=60))
        invitation, terms, who = self._invited(rfq, told.company)
        offer = OfferTerms(lines, until, told.remark)
        answering.offer(invitation, offer, who, terms, min(at, self.until), invitation.version)
        self.session.flush()

    def _invited(self, rfq: Rfq, company: str) -> tuple[RfqInvitation, RfqTerms, Principal]:
        wanted = sa.and_(RfqInvitation.rfq_id == rfq.id, RfqInvitation.organisation_id == self.companies[company])
        found = hold_invitation(self.session, wanted)
        assert found is not None
        return *found, self.who(*PEOPLE[company])

    def decide(self, story: RfqStory, rfq: Rfq, buyer: Principal) -> None:
        closes_at = rfq.terms.closes_at
        assert closes_at is not None
        if story.cancelled:
            buying.cancel(rfq, buyer, closes_at - timedelta(hours=3), rfq.version, reason=story.cancelled)
            return
        if closes_at > self.until:
            return
        self.session.flush()
        held = hold(self.session, Rfq.id == rfq.id)
        assert held is not None
        if held.close(closes_at):
            follow_close(self.session, held, invitations_of(self.session, held), closes_at)
        if story.won:
            self._award(story, held, buyer, closes_at + timedelta(hours=20))

    def _award(self, story: RfqStory, rfq: Rfq, buyer: Principal, at: datetime) -> None:
        self.session.flush()
        by_id = {one.organisation_id: one for one in invitations_of(self.session, rfq)}
        invited = {key: by_id[self.companies[key]] for key in story.asked}
        offers = {key: one.current_offer() for key, one in invited.items()}
        seen = {invited[key].ref: offer.number for key, offer in offers.items() if offer}
        chosen = {10 * n: invited[key].ref for n, key in enumerate(story.won, 1)}
        words = {invited[key].ref: text for key, text in story.words.items()}
        buying.award(rfq, chosen, seen, words, buyer, at, rfq.version)
        self.session.flush()
        winner = invited[story.won[0]]
        if number := self._order_number(winner.organisation_id):
            buying.note_order(winner, number, buyer, at + timedelta(hours=30), winner.version)

    def _order_number(self, company_id: int) -> str:
        """Of a purchase order that the ERP has sent for this supplier."""
        asked = (
            sa.select(OrderDetails.number)
            .join(Order, Order.id == OrderDetails.order_id)
            .where(Order.organisation_id == company_id, Order.kind == Kind.PURCHASE)
            .order_by(Order.created_at.desc(), Order.id.desc())
        )
        return self.session.scalars(asked.limit(1)).first() or ""
