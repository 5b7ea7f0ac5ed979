"""A request for quotation as buyers write, send, extend and cancel it.

It has two halves. `Rfq` is for our staff alone: its reference, where it stands, how often it changed. `RfqTerms` and
the lines are what every invited supplier reads too; nothing in them comes from another supplier.
"""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.access import Principal
from portal.business_hours.calendar import Calendar
from portal.business_hours.models import vendor_calendar
from portal.database import Base, HasRef, SortKey, session_of
from portal.errors import RuleBroken, Stale
from portal.jobs.outbox import enqueue
from portal.rfqs.lifecycle import REQUEST, Side, State, Verb
from portal.text import sort_key

STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")
_SENT = _l("The request has been sent, so that it cannot be changed any more.")
_MISSING = _l("Something is missing still. Fill in what is marked, then send the request.")
_PAST = _l("The time to answer has to be still to come.")
_NOT_LATER = _l("The time can only be extended: choose a later one than now.")
_DAY_OFF = _l("Nobody works here on that day. Choose a working day.")
_NO_REASON = _l("Say why: the suppliers read it.")


class Rfq(HasRef, Base):
    """What buyers alone know of a request; `version` moves by what they do, never by what a supplier does."""

    __tablename__ = "request_for_quotation"
    __table_args__ = (
        sa.Index("ix_request_for_quotation_created", "created_at", "ref"),
        sa.Index("ix_request_for_quotation_state", "state", "created_at", "ref"),
    )
    ref_prefix = "RFQ"

    state: Mapped[str] = mapped_column(sa.String(16), default=State.DRAFT)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    awarded_at: Mapped[datetime | None]
    awarded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    # When a buyer last did something to it.
    moved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    terms: Mapped["RfqTerms"] = relationship(back_populates="rfq", cascade="all, delete-orphan")
    lines: Mapped[list["RfqLine"]] = relationship(
        back_populates="rfq", order_by="RfqLine.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        # Asked for before the database fills it in.
        values.setdefault("state", State.DRAFT)
        values.setdefault("moved_at", values["created_at"])
        super().__init__(**values)

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    def state_at(self, at: datetime) -> State:
        """Where it stands at this moment: once its time is over it is closed, though the clock's job may be late."""
        return State.CLOSED if self.state == State.OPEN and self.terms.is_over(at) else State(self.state)

    def check_version(self, version: int | None) -> None:
        """Raises Stale when it has moved since it was looked at."""
        if version != self.version:
            raise Stale(STALE)

    def check_draft(self) -> None:
        if not self.is_draft:
            raise RuleBroken(_SENT)

    def missing(self, at: datetime, *, chosen: int) -> dict[str, Any]:
        """What is to be mended before it can be sent: sentences by the names of the form; `chosen` suppliers."""
        found: dict[str, Any] = {}
        if not self.terms.title:
            found["title"] = _l("Give the request a title.")
        if not self.lines:
            found["lines"] = _l("Say what you want to buy: one line at least.")
        if not chosen:
            found["suppliers"] = _l("Choose at least one supplier.")
        if self.terms.closes_at is None:
            found["closes_on"] = _l("Say until when the suppliers can answer.")
        elif (problem := problem_of_time(vendor_calendar(session_of(self)), self.terms.closes_at, at)) is not None:
            found["closes_on"] = problem
        return found

    def send(self, at: datetime, version: int | None, *, chosen: int) -> None:
        """The suppliers are invited by whoever calls this. Raises Stale and RuleBroken."""
        self.check_version(version)
        target = REQUEST.target_of(self.state, Verb.SEND, Side.BUYER)
        if self.missing(at, chosen=chosen):
            raise RuleBroken(_MISSING)
        self.state, self.sent_at, self.moved_at = target, at, at
        self.wind_clock(at)

    def extend(self, closes_at: datetime, at: datetime, version: int | None) -> None:
        """Give everybody more time, also once the time is over. Raises Stale and RuleBroken."""
        self.check_version(version)
        target = REQUEST.target_of(self.state_at(at), Verb.EXTEND, Side.BUYER)
        if self.terms.closes_at is not None and closes_at <= self.terms.closes_at:
            raise RuleBroken(_NOT_LATER)
        if (problem := problem_of_time(vendor_calendar(session_of(self)), closes_at, at)) is not None:
            raise RuleBroken(problem)
        self.state, self.terms.closes_at, self.moved_at = target, closes_at, at
        self.wind_clock(at)

    def close(self, at: datetime) -> bool:
        """By the clock; whether its time was over."""
        if self.state != State.OPEN or not self.terms.is_over(at):
            return False
        self.state = REQUEST.target_of(self.state, Verb.CLOSE, Side.CLOCK)
        return True

    def cancel(self, at: datetime, version: int | None, *, reason: str) -> None:
        """The reason is for the suppliers. Raises Stale and RuleBroken."""
        self.check_version(version)
        target = REQUEST.target_of(self.state, Verb.CANCEL, Side.BUYER)
        if not reason:
            raise RuleBroken(_NO_REASON)
        self.state, self.terms.reason, self.moved_at = target, reason, at

    def award(self, who: Principal, at: datetime) -> None:
        self.state = REQUEST.target_of(self.state_at(at), Verb.AWARD, Side.BUYER)
        self.awarded_at, self.awarded_by_id, self.moved_at = at, who.person_id, at

    def wind_clock(self, at: datetime) -> None:
        """Promise what the clock does at the end of the time, and a working day before it."""
        session, closes_at = session_of(self), self.terms.closes_at
        assert closes_at is not None
        session.flush()
        moment = f"{self.id}:{closes_at.timestamp():.0f}"
        enqueue("rfqs.close", key=f"rfqs.close:{moment}", run_at=closes_at, rfq=self.ref)
        remind_at = working_day_before(vendor_calendar(session), closes_at)
        if remind_at > at:
            until = closes_at.isoformat()
            enqueue("rfqs.remind", key=f"rfqs.remind:{moment}", run_at=remind_at, rfq=self.ref, until=until)


class RfqTerms(Base):
    """What each invited supplier reads of a request, and buyers of course."""

    __tablename__ = "rfq_terms"
    __table_args__ = (sa.Index("ix_rfq_terms_closes_at", "closes_at", "rfq_id"),)

    rfq_id: Mapped[int] = mapped_column(sa.ForeignKey("request_for_quotation.id"), unique=True)
    title: Mapped[str] = mapped_column(default="")
    # Kept with the title.
    title_key: Mapped[str] = mapped_column(SortKey, default="")
    description: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(sa.String(3))
    closes_at: Mapped[datetime | None]
    delivery_address: Mapped[str] = mapped_column(default="")
    delivery_terms: Mapped[str] = mapped_column(default="")
    payment_terms: Mapped[str] = mapped_column(default="")
    # Why it was cancelled.
    reason: Mapped[str] = mapped_column(default="")

    rfq: Mapped[Rfq] = relationship(back_populates="terms")

    @validates("title")
    def _fold(self, _attribute: str, title: str) -> str:
        self.title_key = sort_key(title)
        return title

    def is_over(self, at: datetime) -> bool:
        return self.closes_at is not None and at >= self.closes_at


class RfqLine(Base):
    """What is to be quoted. Quantities are thousandths of the unit, a code of UN/ECE Recommendation 20."""

    __tablename__ = "rfq_line"
    __table_args__ = (sa.UniqueConstraint("rfq_id", "position"),)

    rfq_id: Mapped[int] = mapped_column(sa.ForeignKey("request_for_quotation.id"))
    position: Mapped[int]
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product.id"), index=True)
    description: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    unit: Mapped[str] = mapped_column(sa.String(3), default="C62")
    wished_on: Mapped[date | None]

    rfq: Mapped[Rfq] = relationship(back_populates="lines")


def problem_of_time(calendar: Calendar, closes_at: datetime, at: datetime) -> Any:
    """Why the suppliers cannot be given until then; None where they can."""
    if closes_at <= at:
        return _PAST
    return None if is_working_day(calendar, calendar.day_of(closes_at)) else _DAY_OFF


def is_working_day(calendar: Calendar, day: date) -> bool:
    return bool(calendar.windows[day.weekday()]) and not calendar.is_closed_on(day)


def working_day_before(calendar: Calendar, moment: datetime) -> datetime:
    """The same time of the wall clock on the working day before."""
    local = moment.astimezone(calendar.time_zone)
    for days in range(1, 366):
        earlier = local - timedelta(days=days)
        if is_working_day(calendar, earlier.date()):
            return earlier
    return local - timedelta(days=1)
