"""What the page of a registration says of its opportunity: see templates/deals/_conversion.html."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.deals.rules import is_interested
from portal.opportunities.models import Opportunity


class Conversion(NamedTuple):
    may_convert: bool = False
    opportunity_ref: str = ""


def conversion_of(session: Session, who: Principal, deal: Deal) -> Conversion:
    """One statement for what is converted and for whom might convert it, none for all others."""
    if deal.state == State.CONVERTED:
        ref = session.scalar(sa.select(Opportunity.ref).where(Opportunity.deal_id == deal.id))
        return Conversion(opportunity_ref=ref or "")
    decides = deal.state == State.APPROVED and who.may(Action.DEAL_DECIDE) and is_writable(deal)
    return Conversion(may_convert=decides and not is_interested(session, who.person_id, deal))
