"""Sales orders, quotations and purchase orders: mirrored from the ERP, and what people do with them here."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.access import Capacity, Principal
from portal.database import Base, HasRef, new_ref, session_of
from portal.errors import Stale
from portal.orders.following import follow
from portal.orders.lifecycle import RUNNING, Kind, Side, State, Verb, target_of, verb_between
from portal.orders.money import Totals, totals_of
from portal.orders.parts import OrderDetails, OrderEvent, OrderLine
from portal.organisations.models import Channel, Organisation, record_activity
from portal.text import words_of
from portal.tickets.messages import SearchEntry

_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")
PREFIXES = {Kind.SALES: "SO", Kind.QUOTATION: "QU", Kind.PURCHASE: "PO"}
_IS_DUE = sa.column("due_on").is_not(None)


# Where an order stands and when.
STATED = (
    *("state", "ordered_on", "promised_on", "confirmed_on", "shipped_on", "delivered_on", "invoiced_on"),
    *("due_on", "shipped_percent", "delivered_percent", "invoiced_percent"),
)


def side_of(who: Principal) -> Side:
    """Of people; what another system brings is the ERP's, whoever lets it in."""
    if who.is_system:
        return Side.CLOCK
    if who.is_staff:
        return Side.STAFF
    return Side.SUPPLIER if who.capacity == Capacity.SUPPLIER else Side.CUSTOMER


