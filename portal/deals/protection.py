"""Protection: one registration at a time has a customer and a product to itself, for so many days."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.access import Principal
from portal.clock import now
from portal.config import settings
from portal.database import Base
from portal.deals import terms
from portal.deals.lifecycle import UNDECIDED, Side, State, Verb, target_of
from portal.deals.models import Deal, DealEvent, DealLine
from portal.errors import RuleBroken
from portal.organisations.models import Organisation

# So long is a place that has become free held for the one to whom it is offered.
OFFER_LASTS = timedelta(days=14)
INSTANT = timedelta(microseconds=1)

_TAKEN = _l("Another registration has the place for this customer and product. Mark this one as a duplicate.")
_OFFERED = _l("The place is offered to a registration that has waited in line for it.")


class ProtectedPlace(Base):
    """A customer and a product that are one registration's alone, until its protection ends."""

    __tablename__ = "protected_place"
    __table_args__ = (sa.UniqueConstraint("customer_id", "product_id"),)

    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deal.id"), index=True)


def claim(session: Session, deal: Deal, customer_id: int, at: datetime) -> None:
    """Take the places of the deal's products at this customer; raises RuleBroken where somebody else has one.

    The customer is locked, so that one approval after the other asks; that the database knows each place once is the
    last resort.
    """
    session.execute(sa.select(Organisation.id).where(Organisation.id == customer_id).with_for_update())
    if holders := _holders(session, deal, customer_id):
        # What has expired is held for those in line alone.
        ended = session.scalars(sa.select(Deal.state == State.EXPIRED).where(Deal.id.in_(holders))).all()
        raise RuleBroken(_OFFERED if ended and all(ended) else _TAKEN)
    if _waiting(session, customer_id, deal.product_ids, but=deal.id, offered_at=at):
        raise RuleBroken(_OFFERED)
    if deal.programme is None or terms.holding(deal).protection_days is None:
        return
    places = [ProtectedPlace(customer_id=customer_id, product_id=p, deal_id=deal.id) for p in sorted(deal.product_ids)]
    session.add_all(places)
    try:
        session.flush()
    except IntegrityError:
        raise RuleBroken(_TAKEN) from None


def start(deal: Deal, at: datetime) -> None:
    """Protected from now to the end of the last day where the partner is, and an hour longer for each hour late."""
    assert deal.programme is not None
    deal.worked_at = at
    days = terms.holding(deal).protection_days
    if days is not None:
        deal.protected_from = at
        hours_late = timedelta(hours=deal.late_minutes // 60)
        deal.protected_until = end_of_day(deal, at, days) + hours_late


def end_of_day(deal: Deal, moment: datetime, days: int) -> datetime:
    """The end of the day that is so many days after the moment, in the partner's time zone."""
    zone = ZoneInfo(deal.author.time_zone or settings().default_time_zone)
    day: date = moment.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone).astimezone(now().tzinfo)


def expire(session: Session, deal: Deal, who: Principal, at: datetime) -> bool:
    """End a protection whose time is over, but for one whose extension waits for our decision."""
    from portal.deals.extensions import pending_extension

    if deal.state != State.APPROVED or deal.protected_until is None or at < deal.protected_until:
        return False
    if pending_extension(session, deal) is not None:
        return False
    deal.state = target_of(deal.state, Verb.EXPIRE, Side.CLOCK)
    deal.happened(Verb.EXPIRE, who, at)
    if not _is_waited_for(session, deal):
        release(session, deal, who, at)
    # Else in a job, on our next business morning: an offer in the very moment of midnight where the rival lives would
    # tell where that is.
    return True


def idle_since(deal: Deal) -> datetime | None:
    """When the protection ends early unless work is logged; None where the programme asks for none."""
    if deal.state != State.APPROVED or deal.programme is None or deal.protected_until is None:
        return None
    days = terms.holding(deal).idle_days
    return end_of_day(deal, deal.worked_at, days) if days is not None and deal.worked_at is not None else None


def shorten(deal: Deal, who: Principal, at: datetime) -> bool:
    """End the protection today where nobody has logged work for so long."""
    ends = idle_since(deal)
    if ends is None or at < ends or deal.protected_until is None or deal.protected_until <= ends:
        return False
    deal.protected_until = ends
    deal.happened("shorten", who, at)
    return True


