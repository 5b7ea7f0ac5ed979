"""The cast as rows: companies, people, identities, memberships, teams, roles and links of the sample world."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Role
from portal.accounts.models import (
    CategoryTeam,
    Identity,
    Membership,
    Person,
    Portfolio,
    StaffRole,
    Team,
    TeamMember,
)
from portal.demo import cast
from portal.organisations.models import Organisation, PartnerLink
from portal.seeds.catalogue import plant_catalogue


def plant_cast(session: Session, *, issuer: str, at: datetime) -> None:
    """Add the whole cast to an empty database, signed up with the identity provider at `issuer`, and what they deal in;
    flushes."""
    plant_catalogue(session)
    companies = {company.key: organisation_of(company, at - timedelta(days=1000)) for company in cast.COMPANIES}
    teams = {team.key: Team(name=team.name, is_restricted=team.restricted) for team in cast.TEAMS}
    session.add_all([*companies.values(), *teams.values()])
    session.flush()
    for team in cast.TEAMS:
        session.add_all(CategoryTeam(category=c, team_id=teams[team.key].id) for c in sorted(team.categories))
    people = {member.hint: _plant_person(session, member, companies, teams, issuer, at) for member in cast.CAST}
    for link in cast.LINKS:
        session.add(
            PartnerLink(
                partner_id=companies[link.partner].id,
                customer_id=companies[link.customer].id,
                contact_id=_first_contact(link.customer, people),
                starts_on=(at - timedelta(days=link.since_days_ago)).date(),
                ends_on=(at - timedelta(days=link.until_days_ago)).date() if link.until_days_ago else None,
                consented_at=at,
            )
        )
    session.flush()


def organisation_of(company: cast.Company, created_at: datetime) -> Organisation:
    organisation = Organisation(
        name=company.name,
        country=company.country,
        language=company.locale,
        website=company.website,
        domain=company.domain,
        email=f"office@{company.domain}",
        created_at=created_at,
    )
    organisation.capacities = frozenset(Capacity(capacity) for capacity in company.capacities)
    return organisation


def _plant_person(
    session: Session,
    member: cast.Person,
    companies: dict[str, Organisation],
    teams: dict[str, Team],
    issuer: str,
    at: datetime,
) -> Person:
    person = Person(
        name=member.name,
        email=member.email,
        language=member.locale,
        time_zone=member.time_zone,
        is_staff=member.is_staff,
        created_at=at,
    )
    session.add(person)
    session.flush()
    session.add(
        Identity(
            person_id=person.id,
            provider="demo",
            issuer=issuer,
            subject=member.subject,
            email=member.email,
            email_verified=True,
            created_at=at,
            last_used_at=at,
        )
    )
    for place in member.memberships:
        membership = Membership(
            person_id=person.id, organisation_id=companies[place.company].id, level=place.level, started_at=at
        )
        membership.capacities = frozenset(Capacity(capacity) for capacity in place.capacities)
        membership.areas = frozenset(Area(area) for area in place.areas)
        session.add(membership)
    for role in sorted(member.staff_roles):
        name = Role(role.replace("_", "-"))
        session.add(StaffRole(person_id=person.id, role=name, granted_at=at, confirmed_at=at))
    session.add_all(TeamMember(team_id=teams[key].id, person_id=person.id) for key in sorted(member.teams))
    session.add_all(
        Portfolio(person_id=person.id, organisation_id=companies[key].id) for key in sorted(member.portfolio)
    )
    return person


def _first_contact(company: str, people: dict[str, Person]) -> int | None:
    return next(
        (people[m.hint].id for m in cast.CAST if any(place.company == company for place in m.memberships)),
        None,
    )
