"""What the people of the sample world do with their orders: told through the verbs, each in their own language."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.aftersales import deciding
from portal.aftersales.asking import Wish, ask, drafted, returnable
from portal.business_hours.models import vendor_calendar
from portal.demo.cast import CAST
from portal.documents.paper import Paper
from portal.files.receiving import Received
from portal.files.storage import storage
from portal.languages import money_text
from portal.languages.voice import speaking
from portal.notices.tickets import tell_of_opening
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.requests import OrderRequest, RequestKind, ReturnReason
from portal.purchasing.confirming import confirm
from portal.purchasing.invoices import Bill, SupplierInvoice, worth_delivered
from portal.purchasing.proposals import Proposal, Terms
from portal.purchasing.shipping import Consignment, announce, unsent
from portal.quotations.consent import accept, decline, digest_of
from portal.quotations.section import wording_of
from portal.reorders import drafting

LANGUAGES = {person.hint: person.locale for person in CAST}
NAMES = {person.hint: person.name for person in CAST}


@dataclass(frozen=True, slots=True)
class Paperwork:
    """How a supplier's invoice is worded on its sheet."""

    title: str
    total: str
    filename: str


IN_LITHUANIAN = Paperwork("Sąskaita faktūra", "Iš viso su PVM", "saskaita-faktura.pdf")
IN_CZECH = Paperwork("Faktura", "Celkem s DPH", "faktura.pdf")


