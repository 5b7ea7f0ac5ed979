"""One supplier's invitation to a request: all that is said between it and us, under a reference of its own.

Nothing here moves by what another supplier does, and nothing that a supplier does moves anything beyond it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.database import Base, HasRef, session_of
from portal.errors import RuleBroken, Stale
from portal.files.models import Attachment
from portal.organisations.models import Organisation
from portal.rfqs.lifecycle import INVITATION, Answer, Side, Verb
from portal.rfqs.offers import LineTerms, RfqOffer, offer_lines
from portal.rfqs.requests import STALE, Rfq, RfqLine, RfqTerms

_OVER = _l("The time to answer is over, so this was not sent.")
_NOTHING = _l("Offer a price for one line at least, or decline the request.")
_EXPIRED = _l("The offer has to be valid for today at least.")
_PAST = _l("A day of delivery is over already. Say one that is still to come.")
_NO_REASON = _l("Say why you decline: the buyer reads it.")
_NO_QUESTION = _l("Write your question.")


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """A whole offer; lines by their position."""

    lines: dict[int, LineTerms]
    valid_until: date
    remark: str = ""
    files: Iterable[Attachment] = field(default=())


class RfqInvitation(HasRef, Base):
    """`version` moves by what this supplier does and by what buyers do to this invitation alone."""

    __tablename__ = "rfq_invitation"
    __table_args__ = (
        sa.UniqueConstraint("rfq_id", "organisation_id"),
        sa.Index("ix_rfq_invitation_organisation", "organisation_id", "invited_at", "ref"),
        sa.Index("ix_rfq_invitation_answer", "organisation_id", "answer", "invited_at", "ref"),
    )
    ref_prefix = "QI"

    rfq_id: Mapped[int] = mapped_column(sa.ForeignKey("request_for_quotation.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    answer: Mapped[str] = mapped_column(sa.String(16), default=Answer.CHOSEN)
    invited_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    # Why the supplier declined.
    reason: Mapped[str] = mapped_column(default="")
    # What the buyer says to this supplier with the decision.
    word: Mapped[str] = mapped_column(default="")
    # The number that the ERP gave the purchase order that came of it.
    order_number: Mapped[str] = mapped_column(sa.String(64), default="")
    version: Mapped[int] = mapped_column(default=1)

    rfq: Mapped[Rfq] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("answer", Answer.CHOSEN)
        super().__init__(**values)

    @property
    def is_awaited(self) -> bool:
        return self.answer == Answer.INVITED

    def is_open(self, terms: RfqTerms, at: datetime) -> bool:
        """Whether the supplier can still answer."""
        return Verb.OFFER in INVITATION.verbs_from(self.answer, Side.SUPPLIER) and not terms.is_over(at)

    def invite(self, at: datetime) -> None:
        self.answer = INVITATION.target_of(self.answer, Verb.INVITE, Side.BUYER)
        self.invited_at = at

    def current_offer(self) -> RfqOffer | None:
        asked = sa.select(RfqOffer).where(RfqOffer.invitation_id == self.id, RfqOffer.is_current)
        return session_of(self).scalars(asked).one_or_none()

    # ── What the supplier does ────────────────────────────────────────────────────────────────────

    def ask(self, body: str, who: Principal, terms: RfqTerms, at: datetime) -> "RfqQuestion":
        """Raises RuleBroken."""
        self._check_time(Verb.OFFER, terms, at)
        if not body:
            raise RuleBroken(_NO_QUESTION)
        question = RfqQuestion(invitation_id=self.id, author_id=who.person_id, at=at, body=body)
        session_of(self).add(question)
        return question

    def offer(self, told: OfferTerms, who: Principal, terms: RfqTerms, at: datetime, version: int | None) -> RfqOffer:
        """The first version of an offer, or the next one. Raises Stale and RuleBroken."""
        target = self._answerable(Verb.OFFER, terms, at, version)
        self._check(told, at)
        session = session_of(self)
        number = self._last_number() + 1
        self._retire()
        asked = session.scalars(
            sa.select(RfqLine).where(RfqLine.rfq_id == self.rfq_id).order_by(RfqLine.position)
        ).all()
        offer = RfqOffer(
            invitation_id=self.id,
            number=number,
            is_current=True,
            author_id=who.person_id,
            at=at,
            valid_until=told.valid_until,
            remark=told.remark,
            lines=list(offer_lines(asked, told.lines)),
        )
        session.add(offer)
        self._answered(target, who, at)
        session.flush()
        for file in told.files:
            file.rfq_offer_id = offer.id
            session.add(file)
        return offer

    def withdraw(self, who: Principal, terms: RfqTerms, at: datetime, version: int | None) -> RfqOffer:
        """Take the offer back; another may follow while there is time. Raises Stale and RuleBroken."""
        target = self._answerable(Verb.WITHDRAW, terms, at, version)
        offer = self._retire()
        assert offer is not None
        offer.withdrawn_at, offer.withdrawn_by_id = at, who.person_id
        self._answered(target, who, at)
        return offer

    def decline(self, who: Principal, terms: RfqTerms, at: datetime, version: int | None, *, reason: str) -> None:
        """Raises Stale and RuleBroken."""
        target = self._answerable(Verb.DECLINE, terms, at, version)
        if not reason:
            raise RuleBroken(_NO_REASON)
        if (offer := self._retire()) is not None:
            offer.withdrawn_at, offer.withdrawn_by_id = at, who.person_id
        self._answered(target, who, at)
        self.reason = reason

    def _check_time(self, verb: Verb, terms: RfqTerms, at: datetime) -> str:
        if terms.is_over(at):
            raise RuleBroken(_OVER)
        return INVITATION.target_of(self.answer, verb, Side.SUPPLIER)

    def _answerable(self, verb: Verb, terms: RfqTerms, at: datetime, version: int | None) -> str:
        target = self._check_time(verb, terms, at)
        if version != self.version:
            raise Stale(STALE)
        return target

    def _check(self, told: OfferTerms, at: datetime) -> None:
        today = vendor_calendar(session_of(self)).day_of(at)
        quoted = [line for line in told.lines.values() if line.is_quoted]
        if not quoted:
            raise RuleBroken(_NOTHING)
        if told.valid_until < today:
            raise RuleBroken(_EXPIRED)
        if any(line.delivery_on is not None and line.delivery_on < today for line in quoted):
            raise RuleBroken(_PAST)

    def _last_number(self) -> int:
        last = sa.select(sa.func.max(RfqOffer.number)).where(RfqOffer.invitation_id == self.id)
        return session_of(self).scalar(last) or 0

    def _retire(self) -> RfqOffer | None:
        """The offer that counted so far does so no more: it has to be written before the next one is."""
        offer = self.current_offer()
        if offer is not None:
            offer.is_current = False
            session_of(self).flush()
        return offer

    def _answered(self, target: str, who: Principal, at: datetime) -> None:
        self.answer, self.answered_at, self.answered_by_id, self.reason = target, at, who.person_id, ""


class RfqClarification(Base):
    """What the buyer explains to all who are invited; it knows nothing of who asked."""

    __tablename__ = "rfq_clarification"
    __table_args__ = (sa.UniqueConstraint("rfq_id", "number"),)

    rfq_id: Mapped[int] = mapped_column(sa.ForeignKey("request_for_quotation.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    # As the buyer words it, so that it does not give away who asked; may be empty.
    question: Mapped[str] = mapped_column(default="")
    answer: Mapped[str]


class RfqQuestion(HasRef, Base):
    """What one supplier asks; answered by a clarification, which goes to all."""

    __tablename__ = "rfq_question"
    __table_args__ = (sa.Index("ix_rfq_question_invitation_id", "invitation_id", "id"),)
    ref_prefix = "QQ"

    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_invitation.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    body: Mapped[str]
    clarification_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rfq_clarification.id"), index=True)

    invitation: Mapped[RfqInvitation] = relationship()
