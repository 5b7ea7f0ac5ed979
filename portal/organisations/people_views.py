"""The page of one person, for colleagues and staff alike, each through their lens."""

from typing import Any

import sqlalchemy as sa
from flask import Response
from sqlalchemy.orm import undefer_group

from portal.access import Action, FieldGroup, Ground, Noun, Principal
from portal.access.gate import principal, signed_in
from portal.accounts.models import Membership, Person, StaffRole, Team, TeamMember
from portal.extensions import db
from portal.organisations.blueprint import bp
from portal.organisations.models import Organisation
from portal.organisations.record import tickets_of
from portal.tickets.models import Ticket
from portal.web import find_or_404, render


@bp.get("/people/<ref>")
@signed_in
def show_person(ref: str) -> Response:
    who, session = principal(), db.session()
    person = find_or_404(Person, ref=ref)
    memberships = _memberships(person)
    contact = None
    if sees_contact_data(person, memberships, who):
        opened = sa.select(Person).where(Person.id == person.id).options(undefer_group(FieldGroup.CONTACT))
        contact = session.scalars(opened).one()
    # Between colleagues the name is known, and nothing of rights.
    sees_rights = who.is_staff or person.id == who.person_id or _administers(memberships, who)
    return render(
        "people/show.html",
        person=person,
        is_self=person.id == who.person_id,
        memberships=memberships,
        contact=contact,
        sees_rights=sees_rights,
        roles=_roles(person) if who.is_staff and person.is_staff else [],
        teams=_teams(person) if who.is_staff and person.is_staff else [],
        tickets=tickets_of(session, who, Ticket.author_id == person.id) if who.may(Action.TICKET_READ) else None,
    )


def sees_contact_data(person: Person, memberships: list[Any], who: Principal) -> bool:
    """Their own; for a company's admin that of its people; for staff that of people of companies within reach, and
    the addresses of other staff.
    """
    if person.id == who.person_id:
        return True
    if not who.is_staff:
        return not person.is_staff and _administers(memberships, who)
    if person.is_staff:
        return who.sees(FieldGroup.STAFF_EMAILS)
    reaches_all = Ground.ALL in {reach.ground for reach in who.reach(Noun.ORGANISATIONS)}
    return who.sees(FieldGroup.CONTACT) and (reaches_all or bool(memberships))


def _administers(memberships: list[Any], who: Principal) -> bool:
    return who.may(Action.PEOPLE_MANAGE) and any(
        row.organisation_id == who.organisation_id and row.ended_at is None for row in memberships
    )


def _memberships(person: Person) -> list[Any]:
    """Where they belong, as far as the reader reaches it; those that ended come last."""
    return list(
        db.session.execute(
            sa.select(
                Membership.organisation_id,
                Membership.level,
                Membership.is_customer,
                Membership.is_supplier,
                Membership.is_partner,
                Membership.ended_at,
                Organisation.ref,
                Organisation.name,
            )
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Membership.person_id == person.id)
            .order_by(Membership.ended_at.is_not(None), Organisation.name_key, Membership.id)
            .limit(50)
        )
    )


def _roles(person: Person) -> list[str]:
    confirmed = StaffRole.confirmed_at.is_not(None)
    return list(db.session.scalars(sa.select(StaffRole.role).where(StaffRole.person_id == person.id, confirmed)))


def _teams(person: Person) -> list[str]:
    of_person = sa.select(Team.name).join(TeamMember, TeamMember.team_id == Team.id)
    return list(db.session.scalars(of_person.where(TeamMember.person_id == person.id).order_by(Team.name_key)))
