"""Who is told: people by their place in a company or by their role, asked below row scope."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Role
from portal.access.scope import unscoped
from portal.accounts.models import Membership, Person, StaffRole

_person, _member, _role = Person.__table__.c, Membership.__table__.c, StaffRole.__table__.c


def members_of(session: Session, organisation_id: int, capacity: Capacity, area: Area) -> list[int]:
    """The people of a company who see to that area for it in that capacity."""
    statement = (
        sa.select(_person.id)
        .select_from(Person.__table__.join(Membership.__table__, _member.person_id == _person.id))
        .where(
            _member.organisation_id == organisation_id,
            _member.ended_at.is_(None),
            _member[f"in_{area}"],
            _member[f"is_{capacity}"],
            _person.disabled_at.is_(None),
            _person.is_staff.is_(False),
        )
        .order_by(_person.id)
    )
    with unscoped("who sees to it in a company"):
        return list(session.connection().execute(statement).scalars())


def people_in_role(session: Session, role: Role) -> list[int]:
    statement = in_role(sa.select(_person.id), role).order_by(_person.id)
    with unscoped("who works on it"):
        return list(session.connection().execute(statement).scalars())


def in_role(people: sa.Select[Any], role: Role) -> sa.Select[Any]:
    """Of these, the staff who hold the role."""
    return (
        people.select_from(Person.__table__.join(StaffRole.__table__, _role.person_id == _person.id))
        .where(_role.role == role, _role.confirmed_at.is_not(None))
        .where(_person.is_staff, _person.disabled_at.is_(None))
    )
