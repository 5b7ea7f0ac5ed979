"""The details of the sample world as rows: for the demonstration alone, beside the cast that tests share."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Level
from portal.accounts.models import Identity, Membership, Person, Team, TeamMember
from portal.demo import cast
from portal.organisations.models import ExternalId, Organisation, OrganisationFinance
from portal.seeds.cast import organisation_of
from portal.seeds.details import DESKS, JOB_TITLES, NEIGHBOURS, TERMS, Contact, Neighbour, Terms


class Records:
    """Who is who in the sample world: people by hint, companies and teams by key; `settle` fills them in."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = {person.hint: self._person(person.subject) for person in cast.CAST}
        self.companies = {
            company.key: session.scalars(sa.select(Organisation).where(Organisation.domain == company.domain)).one()
            for company in cast.COMPANIES
        }
        self.teams = {team.key: session.scalars(sa.select(Team).filter_by(name=team.name)).one() for team in cast.TEAMS}

    def _person(self, subject: str) -> Person:
        return self.session.scalars(sa.select(Person).join(Identity).where(Identity.subject == subject)).one()

    def settle(self, since: datetime) -> None:
        """Add desks, companies next door, terms and job titles; flushes."""
        for neighbour in NEIGHBOURS:
            self._move_in(neighbour, since)
        for key, terms in TERMS.items():
            self._agree(self.companies[key], terms)
        for hint, title in JOB_TITLES.items():
            self.people[hint].job_title = title
        for desk in DESKS:
            team = self.teams[desk.team.key] = Team(name=desk.team.name)
            self.session.add(team)
            self.session.flush()
            self.session.add_all(TeamMember(team_id=team.id, person_id=self.people[hint].id) for hint in desk.staff)
        self.session.flush()

    def _move_in(self, neighbour: Neighbour, since: datetime) -> None:
        company = neighbour.company
        organisation = self.companies[company.key] = organisation_of(company, since - timedelta(days=200))
        self.session.add(organisation)
        self.session.flush()
        self._agree(organisation, neighbour.terms)
        for contact in neighbour.contacts:
            self._employ(contact, neighbour, organisation.id, since)

    def _employ(self, contact: Contact, neighbour: Neighbour, organisation_id: int, since: datetime) -> None:
        company, place = neighbour.company, neighbour.membership()
        person = self.people[contact.hint] = Person(
            name=contact.name,
            email=f"{contact.mailbox}@{company.domain}",
            job_title=contact.job_title,
            language=company.locale,
            time_zone=contact.time_zone,
            created_at=since,
        )
        self.session.add(person)
        self.session.flush()
        membership = Membership(
            person_id=person.id, organisation_id=organisation_id, level=Level(place.level), started_at=since
        )
        membership.capacities = frozenset(map(Capacity, place.capacities))
        membership.areas = frozenset(map(Area, place.areas))
        self.session.add(membership)

    def _agree(self, organisation: Organisation, terms: Terms) -> None:
        organisation.phone, organisation.address = terms.phone, terms.address
        organisation.phase, organisation.segment = terms.phase, terms.segment
        organisation.abc_class, organisation.partner_tier = terms.abc_class, terms.tier
        if terms.credit:
            self.session.add(
                OrganisationFinance(
                    organisation_id=organisation.id,
                    currency=terms.currency,
                    credit_limit=terms.credit * 100,
                    payment_days=terms.days,
                )
            )
        if terms.number:
            self.session.add(
                ExternalId(source="ERP", kind="organisation", value=terms.number, record_id=organisation.id)
            )
