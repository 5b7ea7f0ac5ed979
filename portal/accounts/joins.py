"""Letting people in: what an accepted invitation or request gives them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer_group

from portal.access import Area, Capacity, Level, Role
from portal.accounts.joining import Invitation
from portal.accounts.models import Identity, Membership, Person, StaffRole
from portal.organisations.models import Organisation, record_activity


def join(
    session: Session,
    person_id: int,
    organisation: Organisation,
    *,
    level: Level,
    areas: frozenset[Area],
    capacities: frozenset[Capacity],
    actor_id: int | None,
    at: datetime,
) -> Membership:
    """Make them a member; who is one already keeps what they have and gains the rest."""
    membership = session.scalars(
        sa.select(Membership).where(
            Membership.person_id == person_id,
            Membership.organisation_id == organisation.id,
            Membership.ended_at.is_(None),
        )
    ).one_or_none()
    if membership is None:
        membership = Membership(person_id=person_id, organisation_id=organisation.id, started_at=at, level=level)
        session.add(membership)
    elif level == Level.ADMIN:
        membership.level = level
    membership.areas = membership.areas | areas
    membership.capacities = membership.capacities | (capacities & organisation.capacities)
    session.add(
        record_activity(
            "person-joined",
            at=at,
            actor_id=actor_id,
            concerns={organisation.id: None},
            readers=frozenset({organisation.id}),
            person_id=person_id,
        )
    )
    return membership


def take_up(session: Session, invitation: Invitation, person: Person, at: datetime) -> None:
    """Give the person what the invitation promised, once."""
    invitation.accept(person.id, at)
    if invitation.organisation is not None:
        join(
            session,
            person.id,
            invitation.organisation,
            level=Level(invitation.level),
            areas=invitation.area_set,
            capacities=invitation.capacity_set,
            actor_id=person.id,
            at=at,
        )
    if invitation.staff_role is not None:
        _become_staff(session, invitation, person, Role(invitation.staff_role), at)


def contact_of(session: Session, invitation: Invitation) -> Person | None:
    """Whom the company has as a contact at the very address that the invitation went to: they are the same person.

    Never somebody who signs in, is one of ours, was disabled, or belongs to another company too.
    """
    if invitation.organisation_id is None:
        return None
    elsewhere = sa.select(Membership.person_id).where(
        Membership.organisation_id != invitation.organisation_id, Membership.ended_at.is_(None)
    )
    statement = (
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            sa.func.lower(Person.email) == invitation.email.lower(),
            Membership.organisation_id == invitation.organisation_id,
            Membership.ended_at.is_(None),
            Person.is_staff.is_(False),
            Person.disabled_at.is_(None),
            Person.id.not_in(sa.select(Identity.person_id)),
            Person.id.not_in(elsewhere),
        )
        .options(undefer_group("contact"))
        .with_for_update(of=Person)
    )
    found = session.scalars(statement.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _become_staff(session: Session, invitation: Invitation, person: Person, role: Role, at: datetime) -> None:
    held = sa.select(StaffRole.id).where(StaffRole.person_id == person.id, StaffRole.role == role)
    if session.scalar(held) is not None:
        return
    granted = StaffRole.grant(person, role, invitation.invited_by_id, at)
    if invitation.invited_by_id is None and not has_admin(session):
        # The very first set-up, from the command line: nobody could confirm it.
        granted.confirmed_at = at
    session.add(granted)


def has_admin(session: Session) -> bool:
    """Whether anybody administers the portal yet; asked as the system."""
    return (
        session.scalar(
            sa.select(StaffRole.id)
            .join(Person, Person.id == StaffRole.person_id)
            .where(StaffRole.role == Role.ADMIN, Person.disabled_at.is_(None))
            .limit(1)
        )
        is not None
    )
