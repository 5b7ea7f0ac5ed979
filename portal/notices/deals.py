"""Whom to tell of what happens to a deal registration, in its transaction, with the same actor and time."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Level, Principal, Role
from portal.access.scope import unscoped
from portal.accounts.models import Membership, Person, StaffRole
from portal.notices.notify import notify

if TYPE_CHECKING:
    from portal.deals.models import Deal, DealEvent

# Steps towards the end of a protection.
ENDING = frozenset({"remind", "expire", "warn-idle", "shorten"})

_person, _role, _member = Person.__table__.c, StaffRole.__table__.c, Membership.__table__.c


def channel_managers(session: Session) -> list[int]:
    """Who decides on registrations."""
    statement = (
        sa.select(_person.id)
        .select_from(Person.__table__.join(StaffRole.__table__, _role.person_id == _person.id))
        .where(_role.role == Role.CHANNEL_MANAGER, _role.confirmed_at.is_not(None))
        .where(_person.is_staff, _person.disabled_at.is_(None))
        .order_by(_person.id)
    )
    with unscoped("who decides on deals"):
        return list(session.connection().execute(statement).scalars())


def partner_readers(session: Session, deal: "Deal") -> list[int]:
    """Who of the partner hears of it: the author or, where they reach it no longer, the company's administrators."""
    statement = (
        sa.select(_person.id, _member.level)
        .select_from(Person.__table__.join(Membership.__table__, _member.person_id == _person.id))
        .where(
            _member.organisation_id == deal.organisation_id,
            _member.ended_at.is_(None),
            _member.in_deals,
            _member.is_partner,
            _person.disabled_at.is_(None),
        )
    )
    with unscoped("who hears of a deal"):
        rows = list(session.connection().execute(statement))
    author = [row.id for row in rows if row.id == deal.author_id]
    return author or [row.id for row in rows if row.level == Level.ADMIN]


def present(session: Session, people: Iterable[int], at: datetime) -> list[int]:
    """These people, and for each who is away today the colleague who stands in for them."""
    from portal.partners.reach import deputies

    people = list(people)
    away = deputies(session, people, at)
    return list(dict.fromkeys(away.get(person, person) for person in people))


def tell_channel(session: Session, deal: "Deal", event: "DealEvent", who: Principal, at: datetime) -> None:
    _tell(present(session, channel_managers(session), at), "deal-submitted", deal, event.verb, who, at)


def tell_partner(session: Session, deal: "Deal", verb: str, who: Principal, at: datetime, **params: Any) -> None:
    kind = "deal-ending" if verb in ENDING else "deal-decided"
    _tell(partner_readers(session, deal), kind, deal, verb, who, at, **params)


def tell_of_lateness(session: Session, deal: "Deal", people: Iterable[int | None], at: datetime) -> None:
    _tell(people, "deal-late", deal, "late", Principal.system("a late decision"), at)


def _tell(
    people: Iterable[int | None], kind: str, deal: "Deal", verb: str, who: Principal, at: datetime, **params: Any
) -> None:
    event = f"deal:{deal.id}:{verb}:{at.timestamp():.6f}"[:64]
    notify(people, kind=kind, event=event, at=at, actor_id=who.person_id, deal_id=deal.id, verb=verb, **params)