class Order(HasRef, Base):
    """Whose it is, where it stands, and when: what a linked partner reads of it. All else stands in the details.

    `organisation` is who buys from us, or of a purchase order who sells to us. With a reseller it is a resale.
    """

    __tablename__ = "trade_order"
    __table_args__ = (
        sa.Index("ix_trade_order_public", "organisation_id", "capacity", "public_at", "ref"),
        sa.Index("ix_trade_order_ordered", "organisation_id", "capacity", "ordered_on", "ref"),
        sa.Index("ix_trade_order_activity", "kind", "activity_at", "ref"),
        # Those who read all sales, or all, read them in one order.
        sa.Index("ix_trade_order_recent", "activity_at", "ref"),
        sa.Index("ix_trade_order_dates", "ordered_on", "ref"),
        sa.Index("ix_trade_order_state", "state", "activity_at", "ref"),
        # What partners read, of their resales and of those they are linked with.
        sa.Index("ix_trade_order_reseller", "reseller_id", "stated_at", "ref"),
        sa.Index("ix_trade_order_stated", "organisation_id", "stated_at", "ref"),
        # What is late, and what comes next.
        sa.Index("ix_trade_order_due", "due_on", "ref", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
        sa.Index(
            *("ix_trade_order_owed", "organisation_id", "capacity", "due_on", "ref"),
            sqlite_where=_IS_DUE,
            postgresql_where=_IS_DUE,
        ),
    )
    ref_prefix = "SO"
    # Whether what `STATED` names has moved since it was noted.
    is_restated = False

    kind: Mapped[str] = mapped_column(sa.String(16))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    capacity: Mapped[str] = mapped_column(sa.String(8))
    reseller_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    # Who put it together here; empty for what the ERP has brought.
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(sa.String(16))
    ordered_on: Mapped[date | None]
    # The last of the days that the lines were promised and confirmed for.
    promised_on: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    shipped_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    invoiced_on: Mapped[date | None]
    # Until when a quotation may be accepted, that day included.
    valid_until: Mapped[date | None]
    # The first day on which something is owed that has not been delivered; empty when nothing is.
    due_on: Mapped[date | None]
    # Of all that was ordered, by value-free quantities; 1 to 99 is a part.
    shipped_percent: Mapped[int] = mapped_column(default=0)
    delivered_percent: Mapped[int] = mapped_column(default=0)
    invoiced_percent: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    # Staff see every change; outsiders only those that concern them, in `public_at` and `public_version`.
    activity_at: Mapped[datetime]
    public_at: Mapped[datetime]
    # When where it stands and its days moved last: linked partners see nothing else of it.
    stated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    public_version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    reseller: Mapped[Organisation | None] = relationship(foreign_keys=reseller_id)
    details: Mapped[OrderDetails] = relationship(
        back_populates="order", cascade="all, delete-orphan", foreign_keys="OrderDetails.order_id"
    )
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.position", cascade="all, delete-orphan"
    )
    events: Mapped[list[OrderEvent]] = relationship(
        back_populates="order", order_by="OrderEvent.id", cascade="all, delete-orphan"
    )
    # Kept by `portal.orders.search`.
    search_entry: Mapped[SearchEntry | None] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("ref", new_ref(PREFIXES[Kind(values["kind"])]))
        values.setdefault("activity_at", values["created_at"])
        values.setdefault("public_at", values["created_at"])
        values.setdefault("stated_at", values["created_at"])
        super().__init__(**values)

    @validates(*STATED)
    def _restate(self, name: str, value: Any) -> Any:
        self.is_restated = self.is_restated or getattr(self, name) != value
        return value

    @property
    def is_purchase(self) -> bool:
        return self.kind == Kind.PURCHASE

    def is_late(self, day: date) -> bool:
        return self.due_on is not None and self.due_on < day

    def version_for(self, who: Principal) -> int:
        return self.version if who.is_staff or who.is_system else self.public_version

    @property
    def looked_at(self) -> list[int]:
        """The versions of staff and of outsiders that whoever looks at it now has seen; what comes is news to them."""
        return [self.version or 0, self.public_version or 0]

    def check_version(self, who: Principal, version: int | None) -> None:
        """Raises Stale when it has moved since it was looked at, as far as this reader can see it move."""
        if version != self.version_for(who):
            raise Stale(_STALE)

    def move(self, verb: Verb, who: Principal, at: datetime, version: int, *, reason: str = "", **params: Any) -> None:
        """What a person does to it. Raises Stale, and RuleBroken where the table has no such transition."""
        self.check_version(who, version)
        self.state = target_of(self.kind, self.state, verb, side_of(who))
        self.reckon()
        self.happened(verb, who, at, reason=reason, **params)

    def sync_state(self, state: str, who: Principal, at: datetime) -> None:
        """The ERP says where it stands; raises RuleBroken where that cannot be."""
        if state != self.state:
            verb = verb_between(self.kind, self.state, state, Side.ERP)
            before, self.state = self.state, State(state)
            self.happened(verb, who, at, side=Side.ERP, before=before)

    def reckon(self) -> Totals:
        """Add it up anew: amounts of the lines and the whole, parts that are done, and what is owed when."""
        totals = totals_of(self.lines, self.details.rounding)
        for line, net, tax in zip(self.lines, totals.nets, totals.taxes, strict=True):
            line.net, line.tax = net, tax
        self.details.net, self.details.tax, self.details.total = totals.net, totals.tax, totals.total
        ordered = sum(line.quantity for line in self.lines)
        for part in ("shipped", "delivered", "invoiced"):
            done = sum(min(getattr(line, part), line.quantity) for line in self.lines)
            setattr(self, f"{part}_percent", _per_cent(done, ordered))
        # A draft has been promised to nobody.
        self.promised_on = max(filter(None, (line.promised_on for line in self.lines)), default=None)
        self.confirmed_on = max(filter(None, (line.confirmed_on for line in self.lines)), default=None)
        is_owed = self.state in RUNNING and self.kind != Kind.QUOTATION
        owed = [line.due_on for line in self.lines if line.delivered < line.quantity] if is_owed else []
        self.due_on = min(filter(None, owed), default=None)
        return totals

    def happened(
        self,
        verb: Verb | str,
        who: Principal,
        at: datetime,
        *,
        side: Side | None = None,
        line: OrderLine | None = None,
        reason: str = "",
        note: str = "",
        is_public: bool = True,
        **params: Any,
    ) -> OrderEvent:
        """Write it down: for the order's own page, and in the contact history of everybody whom it concerns."""
        session = session_of(self)
        side = side or side_of(who)
        event = OrderEvent(
            order=self,
            line=line,
            verb=str(verb),
            actor_id=who.person_id,
            side=side,
            at=at,
            state=self.state,
            reason=reason,
            note=note,
            is_public=is_public,
            params={**params, "on": self.looked_at},
        )
        session.add(event)
        self.has_moved(at, publicly=is_public)
        session.flush()
        if self.state != State.DRAFT:
            session.add(self.activity(f"order-{verb}", who, at, side=side, is_public=is_public))
            follow(session, self, event, who, at)
        return event

    def activity(self, kind: str, who: Principal, at: datetime, *, side: Side, is_public: bool = True) -> Any:
        """An entry for the contact history of the company that it is with, and of its reseller."""
        concerns: dict[int, Capacity | None] = {self.organisation_id: Capacity(self.capacity)}
        if self.reseller_id is not None:
            concerns.setdefault(self.reseller_id, Capacity.PARTNER)
        return record_activity(
            kind,
            at=at,
            actor_id=who.person_id,
            concerns=concerns,
            readers=frozenset(concerns) if is_public else frozenset(),
            channel=Channel.API if side == Side.ERP else Channel.WEB,
            order_id=self.id,
            order_kind=self.kind,
        )

    def has_moved(self, at: datetime, *, publicly: bool) -> None:
        """Note a change: internal ones move nothing that outsiders can see."""
        self.activity_at = at
        if self.is_restated:
            self.stated_at, self.is_restated = at, False
        if publicly:
            self.public_at = at
            self.public_version += 1

    def search_words(self) -> str:
        told = [self.ref, self.details.number, self.details.customer_reference]
        told += [f"{line.code} {' '.join(line.descriptions.values())}" for line in self.lines]
        return " ".join(dict.fromkeys(words_of(" ".join(text for text in told if text))))


def moved_for(who: Principal) -> Any:
    """The column that says when an order moved last, as far as this reader can see it move."""
    if who.is_staff:
        return Order.activity_at
    # Some of what they read are linked customers' orders: a change of price there moves nothing here.
    return Order.stated_at if who.capacity == Capacity.PARTNER else Order.public_at


def _per_cent(part: int, whole: int) -> int:
    """0 for nothing, 100 for all of it, in between for a part, however small or large."""
    if part <= 0 or whole <= 0:
        return 0
    return 100 if part >= whole else min(99, max(1, part * 100 // whole))
