"""Who reaches shares. Raw tables are for this kind of file alone: they are not narrowed."""

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from portal.access import FieldGroup, Level, Principal
from portal.access.scope import Change, Condition, changed_fields, register
from portal.accounts.models import Identity, Person
from portal.database import UtcDateTime
from portal.organisations.models import Organisation, Share
from portal.organisations.rules import live_share
from portal.rooms.kinds import KINDS


def of_readable_record(share: Any, who: Principal) -> Condition:
    """The share is of a record within reach."""
    return sa.or_(
        *(sa.and_(share.record_kind == kind.name, kind.of_readable(share.record_id, who)) for kind in KINDS.values())
    )


def offered_to(share: Any, who: Principal) -> Condition:
    """It was offered to an address that an identity provider vouches for as theirs."""
    person, identity = Person.__table__.alias().c, Identity.__table__.alias().c
    return sa.and_(
        share.address != "",
        sa.or_(
            sa.exists().where(person.id == who.person_id, sa.func.lower(person.email) == share.address),
            sa.exists().where(
                identity.person_id == who.person_id,
                identity.email_verified,
                sa.func.lower(identity.email) == share.address,
            ),
        ),
    )


def _share_reads(who: Principal) -> Condition:
    """Who is in the room, to all who reach the record; what is only offered, to the side that offered it."""
    if who.person_id is None:
        return sa.false()
    own_side: Condition = sa.false()
    if who.is_staff:
        own_side = sa.true() if who.sees(FieldGroup.CONTACT) else sa.false()
    elif who.acting is not None:
        own_side = Share.shared_for_id == who.organisation_id
    return sa.or_(
        Share.shared_by_id == who.person_id,
        offered_to(Share, who),
        sa.and_(sa.or_(Share.organisation_id.is_not(None), own_side), of_readable_record(Share, who)),
    )


def may_end(who: Principal, share: Share, record: Any) -> bool:
    """Those who manage the room, whoever offered it, and guests: each for themselves, an admin for the company."""
    if share.shared_by_id == who.person_id or KINDS[share.record_kind].manages(who, record):
        return True
    if who.acting is None or not share.is_joined or share.organisation_id != who.organisation_id:
        return False
    return who.acting.level == Level.ADMIN or who.person_id in (share.person_id, share.joined_by_id)


def _share_writes(who: Principal, share: Share, change: Change) -> bool:
    """Joining is not among it: nobody who does not reach the record yet can write, so the system does it for them."""
    session, kind = object_session(share), KINDS.get(share.record_kind)
    record = session.get(kind.model, share.record_id) if session and kind else None
    if record is None or kind is None:
        return False
    if change == Change.INSERT:
        is_offer = share.shared_by_id == who.person_id and not share.is_joined
        return is_offer and share.shared_for_id == who.organisation_id and kind.manages(who, record)
    return change == Change.UPDATE and changed_fields(share) <= {"ends_at"} and may_end(who, share, record)


register(Share, reads=_share_reads, writes=_share_writes)


def waiting_for(who: Principal, at: datetime) -> sa.Select[Any]:
    """Offers to an address of theirs that nobody has taken up yet, of what they do not reach already; the latest first.

    With the names of whoever offers it, who is known to them by the mail already.
    """
    home, sharer = Organisation.__table__.alias().c, Person.__table__.alias().c
    return (
        sa.select(
            Share.id,
            Share.ref,
            Share.record_kind,
            Share.ends_at,
            sharer.name.label("sharer"),
            home.name.label("sharer_company"),
        )
        .join(sharer.id.table, sharer.id == Share.shared_by_id)
        .outerjoin(home.id.table, home.id == Share.shared_for_id)
        .where(offered_to(Share, who), Share.organisation_id.is_(None), live_share(Share, at))
        .where(Share.shared_by_id != who.person_id, sa.not_(of_readable_record(Share, who)))
        .order_by(Share.shared_at.desc(), Share.id.desc())
    )


@cache
def guests_of(most: int, *, joined: bool = False) -> sa.Select[Any]:
    """The live shares of a record that the principal reads, with the names that go with them; made once.

    Asked with `kind`, `record` (its id) and `at`. Who is in one room is known in it by name and company, wherever else
    they are reached.
    """
    company, home = Organisation.__table__.alias().c, Organisation.__table__.alias().c
    person, sharer = Person.__table__.alias().c, Person.__table__.alias().c
    return (
        sa.select(
            Share,
            company.name.label("company"),
            company.ref.label("company_ref"),
            person.name.label("person"),
            sharer.name.label("sharer"),
            sharer.is_staff.label("by_staff"),
            home.name.label("sharer_company"),
        )
        .outerjoin(company.id.table, company.id == Share.organisation_id)
        .outerjoin(person.id.table, person.id == Share.person_id)
        .join(sharer.id.table, sharer.id == Share.shared_by_id)
        .outerjoin(home.id.table, home.id == Share.shared_for_id)
        .where(Share.record_kind == sa.bindparam("kind"), Share.record_id == sa.bindparam("record"))
        .where(live_share(Share, sa.bindparam("at", type_=UtcDateTime())))
        .where(*([Share.organisation_id.is_not(None)] if joined else []))
        .order_by(Share.organisation_id.is_(None), company.name_key, person.name_key, Share.id)
        .limit(most)
    )
