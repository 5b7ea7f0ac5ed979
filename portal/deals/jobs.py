"""What the clock does with registrations: reminders, late decisions, the end of protections and of offers."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.finding import principal_of
from portal.deals import protection
from portal.deals.following import watch_idleness
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealEvent
from portal.deals.review import DealReview
from portal.deals.rules import customer_of, is_interested
from portal.extensions import db
from portal.jobs.outbox import Params, job
from portal.notices.deals import channel_managers, tell_of_lateness, tell_partner
from portal.partners.reach import deputies

# A reminder that comes later than this would tell the wrong number of days.
TOO_LATE = timedelta(hours=36)


def _locked(session: Session, params: Params) -> Deal | None:
    return session.scalars(sa.select(Deal).where(Deal.ref == params["deal"]).with_for_update()).one_or_none()


def _found(params: Params) -> tuple[Session, Deal | None, Principal]:
    session = db.session()
    return session, _locked(session, params), principal_of(session)


@job("deal.expire")
def expire(params: Params, at: datetime) -> None:
    """End a protection whose time is over. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is not None:
        protection.expire(session, deal, who, at)


@job("deal.release")
def release(params: Params, at: datetime) -> None:
    """Offer the place of an ended protection to those in line. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is not None and deal.state == State.EXPIRED:
        protection.release(session, deal, who, at)


@job("deal.lapse")
def lapse(params: Params, at: datetime) -> None:
    """End an offer that nobody took. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is not None:
        protection.lapse(session, deal, who, at)


@job("deal.pass-on")
def pass_on(params: Params, at: datetime) -> None:
    """Offer a place to the next in line where this one does not have it in the end. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is not None:
        protection.pass_on(session, deal, customer_of(session, deal.id), who, at)


@job("deal.remind")
def remind(params: Params, at: datetime) -> None:
    """Remind the partner of the end of a protection. Params: deal, until (as it was when this was promised), days."""
    session, deal, who = _found(params)
    if deal is None or deal.protected_until is None or deal.protected_until.isoformat() != params["until"]:
        return
    if at > deal.protected_until - timedelta(days=params["days"]) + TOO_LATE:
        return
    expected = State.APPROVED if params["days"] > 0 else State.EXPIRED
    if deal.state == expected:
        tell_partner(session, deal, "remind", who, at, days=params["days"])


@job("deal.warn")
def warn(params: Params, at: datetime) -> None:
    """Warn of a protection that ends for want of work. Params: deal, ends (as it was when this was promised)."""
    session, deal, who = _found(params)
    if deal is None or (ends := protection.idle_since(deal)) is None:
        return
    if ends.isoformat() != params["ends"]:
        # Somebody has worked on it, the author has moved to another time zone, or the programme is kinder now.
        watch_idleness(deal, at)
        return
    if deal.protected_until is not None and ends < deal.protected_until and not _is_warned(session, deal):
        deal.happened("warn-idle", who, at, ends=params["ends"])
        tell_partner(session, deal, "warn-idle", who, at, until=params["ends"])


@job("deal.shorten")
def shorten(params: Params, at: datetime) -> None:
    """End a protection on which nobody has worked, once its partner was warned. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is None:
        return
    if _is_warned(session, deal) and protection.shorten(deal, who, at):
        protection.expire(session, deal, who, at)
    else:
        # Its end has moved since this was promised.
        watch_idleness(deal, at)


def _is_warned(session: Session, deal: Deal) -> bool:
    """Since the last work on it."""
    warned = sa.select(DealEvent.id).where(DealEvent.deal_id == deal.id, DealEvent.verb == "warn-idle")
    return session.scalar(warned.where(DealEvent.at >= deal.worked_at).limit(1)) is not None


@job("deal.late")
def escalate(params: Params, at: datetime) -> None:
    """A decision is late: a second person is asked to make it. Params: deal (its reference)."""
    session, deal, who = _found(params)
    if deal is None or deal.due_at is None or at < deal.due_at:
        return
    review = session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one()
    if review.escalated_at is not None:
        return
    review.escalated_at, review.escalated_to_id = at, _second(session, review, at)
    deal.happened("late", who, at, is_public=False)
    tell_of_lateness(session, deal, {review.escalated_to_id, review.reviewer_id}, at)


def _second(session: Session, review: DealReview, at: datetime) -> int | None:
    """Who is asked: the one who stands in for the reviewer, or else who is there and has the fewest in hand; of those
    who can make the decision."""
    people = channel_managers(session)
    away = deputies(session, people, at)
    others = [person for person in people if person not in away and _can_decide(session, review, person)]
    if (stands_in := away.get(review.reviewer_id or 0)) in others:
        return stands_in
    return min(others, key=lambda person: (_load(session, person), person), default=None)


def _can_decide(session: Session, review: DealReview, person_id: int) -> bool:
    """Whether they are somebody else than has it in hand, or has approved it first, and have no part in it."""
    if person_id in (review.reviewer_id, review.first_approver_id):
        return False
    return not is_interested(session, person_id, review.deal)


def _load(session: Session, person_id: int) -> int:
    """How many reviews they have in hand."""
    taken = sa.select(sa.func.count(DealReview.id)).join(Deal, Deal.id == DealReview.deal_id)
    in_hand = taken.where(DealReview.reviewer_id == person_id, Deal.state == State.UNDER_REVIEW)
    return session.scalar(in_hand) or 0
