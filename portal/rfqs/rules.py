"""Who reaches requests for quotation, and what of them. Raw tables are for this kind of file alone.

Buyers and auditors read all of a request. A supplier never reads the request itself nor anybody else's invitation: it
reads its own invitation, what hangs on that, and the terms, lines and clarifications of the request that it is invited
to, from the moment of the invitation on.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from portal.access import Action, Capacity, FieldGroup, Ground, Noun, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, Condition, changed_fields, register, register_grounds
from portal.files.models import Attachment
from portal.rfqs.awarding import RfqAward
from portal.rfqs.invitations import RfqClarification, RfqInvitation, RfqQuestion
from portal.rfqs.lifecycle import Answer, State
from portal.rfqs.offers import RfqOffer, RfqOfferLine
from portal.rfqs.requests import Rfq, RfqLine, RfqTerms

# Once a request is sent, of what suppliers read only these move.
_AFTER_SENDING = frozenset({"closes_at", "reason"})
# Whose it is stays as it was.
_FIXED = frozenset({"author_id", "created_at", "ref"})
_BUYERS_PART = frozenset({"answer", "invited_at", "word", "order_number"})
_SUPPLIERS_PART = frozenset({"answer", "answered_at", "answered_by_id", "reason"})
_RETIRED = frozenset({"is_current", "withdrawn_at", "withdrawn_by_id"})


def _sees_all(who: Principal) -> bool:
    """Purchase prices are in it, so whoever may read requests has to have them in their lens."""
    held = {reach.ground for reach in who.reach(Noun.ORDERS)}
    return (
        who.is_staff
        and who.may(Action.RFQ_READ)
        and any(ground in held and who.sees(FieldGroup.PURCHASE_PRICES, ground) for ground in _OF_STAFF)
    )


_OF_STAFF = (Ground.PURCHASE, Ground.ALL)


def _rfq_reads(who: Principal) -> Condition:
    return sa.true() if _sees_all(who) else sa.false()


def _own(invitation: Any, who: Principal) -> Condition:
    """A supplier's own, once it is invited."""
    if who.is_staff or who.capacity != Capacity.SUPPLIER or not who.may(Action.RFQ_READ):
        return sa.false()
    return sa.and_(invitation.organisation_id == who.organisation_id, invitation.answer != Answer.CHOSEN)


def invitation_readable(invitation: Any, who: Principal) -> Condition:
    if who.is_system or _sees_all(who):
        return sa.true()
    return _own(invitation, who)


