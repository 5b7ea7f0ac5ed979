"""What was written with a step, for the mail that tells of it: read through the eyes of whoever it goes to."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.rfqs.models import RfqClarification, RfqInvitation, RfqQuestion, RfqTerms


def words_of(session: Session, invitation_id: int, params: Mapping[str, Any]) -> str:
    invited = sa.select(RfqInvitation.rfq_id).where(RfqInvitation.id == invitation_id).scalar_subquery()
    asked: sa.Select[Any] | None = None
    match params["verb"]:
        case "clarify":
            asked = sa.select(RfqClarification.answer).where(
                RfqClarification.rfq_id == invited, RfqClarification.number == params["number"]
            )
        case "cancel":
            asked = sa.select(RfqTerms.reason).where(RfqTerms.rfq_id == invited)
        case "award" | "pass-over":
            asked = sa.select(RfqInvitation.word).where(RfqInvitation.id == invitation_id)
        case "decline":
            asked = sa.select(RfqInvitation.reason).where(RfqInvitation.id == invitation_id)
        case "ask":
            asked = sa.select(RfqQuestion.body).where(RfqQuestion.ref == params["question"])
    return (session.scalar(asked) or "") if asked is not None else ""
