"""Who reaches deal registrations and what hangs on them. Raw tables are for this kind of file alone."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from portal.access import Action, Capacity, FieldGroup, Ground, Noun, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, Condition, changed_fields, register, register_grounds, unscoped
from portal.accounts.models import Membership, Portfolio
from portal.database import among
from portal.deals.extensions import Extension
from portal.deals.lifecycle import CLAIMING, State, Verb
from portal.deals.models import Deal, DealEvent, DealLine
from portal.deals.programmes import Programme
from portal.deals.protection import ProtectedPlace
from portal.deals.review import DealReview
from portal.files.models import Attachment
from portal.organisations.models import Organisation, Share
from portal.organisations.rules import live_share
from portal.receipts.rules import read_with

_MOST_MATCHES = 100
# Whose it is stays as it was.
_FIXED = frozenset({"organisation_id", "organisation", "author_id", "author", "created_by_id", "created_at"})
# What says that something happened in its room.
_MOVES = frozenset({"activity_at", "public_at", "public_version"})
_Rule = Callable[[Any, Principal], Condition]


def _company(deal: Any, who: Principal) -> Condition:
    ours: Condition = deal.organisation_id == who.organisation_id
    return ours


def _own(deal: Any, who: Principal) -> Condition:
    return sa.and_(_company(deal, who), deal.author_id == who.person_id)


def _shared(deal: Any, who: Principal) -> Condition:
    if not who.has_shares:
        return sa.false()
    share = Share.__table__.alias().c
    shared = sa.select(share.record_id).where(
        share.record_kind == "deal",
        share.organisation_id == who.organisation_id,
        sa.or_(share.person_id.is_(None), share.person_id == who.person_id),
        live_share(share),
    )
    return sa.and_(among(deal.id, shared), deal.state != State.DRAFT)


def _told(deal: Any, who: Principal) -> Condition:
    """A draft is told to nobody yet: staff read only those that they have written themselves on a partner's behalf.

    Otherwise a vendor could see a lead before there is a receipt for it.
    """
    return sa.or_(deal.state != State.DRAFT, deal.created_by_id == who.person_id)


def _portfolio(deal: Any, who: Principal) -> Condition:
    """The partner's or the customer's."""
    portfolio, review = Portfolio.__table__.alias().c, DealReview.__table__.alias().c
    cared_for = sa.select(portfolio.organisation_id).where(portfolio.person_id == who.person_id)
    about = sa.select(review.deal_id).where(review.customer_id.in_(cared_for))
    return sa.and_(sa.or_(among(deal.organisation_id, cared_for), among(deal.id, about)), _told(deal, who))


_GROUNDS: dict[Ground, _Rule] = {
    Ground.OWN: _own,
    Ground.COMPANY: _company,
    Ground.SHARED: _shared,
    Ground.PORTFOLIO: _portfolio,
    Ground.ALL: _told,
}


def deal_readable(deal: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    held = {reach.ground for reach in who.reach(Noun.DEALS)}
    if Ground.ALL in held:
        return _told(deal, who)
    return sa.or_(sa.false(), *(rule(deal, who) for ground, rule in _GROUNDS.items() if ground in held))


def of_readable_deal(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    if not who.reach(Noun.DEALS):
        return sa.false()
    deal = Deal.__table__.alias()
    return sa.exists().where(deal.c.id == column, deal_readable(deal.c, who))


def _writes_deals(who: Principal) -> bool:
    return who.may(Action.DEAL_WRITE) or who.may(Action.DEAL_DECIDE)


def _deal_writes(who: Principal, deal: Deal, change: Change) -> bool:
    if change == Change.UPDATE:
        if not _writes_deals(who) or not is_writable(deal) or not changed_fields(deal).isdisjoint(_FIXED):
            return False
        # A guest who leaves the room moves the deal for those who stay; nothing else of it is theirs to change.
        return _is_of_its_side(who, deal) or changed_fields(deal) <= _MOVES
    if not who.may(Action.DEAL_WRITE) or deal.created_by_id != who.person_id:
        return False
    if change == Change.DELETE:
        # Nobody but its writer has seen a draft; everything else stays.
        return deal.state == State.DRAFT and is_writable(deal)
    if who.is_staff:
        return deal.author_id != who.person_id
    return deal.author_id == who.person_id and _is_partner_of(who, deal)


def _is_of_its_side(who: Principal, deal: Deal) -> bool:
    """Staff and the partner whose registration it is; not those of other partners whom it is shared with."""
    return who.is_staff or _is_partner_of(who, deal)


def _is_partner_of(who: Principal, deal: Deal) -> bool:
    return who.capacity == Capacity.PARTNER and deal.organisation_id == who.organisation_id


def _is_new_or_writable(who: Principal, deal: Deal | None) -> bool:
    if deal is None or not _writes_deals(who):
        return False
    if deal.id is None:
        return _deal_writes(who, deal, Change.INSERT)
    return is_writable(deal) and _is_of_its_side(who, deal)


def _line_writes(who: Principal, line: DealLine, change: Change) -> bool:
    """One that is taken off knows its deal by the id alone."""
    session = object_session(line)
    deal = line.deal or (session.get(Deal, line.deal_id) if session and line.deal_id else None)
    return _is_new_or_writable(who, deal) and deal is not None and deal.is_editable


def _event_writes(who: Principal, event: DealEvent, change: Change) -> bool:
    """What happened stays as it was written down."""
    is_theirs = change == Change.INSERT and event.actor_id == who.person_id and event.is_by_staff == who.is_staff
    return is_theirs and _is_new_or_writable(who, event.deal)


def evidence_writes(who: Principal, evidence: Attachment) -> bool:
    session = object_session(evidence)
    deal = session.get(Deal, evidence.deal_id) if session else None
    return deal is not None and deal.is_editable and _is_new_or_writable(who, deal)


def _staff_alone(column: Any, who: Principal) -> Condition:
    return of_readable_deal(column, who) if who.is_staff else sa.false()


def _review_writes(who: Principal, review: DealReview, change: Change) -> bool:
    if change == Change.INSERT:
        return review.submitter_id == who.person_id and _is_new_or_writable(who, review.deal)
    return change == Change.UPDATE and who.may(Action.DEAL_DECIDE) and is_writable(review.deal)


def _event_reads(who: Principal) -> Condition:
    reached = of_readable_deal(DealEvent.deal_id, who)
    if who.is_staff or who.is_system:
        return reached
    deal = Deal.__table__.alias().c
    held = {reach.ground for reach in who.reach(Noun.DEALS)} & {Ground.OWN, Ground.COMPANY}
    ours = sa.or_(sa.false(), *(_GROUNDS[ground](deal, who) for ground in sorted(held)))
    of_ours = sa.exists().where(deal.id == DealEvent.deal_id, ours)
    return sa.and_(reached, DealEvent.is_public, sa.or_(of_ours, _since_joined(who)))


def _since_joined(who: Principal) -> Condition:
    """Whom a deal is shared with reads of it from then on, unless whoever shared it ticked otherwise."""
    if not who.has_shares:
        return sa.false()
    share = Share.__table__.alias().c
    return sa.exists().where(
        share.record_kind == "deal",
        share.record_id == DealEvent.deal_id,
        share.organisation_id == who.organisation_id,
        sa.or_(share.person_id.is_(None), share.person_id == who.person_id),
        live_share(share),
        sa.or_(share.reads_from.is_(None), share.reads_from <= DealEvent.at),
    )


def _extension_writes(who: Principal, extension: Extension, change: Change) -> bool:
    if change == Change.INSERT:
        return extension.asked_by_id == who.person_id and _is_new_or_writable(who, extension.deal)
    return change == Change.UPDATE and who.may(Action.DEAL_DECIDE) and is_writable(extension.deal)


def _sees_rivals(who: Principal) -> Condition:
    return sa.true() if who.is_staff and who.sees(FieldGroup.DEAL_RIVALS) else sa.false()


def _decides(who: Principal, record: Any, change: Change) -> bool:
    return who.may(Action.DEAL_DECIDE)


def _programme_reads(who: Principal) -> Condition:
    return sa.true() if who.is_system or who.reach(Noun.DEALS) else sa.false()


def customer_of(session: Session, deal_id: int) -> int | None:
    """Whose customer a registration is about, whoever asks: for the customer's own history."""
    review = DealReview.__table__.c
    with unscoped("whose history it belongs to"):
        found: int | None = session.connection().scalar(sa.select(review.customer_id).where(review.deal_id == deal_id))
        return found


