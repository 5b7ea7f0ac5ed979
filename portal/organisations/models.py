"""The customer record: organisations, their links, and the one contact history over every channel."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Capacity
from portal.database import Base, HasRef, SortKey, session_of
from portal.text import sort_key

if TYPE_CHECKING:
    from portal.accounts.models import Person


class Phase(StrEnum):
    """Where an organisation stands in its life as our customer."""

    PROSPECT = "prospect"
    NEW = "new"
    REPEAT = "repeat"
    LOYAL = "loyal"
    LEAVING = "leaving"


class AbcClass(StrEnum):
    A = "A"
    B = "B"
    C = "C"


class PartnerTier(StrEnum):
    REGISTERED = "registered"
    SILVER = "silver"
    GOLD = "gold"


class HasCapacities:
    """Mixin: one column for each capacity, so that every database can index and combine them."""

    is_customer: Mapped[bool] = mapped_column(default=False)
    is_supplier: Mapped[bool] = mapped_column(default=False)
    is_partner: Mapped[bool] = mapped_column(default=False)

    @property
    def capacities(self) -> frozenset[Capacity]:
        return frozenset(capacity for capacity in Capacity if getattr(self, f"is_{capacity}"))

    @capacities.setter
    def capacities(self, capacities: frozenset[Capacity]) -> None:
        for capacity in Capacity:
            setattr(self, f"is_{capacity}", capacity in capacities)


class Organisation(HasCapacities, HasRef, Base):
    """A firm or authority; what is outside the reader's lens is deferred and raises when it is touched."""

    __tablename__ = "organisation"
    __table_args__ = (sa.Index("ix_organisation_name_key_ref", "name_key", "ref"),)
    ref_prefix = "O"

    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(SortKey)
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    website: Mapped[str] = mapped_column(default="")
    # The mail domain of its people, by which a newcomer's request finds its way; never shown to newcomers.
    domain: Mapped[str] = mapped_column(default="", index=True)
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    email: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True, deferred_group="contact")
    phone: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True, deferred_group="contact")
    address: Mapped[str] = mapped_column(default="", deferred=True, deferred_raiseload=True, deferred_group="contact")
    phase: Mapped[str] = mapped_column(
        sa.String(16), default="", deferred=True, deferred_raiseload=True, deferred_group="phase"
    )
    segment: Mapped[str] = mapped_column(
        sa.String(64), default="", deferred=True, deferred_raiseload=True, deferred_group="segment"
    )
    abc_class: Mapped[str] = mapped_column(
        sa.String(1), default="", deferred=True, deferred_raiseload=True, deferred_group="segment"
    )
    partner_tier: Mapped[str] = mapped_column(
        sa.String(16), default="", deferred=True, deferred_raiseload=True, deferred_group="partner-terms"
    )

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("name_key", sort_key(values.get("name", "")))
        super().__init__(**values)

    def rename(self, name: str) -> None:
        self.name, self.name_key = name, sort_key(name)

    def change(self, actor_id: int | None, at: datetime, **values: Any) -> frozenset[str]:
        """Set what differs and write it into the history; returns the names of what has changed.

        Of a change of fields that only staff see, the company does not read.
        """
        changed = frozenset(name for name, value in values.items() if getattr(self, name) != value)
        for name in changed:
            if name == "name":
                self.rename(values[name])
            else:
                setattr(self, name, values[name])
        for fields, is_read in ((changed - STAFF_FIELDS, True), (changed & STAFF_FIELDS, False)):
            if fields:
                self.record("organisation-changed", actor_id, at, is_read=is_read, fields=sorted(fields))
        return changed

    def record(self, kind: str, actor_id: int | None, at: datetime, *, is_read: bool = True, **params: Any) -> None:
        """Write an event of this organisation alone into its history; `is_read`: by its own people too."""
        session_of(self).add(
            record_activity(
                kind,
                at=at,
                actor_id=actor_id,
                concerns={self.id: None},
                readers=frozenset({self.id}) if is_read else frozenset(),
                **params,
            )
        )


# Their own people do not see these, whoever else does.
STAFF_FIELDS = frozenset({"domain", "phase", "segment", "abc_class"})


class OrganisationFinance(Base):
    """Credit terms, in a table of their own because their readers differ row by row. Money in minor units."""

    __tablename__ = "organisation_finance"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), unique=True)
    currency: Mapped[str] = mapped_column(sa.String(3))
    credit_limit: Mapped[int]
    payment_days: Mapped[int]


class PartnerLink(HasRef, Base):
    """A partner of record of a customer, from one day to another; the customer's consent opens tickets."""

    __tablename__ = "partner_link"
    __table_args__ = (sa.Index("ix_partner_link_partner_id_customer_id", "partner_id", "customer_id"),)
    ref_prefix = "L"

    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    consented_at: Mapped[datetime | None]

    partner: Mapped[Organisation] = relationship(foreign_keys=partner_id)
    customer: Mapped[Organisation] = relationship(foreign_keys=customer_id)
    contact: Mapped["Person | None"] = relationship(foreign_keys=contact_id)

    def consent(self, actor_id: int | None, at: datetime) -> None:
        """The customer lets the partner open tickets for it."""
        if self.consented_at is None:
            self.consented_at = at
            self.record("partner-consent-given", actor_id, at)

    def withdraw_consent(self, actor_id: int | None, at: datetime) -> None:
        if self.consented_at is not None:
            self.consented_at = None
            self.record("partner-consent-withdrawn", actor_id, at)

    def record(self, kind: str, actor_id: int | None, at: datetime) -> None:
        """Write it into the history of both, who both may read it."""
        session_of(self).add(
            record_activity(
                kind,
                at=at,
                actor_id=actor_id,
                concerns={self.partner_id: Capacity.PARTNER, self.customer_id: Capacity.CUSTOMER},
                readers=frozenset({self.partner_id, self.customer_id}),
                partner_id=self.partner_id,
                customer_id=self.customer_id,
            )
        )


