"""Opportunities on the customer's record: what a registration becomes, and what our own people sell directly."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, synonym

from portal.access import Capacity, Principal
from portal.database import Base, HasRef, SortKey, session_of
from portal.errors import RuleBroken, Stale
from portal.organisations.models import Organisation, PartnerLink, record_activity
from portal.products.models import Product
from portal.text import excerpt, sort_key

if TYPE_CHECKING:
    from portal.deals.models import Deal
    from portal.deals.review import DealReview

LONGEST_TITLE = 200
_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")
_TAKEN = _l("Another registration has the place for this customer and product by now, so the opportunity stays closed.")


class Stage(StrEnum):
    QUALIFICATION = "qualification"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    CLOSING = "closing"


# In per cent, until somebody knows better.
USUAL_PROBABILITY = {Stage.QUALIFICATION: 20, Stage.PROPOSAL: 40, Stage.NEGOTIATION: 60, Stage.CLOSING: 80}


class Status(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class WonReason(StrEnum):
    FIT = "fit"
    PRICE = "price"
    TRUST = "trust"
    SERVICE = "service"
    DELIVERY = "delivery"
    OTHER = "other"


class LostReason(StrEnum):
    PRICE = "price"
    COMPETITOR = "competitor"
    NO_BUDGET = "no-budget"
    NO_NEED = "no-need"
    NO_DECISION = "no-decision"
    TIMING = "timing"
    OTHER = "other"


REASONS: Mapping[str, type[StrEnum]] = {Status.WON: WonReason, Status.LOST: LostReason}


class Opportunity(HasRef, Base):
    """Without a partner it is a direct sale. Amounts are minor units, the probability per cent."""

    __tablename__ = "opportunity"
    __table_args__ = (
        sa.Index("ix_opportunity_activity", "activity_at", "ref"),
        sa.Index("ix_opportunity_customer_id", "customer_id", "status"),
        sa.Index("ix_opportunity_partner_id", "partner_id", "activity_at", "ref"),
    )
    ref_prefix = "OP"

    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), unique=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    title: Mapped[str]
    title_key: Mapped[str] = mapped_column(SortKey)
    stage: Mapped[str] = mapped_column(sa.String(16), default=Stage.QUALIFICATION)
    status: Mapped[str] = mapped_column(sa.String(8), default=Status.OPEN)
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    probability: Mapped[int] = mapped_column(default=USUAL_PROBABILITY[Stage.QUALIFICATION])
    next_step: Mapped[str] = mapped_column(default="")
    close_on: Mapped[date | None]
    closing_reason: Mapped[str] = mapped_column(sa.String(24), default="")
    closing_words: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    activity_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    # As the contact history calls whatever it speaks of.
    name: Mapped[str] = synonym("title")
    customer: Mapped[Organisation] = relationship(foreign_keys=customer_id)
    partner: Mapped[Organisation | None] = relationship(foreign_keys=partner_id)
    deal: Mapped["Deal | None"] = relationship("Deal")
    lines: Mapped[list["OpportunityLine"]] = relationship(
        back_populates="opportunity", order_by="OpportunityLine.id", cascade="all, delete-orphan"
    )
    events: Mapped[list["OpportunityEvent"]] = relationship(
        back_populates="opportunity", order_by="OpportunityEvent.id"
    )

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("activity_at", values["created_at"])
        values.setdefault("title_key", sort_key(values["title"]))
        # Asked for before the database fills them in.
        values.setdefault("stage", Stage.QUALIFICATION)
        values.setdefault("status", Status.OPEN)
        values.setdefault("probability", USUAL_PROBABILITY[Stage(values["stage"])])
        super().__init__(**values)

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN

    @classmethod
    def convert(
        cls, review: "DealReview", who: Principal, at: datetime, version: int, *, contact_id: int | None = None
    ) -> "Opportunity":
        """What an approved registration becomes; its partner is the customer's partner of record from then on, with
        this person as the one contact whom they are told.

        The protected places stay until the opportunity is closed. Raises Stale, and RuleBroken where the registration
        is not approved, no longer protected, not theirs to decide, or an extension is asked for.
        """
        from portal.deals.lifecycle import Verb, target_of
        from portal.deals.models import side_of

        deal, session = review.deal, session_of(review)
        deal.check_version(who, version)
        review.check_disinterested(who)
        target = target_of(deal.state, Verb.CONVERT, side_of(who))
        _check_protected(session, deal, at)
        assert review.customer_id is not None
        assert deal.amount is not None
        found = cls(
            customer_id=review.customer_id,
            partner_id=deal.organisation_id,
            deal=deal,
            owner_id=who.person_id,
            title=_title(deal),
            amount=deal.amount,
            currency=deal.currency,
            close_on=deal.close_on,
            created_at=at,
        )
        found.lines = [
            OpportunityLine(product_id=line.product_id, quantity=line.quantity, unit_price=line.unit_price)
            for line in deal.lines
        ]
        session.add(found)
        deal.state = target
        found._note("convert", who, at)
        deal.happened(Verb.CONVERT, who, at, opportunity=found.ref)
        _link(session, found, who, at, contact_id)
        return found

    @classmethod
    def open(
        cls,
        session: Session,
        who: Principal,
        at: datetime,
        customer: Organisation,
        lines: Iterable["OpportunityLine"],
        **facts: Any,
    ) -> "Opportunity":
        """A direct sale to this customer. Raises RuleBroken where a registration protects one of its products there:
        whom, a partner was promised that nobody else would be."""
        found = cls(customer=customer, owner_id=who.person_id, created_at=at, **facts)
        found.lines = list(lines)
        _check_free(session, customer.id, found.lines)
        session.add(found)
        session.flush()
        found._happened("opened", who, at)
        return found

    def check_version(self, version: int | None) -> None:
        if version != self.version:
            raise Stale(_STALE)

    def update_stage(
        self,
        who: Principal,
        at: datetime,
        version: int,
        *,
        stage: Stage,
        probability: int,
        next_step: str,
        close_on: date | None,
    ) -> bool:
        """How far it has come; False where nothing differs. Raises Stale, and RuleBroken once it is closed."""
        self.check_version(version)
        if not self.is_open:
            raise RuleBroken(_l("The opportunity is closed, so that its stage does not change any more."))
        return self._change(who, at, stage=stage, probability=probability, next_step=next_step, close_on=close_on)

    def edit(self, who: Principal, at: datetime, version: int, *, title: str, amount: int, owner_id: int) -> bool:
        """What it is about, what it is worth and who looks after it; False where nothing differs. Raises Stale, and
        RuleBroken once it is closed."""
        self.check_version(version)
        if not self.is_open:
            raise RuleBroken(_l("The opportunity is closed. Reopen it, then change it."))
        self.title_key = sort_key(title)
        return self._change(who, at, title=title, amount=amount, owner_id=owner_id)

    def close(
        self, who: Principal, at: datetime, version: int, *, status: Status, reason: str, words: str = ""
    ) -> None:
        """Won or lost, and why. The registration's places are free again: whoever waits in line is offered them, after
        a win as after a loss, so that the offer does not tell how the rival fared; their registration is reviewed anew.

        Raises Stale, and RuleBroken where it is closed already.
        """
        from portal.deals import protection

        self.check_version(version)
        if not self.is_open:
            raise RuleBroken(_l("The opportunity is closed already."))
        if reason not in list(REASONS[status]):
            raise RuleBroken(_l("Say why it was won or lost."))
        self.status, self.closing_reason, self.closing_words, self.closed_at = status, reason, words, at
        self._happened(str(status), who, at, reason=reason, words=words)
        if self.deal is not None:
            protection.release(session_of(self), self.deal, who, at)

    def reopen(self, who: Principal, at: datetime, version: int) -> None:
        """Take it up again, with the places that it had. Raises Stale, and RuleBroken where they are taken, or where a
        registration protects by now what is sold directly."""
        from portal.deals import protection

        self.check_version(version)
        if self.is_open:
            raise RuleBroken(_l("The opportunity is open."))
        if self.deal is not None:
            try:
                protection.claim(session_of(self), self.deal, self.customer_id, at)
            except RuleBroken:
                raise RuleBroken(_TAKEN) from None
        else:
            _check_free(session_of(self), self.customer_id, self.lines)
        self.status, self.closing_reason, self.closing_words, self.closed_at = Status.OPEN, "", "", None
        self._happened("reopened", who, at)

    # ── What they share ───────────────────────────────────────────────────────────────────────────

    def _happened(self, verb: str, who: Principal, at: datetime, **told: Any) -> None:
        """For its own page, and into the contact history: with its registration that of both, else the customer's, for
        staff who read the opportunity."""
        self._note(verb, who, at, **told)
        if self.deal is not None:
            self.deal.happened(f"opportunity-{verb}", who, at, opportunity=self.ref)
            return
        session_of(self).add(
            record_activity(
                f"opportunity-{verb}",
                at=at,
                actor_id=who.person_id,
                concerns={self.customer_id: Capacity.CUSTOMER},
                opportunity_id=self.id,
                sale_id=self.id,
            )
        )

    def _change(self, who: Principal, at: datetime, **told: Any) -> bool:
        """Write it down with what was there before; False where nothing differs."""
        changes = {name: [_plain(getattr(self, name)), _plain(new)] for name, new in told.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if not changes:
            return False
        for name, value in told.items():
            setattr(self, name, value)
        self._happened("changed", who, at, changes=changes)
        return True

    def _note(self, verb: str, who: Principal, at: datetime, **told: Any) -> None:
        self.activity_at = at
        event = OpportunityEvent(verb=verb, actor_id=who.person_id, is_by_staff=who.is_staff, at=at, **told)
        self.events.append(event)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _title(deal: "Deal") -> str:
    """As the partner calls the customer, and the products in the partner's language."""
    names = ", ".join(line.product.name_in(deal.author.language or "en") for line in deal.lines)
    return excerpt(f"{deal.customer_name}: {names}", LONGEST_TITLE)


