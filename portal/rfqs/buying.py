"""What buyers do with a request that they hold, and what follows from it for each supplier apart."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.database import session_of
from portal.errors import RuleBroken, Stale
from portal.files.models import Attachment
from portal.organisations.models import Organisation
from portal.rfqs.awarding import award as award_lines
from portal.rfqs.following import follow, follow_all
from portal.rfqs.holding import invitations_of
from portal.rfqs.invitations import RfqClarification, RfqInvitation, RfqQuestion
from portal.rfqs.lifecycle import Answer, State
from portal.rfqs.requests import STALE, Rfq

_NOT_OPEN = _l("Suppliers can be added while the request is open for answers.")
_INVITED = _l("This supplier has been invited already.")
_NO_ANSWER = _l("Write what you explain to all suppliers.")
_ANSWERED = _l("This question has been answered already.")
_NOT_WON = _l("Nothing was awarded to this supplier.")


def choose(session: Session, rfq: Rfq, organisations: Iterable[Organisation]) -> None:
    """Put just these on the list of a draft."""
    rfq.check_draft()
    wanted = {organisation.id for organisation in organisations}
    for invitation in invitations_of(session, rfq):
        if invitation.organisation_id in wanted:
            wanted.discard(invitation.organisation_id)
        else:
            session.delete(invitation)
    session.add_all(RfqInvitation(rfq_id=rfq.id, organisation_id=organisation_id) for organisation_id in sorted(wanted))
    session.flush()


def send(rfq: Rfq, who: Principal, at: datetime, version: int | None) -> list[RfqInvitation]:
    """Raises Stale and RuleBroken."""
    session = session_of(rfq)
    chosen = invitations_of(session, rfq)
    rfq.send(at, version, chosen=len(chosen))
    for invitation in chosen:
        _let_in(session, rfq, invitation, who, at)
    return chosen


def invite(rfq: Rfq, organisation: Organisation, who: Principal, at: datetime, version: int | None) -> RfqInvitation:
    """One supplier more. Raises Stale and RuleBroken."""
    rfq.check_version(version)
    if rfq.state_at(at) != State.OPEN:
        raise RuleBroken(_NOT_OPEN)
    session = session_of(rfq)
    if any(known.organisation_id == organisation.id for known in invitations_of(session, rfq)):
        raise RuleBroken(_INVITED)
    invitation = RfqInvitation(rfq_id=rfq.id, organisation_id=organisation.id)
    session.add(invitation)
    rfq.moved_at = at
    session.flush()
    _let_in(session, rfq, invitation, who, at)
    return invitation


def _let_in(session: Session, rfq: Rfq, invitation: RfqInvitation, who: Principal, at: datetime) -> None:
    """The files go to each supplier under references of its own."""
    invitation.invite(at)
    session.flush()
    columns = (Attachment.sha256, Attachment.filename, Attachment.media_type, Attachment.size)
    asked = sa.select(*columns, Attachment.thumbnail_sha256).where(Attachment.rfq_id == rfq.id).order_by(Attachment.id)
    for file in session.execute(asked):
        session.add(Attachment(rfq_invitation_id=invitation.id, created_at=at, **file._mapping))
    assert rfq.terms.closes_at is not None
    follow(invitation, "invite", who, at, until=rfq.terms.closes_at.isoformat())


def extend(rfq: Rfq, closes_at: datetime, who: Principal, at: datetime, version: int | None) -> None:
    """Raises Stale and RuleBroken."""
    rfq.extend(closes_at, at, version)
    follow_all(_asked(rfq), "extend", who, at, until=closes_at.isoformat())


def cancel(rfq: Rfq, who: Principal, at: datetime, version: int | None, *, reason: str) -> None:
    """Raises Stale and RuleBroken."""
    rfq.cancel(at, version, reason=reason)
    for invitation in _asked(rfq):
        # Who declined is out of it already.
        is_told = invitation.answer != Answer.DECLINED
        invitation.answer = Answer.CANCELLED
        if is_told:
            follow(invitation, "cancel", who, at)


def clarify(
    rfq: Rfq,
    question: str,
    answer: str,
    who: Principal,
    at: datetime,
    version: int | None,
    *,
    asked: RfqQuestion | None = None,
) -> RfqClarification:
    """Explain something to all who are invited, in answer to a question perhaps. Raises Stale and RuleBroken."""
    rfq.check_version(version)
    if rfq.state_at(at) != State.OPEN:
        raise RuleBroken(_l("The request can be clarified while it is open for answers."))
    if not answer:
        raise RuleBroken(_NO_ANSWER)
    if asked is not None and asked.clarification_id is not None:
        raise RuleBroken(_ANSWERED)
    said = _say(rfq, question, answer, who, at)
    if asked is not None:
        asked.clarification_id = said.id
    waiting = [one for one in _asked(rfq) if one.answer != Answer.DECLINED]
    follow_all(waiting, "clarify", who, at, number=said.number)
    return said


def _say(rfq: Rfq, question: str, answer: str, who: Principal, at: datetime) -> RfqClarification:
    session = session_of(rfq)
    last = session.scalar(sa.select(sa.func.max(RfqClarification.number)).where(RfqClarification.rfq_id == rfq.id))
    known = {"rfq_id": rfq.id, "number": (last or 0) + 1, "author_id": who.person_id, "at": at}
    said = RfqClarification(question=question, answer=answer, **known)
    session.add(said)
    rfq.moved_at = at
    session.flush()
    return said


def award(
    rfq: Rfq,
    chosen: Mapping[int, str],
    seen: Mapping[str, int],
    words: Mapping[str, str],
    who: Principal,
    at: datetime,
    version: int | None,
) -> None:
    """See `awarding.award`; each who offered something is told of its own outcome."""
    for invitation in award_lines(rfq, chosen, seen, words, who, at, version):
        follow(invitation, "award" if invitation.answer == Answer.WON else "pass-over", who, at)


def note_order(invitation: RfqInvitation, number: str, who: Principal, at: datetime, version: int | None) -> None:
    """The number of the purchase order that came of it; the order itself is found by it. Raises Stale, RuleBroken."""
    if version != invitation.version:
        raise Stale(STALE)
    if invitation.answer != Answer.WON:
        raise RuleBroken(_NOT_WON)
    if invitation.order_number != number:
        invitation.order_number = number
        follow(invitation, "order", who, at)


def _asked(rfq: Rfq) -> list[RfqInvitation]:
    """Those to whom it is open still."""
    over = (Answer.CHOSEN, Answer.CANCELLED)
    return [one for one in invitations_of(session_of(rfq), rfq) if one.answer not in over]
