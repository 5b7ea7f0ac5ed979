"""In any world, nobody reads a row of a request for quotation beyond what the access tables give."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.access.scope import acting_as
from portal.clock import now
from portal.database import Base
from portal.extensions import db
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.organisations.models import record_activity
from portal.rfqs.models import (
    Rfq,
    RfqAward,
    RfqClarification,
    RfqInvitation,
    RfqLine,
    RfqOffer,
    RfqOfferLine,
    RfqQuestion,
    RfqTerms,
)
from tests import oracle
from tests.oracle import Asker, Everything, Org, askers
from tests.planting import Planted
from tests.test_property import UNSHRUNK, principal

READ_ALL = {"buyer", "auditor", "break-glass"}


@dataclass
class Bid:
    n: int
    org: Org
    is_chosen_only: bool


@dataclass
class Fair:
    """A world in which several of its organisations are asked the same, whatever they are otherwise."""

    world: Everything
    # By the request.
    asked: dict[int, list[Bid]]


def make(seed: int) -> Fair:
    dice, world = random.Random(seed), oracle.make(seed)
    for human in world.humans:
        for member in human.members:
            # By chance alone, those who have anything to do with it would be few.
            if dice.random() < 0.7:
                member.areas.add("orders")
                member.capacities.add("supplier")
                member.org.capacities.add("supplier")
    asked, count = {}, 0
    for n in range(dice.randint(1, 3)):
        asked[n] = []
        for org in dice.sample(world.orgs, dice.randint(1, len(world.orgs))):
            asked[n].append(Bid(count, org, dice.random() < 0.2))
            count += 1
    return Fair(world, asked)


def reads(who: Asker, bid: Bid) -> bool:
    """Purchase prices are for buyers and auditors, and each supplier's own for itself."""
    if who.roles:
        return bool(READ_ALL & who.roles)
    assert who.member is not None
    own = who.member.org is bid.org and who.capacity == "supplier" and "orders" in who.member.areas
    return own and not bid.is_chosen_only


class PlantedFair:
    def __init__(self, session: Session, fair: Fair, at: datetime) -> None:
        self.session, self.at = session, at
        self.rows = Planted(session, fair.world, at)
        self.fair, self.author = fair, self.rows.people[fair.world.humans[0].n].id
        # By request for staff alone and for all who are invited, and by bid.
        self.of_staff: dict[int, int] = {}
        self.of_all: dict[type[Base], dict[int, int]] = {}
        self.of_bid: dict[type[Base], dict[int, int]] = {}
        self.notices: dict[tuple[int, int], int] = {}
        for n, bids in fair.asked.items():
            self._request(n, bids)
        session.flush()

    def _add(self, row: Any, n: int, kept: dict[type[Base], dict[int, int]]) -> Any:
        self.session.add(row)
        self.session.flush()
        kept.setdefault(type(row), {})[n] = row.id
        return row

    def _file(self, **owner: int) -> Attachment:
        return Attachment(sha256="0" * 64, filename="f", media_type="text/plain", size=1, created_at=self.at, **owner)

    def _request(self, n: int, bids: list[Bid]) -> None:
        rfq = Rfq(author_id=self.author, created_at=self.at, state="open")
        rfq.terms = RfqTerms(title=f"rfq{n}z", currency="EUR", closes_at=self.at + timedelta(days=1))
        self.session.add(rfq)
        self.session.flush()
        self.of_staff[n] = rfq.id
        self.of_all.setdefault(RfqTerms, {})[n] = rfq.terms.id
        line = self._add(RfqLine(rfq=rfq, position=10, description="x", quantity=1000), n, self.of_all)
        said = RfqClarification(rfq_id=rfq.id, number=1, author_id=self.author, at=self.at, answer="x")
        self._add(said, n, self.of_all)
        self.session.add(self._file(rfq_id=rfq.id))
        for bid in bids:
            self._bid(rfq, line, bid, is_winner=bid is bids[0])

    def _bid(self, rfq: Rfq, line: RfqLine, bid: Bid, *, is_winner: bool) -> None:
        org_id = self.rows.orgs[bid.org.n].id
        answer = "chosen" if bid.is_chosen_only else "offered"
        invitation = RfqInvitation(rfq_id=rfq.id, organisation_id=org_id, answer=answer, invited_at=self.at)
        self._add(invitation, bid.n, self.of_bid)
        offer = RfqOffer(
            invitation_id=invitation.id, number=1, author_id=self.author, at=self.at, valid_until=date(2040, 1, 1)
        )
        self._add(offer, bid.n, self.of_bid)
        self._add(RfqOfferLine(offer_id=offer.id, line_id=line.id, unit_price=1), bid.n, self.of_bid)
        asked = RfqQuestion(invitation_id=invitation.id, author_id=self.author, at=self.at, body="x")
        self._add(asked, bid.n, self.of_bid)
        if is_winner:
            self._add(RfqAward(line_id=line.id, invitation_id=invitation.id, offer_id=offer.id), bid.n, self.of_bid)
        self._add(self._file(rfq_offer_id=offer.id), bid.n, self.of_bid)
        concerns: dict[int, Capacity | None] = {org_id: Capacity.SUPPLIER}
        known = {"at": self.at, "actor_id": None, "readers": frozenset(concerns), "concerns": concerns}
        self._add(record_activity("rfq-offer", rfq_invitation_id=invitation.id, **known), bid.n, self.of_bid)
        for human in self.fair.world.humans:
            notice = Notice(
                person_id=self.rows.people[human.n].id,
                event=f"rfq:{invitation.id}",
                kind="rfq-new",
                rfq_invitation_id=invitation.id,
                created_at=self.at,
            )
            self.session.add(notice)
            self.session.flush()
            self.notices[human.n, bid.n] = notice.id


fairs = st.integers(min_value=0, max_value=2**32).map(make)


@settings(max_examples=25, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fair=fairs)
def test_everybody_reads_just_what_the_tables_give(app: Flask, fair: Fair) -> None:
    with app.app_context(), acting_as(db.session(), Principal.system("test")):
        try:
            made = PlantedFair(db.session(), fair, now())
            people = [(who, principal(made.rows, who)) for human in fair.world.humans for who in askers(human)]
            for who, person in people:
                with acting_as(db.session(), person):
                    _check(db.session(), made, fair, who)
        finally:
            db.session.rollback()


def _check(session: Session, made: PlantedFair, fair: Fair, who: Asker) -> None:
    def check(model: type[Base], among: dict[Any, int], expected: set[Any]) -> None:
        seen = set(session.scalars(sa.select(model.id))) & set(among.values())
        assert seen == {among[key] for key in expected & among.keys()}, (model.__name__, who)

    bids = [bid for asked in fair.asked.values() for bid in asked]
    mine = {bid.n for bid in bids if reads(who, bid)}
    invited = {n for n, asked in fair.asked.items() if any(reads(who, bid) for bid in asked)}
    check(Rfq, made.of_staff, set(made.of_staff) if READ_ALL & who.roles else set())
    for model, among in made.of_all.items():
        check(model, among, invited)
    for model, among in made.of_bid.items():
        check(model, among, mine)
    check(Notice, made.notices, {key for key in made.notices if key[0] == who.human.n and key[1] in mine})