def matched_organisation(session: Session, deal_id: int, ref: str) -> int | None:
    """An organisation that matching found for the registration: who decides names it without reaching its record."""
    from portal.matching.rules import match_rows

    rows = session.execute(match_rows(deal_id, _MOST_MATCHES)).all()
    if ref not in {row.organisation_ref for row in rows if row.organisation_ref}:
        return None
    organisation = Organisation.__table__.c
    with unscoped("whose customer it is"):
        found: int | None = session.connection().scalar(sa.select(organisation.id).where(organisation.ref == ref))
        return found


def submitted_since(session: Session, organisation_id: int, moment: datetime) -> int:
    """How many registrations the partner has handed in since then, those of all its people."""
    deal, event = Deal.__table__.c, DealEvent.__table__.c
    count = (
        sa.select(sa.func.count())
        .select_from(DealEvent.__table__.join(Deal.__table__, deal.id == event.deal_id))
        .where(deal.organisation_id == organisation_id, event.verb == Verb.SUBMIT, event.at > moment)
    )
    with unscoped("how many a day"):
        return session.connection().scalar(count) or 0


def open_registrations(session: Session, programme_id: int, organisation_id: int) -> int:
    """How many of the partner's registrations in a programme wait for a decision or are protected, all its people's."""
    deal = Deal.__table__.c
    count = sa.select(sa.func.count()).where(
        deal.organisation_id == organisation_id, deal.programme_id == programme_id, deal.state.in_(CLAIMING)
    )
    with unscoped("how many are open"):
        return session.connection().scalar(count) or 0


