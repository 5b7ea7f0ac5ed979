"""What the clock does with requests for quotation."""

from datetime import datetime

import sqlalchemy as sa

from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.notices.rfqs import remind as tell_reminder
from portal.rfqs.following import follow_close
from portal.rfqs.holding import hold, invitations_of
from portal.rfqs.invitations import RfqInvitation
from portal.rfqs.lifecycle import Answer
from portal.rfqs.requests import Rfq


@job("rfqs.close")
def close(params: Params, at: datetime) -> None:
    """End the time to answer, unless it was extended meanwhile. Params: rfq (its reference)."""
    session = db.session()
    rfq = hold(session, Rfq.ref == params["rfq"])
    if rfq is not None and rfq.close(at):
        follow_close(session, rfq, invitations_of(session, rfq), at)


@job("rfqs.remind")
def remind(params: Params, at: datetime) -> None:
    """Remind those who have not answered. Params: rfq (its reference), until (the moment that it is about)."""
    session, until = db.session(), datetime.fromisoformat(params["until"])
    rfq = session.scalars(sa.select(Rfq).where(Rfq.ref == params["rfq"])).one_or_none()
    if rfq is None or rfq.terms.closes_at != until or rfq.terms.is_over(at):
        return
    awaited = sa.select(RfqInvitation).where(RfqInvitation.rfq_id == rfq.id, RfqInvitation.answer == Answer.INVITED)
    for invitation in session.scalars(awaited):
        tell_reminder(session, invitation, until, at)
