"""What a supplier does with the invitation that it holds, and what follows from it."""

from datetime import datetime

from portal.access import Principal
from portal.database import session_of
from portal.rfqs.following import follow
from portal.rfqs.invitations import OfferTerms, RfqInvitation
from portal.rfqs.requests import RfqTerms


def ask(invitation: RfqInvitation, body: str, who: Principal, terms: RfqTerms, at: datetime) -> None:
    """Raises RuleBroken."""
    question = invitation.ask(body, who, terms, at)
    session_of(invitation).flush()
    follow(invitation, "ask", who, at, question=question.ref)


def offer(
    invitation: RfqInvitation, told: OfferTerms, who: Principal, terms: RfqTerms, at: datetime, version: int | None
) -> None:
    """Raises Stale and RuleBroken."""
    sent = invitation.offer(told, who, terms, at, version)
    follow(invitation, "offer" if sent.number == 1 else "revise", who, at)


def withdraw(invitation: RfqInvitation, who: Principal, terms: RfqTerms, at: datetime, version: int | None) -> None:
    """Raises Stale and RuleBroken."""
    invitation.withdraw(who, terms, at, version)
    follow(invitation, "withdraw", who, at)


def decline(
    invitation: RfqInvitation, who: Principal, terms: RfqTerms, at: datetime, version: int | None, *, reason: str
) -> None:
    """Raises Stale and RuleBroken."""
    invitation.decline(who, terms, at, version, reason=reason)
    follow(invitation, "decline", who, at)
