"""Questions about memberships that several pages ask before they change one."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Capacity, Level, Principal
from portal.accounts.models import Membership, Person
from portal.organisations.models import Organisation


def is_last_admin(session: Session, membership: Membership) -> bool:
    """Whether the company would have no administrator without this one. Lock the organisation before asking."""
    if membership.level != Level.ADMIN:
        return False
    others = (
        sa.select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id == membership.organisation_id,
            Membership.id != membership.id,
            Membership.level == Level.ADMIN,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    return session.scalar(others.limit(1)) is None


def grantable_capacities(who: Principal, organisation: Organisation) -> frozenset[Capacity]:
    """Staff give any in which the company stands to us, its own administrators those that they hold themselves."""
    if who.is_staff:
        return organisation.capacities
    held = {choice.capacity for choice in who.choices if choice.organisation_id == organisation.id}
    return organisation.capacities & held