class ExternalId(Base):
    """How another system calls one of our records."""

    __tablename__ = "external_id"
    __table_args__ = (sa.UniqueConstraint("source", "kind", "value"),)

    source: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(32))
    value: Mapped[str] = mapped_column(sa.String(255))
    record_id: Mapped[int]


class Share(HasRef, Base):
    """A ticket, deal or order shared beyond its owner, until it ends.

    It is offered to an address; whoever proves that it is theirs joins for one of their companies, alone or with all
    their colleagues. Until then no organisation is known, and nobody reaches anything by it.
    """

    __tablename__ = "share"
    __table_args__ = (
        sa.Index("ix_share_record", "record_kind", "record_id"),
        sa.Index("ix_share_organisation_id", "organisation_id", "record_kind"),
        sa.Index("ix_share_shared_by_id", "shared_by_id", "shared_at"),
    )
    ref_prefix = "SH"

    record_kind: Mapped[str] = mapped_column(sa.String(16))
    record_id: Mapped[int]
    # As it was typed, in small letters.
    address: Mapped[str] = mapped_column(default="", index=True)
    is_for_company: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    # Empty for a whole company; `joined_by_id` is whoever took the offer up, for themselves or for their company.
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    joined_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    shared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # The company that the sharer acted for; empty for staff.
    shared_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    shared_at: Mapped[datetime]
    # From when on it lets in: when it was joined or, before that, offered.
    starts_at: Mapped[datetime]
    # What came before is not theirs to read; empty where they may read everything.
    reads_from: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]

    def __init__(self, **values: Any) -> None:
        values.setdefault("shared_at", values["starts_at"])
        super().__init__(**values)

    @property
    def is_joined(self) -> bool:
        return self.organisation_id is not None

    def is_live(self, at: datetime) -> bool:
        return self.ends_at is None or at < self.ends_at


class Channel(StrEnum):
    WEB = "web"
    EMAIL = "e-mail"
    PHONE = "phone"
    FAX = "fax"
    SHOP = "shop"
    VISIT = "visit"
    CHAT = "chat"
    API = "api"


class Audience(StrEnum):
    """Who reads a row: staff alone, or staff and the companies that are stored with it."""

    STAFF = "staff"
    COMPANIES = "companies"


class Activity(HasRef, Base):
    """One event in the contact history: a kind with parameters, never prose."""

    __tablename__ = "activity"
    __table_args__ = (
        sa.Index("ix_activity_ticket_id_id", "ticket_id", "id"),
        sa.Index("ix_activity_deal_id", "deal_id"),
        sa.Index("ix_activity_opportunity_id", "opportunity_id"),
        sa.Index("ix_activity_order_id", "order_id"),
        sa.Index("ix_activity_rfq_invitation_id", "rfq_invitation_id", "id"),
    )
    ref_prefix = "A"

    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(48))
    channel: Mapped[str] = mapped_column(sa.String(8))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    audience: Mapped[str] = mapped_column(sa.String(16))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), index=True)
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"))
    # Of a direct sale; what comes of a registration goes with the registration.
    opportunity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("opportunity.id"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trade_order.id"))
    rfq_invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rfq_invitation.id"))

    organisations: Mapped[list["ActivityOrganisation"]] = relationship(back_populates="activity")


class ActivityOrganisation(Base):
    """An organisation that an activity concerns, in what capacity, and whether it may read it.

    Kind, channel and time are repeated here: the history of one organisation is paged and filtered on this table.
    """

    __tablename__ = "activity_organisation"
    __table_args__ = (
        sa.UniqueConstraint("activity_id", "organisation_id"),
        sa.Index("ix_activity_organisation_history", "organisation_id", "at", "activity_id"),
    )

    activity_id: Mapped[int] = mapped_column(sa.ForeignKey("activity.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    capacity: Mapped[str | None] = mapped_column(sa.String(8))
    is_reader: Mapped[bool]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(48))
    channel: Mapped[str] = mapped_column(sa.String(8))

    activity: Mapped[Activity] = relationship(back_populates="organisations")


def record_activity(
    kind: str,
    *,
    at: datetime,
    actor_id: int | None,
    concerns: dict[int, Capacity | None],
    readers: frozenset[int] = frozenset(),
    channel: Channel = Channel.WEB,
    ticket_id: int | None = None,
    message_id: int | None = None,
    deal_id: int | None = None,
    opportunity_id: int | None = None,
    order_id: int | None = None,
    rfq_invitation_id: int | None = None,
    **params: Any,
) -> Activity:
    """A row of history for every organisation that it concerns; `readers` are those that may read it themselves."""
    return Activity(
        at=at,
        kind=kind,
        channel=channel,
        actor_id=actor_id,
        audience=Audience.COMPANIES if readers else Audience.STAFF,
        params=params,
        ticket_id=ticket_id,
        message_id=message_id,
        deal_id=deal_id,
        opportunity_id=opportunity_id,
        order_id=order_id,
        rfq_invitation_id=rfq_invitation_id,
        organisations=[
            ActivityOrganisation(
                organisation_id=organisation_id,
                capacity=capacity,
                is_reader=organisation_id in readers,
                at=at,
                kind=kind,
                channel=channel,
            )
            for organisation_id, capacity in concerns.items()
        ],
    )