def of_readable_invitation(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    if not who.may(Action.RFQ_READ):
        return sa.false()
    invitation = RfqInvitation.__table__.alias().c
    return sa.exists().where(invitation.id == column, invitation_readable(invitation, who))


def _of_rfq(column: Any, who: Principal) -> Condition:
    """What all who are invited read of a request."""
    if who.is_system or _sees_all(who):
        return sa.true()
    if not who.may(Action.RFQ_READ):
        return sa.false()
    invitation = RfqInvitation.__table__.alias().c
    return sa.exists().where(invitation.rfq_id == column, _own(invitation, who))


def _of_offer(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    offer = RfqOffer.__table__.alias().c
    return sa.exists().where(offer.id == column, of_readable_invitation(offer.invitation_id, who))


def file_readable(who: Principal) -> Condition:
    """Files of the request itself are for staff: each supplier is given attachments of its own, with their own
    references."""
    of_request = Attachment.rfq_id.is_not(None) if _sees_all(who) else sa.false()
    return sa.or_(
        of_request,
        of_readable_invitation(Attachment.rfq_invitation_id, who),
        _of_offer(Attachment.rfq_offer_id, who),
    )


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────


def writes_requests(who: Principal) -> bool:
    held = {reach.ground for reach in who.reach(Noun.ORDERS) if reach.writes}
    return who.is_staff and who.may(Action.RFQ_WRITE) and Ground.PURCHASE in held


def answers(who: Principal, invitation: RfqInvitation | None) -> bool:
    return (
        invitation is not None
        and not who.is_staff
        and who.may(Action.RFQ_ANSWER)
        and is_writable(invitation, Action.RFQ_ANSWER)
    )


def _rfq_writes(who: Principal, rfq: Rfq, change: Change) -> bool:
    if not writes_requests(who):
        return False
    if change == Change.INSERT:
        return rfq.author_id == who.person_id
    if change == Change.DELETE:
        return rfq.state == State.DRAFT
    return changed_fields(rfq).isdisjoint(_FIXED)


def _part_writes(who: Principal, part: Any, change: Change) -> bool:
    """Terms and lines are written down in a draft; what is asked stays as it was sent."""
    if not writes_requests(who):
        return False
    session = object_session(part)
    rfq = part.rfq or (session.get(Rfq, part.rfq_id) if session else None)
    if rfq is None or rfq.state == State.DRAFT:
        return True
    return change == Change.UPDATE and isinstance(part, RfqTerms) and changed_fields(part) <= _AFTER_SENDING


def _invitation_writes(who: Principal, invitation: RfqInvitation, change: Change) -> bool:
    if writes_requests(who):
        if change == Change.DELETE:
            return invitation.answer == Answer.CHOSEN
        return change == Change.INSERT or changed_fields(invitation) <= _BUYERS_PART
    return change == Change.UPDATE and changed_fields(invitation) <= _SUPPLIERS_PART and answers(who, invitation)


def _invitation_of(part: Any) -> RfqInvitation | None:
    session = object_session(part)
    return session.get(RfqInvitation, part.invitation_id) if session and part.invitation_id else None


def _offer_writes(who: Principal, offer: RfqOffer, change: Change) -> bool:
    if change == Change.DELETE or not answers(who, _invitation_of(offer)):
        return False
    return offer.author_id == who.person_id if change == Change.INSERT else changed_fields(offer) <= _RETIRED


def _offer_line_writes(who: Principal, line: RfqOfferLine, change: Change) -> bool:
    return change == Change.INSERT and line.offer is not None and answers(who, _invitation_of(line.offer))


def _question_writes(who: Principal, question: RfqQuestion, change: Change) -> bool:
    if change == Change.INSERT:
        return question.author_id == who.person_id and answers(who, _invitation_of(question))
    return change == Change.UPDATE and writes_requests(who) and changed_fields(question) <= {"clarification_id"}


def _said_by_buyer(who: Principal, record: Any, change: Change) -> bool:
    return change == Change.INSERT and writes_requests(who)


def file_writes(who: Principal, file: Attachment, change: Change) -> bool:
    """Files of a draft come and go; those of an offer go in with it, and stay."""
    session = object_session(file)
    assert session is not None
    if file.rfq_id is not None:
        rfq = session.get(Rfq, file.rfq_id)
        return writes_requests(who) and rfq is not None and rfq.state == State.DRAFT
    if file.rfq_invitation_id is not None:
        return _said_by_buyer(who, file, change)
    offer = session.get(RfqOffer, file.rfq_offer_id)
    return change == Change.INSERT and offer is not None and answers(who, _invitation_of(offer))


register_grounds(
    Rfq,
    Noun.ORDERS,
    dict.fromkeys(_OF_STAFF, _rfq_reads),
    _rfq_writes,
    reads=_rfq_reads,
)
register(RfqTerms, reads=lambda who: _of_rfq(RfqTerms.rfq_id, who), writes=_part_writes)
register(RfqLine, reads=lambda who: _of_rfq(RfqLine.rfq_id, who), writes=_part_writes)
register_grounds(
    RfqInvitation,
    Noun.ORDERS,
    {
        Ground.COMPANY: lambda who: _own(RfqInvitation, who),
        **dict.fromkeys(_OF_STAFF, _rfq_reads),
    },
    _invitation_writes,
    reads=lambda who: invitation_readable(RfqInvitation, who),
)
register(RfqOffer, reads=lambda who: of_readable_invitation(RfqOffer.invitation_id, who), writes=_offer_writes)
register(RfqOfferLine, reads=lambda who: _of_offer(RfqOfferLine.offer_id, who), writes=_offer_line_writes)
register(RfqQuestion, reads=lambda who: of_readable_invitation(RfqQuestion.invitation_id, who), writes=_question_writes)
register(RfqClarification, reads=lambda who: _of_rfq(RfqClarification.rfq_id, who), writes=_said_by_buyer)
register(RfqAward, reads=lambda who: of_readable_invitation(RfqAward.invitation_id, who), writes=_said_by_buyer)
