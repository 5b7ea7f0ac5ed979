"""Holding a request while something is done to it, so that of several at once each sees what the one before has done.

Everybody takes the terms first: suppliers together (one does not wait for another), buyers and the clock alone.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.finding import find
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.requests import Rfq, RfqTerms


def hold(session: Session, condition: sa.ColumnElement[bool]) -> Rfq | None:
    """The request as it is now, for buyers and the clock; None where it is out of reach."""
    rfq = find(session, Rfq, condition)
    if rfq is not None:
        _lock_terms(session, rfq.id, alone=True)
        session.refresh(rfq, with_for_update=True)
    return rfq


def hold_invitation(session: Session, condition: sa.ColumnElement[bool]) -> tuple[RfqInvitation, RfqTerms] | None:
    """An invitation as it is now, for its supplier; None where it is out of reach."""
    invitation = find(session, RfqInvitation, condition)
    if invitation is None:
        return None
    terms = _lock_terms(session, invitation.rfq_id, alone=False)
    session.refresh(invitation, with_for_update=True)
    return invitation, terms


def _lock_terms(session: Session, rfq_id: int, *, alone: bool) -> RfqTerms:
    asked = sa.select(RfqTerms).where(RfqTerms.rfq_id == rfq_id).with_for_update(read=not alone, of=RfqTerms)
    return session.scalars(asked.execution_options(populate_existing=True)).one()


def invitations_of(session: Session, rfq: Rfq) -> list[RfqInvitation]:
    """All of them, in the order in which they were put down."""
    asked = sa.select(RfqInvitation).where(RfqInvitation.rfq_id == rfq.id).order_by(RfqInvitation.id)
    return list(session.scalars(asked.execution_options(populate_existing=True)))