# Who does one of these hands the registration in, be it again or on the partner's behalf.
_HANDED_IN = (Verb.SUBMIT, Verb.RESUBMIT, Verb.ACCEPT_PLACE)


def has_part_in(deal: Any, person_id: int | None) -> Condition:
    """Whether they wrote it down or handed it in, or a company of theirs is the partner or a guest of its room."""
    event, member, share = (table.__table__.alias().c for table in (DealEvent, Membership, Share))
    handed_in = sa.exists().where(event.deal_id == deal.id, event.actor_id == person_id, event.verb.in_(_HANDED_IN))
    belongs = (member.person_id == person_id, member.ended_at.is_(None))
    to_partner = sa.exists().where(*belongs, member.organisation_id == deal.organisation_id)
    to_guest = sa.exists().where(
        *belongs,
        member.organisation_id == share.organisation_id,
        share.record_kind == "deal",
        share.record_id == deal.id,
        live_share(share),
    )
    wrote = sa.or_(deal.author_id == person_id, deal.created_by_id == person_id)
    return sa.or_(wrote, handed_in, to_partner, to_guest)


def is_interested(session: Session, person_id: int | None, deal: Deal) -> bool:
    """Whether they have a part in it, so that the decision is somebody else's."""
    table = Deal.__table__.c
    with unscoped("who has a part in it"):
        found = session.connection().execute(
            sa.select(table.id).where(table.id == deal.id, has_part_in(table, person_id))
        )
        return found.first() is not None


register_grounds(
    Deal,
    Noun.DEALS,
    {ground: partial(rule, Deal) for ground, rule in _GROUNDS.items()},
    _deal_writes,
    reads=lambda who: deal_readable(Deal, who),
)
register(DealLine, reads=lambda who: of_readable_deal(DealLine.deal_id, who), writes=_line_writes)
register(DealEvent, reads=_event_reads, writes=_event_writes)
register(DealReview, reads=lambda who: _staff_alone(DealReview.deal_id, who), writes=_review_writes)
register(Extension, reads=lambda who: of_readable_deal(Extension.deal_id, who), writes=_extension_writes)
register(ProtectedPlace, reads=_sees_rivals, writes=_decides)
register(Programme, reads=_programme_reads, writes=_decides)
# Whoever reads the registration reads its receipts.
read_with("deal", of_readable_deal)
