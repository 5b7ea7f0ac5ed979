"""Awarding a request, as a whole or line by line, on the offers as they were looked at."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from portal.access import Principal
from portal.database import Base, session_of
from portal.errors import RuleBroken, Stale
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.lifecycle import INVITATION, Answer, Side, State, Verb
from portal.rfqs.offers import RfqOffer
from portal.rfqs.requests import Rfq

_NOT_YET = _l("The suppliers can still change their offers. Award the request once the time to answer is over.")
_MOVED = _l("An offer has changed since you looked at it. Look at the offers again, then decide.")
_NOTHING = _l("Choose a supplier for one line at least.")
_NOT_QUOTED = _l("A supplier can win only lines that it has offered.")


class RfqAward(Base):
    """A line and the supplier that won it, with the offer that won; a line has one winner at most."""

    __tablename__ = "rfq_award"

    line_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_line.id"), unique=True)
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_invitation.id"), index=True)
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("rfq_offer.id"), index=True)


def current_offers(session: Session, rfq_id: int) -> dict[int, RfqOffer]:
    """By the id of the invitation, with their lines."""
    asked = (
        sa.select(RfqOffer)
        .join(RfqInvitation, RfqInvitation.id == RfqOffer.invitation_id)
        .where(RfqInvitation.rfq_id == rfq_id, RfqOffer.is_current)
        .options(selectinload(RfqOffer.lines))
    )
    return {offer.invitation_id: offer for offer in session.scalars(asked)}


def award(
    rfq: Rfq,
    chosen: Mapping[int, str],
    seen: Mapping[str, int],
    words: Mapping[str, str],
    who: Principal,
    at: datetime,
    version: int | None,
) -> list[RfqInvitation]:
    """Give each of these lines (by position) to an invitation (by reference); returns all that had an offer.

    `seen` are the numbers of the offers that the decision was made on, `words` what is said to each supplier. Raises
    Stale where the request or any offer has moved since, RuleBroken before the time is over.
    """
    rfq.check_version(version)
    if rfq.state == State.OPEN and not rfq.terms.is_over(at):
        raise RuleBroken(_NOT_YET)
    session = session_of(rfq)
    offers, offering = current_offers(session, rfq.id), _offering(session, rfq.id)
    if {ref: offers[one.id].number for ref, one in offering.items()} != dict(seen):
        raise Stale(_MOVED)
    if not chosen:
        raise RuleBroken(_NOTHING)
    for line in rfq.lines:
        if line.position in chosen:
            session.add(_award(line.id, offering.get(chosen[line.position]), offers))
    rfq.award(who, at)
    for ref, invitation in offering.items():
        verb = Verb.AWARD if ref in chosen.values() else Verb.PASS_OVER
        invitation.answer = INVITATION.target_of(invitation.answer, verb, Side.BUYER)
        invitation.word = words.get(ref, "")
    session.flush()
    return list(offering.values())


def _offering(session: Session, rfq_id: int) -> dict[str, RfqInvitation]:
    """Those with an offer that counts, by reference."""
    asked = sa.select(RfqInvitation).where(RfqInvitation.rfq_id == rfq_id, RfqInvitation.answer == Answer.OFFERED)
    return {one.ref: one for one in session.scalars(asked.order_by(RfqInvitation.id))}


def _award(line_id: int, invitation: RfqInvitation | None, offers: Mapping[int, RfqOffer]) -> RfqAward:
    if invitation is None:
        raise RuleBroken(_NOT_QUOTED)
    offer = offers[invitation.id]
    if not any(line.line_id == line_id and line.unit_price is not None for line in offer.lines):
        raise RuleBroken(_NOT_QUOTED)
    return RfqAward(line_id=line_id, invitation_id=invitation.id, offer_id=offer.id)
