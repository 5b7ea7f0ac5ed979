"""Changes of purchase-order lines that one side proposes and the other answers: version after version."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.database import Base, HasRef, session_of
from portal.errors import RuleBroken, Stale
from portal.orders.lifecycle import RUNNING, Kind, Side, State, Verb, target_of
from portal.orders.models import Order
from portal.orders.parts import OrderLine

_WAITS = _l("A proposal for this line waits for an answer already.")
_OVER = _l("This proposal does not wait for an answer any more. Look at the order again.")
_NOT_YOURS = _l("The other side answers this proposal.")
_NOT_RUNNING = _l("Nothing can be agreed on this order any more, as it is not on its way.")
_NOTHING = _l("This changes nothing. Say another day, quantity or price.")
_SAME = _l("This is just what was proposed to you: accept it.")
_PAST = _l("The day is over already. Say one that is still to come.")
_NO_DAY = _l("Say the day of delivery.")
_NO_QUANTITY = _l("The quantity has to be more than nothing.")
_TOO_LITTLE = _l("The quantity cannot be less than what has been sent or delivered.")
_NEGATIVE = _l("A price cannot be negative.")
_DONE = _l("All of this line is on its way or delivered. Ask about it instead.")
_NO_REASON = _l("Say why: the other side reads it.")
_MOVED = _l("Somebody else changed this in the meantime. Look at it again, then decide.")


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    # The other side has answered with a proposal of its own: the next version.
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    # The ERP changed the line meanwhile.
    OVERTAKEN = "overtaken"


_IS_OPEN = sa.column("state", sa.String()) == ProposalState.OPEN.value


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be agreed about a line: the day of delivery, thousandths of its unit, minor units for `price_per`."""

    delivery_on: date | None
    quantity: int
    unit_price: int

    @classmethod
    def of(cls, line: OrderLine) -> "Terms":
        """As the line stands."""
        return cls(line.due_on, line.quantity, line.unit_price)

    def check(self, line: OrderLine, today: date) -> None:
        """Raises RuleBroken where the line cannot become this."""
        if self == Terms.of(line):
            raise RuleBroken(_NOTHING)
        if not is_changeable(line):
            raise RuleBroken(_DONE)
        if self.delivery_on is None:
            raise RuleBroken(_NO_DAY)
        # What is late already may be agreed on anew in its quantity or price alone.
        if self.delivery_on < today and self.delivery_on != line.due_on:
            raise RuleBroken(_PAST)
        if self.quantity <= 0:
            raise RuleBroken(_NO_QUANTITY)
        if self.quantity < max(line.shipped, line.delivered):
            raise RuleBroken(_TOO_LITTLE)
        if self.unit_price < 0:
            raise RuleBroken(_NEGATIVE)


def is_changeable(line: OrderLine) -> bool:
    """As long as something of it has neither been sent nor delivered."""
    return line.quantity > max(line.shipped, line.delivered)