def release(session: Session, deal: Deal, who: Principal, at: datetime) -> list[Deal]:
    """Give the places back and offer them to those who wait longest; returns to whom."""
    places = session.scalars(sa.select(ProtectedPlace).where(ProtectedPlace.deal_id == deal.id)).all()
    for place in places:
        session.delete(place)
    session.flush()
    if not places:
        return []
    return offer(session, places[0].customer_id, {place.product_id for place in places}, who, at)


def offer(session: Session, customer_id: int, products: Iterable[int], who: Principal, at: datetime) -> list[Deal]:
    """Offer what is free to the first in line, and to those after them who want nothing of it."""
    offered: list[Deal] = []
    for deal in _waiting(session, customer_id, products):
        if deal.offered_until is not None or _holders(session, deal, customer_id) or _came_back(session, deal):
            continue
        if not _waiting(session, customer_id, deal.product_ids, but=deal.id, offered_at=at):
            deal.offered_until = at + OFFER_LASTS
            deal.happened("offer-place", who, at)
            offered.append(deal)
    return offered


def pass_on(session: Session, deal: Deal, customer_id: int | None, who: Principal, at: datetime) -> list[Deal]:
    """Whoever was offered a place and does not have it in the end leaves it to the next in line."""
    was_offered = sa.select(DealEvent.id).where(DealEvent.deal_id == deal.id, DealEvent.verb == "offer-place")
    if customer_id is None or session.scalar(was_offered.limit(1)) is None:
        return []
    return offer(session, customer_id, deal.product_ids, who, at)


def lapse(session: Session, deal: Deal, who: Principal, at: datetime) -> bool:
    """An offer that nobody took is over, and made to the next in line."""
    from portal.deals.rules import customer_of

    if deal.state != State.DUPLICATE or deal.offered_until is None or at < deal.offered_until:
        return False
    deal.in_line_since = deal.offered_until = None
    deal.happened("lapse-place", who, at)
    session.flush()
    customer_id = customer_of(session, deal.id)
    assert customer_id is not None
    offer(session, customer_id, deal.product_ids, who, at)
    return True


def _is_waited_for(session: Session, deal: Deal) -> bool:
    """Whether somebody is in line for a place that it holds."""
    places = session.scalars(sa.select(ProtectedPlace).where(ProtectedPlace.deal_id == deal.id)).all()
    return bool(places) and bool(_waiting(session, places[0].customer_id, {place.product_id for place in places}))


def _holders(session: Session, deal: Deal, customer_id: int) -> list[int]:
    """The other deals that hold one of its products at this customer."""
    places = sa.select(ProtectedPlace.deal_id).where(
        ProtectedPlace.customer_id == customer_id,
        ProtectedPlace.product_id.in_(sorted(deal.product_ids)),
        ProtectedPlace.deal_id != deal.id,
    )
    return list(session.scalars(places))


def _came_back(session: Session, deal: Deal) -> bool:
    """Whether somebody who took the place that it waits for is under review again."""
    from portal.deals.review import DealReview

    mine, other = aliased(DealReview), aliased(DealReview)
    statement = (
        sa.select(Deal.id)
        .join(other, other.deal_id == Deal.id)
        .join(mine, mine.customer_id == other.customer_id)
        .where(
            mine.deal_id == deal.id,
            Deal.id != deal.id,
            Deal.state.in_(UNDECIDED),
            sa.exists().where(DealEvent.deal_id == Deal.id, DealEvent.verb == Verb.ACCEPT_PLACE),
            sa.exists().where(DealLine.deal_id == Deal.id, DealLine.product_id.in_(sorted(deal.product_ids))),
        )
    )
    return session.scalar(statement.limit(1)) is not None


def _waiting(
    session: Session,
    customer_id: int,
    products: Iterable[int],
    *,
    but: int | None = None,
    offered_at: datetime | None = None,
) -> list[Deal]:
    """Who waits in line for one of these products at this customer, in the order in which they were submitted."""
    from portal.deals.review import DealReview

    statement = (
        sa.select(Deal)
        .join(DealReview, DealReview.deal_id == Deal.id)
        .where(
            DealReview.customer_id == customer_id,
            Deal.state == State.DUPLICATE,
            Deal.in_line_since.is_not(None),
            sa.exists().where(DealLine.deal_id == Deal.id, DealLine.product_id.in_(sorted(products))),
        )
        .order_by(Deal.submitted_at, Deal.id)
    )
    if but is not None:
        statement = statement.where(Deal.id != but)
    if offered_at is not None:
        statement = statement.where(Deal.offered_until > offered_at)
    return list(session.scalars(statement))
