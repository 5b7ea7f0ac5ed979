"""Leads: what staff know of a possible customer, and to which partners they hand it out.

Nobody sees who declined. So a partner that says no and one that lets its time lapse leave the very same row behind,
without a reason or a moment; staff never read the offers, only whom they chose and who accepted; and nothing of a
lead that staff see moves when one partner passes and the next is asked.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.access import Principal
from portal.accounts.models import Person
from portal.database import Base, HasRef, SortKey, session_of
from portal.errors import RuleBroken, Stale
from portal.jobs.outbox import enqueue
from portal.leads.lifecycle import Side, State, Verb, target_of
from portal.leads.ranking import Ranked
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.text import sort_key

_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")


class Lead(HasRef, Base):
    """A lead, as far as a partner may know it before accepting. Amounts are minor units of its currency.

    `answer_hours` are business hours that each partner has to answer. `updated_at` and `version` move by what staff
    do and by its end, never by a partner that passes.
    """

    __tablename__ = "lead"
    __table_args__ = (
        sa.Index("ix_lead_updated", "updated_at", "ref"),
        sa.Index("ix_lead_state", "state", "updated_at", "ref"),
        sa.Index("ix_lead_created_by_id", "created_by_id", "updated_at", "ref"),
    )
    ref_prefix = "LD"

    state: Mapped[str] = mapped_column(sa.String(16), default=State.DRAFT)
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3), default="")
    source: Mapped[str] = mapped_column(sa.String(16), default="")
    description: Mapped[str] = mapped_column(default="")

    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    handed_out_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    handed_out_at: Mapped[datetime | None]
    answer_hours: Mapped[int | None]
    # The partner that accepted it, and the registration that it became, until somebody deletes its draft.
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    accepted_at: Mapped[datetime | None]
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id", ondelete="SET NULL"), unique=True)
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped["LeadCustomer"] = relationship(back_populates="lead", cascade="all, delete-orphan")
    lines: Mapped[list["LeadLine"]] = relationship(
        back_populates="lead", order_by="LeadLine.position", cascade="all, delete-orphan"
    )
    partner: Mapped[Organisation | None] = relationship(foreign_keys=partner_id)
    created_by: Mapped[Person] = relationship(foreign_keys=created_by_id)

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("updated_at", values["created_at"])
        # Asked for before the database fills it in.
        values.setdefault("state", State.DRAFT)
        super().__init__(**values)

    @property
    def is_editable(self) -> bool:
        return self.state == State.DRAFT

    @property
    def product_ids(self) -> frozenset[int]:
        return frozenset(line.product_id for line in self.lines)

    def check_version(self, version: int | None) -> None:
        """Raises Stale when it has moved since it was looked at. For staff: what a partner decides on never changes."""
        if version != self.version:
            raise Stale(_STALE)

    def missing(self) -> list[str]:
        """The names of what has to be there before it is handed out, in the order of the form."""
        return [name for name in NEEDED if not getattr(self if name in _OF_LEAD else self.customer, name)]

    def fill(
        self, lines: Iterable["LeadLine"], at: datetime, version: int, *, customer: dict[str, Any], **fields: Any
    ) -> None:
        """Write down what is known; a draft may be as incomplete as it is. Raises Stale and RuleBroken."""
        self.check_version(version)
        if not self.is_editable:
            raise RuleBroken(_l("The lead is handed out, so that it cannot be changed any more."))
        for record, values in ((self, fields), (self.customer, customer)):
            for name, value in values.items():
                setattr(record, name, value)
        self.lines = list(lines)
        self.updated_at = at

    def hand_out(self, who: Principal, chosen: Iterable[Ranked], hours: int, at: datetime, version: int) -> None:
        """Offer it to these partners, one after the other in this order, each of which has so many business hours.

        Raises Stale, and RuleBroken where something is missing or nobody is chosen.
        """
        self.check_version(version)
        target = target_of(self.state, Verb.HAND_OUT, Side.STAFF)
        if self.missing():
            raise RuleBroken(_l("Something is missing still. Fill in what is marked, then hand the lead out."))
        session, partners = session_of(self), list(chosen)
        if not partners:
            raise RuleBroken(_l("Choose at least one partner."))
        before = session.scalar(sa.select(sa.func.count(LeadCandidate.id)).where(LeadCandidate.lead_id == self.id)) or 0
        session.add_all(
            LeadCandidate(
                lead_id=self.id,
                organisation_id=ranked.candidate.organisation_id,
                place=before + number,
                score=ranked.score,
                reasons={"list": [[reason.kind, reason.points, reason.params] for reason in ranked.reasons]},
            )
            for number, ranked in enumerate(partners)
        )
        self.state, self.answer_hours = target, hours
        self.handed_out_by_id, self.handed_out_at, self.updated_at = who.person_id, at, at
        self.go_on_later()

    def withdraw(self, at: datetime, version: int) -> None:
        """Take it back; the partner that is asked loses sight of it with the next request. Raises Stale, RuleBroken."""
        self.check_version(version)
        self.state = target_of(self.state, Verb.WITHDRAW, Side.STAFF)
        self.updated_at = at
        self.go_on_later()

    def go_on_later(self) -> None:
        """In a job: who is asked next is nothing that whoever acts here may read, nor learn from how long it takes."""
        session_of(self).flush()
        enqueue("lead.go-on", lead=self.ref)


# What a registration needs, so that whoever accepts can hand it in.
NEEDED = ("name", "domain", "country", "contact_name", "contact_email", "lines", "amount", "description")
_OF_LEAD = frozenset({"country", "lines", "amount", "description"})


class LeadCustomer(Base):
    """Who the possible customer is: apart, because a partner reads it only once it has accepted."""

    __tablename__ = "lead_customer"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), unique=True)
    name: Mapped[str] = mapped_column(default="")
    # Kept with the name.
    name_key: Mapped[str] = mapped_column(SortKey, default="")
    domain: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(default="")
    contact_role: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    # Its record with us, where there is one; the partner does not learn of it.
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)

    lead: Mapped[Lead] = relationship(back_populates="customer")
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)

    @validates("name")
    def _fold(self, _attribute: str, name: str) -> str:
        self.name_key = sort_key(name)
        return name


class LeadLine(Base):
    """A product that the customer may buy, and how many of it where that is known."""

    __tablename__ = "lead_line"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), index=True)
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    quantity: Mapped[int | None]

    lead: Mapped[Lead] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()


class LeadCandidate(Base):
    """A partner that staff chose, its place in the order in which they are asked, and why it stood there."""

    __tablename__ = "lead_candidate"
    __table_args__ = (sa.UniqueConstraint("lead_id", "organisation_id"),)

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    place: Mapped[int]
    score: Mapped[int]
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)

    organisation: Mapped[Organisation] = relationship()


class OfferState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    # Declined or not answered in time, which is all one.
    PASSED = "passed"
    WITHDRAWN = "withdrawn"


_OPEN = sa.column("state").in_((OfferState.OFFERED, OfferState.ACCEPTED))


class LeadOffer(Base):
    """One partner is asked, or was. Only that partner ever reads it, and only while it is asked or has accepted."""

    __tablename__ = "lead_offer"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "organisation_id"),
        # One partner at a time is asked, and one alone accepts.
        sa.Index(
            "uq_lead_offer_open",
            "lead_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index("ix_lead_offer_organisation_id", "organisation_id", "offered_at", "lead_id"),
    )

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[str] = mapped_column(sa.String(16), default=OfferState.OFFERED)
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    # Who accepted it; who declined is written down nowhere.
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    lead: Mapped[Lead] = relationship()


class PartnerSkill(Base):
    """A product that a partner knows how to sell, as its channel managers see it."""

    __tablename__ = "partner_skill"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "product_id"),)

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
