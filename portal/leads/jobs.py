"""What the clock does with leads."""

from datetime import datetime

import sqlalchemy as sa

from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.leads.handing import go_on
from portal.leads.models import Lead


@job("lead.go-on")
def hand_on(params: Params, at: datetime) -> None:
    """Ask the first partner, or the next one where the one before has passed. Params: lead (its reference)."""
    session = db.session()
    lead = session.scalars(sa.select(Lead).where(Lead.ref == params["lead"]).with_for_update()).one_or_none()
    # A draft may have been deleted since.
    if lead is not None:
        go_on(session, lead, at)