class Proposal(HasRef, Base):
    """What a line should become, in whole: a field that stays as it is is repeated. Units are those of the line."""

    __tablename__ = "order_proposal"
    __table_args__ = (
        sa.UniqueConstraint("line_id", "number"),
        # One at a time, whoever is quicker.
        sa.Index("ix_order_proposal_open", "line_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        sa.Index("ix_order_proposal_order_id", "order_id", "id"),
        sa.Index("ix_order_proposal_state", "state", "is_by_staff", "at", "ref"),
    )
    ref_prefix = "CP"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_line.id", ondelete="CASCADE"))
    # 1, 2, 3 … for each line.
    number: Mapped[int]
    is_by_staff: Mapped[bool]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    delivery_on: Mapped[date | None]
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    unit_price: Mapped[int] = mapped_column(sa.BigInteger)
    # As the line was when it was proposed.
    delivery_on_before: Mapped[date | None]
    quantity_before: Mapped[int] = mapped_column(sa.BigInteger)
    unit_price_before: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.String(16), default=ProposalState.OPEN)
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")

    order: Mapped[Order] = relationship()
    line: Mapped[OrderLine] = relationship()

    @property
    def is_open(self) -> bool:
        return self.state == ProposalState.OPEN

    @property
    def terms(self) -> Terms:
        return Terms(self.delivery_on, self.quantity, self.unit_price)

    @property
    def before(self) -> Terms:
        return Terms(self.delivery_on_before, self.quantity_before, self.unit_price_before)

    def is_for(self, who: Principal) -> bool:
        """Whether it is theirs to answer: of the other side."""
        return self.is_by_staff != who.is_staff

    @classmethod
    def propose(
        cls, line: OrderLine, terms: Terms, who: Principal, at: datetime, version: int | None, *, reason: str = ""
    ) -> "Proposal":
        """Ask for a change of the line; `version` is that of the order. Raises Stale and RuleBroken."""
        order = _running(line.order, who, version)
        session = session_of(line)
        open_ = sa.select(cls.id).where(cls.line_id == line.id, cls.state == ProposalState.OPEN)
        if session.scalar(open_) is not None:
            raise RuleBroken(_WAITS)
        proposal = cls._new(line, terms, who, at, reason)
        order.happened("propose", who, at, line=line, reason=reason, **proposal.told())
        return proposal

    @classmethod
    def _new(cls, line: OrderLine, terms: Terms, who: Principal, at: datetime, reason: str) -> "Proposal":
        session = session_of(line)
        terms.check(line, vendor_calendar(session).day_of(at))
        last = session.scalar(sa.select(sa.func.max(cls.number)).where(cls.line_id == line.id)) or 0
        before = {f"{name}_before": value for name, value in asdict(Terms.of(line)).items()}
        proposal = cls(
            order_id=line.order_id,
            line_id=line.id,
            order=line.order,
            line=line,
            number=last + 1,
            is_by_staff=who.is_staff,
            author_id=who.person_id,
            at=at,
            reason=reason,
            state=ProposalState.OPEN,
            **asdict(terms),
            **before,
        )
        session.add(proposal)
        return proposal

    def accept(self, who: Principal, at: datetime, version: int | None) -> None:
        """The line becomes what was proposed; with its day agreed on by both sides, it is confirmed."""
        self._answerable(who, version)
        line, order = self.line, self.order
        if Terms.of(line) != self.before:
            raise Stale(_MOVED)
        self._end(ProposalState.ACCEPTED, who, at)
        line.quantity, line.unit_price = self.quantity, self.unit_price
        if self.is_by_staff:
            line.promised_on = self.delivery_on
        if self.delivery_on is not None:
            line.confirmed_on = self.delivery_on
            # How long the buyer takes to answer is not the supplier's.
            line.confirmed_at = line.confirmed_at or (at if self.is_by_staff else self.at)
        confirm_when_whole(order)
        order.reckon()
        order.happened("accept-proposal", who, at, line=line, **self.told())

    def decline(self, who: Principal, at: datetime, version: int | None, *, reason: str) -> None:
        """It stays as it was; the reason is for the other side."""
        self._answerable(who, version)
        if not reason:
            raise RuleBroken(_NO_REASON)
        self._end(ProposalState.DECLINED, who, at, reason)
        self.order.happened("decline-proposal", who, at, line=self.line, reason=reason, **self.told())

    def counter(
        self, terms: Terms, who: Principal, at: datetime, version: int | None, *, reason: str = ""
    ) -> "Proposal":
        """Decline it by a proposal of one's own: the next version, which the other side answers."""
        self._answerable(who, version)
        if terms == self.terms:
            raise RuleBroken(_SAME)
        self._end(ProposalState.ANSWERED, who, at)
        # One at a time: this one has to be over before the next is there.
        session_of(self).flush()
        proposal = self._new(self.line, terms, who, at, reason)
        self.order.happened("answer-proposal", who, at, line=self.line, reason=reason, **proposal.told())
        return proposal

    def withdraw(self, who: Principal, at: datetime, version: int | None) -> None:
        """Whoever proposed it thinks better of it."""
        self.order.check_version(who, version)
        self._check_open()
        if self.is_for(who):
            raise RuleBroken(_l("Who has proposed it may take it back."))
        self._end(ProposalState.WITHDRAWN, who, at)
        self.order.happened("withdraw-proposal", who, at, line=self.line, **self.told())

    def told(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {"proposal": self.ref, "number": self.number, "position": self.line.position}

    def _check_open(self) -> None:
        if not self.is_open:
            raise RuleBroken(_OVER)

    def _answerable(self, who: Principal, version: int | None) -> None:
        _running(self.order, who, version)
        self._check_open()
        if not self.is_for(who):
            raise RuleBroken(_NOT_YOURS)

    def _end(self, state: ProposalState, who: Principal, at: datetime, answer: str = "") -> None:
        self.state, self.answered_by_id, self.answered_at, self.answer = state, who.person_id, at, answer


def _running(order: Order, who: Principal, version: int | None) -> Order:
    order.check_version(who, version)
    if order.kind != Kind.PURCHASE or order.state not in RUNNING:
        raise RuleBroken(_NOT_RUNNING)
    return order


def confirm_when_whole(order: Order) -> None:
    """Once the last of its lines is confirmed, the order is; whoever it was that said the last word."""
    if order.state == State.ORDERED and all(line.confirmed_on for line in order.lines):
        order.state = target_of(order.kind, order.state, Verb.CONFIRM, Side.SUPPLIER)


def agreed_by(who: Principal, order: Order) -> list[Proposal]:
    """Proposals of ours that the supplier's person accepts in this session: what lets them write more of a line."""
    return [
        known
        for known in session_of(order).identity_map.values()
        if isinstance(known, Proposal)
        and known.order_id == order.id
        and known.is_by_staff
        and known.state == ProposalState.ACCEPTED
        and known.answered_by_id == who.person_id
    ]
