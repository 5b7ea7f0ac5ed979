"""Deal registrations: what a partner tells of a lead, and what became of it."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Capacity, Principal
from portal.accounts.models import Person
from portal.database import Base, HasRef, session_of
from portal.deals.lifecycle import EDITABLE, Side, State, Verb, target_of
from portal.deals.programmes import Programme
from portal.deals.terms import promised
from portal.errors import RuleBroken, Stale
from portal.files.models import Attachment
from portal.organisations.models import Channel, Organisation, record_activity
from portal.products.models import Product
from portal.text import words_of
from portal.tickets.messages import SearchEntry

_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")


def side_of(who: Principal) -> Side:
    return Side.CLOCK if who.is_system else Side.STAFF if who.is_staff else Side.PARTNER


class Source(StrEnum):
    """Where the partner has the lead from."""

    OWN = "own"
    REFERRAL = "referral"
    EVENT = "event"
    CAMPAIGN = "campaign"
    TENDER = "tender"


class SalesType(StrEnum):
    NEW = "new"
    EXPANSION = "expansion"
    RENEWAL = "renewal"
    REPLACEMENT = "replacement"


class Outcome(StrEnum):
    """What the partner learns of a conflict, with the outcome of the review and never whom it is with."""

    CLEAR = "clear"
    DIRECT_SALE = "direct-sale"
    PARTNER = "partner"


class Deal(HasRef, Base):
    """A registration. Amounts are minor units of its currency; `due_at` is set while a decision is owed.

    Everything here is the partner's to read; what is the staff's alone stands in the review.
    """

    __tablename__ = "deal"
    __table_args__ = (
        sa.Index("ix_deal_public", "organisation_id", "public_at", "ref"),
        sa.Index("ix_deal_activity", "activity_at", "ref"),
        sa.Index("ix_deal_state", "state", "activity_at", "ref"),
        # The queue: those on which the clock runs, the oldest clock first.
        sa.Index("ix_deal_due", "due_at", "ref"),
        sa.Index("ix_deal_author_id", "author_id"),
        sa.Index("ix_deal_protected_until", "protected_until"),
    )
    ref_prefix = "D"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # The author, or the channel manager who wrote it down on their behalf.
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    programme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programme.id"))
    state: Mapped[str] = mapped_column(sa.String(16), default=State.DRAFT)

    customer_name: Mapped[str] = mapped_column(default="")
    customer_domain: Mapped[str] = mapped_column(default="")
    customer_country: Mapped[str] = mapped_column(sa.String(2), default="")
    registration_number: Mapped[str] = mapped_column(default="")
    tax_number: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(default="")
    contact_role: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3), default="")
    close_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(sa.String(16), default="")
    sales_type: Mapped[str] = mapped_column(sa.String(16), default="")
    description: Mapped[str] = mapped_column(default="")

    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    # Since when the vendor's clock runs.
    waiting_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    # What its programme promised when it was submitted: see `terms`.
    terms: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    # Business minutes by which decisions came late, all together.
    late_minutes: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(sa.String(16), default="")
    protected_from: Mapped[datetime | None]
    protected_until: Mapped[datetime | None]
    # When the partner last logged work on it, or it was approved.
    worked_at: Mapped[datetime | None]
    in_line_since: Mapped[datetime | None]
    # Until when the place that has become free is theirs to take.
    offered_until: Mapped[datetime | None]
    # Staff see every change; the partner only those that concern them, in `public_at` and `public_version`.
    activity_at: Mapped[datetime]
    public_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    public_version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    author: Mapped[Person] = relationship(foreign_keys=author_id)
    programme: Mapped[Programme | None] = relationship()
    lines: Mapped[list["DealLine"]] = relationship(
        back_populates="deal", order_by="DealLine.position", cascade="all, delete-orphan"
    )
    events: Mapped[list["DealEvent"]] = relationship(back_populates="deal", order_by="DealEvent.id")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")
    # Kept by `portal.deals.search`.
    search_entry: Mapped[SearchEntry | None] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("activity_at", values["created_at"])
        values.setdefault("public_at", values["created_at"])
        # Asked for before the database fills it in.
        values.setdefault("state", State.DRAFT)
        super().__init__(**values)

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def product_ids(self) -> frozenset[int]:
        return frozenset(line.product_id for line in self.lines)

    def is_protected(self, at: datetime) -> bool:
        return self.state == State.APPROVED and self.protected_until is not None and at < self.protected_until

    def version_for(self, who: Principal) -> int:
        return self.version if who.is_staff else self.public_version

    def check_version(self, who: Principal, version: int | None) -> None:
        """Raises Stale when it has moved since it was looked at, as far as this reader can see it move."""
        if version != self.version_for(who):
            raise Stale(_STALE)

    def missing(self) -> list[str]:
        """The names of what has to be there before it is submitted, in the order of the form."""
        return [name for name in REQUIRED if not getattr(self, name)]

    def fill(self, who: Principal, lines: Iterable["DealLine"], at: datetime, version: int, **fields: Any) -> None:
        """Write down what the partner tells; a draft may be as incomplete as it is. Raises Stale, and RuleBroken once
        it is submitted."""
        self.check_version(who, version)
        if not self.is_editable:
            raise RuleBroken(_l("The registration is submitted, so that it cannot be changed any more."))
        for name, value in fields.items():
            setattr(self, name, value)
        self.lines = list(lines)
        self.has_moved(at, publicly=True)

    def submit(self, who: Principal, at: datetime, version: int) -> None:
        """Hand it in: from now on the vendor's clock runs. Raises Stale, and RuleBroken where something is missing, the
        programme is closed or the partner has handed in too many today."""
        from portal.deals import clock
        from portal.deals.review import DealReview

        self.check_version(who, version)
        verb = Verb.RESUBMIT if self.state == State.RETURNED else Verb.SUBMIT
        target = target_of(self.state, verb, side_of(who))
        if self.missing():
            raise RuleBroken(_l("Something is missing still. Fill in what is marked, then submit it."))
        assert self.programme is not None
        session = session_of(self)
        if verb == Verb.SUBMIT:
            if not self.programme.is_open:
                raise RuleBroken(_l("This programme takes no registrations any more. Choose another one."))
            clock.check_daily_cap(session, self.organisation_id, at)
            clock.check_open_cap(session, self.programme, self.organisation_id)
            session.add(DealReview(deal=self, submitter_id=who.person_id))
            self.submitted_at = at
        if (self.terms or {}).get("programme_id") != self.programme_id:
            self.terms = promised(self.programme)
        self.state, self.waiting_since = target, at
        self.due_at = clock.due(session, self, at)
        self.happened(verb, who, at)

    def withdraw(self, who: Principal, at: datetime, version: int, reason: str) -> None:
        """Take it back before it is approved. Raises Stale and RuleBroken."""
        self.check_version(who, version)
        self.state = target_of(self.state, Verb.WITHDRAW, side_of(who))
        self.waiting_since = self.due_at = None
        self.happened(Verb.WITHDRAW, who, at, reason=reason)

    def accept_place(self, who: Principal, at: datetime, version: int) -> None:
        """Take the place that has become free: the registration is reviewed anew. Raises Stale and RuleBroken."""
        from portal.deals import clock

        self.check_version(who, version)
        target = target_of(self.state, Verb.ACCEPT_PLACE, side_of(who))
        if self.offered_until is None or at >= self.offered_until:
            raise RuleBroken(_l("The place is not offered any more."))
        assert self.programme is not None
        self.state, self.outcome, self.decided_at = target, "", None
        self.in_line_since = self.offered_until = None
        self.waiting_since, self.due_at = at, clock.due(session_of(self), self, at)
        self.happened(Verb.ACCEPT_PLACE, who, at)

    def log_work(self, who: Principal, at: datetime, version: int, words: str) -> None:
        """Write down what was done about it, which keeps the protection alive. Raises Stale and RuleBroken."""
        self.check_version(who, version)
        if self.state not in (State.APPROVED, State.CONVERTED):
            raise RuleBroken(_l("Work is logged on what is approved."))
        self.worked_at = at
        self.happened("log-work", who, at, reason=words)

    def leave_line(self, who: Principal, at: datetime, version: int) -> None:
        """Wait no longer, and decline the place where it is offered. Raises Stale and RuleBroken."""
        self.check_version(who, version)
        if self.in_line_since is None:
            raise RuleBroken(_l("The registration does not wait for a place."))
        self.in_line_since = self.offered_until = None
        self.happened("leave-line", who, at)

    def happened(
        self,
        verb: Verb | str,
        who: Principal,
        at: datetime,
        *,
        reason: str = "",
        note: str = "",
        is_public: bool = True,
        took: tuple[int, int] | None = None,
        **params: Any,
    ) -> "DealEvent":
        """Write it down: for the deal's own page, and in the contact history of the partner and the customer.

        `took`: business minutes that a decision took, and by how many of them it was late.
        """
        from portal.deals.following import follow
        from portal.deals.rules import customer_of

        session = session_of(self)
        event = DealEvent(
            deal=self,
            verb=str(verb),
            actor_id=who.person_id,
            is_by_staff=who.is_staff,
            at=at,
            reason=reason,
            note=note,
            outcome=self.outcome if is_public else "",
            state=self.state,
            is_public=is_public,
            minutes=took[0] if took else None,
            minutes_late=took[1] if took else None,
            params=params,
        )
        session.add(event)
        self.has_moved(at, publicly=is_public)
        # Now, so that the deal has an id and its customer can be asked for.
        session.flush()
        concerns: dict[int, Capacity | None] = {self.organisation_id: Capacity.PARTNER}
        if (customer_id := customer_of(session, self.id)) is not None:
            concerns.setdefault(customer_id, Capacity.CUSTOMER)
        session.add(
            record_activity(
                f"deal-{verb}",
                at=at,
                actor_id=who.person_id,
                concerns=concerns,
                readers=frozenset({self.organisation_id}) if is_public else frozenset(),
                channel=Channel.WEB,
                deal_id=self.id,
            )
        )
        follow(session, self, event, who, at)
        return event

    def has_moved(self, at: datetime, *, publicly: bool) -> None:
        """Note a change: internal ones move nothing that the partner can see."""
        self.activity_at = at
        if publicly:
            self.public_at = at
            self.public_version += 1

    def search_words(self) -> str:
        told = [self.ref, self.customer_name, self.customer_domain, self.registration_number, self.tax_number]
        told += [self.contact_name, self.contact_email, self.description]
        # What is not filled in yet is nothing before the row is written.
        return " ".join(words_of(" ".join(text for text in told if text)))


# Nothing else has to be there: the currency comes with the programme until somebody chooses another one.
REQUIRED = (
    "programme_id",
    "customer_name",
    "customer_domain",
    "customer_country",
    "contact_name",
    "contact_email",
    "lines",
    "amount",
    "close_on",
)


class DealLine(Base):
    """A product that the customer may buy. The price is expected, for one, in minor units of the deal's currency."""

    __tablename__ = "deal_line"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    quantity: Mapped[int]
    unit_price: Mapped[int | None] = mapped_column(sa.BigInteger)

    deal: Mapped[Deal] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()


_IS_DECISION = sa.column("minutes").is_not(None)


class DealEvent(Base):
    """A step in its life: the reason is for the partner to read, the note for staff alone."""

    __tablename__ = "deal_event"
    __table_args__ = (
        sa.Index("ix_deal_event_deal_id_id", "deal_id", "id"),
        # What figures are made of: how long decisions took.
        sa.Index("ix_deal_event_at", "at", sqlite_where=_IS_DECISION, postgresql_where=_IS_DECISION),
    )

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"))
    verb: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    is_by_staff: Mapped[bool]
    at: Mapped[datetime]
    # As it was afterwards.
    state: Mapped[str] = mapped_column(sa.String(16))
    outcome: Mapped[str] = mapped_column(sa.String(16), default="")
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(
        default="", deferred=True, deferred_raiseload=True, deferred_group="internal-notes"
    )
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_public: Mapped[bool] = mapped_column(default=True)
    # Of a decision: the business minutes that it took, and by how many of them it was late.
    minutes: Mapped[int | None]
    minutes_late: Mapped[int | None]

    deal: Mapped[Deal] = relationship(back_populates="events")
