"""What holds after every step in the life of registrations, whoever made it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from portal.deals.extensions import Extension
from portal.deals.lifecycle import TRANSITIONS, UNDECIDED, State, Verb
from portal.deals.models import Deal, DealEvent
from portal.deals.protection import ProtectedPlace
from portal.deals.review import DealReview
from portal.jobs.models import Job
from portal.matching.models import DealMatch, MatchKey
from portal.notices.models import Notice
from portal.opportunities.models import Opportunity
from portal.organisations.models import Activity
from portal.receipts.models import Receipt
from portal.tickets.messages import SearchEntry
from tests.world import World

MOVES = {(row.source, row.verb, row.target) for row in TRANSITIONS}
PLACED = (State.APPROVED, State.CONVERTED)
# What the partner never reads of.
INTERNAL = {"name-customer", "approve-first", "late"}
DECISIONS = {"take", "approve-first", "approve", "return", "reject", "mark-duplicate", "revoke"}
ANEW = {"submit", "resubmit", "accept-place", "name-customer"}
# What a rival's step, or time, may bring about for another registration.
BY_OTHERS = {"offer-place"}
BY_TIME = {"offer-place", "lapse-place", "expire", "warn-idle", "shorten"}
# Of these, rows hang on a registration, and nobody reads more of them than of that.
HANGING = (DealEvent, Notice, Activity, SearchEntry, Extension, Opportunity)
STAFF_ALONE = (DealReview, ProtectedPlace, DealMatch, MatchKey)


@dataclass
class Known:
    """A registration as it was after the step before."""

    author_id: int
    organisation_id: int
    state: str
    public_version: int
    public_at: datetime


class Laws:
    def __init__(self, world: World, partners: tuple[str, ...]) -> None:
        self.world, self.partners = world, partners
        self.principals = {hint: world.principal(hint) for hint in partners}
        self.person_ids = {hint: who.person_id for hint, who in self.principals.items()}
        self.known: dict[int, Known] = {}
        self.last_event = 0
        self.touched: set[int] = set()
        self.filled: set[int] = set()
        # Since the step before.
        self.letters: list[EmailMessage] = []
        # Who once waited in line for what somebody else had.
        self.blocked: set[int] = set()
        self.time_passed = False

    def hold(self, at: datetime) -> None:
        with self.world.session() as session:
            deals = {d.id: d for d in session.scalars(sa.select(Deal).options(selectinload(Deal.lines)))}
            events = session.scalars(sa.select(DealEvent).order_by(DealEvent.id)).all()
            self._moves_along_the_table(deals, events)
            self._nothing_moves_unseen(deals, [event for event in events if event.id > self.last_event])
            places = session.scalars(sa.select(ProtectedPlace)).all()
            self._one_has_the_place(session, deals, places, at)
            customers = dict(session.execute(sa.select(DealReview.deal_id, DealReview.customer_id)).all())
            self._the_first_in_line_is_offered_it(deals, places, customers, events)
            self._decisions_are_fair(session, deals, events)
            hanging = {model: self._hanging(session, model) for model in HANGING}
        for hint in self.partners:
            self._learns_of_no_rival(hint, deals, hanging)
        self.letters.clear()
        self.look(at)

    def look(self, at: datetime) -> None:
        with self.world.session() as session:
            for deal in session.scalars(sa.select(Deal)):
                self.known[deal.id] = Known(
                    deal.author_id, deal.organisation_id, deal.state, deal.public_version, deal.public_at
                )
            self.last_event = session.scalar(sa.select(sa.func.max(DealEvent.id))) or 0
        self.touched, self.filled, self.time_passed = set(), set(), False

    # ── The table of states, and what may be seen to move ─────────────────────────────────────────

    @staticmethod
    def _moves_along_the_table(deals: dict[int, Deal], events: list[DealEvent]) -> None:
        states: dict[int, str] = defaultdict(lambda: State.DRAFT)
        for event in events:
            if event.verb in set(Verb):
                assert (states[event.deal_id], event.verb, event.state) in MOVES
            assert event.verb in set(Verb) or event.state == states[event.deal_id]
            states[event.deal_id] = event.state
        assert {id: deal.state for id, deal in deals.items()} == {id: states[id] for id in deals}

    def _nothing_moves_unseen(self, deals: dict[int, Deal], new: list[DealEvent]) -> None:
        """What the partner sees moves with what is told to them, and with what they write down, and never otherwise."""
        assert all(event.is_public == (event.verb not in INTERNAL) for event in new)
        for id, before in self.known.items():
            told = [event.verb for event in new if event.deal_id == id and event.is_public]
            deal = deals[id]
            assert deal.public_version == before.public_version + len(told) + (id in self.filled), (id, told)
            assert told or id in self.filled or deal.public_at == before.public_at
            if id not in self.touched:
                assert set(told) <= (BY_TIME if self.time_passed else BY_OTHERS), told

    # ── Protection ────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def _one_has_the_place(
        session: Session, deals: dict[int, Deal], places: list[ProtectedPlace], at: datetime
    ) -> None:
        taken = [(place.customer_id, place.product_id) for place in places]
        assert len(taken) == len(set(taken))
        # After the end for those in line, until they are offered it in the morning.
        promised = session.scalars(sa.select(Job.params).where(Job.kind == "deal.release", Job.done_at.is_(None)))
        refs = {params["deal"] for params in promised}
        kept = {id for id, deal in deals.items() if deal.state == State.EXPIRED and deal.ref in refs}
        held: dict[int, set[int]] = defaultdict(set)
        for place in places:
            assert deals[place.deal_id].state in PLACED or place.deal_id in kept
            held[place.deal_id].add(place.product_id)
        waits = set(session.scalars(sa.select(Extension.deal_id).where(Extension.decided_at.is_(None))))
        for id, deal in deals.items():
            until = deal.protected_until
            if deal.state == State.APPROVED and until is not None:
                assert held[id] == deal.product_ids
                assert until > at or id in waits
            assert deal.state in PLACED or until is None or until <= at

    def _the_first_in_line_is_offered_it(
        self,
        deals: dict[int, Deal],
        places: list[ProtectedPlace],
        customers: dict[int, int | None],
        events: list[DealEvent],
    ) -> None:
        line = [deal for deal in deals.values() if deal.in_line_since is not None]
        back = _who_came_back(deals, events)

        def blocked(deal: Deal, *, but: int = 0) -> bool:
            """By whoever holds one of its places, has one offered or, having taken an offer, is under review again."""
            customer = customers[deal.id]
            holds = any(
                p.customer_id == customer and p.product_id in deal.product_ids and p.deal_id != deal.id for p in places
            )
            others = [o for o in line if o.offered_until is not None] + back
            return holds or any(
                o.id not in (deal.id, but) and customers[o.id] == customer and o.product_ids & deal.product_ids
                for o in others
            )

        for deal in line:
            assert deal.state == State.DUPLICATE
            if deal.offered_until is not None:
                assert not blocked(deal), "offered what somebody else has"
            elif blocked(deal):
                self.blocked.add(deal.id)
            else:
                assert deal.id not in self.blocked, "waits for what is free"
        offered = {e.deal_id for e in events if e.id > self.last_event and e.verb == "offer-place"}
        for now_offered in (deal for deal in line if deal.id in offered):
            for earlier in line:
                if _is_before(earlier, now_offered) and customers[earlier.id] == customers[now_offered.id]:
                    shared = earlier.product_ids & now_offered.product_ids
                    assert not shared or earlier.offered_until or blocked(earlier, but=now_offered.id), "out of turn"

    # ── Decisions ─────────────────────────────────────────────────────────────────────────────────

    def _decisions_are_fair(self, session: Session, deals: dict[int, Deal], events: list[DealEvent]) -> None:
        submitters = dict(session.execute(sa.select(DealReview.deal_id, DealReview.submitter_id)).all())
        first: dict[int, int | None] = {}
        for event in events:
            deal = deals[event.deal_id]
            if event.verb in DECISIONS:
                assert event.actor_id not in (deal.author_id, deal.created_by_id, submitters[deal.id])
            if event.verb == "approve-first":
                first[deal.id] = event.actor_id
            elif event.verb == Verb.APPROVE:
                assert deal.programme is not None
                if deal.programme.needs_two(deal.amount or 0, deal.currency):
                    assert first.get(deal.id) not in (None, event.actor_id), "one person alone"
            elif event.verb in ANEW:
                # Whoever approved it before has approved something else.
                first.pop(deal.id, None)

    # ── Rivals ────────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def _hanging(session: Session, model: Any) -> dict[int, int]:
        return dict(session.execute(sa.select(model.id, model.deal_id).where(model.deal_id.is_not(None))).all())

    def _learns_of_no_rival(self, hint: str, deals: dict[int, Deal], hanging: dict[Any, dict[int, int]]) -> None:
        who = self.principals[hint]
        assert who.acting is not None
        own = {
            id
            for id, deal in deals.items()
            if deal.organisation_id == who.organisation_id
            and (who.acting.level == "admin" or deal.author_id == who.person_id)
        }
        with self.world.as_(hint) as session:
            assert set(session.scalars(sa.select(Deal.id))) == own
            assert session.scalar(sa.select(sa.func.count(Deal.id))) == len(own)
            for model, deal_of in hanging.items():
                read = session.scalars(sa.select(model.id).where(model.deal_id.is_not(None)))
                assert {deal_of[id] for id in read} <= own, model.__name__
            assert session.scalars(sa.select(Opportunity.id).where(Opportunity.deal_id.is_(None))).all() == []
            for model in STAFF_ALONE:
                assert session.scalars(sa.select(model.id)).all() == [], model.__name__
            assert set(session.scalars(sa.select(Receipt.record_id).where(Receipt.kind == "deal"))) <= own
            told = _told(session) + "".join(_words(m) for m in self.letters if who.email in str(m["To"]))
        for id, deal in deals.items():
            assert id in own or deal.ref not in told
            assert id in own or deal.contact_name not in told


def _told(session: Session) -> str:
    """All the words that this session reads of deals."""
    rows = [
        *session.execute(sa.select(Deal.ref, Deal.contact_name, Deal.description)),
        *session.execute(sa.select(DealEvent.reason, DealEvent.params)),
        *session.execute(sa.select(Notice.params)),
        *session.execute(sa.select(Activity.params)),
        *session.execute(sa.select(SearchEntry.tokens, SearchEntry.words)),
    ]
    return "\n".join(map(str, rows))


def _words(letter: EmailMessage) -> str:
    headers = [str(value) for value in letter.values()]
    return "\n".join([*headers, *(part.get_content() for part in letter.walk() if not part.is_multipart())])


def _who_came_back(deals: dict[int, Deal], events: list[DealEvent]) -> list[Deal]:
    """Those who took an offered place and wait for the decision on it."""
    taken = {event.deal_id for event in events if event.verb == Verb.ACCEPT_PLACE}
    return [deal for id, deal in deals.items() if id in taken and deal.state in UNDECIDED]


def _is_before(one: Deal, other: Deal) -> bool:
    assert one.submitted_at is not None
    assert other.submitted_at is not None
    return (one.submitted_at, one.id) < (other.submitted_at, other.id)