class OrderActor:
    """The session serves the system, the verbs hear who acts. What happens, happens after the last word of the ERP."""

    def __init__(
        self,
        app: Flask,
        session: Session,
        companies: dict[str, int],
        who: Callable[[str, str], Principal],
        until: datetime,
    ) -> None:
        self.app, self.session, self.companies, self.who, self.until = app, session, companies, who, until
        self.today = vendor_calendar(session).day_of(until)

    def plant(self) -> None:
        self.negotiate()
        self.send()
        self.bill()
        self.decide_quotations()
        self.order_again()
        self.complain()
        self.session.flush()

    # ── What there is, and when ───────────────────────────────────────────────────────────────────

    def orders(self, company: str, kind: Kind, *states: State) -> Sequence[Order]:
        """The oldest first."""
        asked = sa.select(Order).where(Order.organisation_id == self.companies[company], Order.kind == kind)
        return self.session.scalars(asked.where(Order.state.in_(states)).order_by(Order.created_at, Order.id)).all()

    def after(self, order: Order, hours: float) -> datetime:
        """So long after what last happened to it, and before now."""
        return min(order.activity_at + timedelta(hours=hours), self.until - timedelta(minutes=5))

    # ── Suppliers and the buyer ───────────────────────────────────────────────────────────────────

    def negotiate(self) -> None:
        """Lines confirmed, changes proposed, answered by another proposal, and agreed on."""
        looms, buyer = self.who("supplier", ""), self.who("buyer", "")
        first, second, *_rest, last = self.orders("looms", Kind.PURCHASE, State.ORDERED)
        one, *others = first.lines
        at = self.after(first, 3)
        confirm(first, looms, at, first.version_for(looms), {one.position: one.promised_on})
        if others:
            line, terms = others[0], Terms.of(others[0])
            later = self._later(terms, 8)
            words = "Audykla stovi dėl remonto iki savaitės pabaigos. Siūlome vėlesnę dieną."
            asked = Proposal.propose(line, later, looms, self.after(first, 1), first.version_for(looms), reason=words)
            words = "Aštuonios dienos mums per daug. Ar spėtumėte per keturias?"
            earlier = self._later(terms, 4)
            asked.counter(earlier, buyer, self.after(first, 5), first.version, reason=words)
        line = second.lines[0]
        words = "Vežėjas paims krovinį tik pirmadienį."
        later = self._later(Terms.of(line), 3)
        asked = Proposal.propose(line, later, looms, self.after(second, 4), second.version_for(looms), reason=words)
        asked.accept(buyer, self.after(second, 6), second.version)
        line = last.lines[0]
        terms = Terms.of(line)
        fewer = replace(terms, quantity=terms.quantity * 3 // 4 // 1000 * 1000)
        words = "Žaliavos turime trims ketvirtadaliams kiekio. Likusią dalį galime pagaminti kitą mėnesį."
        Proposal.propose(last.lines[0], fewer, looms, self.after(last, 2), last.version_for(looms), reason=words)
        self._negotiate_in_czech(buyer)

    def _negotiate_in_czech(self, buyer: Principal) -> None:
        paper = self.who("rival-supplier", "")
        first, second, *_rest = self.orders("paper", Kind.PURCHASE, State.ORDERED)
        line = first.lines[0]
        dearer = replace(Terms.of(line), unit_price=line.unit_price * 106 // 100)
        words = "Od prvního zdražila celulóza, promítáme jen polovinu."
        Proposal.propose(line, dearer, paper, self.after(first, 6), first.version_for(paper), reason=words)
        line = second.lines[0]
        words = "We need it two days later: the warehouse takes stock."
        later = self._later(Terms.of(line), 2)
        Proposal.propose(line, later, buyer, self.after(second, 5), second.version, reason=words)
        foundry = self.who("many", "foundry.supplier")
        order = self.orders("foundry", Kind.PURCHASE, State.ORDERED)[0]
        confirm(order, foundry, self.after(order, 4), order.version_for(foundry))

    def _later(self, terms: Terms, days: int) -> Terms:
        return replace(terms, delivery_on=(terms.delivery_on or self.today) + timedelta(days=days))

    def send(self) -> None:
        """What has been confirmed leaves with a carrier."""
        looms = self.who("supplier", "")
        order = self.orders("looms", Kind.PURCHASE, State.CONFIRMED)[0]
        at = max(self.after(order, 20), self.until - timedelta(hours=26))
        day = vendor_calendar(self.session).day_of(at)
        told = Consignment(
            shipped_on=day,
            expected_on=day + timedelta(days=4),
            number="VAZ-2207",
            carrier="Nemuno vežėjai",
            tracking_number="NV40718826",
            parcels=("NV40718826-1", "NV40718826-2"),
        )
        quantities = {line.position: unsent(line) for line in order.lines}
        announce(order, quantities, told, looms, at, order.version_for(looms))

    def bill(self) -> None:
        """An invoice that waits to be checked, one that was refused, and one that was found right."""
        looms, paper, buyer = self.who("supplier", ""), self.who("rival-supplier", ""), self.who("buyer", "")
        *_older, earlier, latest = self.orders("looms", Kind.PURCHASE, State.DELIVERED)
        wrong = self._bill(earlier, looms, "DS-1093", IN_LITHUANIAN, too_much=18_150)
        reason = "Suma nesutampa su pristatytu kiekiu: priskaičiuotas pristatymas, dėl kurio nesutarėme."
        wrong.reject(buyer, self.after(earlier, 20), wrong.version, reason=reason)
        self._bill(latest, looms, "DS-1101", IN_LITHUANIAN)
        order = self.orders("paper", Kind.PURCHASE, State.DELIVERED)[-1]
        right = self._bill(order, paper, "2026/0418", IN_CZECH)
        right.accept(buyer, self.after(order, 26), right.version)

    def _bill(self, order: Order, who: Principal, number: str, words: Paperwork, too_much: int = 0) -> SupplierInvoice:
        at = self.after(order, 8)
        day, currency = vendor_calendar(self.session).day_of(at), order.details.currency
        bill = Bill(number, day, day + timedelta(days=30), currency, worth_delivered(order) + too_much)
        name, language = order.organisation.name, order.organisation.language
        with speaking(language):
            content = _sheet(language, name, order.details.number, bill, words)
        sha256, size = storage().put(io.BytesIO(content), len(content))
        file = Received(sha256, words.filename, "application/pdf", size, None).attachment(at)
        invoice = SupplierInvoice.receive(order, bill, [file], who, at, order.version_for(who))
        self.session.flush()
        return invoice

    # ── Customers ─────────────────────────────────────────────────────────────────────────────────

    def decide_quotations(self) -> None:
        """One accepted with consent, one declined; the rest wait."""
        first, second, *_rest = self.orders("glass", Kind.QUOTATION, State.OFFERED)
        who, language = self.who("customer-admin", ""), LANGUAGES["customer-admin"]
        at = self.after(first, 30)
        with speaking(language):
            accept(
                first,
                who,
                at,
                first.version_for(who),
                seen=digest_of(first),
                today=vendor_calendar(self.session).day_of(at),
                name=NAMES["customer-admin"],
                wording=wording_of(self.session, first),
                language=language,
            )
        at = self.after(second, 40)
        reason = "روشنایی تالار را امسال عقب انداختیم؛ بهار دوباره سراغتان می‌آییم."
        decline(second, who, at, second.version_for(who), today=self.today, reason=reason)

    def order_again(self) -> None:
        """A draft that nobody has sent yet, and two that wait for our word."""
        placed = (State.CONFIRMED, State.SHIPPED, State.DELIVERED, State.CLOSED)
        *_older, second, last = self.orders("glass", Kind.SALES, *placed)
        glass = self.who("customer", "")
        self._draft(last, glass, 30, "Prosím dodat na rampu B, do 14 hodin.", "M-40117")
        sent = self._draft(second, glass, 20, "Stejně jako minule, jen o něco dřív.", "M-40109")
        drafting.send(sent, glass, self.after(sent, 1), sent.version_for(glass))
        wolf = self.who("partner", "")
        sent = self._draft(
            self.orders("wolf", Kind.SALES, State.DELIVERED)[-1], wolf, 26, "Na magazyn w Gdyni.", "LW/11/52"
        )
        drafting.send(sent, wolf, self.after(sent, 2), sent.version_for(wolf))

    def _draft(self, source: Order, who: Principal, hours_ago: float, remark: str, reference: str) -> Order:
        at = self.until - timedelta(hours=hours_ago)
        draft, _left_out = drafting.reorder(self.session, source, who, at, self.today)
        wishes = drafting.Wishes(
            quantities={line.position: line.quantity for line in draft.lines},
            customer_reference=reference,
            delivery_address=draft.details.delivery_address,
            wished_on=self.today + timedelta(days=21),
            remark=remark,
        )
        drafting.edit(draft, who, self.after(draft, 0.5), draft.version_for(who), wishes, self.today)
        return draft

    def complain(self) -> None:
        """A delivery that came broken, returns that are asked for, and one that we have agreed to."""
        *_older, earlier, latest = self.orders("glass", Kind.SALES, State.DELIVERED, State.CLOSED)
        body = "Bedna přijela promáčknutá a v ní prasklé sklo. Fotografie pošleme, prosíme o náhradu."
        self._ask("customer", latest, Wish(RequestKind.CLAIM, latest.lines[0], body), 30)
        body = "Objednali jsme o čtyři kusy víc, než potřebujeme. Jsou nerozbalené."
        self._return("customer", latest, body, ReturnReason.TOO_MANY, 4, 22)
        body = "به‌جای مدلی که سفارش داده بودیم، مدل دیگری فرستاده‌اند. دست‌نخورده است."
        wrong = self._return("customer-admin", earlier, body, ReturnReason.WRONG_ITEM, 1, 50)
        words = "Agreed. Our carrier comes for it on Thursday; the credit note follows."
        at = max(self.until - timedelta(hours=21), wrong.at + timedelta(minutes=2))
        deciding.decide(wrong, self.who("account-manager", ""), at, wrong.version, confirm=True, words=words)

    def _return(
        self, hint: str, order: Order, body: str, reason: ReturnReason, pieces: int, hours_ago: float
    ) -> OrderRequest:
        """Of the line of which the most was delivered."""
        left = returnable(self.session, order)
        line = max((line for line in order.lines if line.id in left), key=lambda line: left[line.id])
        quantity = min(pieces * 1000, left[line.id])
        return self._ask(hint, order, Wish(RequestKind.RETURN, line, body, reason, quantity), hours_ago)

    def _ask(self, hint: str, order: Order, wish: Wish, hours_ago: float) -> OrderRequest:
        who, at = self.who(hint, ""), max(self.until - timedelta(hours=hours_ago), self.after(order, 2))
        # A ticket is drafted by its form, which is one of a request.
        with self.app.test_request_context(), speaking(LANGUAGES[hint]):
            request, ticket = ask(order, who, at, wish, drafted(self.session, who, order, wish.kind))
            tell_of_opening(self.session, ticket, ticket.messages[0], who, at)
            self.session.flush()
        return request


def _sheet(language: str, company: str, order_number: str, bill: Bill, words: Paperwork) -> bytes:
    """A supplier's invoice of one page."""
    paper = Paper(language, f"{words.title} {bill.number}", bill.issued_on)
    paper.text(company, size=16, bold=True)
    paper.y += 12
    paper.text(f"{words.title} {bill.number}", size=13, bold=True)
    paper.text(f"{bill.issued_on.isoformat()} · {order_number}")
    paper.y += 8
    paper.text(f"{words.total}: {money_text(bill.total, bill.currency)}", size=11, bold=True)
    return paper.to_bytes()
