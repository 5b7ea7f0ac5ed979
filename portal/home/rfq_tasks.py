"""What of requests for quotation needs a person now."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from portal.access import Action, Principal
from portal.clock import now
from portal.home.task import Task
from portal.rfqs.invitations import RfqInvitation, RfqQuestion
from portal.rfqs.lifecycle import Answer, State
from portal.rfqs.requests import Rfq, RfqTerms


def rfq_tasks(who: Principal) -> Iterator[Task]:
    if who.may(Action.RFQ_WRITE):
        yield from _of_buyer()
    if who.may(Action.RFQ_ANSWER):
        yield _of_supplier()


def _of_buyer() -> Iterator[Task]:
    yield Task(
        _("Requests for quotation to decide on"),
        _("The time to answer is over: compare the offers."),
        url_for("rfqs.index", state=State.CLOSED.value),
        sa.select(Rfq.id).where(Rfq.state == State.CLOSED),
    )
    asked = sa.select(RfqQuestion.id).join(RfqInvitation, RfqInvitation.id == RfqQuestion.invitation_id)
    yield Task(
        _("Questions about requests for quotation"),
        _("Answer them for all suppliers while the request is open."),
        url_for("rfqs.index", state=State.OPEN.value),
        asked.join(Rfq, Rfq.id == RfqInvitation.rfq_id).where(
            RfqQuestion.clarification_id.is_(None), Rfq.state == State.OPEN
        ),
    )


def _of_supplier() -> Task:
    waiting = sa.select(RfqInvitation.id).join(RfqTerms, RfqTerms.rfq_id == RfqInvitation.rfq_id)
    return Task(
        _("Requests for quotation to answer"),
        _("Make an offer or decline while there is time."),
        url_for("rfqs.index", state=Answer.INVITED.value),
        waiting.where(RfqInvitation.answer == Answer.INVITED, RfqTerms.closes_at > now()),
    )
