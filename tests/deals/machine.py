"""The whole life of registrations: two partners, a direct sale, two channel managers, and time that passes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.access import Principal
from portal.access.finding import find
from portal.database import session_of
from portal.deals.extensions import Extension
from portal.deals.lifecycle import UNDECIDED, State
from portal.deals.models import Deal, DealLine, Outcome
from portal.deals.review import DealReview
from portal.errors import RuleBroken
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.opportunities.models import REASONS, Opportunity, OpportunityLine, Stage, Status
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.seeds.catalogue import GROWTH, REFERRAL, STANDARD, STRATEGIC
from tests.databases import Database, dispose
from tests.deals import chains
from tests.deals.helpers import DealWorld
from tests.deals.laws import Laws
from tests.deals.test_lifecycle import MONDAY
from tests.world import World

PARTNERS = ("partner", "partner-admin", "rival-partner")
MANAGERS = ("channel-manager", "channel-manager-2")
CUSTOMERS = ("glass", "bakery")
PRODUCTS = (("LN-100",), ("LN-200",), ("LN-100", "LN-200"))
# Below and above what one person approves, in the two programmes that ask for two.
AMOUNTS = (900_000, 5_000_001, 20_000_000)
MOST_DEALS = 8
EVER_SUBMITTED = tuple(state for state in State if state != State.DRAFT)
WAITING = (State.SUBMITTED, State.RESUBMITTED)

which = st.integers(min_value=0, max_value=20)
managers = st.sampled_from(MANAGERS)
customers = st.sampled_from(CUSTOMERS)
bad_news = st.sampled_from((Outcome.PARTNER, Outcome.DIRECT_SALE))


class Life(RuleBasedStateMachine):
    """Each rule is one step of somebody; whatever it was, the laws hold afterwards."""

    def __init__(self, app: Flask, database: Database) -> None:
        super().__init__()
        dispose(app)
        database.refresh()
        self.world = World(app)
        self.deals = DealWorld(self.world)
        self.at = MONDAY
        self.customer_ids = {key: self.world.organisation(key).id for key in CUSTOMERS}
        self.laws = Laws(self.world, PARTNERS)
        self.laws.look(self.at)

    # ── What is there ─────────────────────────────────────────────────────────────────────────────

    def among(self, *states: State) -> list[int]:
        return [id for id, known in sorted(self.laws.known.items()) if known.state in states]

    def pick(self, number: int, *states: State) -> int:
        found = self.among(*states)
        return found[number % len(found)]

    def author(self, deal_id: int) -> str:
        return next(hint for hint in PARTNERS if self.laws.person_ids[hint] == self.laws.known[deal_id].author_id)

    @contextmanager
    def held(self, hint: str, deal_id: int) -> Iterator[tuple[Deal, Principal]]:
        """What the rules of the house refuse is refused, and nothing of it stays."""
        with self.world.as_(hint) as session:
            deal = find(session, Deal, Deal.id == deal_id)
            assert deal is not None, (hint, deal_id)
            try:
                yield deal, session.info["principal"]
                session.commit()
            except RuleBroken:
                session.rollback()
        self.laws.touched.add(deal_id)

    @contextmanager
    def reviewed(self, hint: str, deal_id: int) -> Iterator[tuple[DealReview, Principal]]:
        with self.held(hint, deal_id) as (deal, who):
            yield session_of(deal).scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one(), who

    # ── The partners ──────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: len(self.laws.known) < MOST_DEALS)
    @rule(
        hint=st.sampled_from(PARTNERS),
        products=st.sampled_from(PRODUCTS),
        programme=st.sampled_from((STANDARD, STANDARD, STANDARD, GROWTH, STRATEGIC, REFERRAL)),
        amount=st.sampled_from(AMOUNTS),
    )
    def write(self, hint: str, products: tuple[str, ...], programme: str, amount: int) -> None:
        deal = self.draft(hint, products, programme=programme, amount=amount)
        self.laws.touched.add(deal.id)
        self.laws.filled.add(deal.id)

    def draft(self, hint: str, products: tuple[str, ...], **facts: Any) -> Deal:
        return self.deals.draft(hint, products=products, at=self.at, contact_name=f":{hint}:", **facts)

    @initialize(
        products=st.sampled_from(PRODUCTS), customer=customers, amount=st.sampled_from(AMOUNTS), line=st.booleans()
    )
    def begin_with_rivals(self, products: tuple[str, ...], customer: str, amount: int, line: bool) -> None:
        """By chance alone, few would meet, and nobody would wait in line."""
        rivals = [self.draft(hint, products, amount=amount).id for hint in (*PARTNERS, "rival-partner")]
        for hint, deal_id in zip((*PARTNERS, "rival-partner"), rivals, strict=True):
            self.hand_in(hint, deal_id)
            self.take_and_name("channel-manager", deal_id, customer)
        if line:
            for hint in MANAGERS if amount > AMOUNTS[0] else MANAGERS[:1]:
                self.give(hint, rivals[0])
            for deal_id in rivals[1:3]:
                self.put_in_line("channel-manager", deal_id)

    def give(self, hint: str, deal_id: int) -> None:
        with self.reviewed(hint, deal_id) as (review, who):
            review.approve(who, self.at, review.deal.version, reason="Well prepared.", note="Between us.")

    def put_in_line(self, hint: str, deal_id: int, outcome: Outcome = Outcome.PARTNER, *, in_line: bool = True) -> None:
        with self.reviewed(hint, deal_id) as (review, who):
            review.mark_duplicate(who, self.at, review.deal.version, reason="Taken.", outcome=outcome, in_line=in_line)

    def hand_in(self, hint: str, deal_id: int) -> None:
        with self.held(hint, deal_id) as (deal, who):
            deal.submit(who, self.at, deal.version_for(who))

    @precondition(lambda self: self.among(State.DRAFT, State.RETURNED))
    @rule(number=which, amount=st.sampled_from(AMOUNTS))
    def change(self, number: int, amount: int) -> None:
        deal_id = self.pick(number, State.DRAFT, State.RETURNED)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            lines = [DealLine(position=0, product_id=deal.lines[0].product_id, quantity=3)]
            deal.fill(who, lines, self.at, deal.public_version, amount=amount)
        self.laws.filled.add(deal_id)

    @precondition(lambda self: self.among(State.DRAFT, State.RETURNED))
    @rule(number=which)
    def submit(self, number: int) -> None:
        deal_id = self.pick(number, State.DRAFT, State.RETURNED)
        self.hand_in(self.author(deal_id), deal_id)

    @precondition(lambda self: self.among(*UNDECIDED))
    @rule(number=which)
    def withdraw(self, number: int) -> None:
        deal_id = self.pick(number, *UNDECIDED)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            deal.withdraw(who, self.at, deal.public_version, "They have no money.")

    @precondition(lambda self: self.among(State.APPROVED))
    @rule(number=which)
    def ask_extension(self, number: int) -> None:
        deal_id = self.pick(number, State.APPROVED)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            Extension.ask(deal, who, self.at, deal.public_version, "The tender was put off.")

    @precondition(lambda self: self.among(State.DUPLICATE))
    @rule(number=which)
    def accept_place(self, number: int) -> None:
        deal_id = self.pick(number, State.DUPLICATE)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            deal.accept_place(who, self.at, deal.public_version)

    @precondition(lambda self: self.among(State.DUPLICATE))
    @rule(number=which)
    def leave_line(self, number: int) -> None:
        deal_id = self.pick(number, State.DUPLICATE)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            deal.leave_line(who, self.at, deal.public_version)

    # ── The channel managers ──────────────────────────────────────────────────────────────────────

    def take_and_name(self, hint: str, deal_id: int, customer: str) -> None:
        with self.reviewed(hint, deal_id) as (review, who):
            review.take(who, self.at, review.deal.version)
        with self.reviewed(hint, deal_id) as (review, who):
            review.name_customer(who, self.customer_ids[customer], self.at, review.deal.version)

    @precondition(lambda self: self.among(*WAITING))
    @rule(number=which, hint=managers, customer=customers)
    def begin_review(self, number: int, hint: str, customer: str) -> None:
        self.take_and_name(hint, self.pick(number, *WAITING), customer)

    @precondition(lambda self: self.among(*WAITING, State.UNDER_REVIEW))
    @rule(number=which, hint=managers, customer=customers)
    def name_customer(self, number: int, hint: str, customer: str) -> None:
        with self.reviewed(hint, self.pick(number, *WAITING, State.UNDER_REVIEW)) as (review, who):
            review.name_customer(who, self.customer_ids[customer], self.at, review.deal.version)

    @precondition(lambda self: self.among(State.UNDER_REVIEW))
    @rule(number=which, hint=managers)
    def put_back(self, number: int, hint: str) -> None:
        with self.reviewed(hint, self.pick(number, State.UNDER_REVIEW)) as (review, who):
            review.put_back(who, self.at, review.deal.version)

    @precondition(lambda self: self.among(State.UNDER_REVIEW))
    @rule(number=which, hint=managers)
    def approve(self, number: int, hint: str) -> None:
        self.give(hint, self.pick(number, State.UNDER_REVIEW))

    @precondition(lambda self: self.among(State.UNDER_REVIEW))
    @rule(number=which, hint=managers)
    def send_back(self, number: int, hint: str) -> None:
        with self.reviewed(hint, self.pick(number, State.UNDER_REVIEW)) as (review, who):
            review.send_back(who, self.at, review.deal.version, reason="Which hall?", note="Between us.")

    @precondition(lambda self: self.among(State.UNDER_REVIEW))
    @rule(number=which, hint=managers, outcome=bad_news)
    def reject(self, number: int, hint: str, outcome: Outcome) -> None:
        with self.reviewed(hint, self.pick(number, State.UNDER_REVIEW)) as (review, who):
            review.reject(who, self.at, review.deal.version, reason="Ours already.", outcome=outcome)

    @precondition(lambda self: self.among(State.UNDER_REVIEW))
    @rule(number=which, hint=managers, outcome=bad_news, in_line=st.booleans())
    def mark_duplicate(self, number: int, hint: str, outcome: Outcome, in_line: bool) -> None:
        self.put_in_line(hint, self.pick(number, State.UNDER_REVIEW), outcome, in_line=in_line)

    @precondition(lambda self: self.among(State.APPROVED))
    @rule(number=which, hint=managers)
    def revoke(self, number: int, hint: str) -> None:
        with self.reviewed(hint, self.pick(number, State.APPROVED)) as (review, who):
            review.revoke(who, self.at, review.deal.version, reason="The customer asked for it.")

    @rule(number=which, hint=managers, grant=st.booleans())
    def decide_extension(self, number: int, hint: str, grant: bool) -> None:
        with self.world.session() as session:
            pending = session.scalars(sa.select(Extension.id).where(Extension.decided_at.is_(None))).all()
            pairs = [(session.get_one(Extension, id).deal_id, id) for id in sorted(pending)]
        if pairs:
            deal_id, extension_id = pairs[number % len(pairs)]
            with self.held(hint, deal_id) as (deal, who):
                extension = session_of(deal).get_one(Extension, extension_id)
                extension.decide(who, self.at, deal.version, grant=grant, reason="We have looked at it.")

    # ── The vendor's own people, and time ─────────────────────────────────────────────────────────

    @rule(customer=customers, product=st.sampled_from(("LN-100", "LN-200")))
    def sell_directly(self, customer: str, product: str) -> None:
        with self.world.session() as session:
            company = session.get_one(Organisation, self.customer_ids[customer])
            product_id = session.scalars(sa.select(Product.id).where(Product.code == product)).one()
            lines = [OpportunityLine(product_id=product_id, quantity=1)]
            facts = {"title": "Ours", "amount": 100, "currency": "EUR"}
            with suppress(RuleBroken):
                Opportunity.open(session, session.info["principal"], self.at, company, lines, **facts)
            session.commit()

    @precondition(lambda self: self.among(State.APPROVED))
    @rule(number=which, hint=managers)
    def convert(self, number: int, hint: str) -> None:
        with self.reviewed(hint, self.pick(number, State.APPROVED)) as (review, who):
            Opportunity.convert(review, who, self.at, review.deal.version)

    @precondition(lambda self: self.among(State.CONVERTED))
    @rule(number=which, hint=managers, status=st.sampled_from((Status.WON, Status.LOST)))
    def close(self, number: int, hint: str, status: Status) -> None:
        with self.held(hint, self.pick(number, State.CONVERTED)) as (deal, who):
            sale = self.sale_of(deal)
            reason = next(iter(REASONS[status])).value
            sale.close(who, self.at, sale.version, status=status, reason=reason)

    @precondition(lambda self: self.among(State.CONVERTED))
    @rule(number=which, hint=managers)
    def reopen(self, number: int, hint: str) -> None:
        with self.held(hint, self.pick(number, State.CONVERTED)) as (deal, who):
            sale = self.sale_of(deal)
            sale.reopen(who, self.at, sale.version)

    @precondition(lambda self: self.among(State.CONVERTED))
    @rule(number=which)
    def move_stage(self, number: int) -> None:
        deal_id = self.pick(number, State.CONVERTED)
        with self.held(self.author(deal_id), deal_id) as (deal, who):
            sale = self.sale_of(deal)
            told = {"stage": Stage.CLOSING, "probability": 80, "next_step": f"Call {number}", "close_on": None}
            sale.update_stage(who, self.at, sale.version, **told)

    @staticmethod
    def sale_of(deal: Deal) -> Opportunity:
        found = sa.select(Opportunity).where(Opportunity.deal_id == deal.id)
        return session_of(deal).scalars(found).one()

    @rule(hours=st.sampled_from((1, 7, 24, 24 * 4, 24 * 15, 24 * 31, 24 * 95)), asleep=st.booleans())
    def time_passes(self, hours: int, asleep: bool) -> None:
        """With the worker at it all the while, or asleep until the end."""
        until = self.at + timedelta(hours=hours)
        while not asleep and (due := self._next_job(until)) is not None:
            self.at = max(self.at, due)
            self.work()
        self.at = until
        self.work()
        self.laws.time_passed = True

    def _next_job(self, until: datetime) -> datetime | None:
        with self.world.session() as session:
            return session.scalar(sa.select(sa.func.min(Job.run_at)).where(Job.done_at.is_(None), Job.run_at <= until))

    def work(self) -> None:
        """Whatever is due is done, and nothing of it fails; mail goes no further than this."""
        with self.world.app.app_context(), mock.patch("portal.mail.jobs.send", self.laws.letters.append):
            counts = outbox.drain(self.at)
        assert set(counts) <= {"done"}, counts

    @precondition(lambda self: self.among(*EVER_SUBMITTED))
    @rule(number=which, place=which, how=which)
    def tamper(self, number: int, place: int, how: int) -> None:
        """Whoever holds the receipts finds out, whatever is changed in them."""
        deal_id = self.pick(number, *EVER_SUBMITTED)
        with self.world.as_(self.author(deal_id)) as session:
            found = chains.download(session, deal_id)
        assert chains.holds(found)
        name, changed = chains.tampered(found, place, how)
        assert not chains.holds(changed), name

    def teardown(self) -> None:
        """Every chain verifies, and says what happened."""
        for deal_id in self.among(*EVER_SUBMITTED):
            with self.world.as_(self.author(deal_id)) as session:
                found = chains.download(session, deal_id)
                assert chains.holds(found)
                assert chains.says_what_happened(session, deal_id, found)

    # ── What always holds ─────────────────────────────────────────────────────────────────────────

    @invariant()
    def laws_hold(self) -> None:
        self.work()
        self.laws.hold(self.at)