def _check_protected(session: Session, deal: "Deal", at: datetime) -> None:
    from portal.deals.extensions import pending_extension

    if pending_extension(session, deal) is not None:
        raise RuleBroken(_l("An extension of the protection is asked for. Decide on that first."))
    if deal.protected_until is not None and at >= deal.protected_until:
        raise RuleBroken(_l("The protection has ended, so that the registration is not converted any more."))


def _check_free(session: Session, customer_id: int, lines: Iterable["OpportunityLine"]) -> None:
    """Raises RuleBroken where a registration protects one of these products at the customer."""
    from portal.opportunities.rules import is_protected

    # One after the other with approvals, which lock the customer too.
    session.execute(sa.select(Organisation.id).where(Organisation.id == customer_id).with_for_update())
    if is_protected(session, customer_id, {line.product_id for line in lines}):
        raise RuleBroken(
            _l("An approved registration protects one of these products at this customer. It is not sold directly.")
        )


def _link(session: Session, found: Opportunity, who: Principal, at: datetime, contact_id: int | None) -> None:
    """The partner of record, unless it is that already. Consent to open tickets is for the customer to give."""
    from portal.organisations.rules import active_link

    # Two conversions at once would each make a link.
    session.execute(sa.select(Organisation.id).where(Organisation.id == found.customer_id).with_for_update())
    standing = sa.select(PartnerLink.id).where(
        PartnerLink.partner_id == found.partner_id,
        PartnerLink.customer_id == found.customer_id,
        active_link(PartnerLink, at.date()),
    )
    if session.scalars(standing.limit(1)).first() is not None:
        return
    link = PartnerLink(
        partner=found.partner, customer=found.customer, contact_id=contact_id, starts_on=at.date(), ends_on=None
    )
    session.add(link)
    session.flush()
    link.record("partner-link-started", who.person_id, at)


class OpportunityLine(Base):
    """The price is expected, for one, in minor units of the opportunity's currency."""

    __tablename__ = "opportunity_line"

    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunity.id"), index=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    quantity: Mapped[int]
    unit_price: Mapped[int | None] = mapped_column(sa.BigInteger)

    opportunity: Mapped[Opportunity] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()


class OpportunityEvent(Base):
    """A step in its life; `changes` holds what was before and what after, by field."""

    __tablename__ = "opportunity_event"
    __table_args__ = (sa.Index("ix_opportunity_event_opportunity_id_id", "opportunity_id", "id"),)

    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunity.id"))
    verb: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    is_by_staff: Mapped[bool]
    at: Mapped[datetime]
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(sa.String(24), default="")
    words: Mapped[str] = mapped_column(default="")

    opportunity: Mapped[Opportunity] = relationship(back_populates="events")
