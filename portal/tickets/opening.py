"""Opening a ticket: for whom, which team it goes to, and who would read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.accounts.models import CategoryTeam, Person, Team
from portal.chrome import capacity_name
from portal.clock import now
from portal.errors import RuleBroken
from portal.files.receiving import Received
from portal.forms import choices
from portal.organisations.listing import named
from portal.organisations.models import Channel, Organisation, PartnerLink
from portal.organisations.rules import active_link
from portal.tickets.audience import Group, wanting, who_sees
from portal.tickets.forms import NewTicketForm
from portal.tickets.models import Category, Priority, Ticket
from portal.tickets.readers import Company, Reader, StaffReader, TeamOf, room, staff_here, told_outside

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Party:
    """For whom a ticket can be opened: an organisation in a capacity, by a partner for a customer of theirs too."""

    organisation_id: int
    organisation_ref: str
    name: str
    capacity: Capacity
    opened_by_id: int | None = None

    @property
    def key(self) -> str:
        return f"{self.organisation_ref}.{self.capacity}"

    @property
    def label(self) -> str:
        capacity = capacity_name(self.capacity)
        return str(_("%(organisation)s, as %(capacity)s", organisation=self.name, capacity=capacity))


def own_parties(session: Session, who: Principal) -> list[Party]:
    """Whom the person acts for; for a partner also the linked customers who agreed to it."""
    if who.acting is None:
        return []
    acting = who.acting
    parties = [Party(acting.organisation_id, acting.organisation_ref, acting.organisation_name, acting.capacity)]
    if acting.capacity != Capacity.PARTNER or not who.has_links:
        return parties
    linked = session.execute(
        sa.select(Organisation.id, Organisation.ref, Organisation.name, Organisation.name_key)
        .join(PartnerLink, PartnerLink.customer_id == Organisation.id)
        .where(
            PartnerLink.partner_id == acting.organisation_id,
            PartnerLink.consented_at.is_not(None),
            active_link(PartnerLink),
            Organisation.is_customer,
        )
        .order_by(Organisation.name_key)
        .distinct()
    )
    customers = [Party(row.id, row.ref, row.name, Capacity.CUSTOMER, acting.organisation_id) for row in linked]
    return parties + customers


def parties_of(organisation: Organisation) -> list[Party]:
    """For staff: the organisation in each of its capacities."""
    return [
        Party(organisation.id, organisation.ref, organisation.name, capacity)
        for capacity in Capacity
        if capacity in organisation.capacities
    ]


def find_organisations(session: Session, words: str) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Organisations within reach whose name has these words, or with this reference."""
    return session.execute(
        sa.select(Organisation.ref, Organisation.name, Organisation.country)
        .where(named(words))
        .order_by(Organisation.name_key, Organisation.id)
        .limit(MOST_FOUND)
    ).all()


def team_for(session: Session, category: Category) -> Team:
    """Where a ticket of this category starts: always somewhere."""
    team = session.scalars(
        sa.select(Team)
        .outerjoin(CategoryTeam, sa.and_(CategoryTeam.team_id == Team.id, CategoryTeam.category == category))
        .order_by(CategoryTeam.id.is_(None), Team.is_restricted, Team.name_key)
        .limit(1)
    ).first()
    if team is None:
        raise RuleBroken(_l("There is no team yet that could take the ticket. An administrator has to make one first."))
    return team


class Draft:
    """A ticket that is being written: what the form says so far, and who would read it."""

    def __init__(self, session: Session, who: Principal, form: NewTicketForm, parties: list[Party]) -> None:
        self.session, self.who, self.form, self.parties = session, who, form, parties
        form.party.choices = choices((party.key, party.label) for party in parties)
        self.party = next((p for p in parties if p.key == form.party.data), parties[0])
        # One that is not theirs to choose is refused, never replaced.
        form.party.data = form.party.data or self.party.key
        if not who.is_staff:
            # Their page does not ask it: they write for themselves, here.
            form.person.data, form.channel.data = "", Channel.WEB.value
        self.category = Category(form.category.data) if form.category.data in list(Category) else Category.QUESTION
        self.team = team_for(session, self.category)
        self._read_room()

    def _read_room(self) -> None:
        ticket = Ticket(
            organisation_id=self.party.organisation_id,
            capacity=self.party.capacity,
            opened_by_organisation_id=self.party.opened_by_id,
            author_id=None if self.who.is_staff else self.who.person_id,
            team_id=self.team.id,
            created_at=now(),
        )
        self.companies: list[Company] = room(self.session, ticket, self.who)
        self.staff: list[StaffReader] = staff_here(self.session, ticket, self.who)
        own = next((c for c in self.companies if c.id == self.party.organisation_id), None)
        everybody = sorted((*own.people, *own.colleagues), key=lambda p: p.name) if own else []
        self.people = [person for person in everybody if person.is_known]
        self._reading = {person.person_id for person in own.people} if own else set()
        self._fill()

    def _fill(self) -> None:
        form = self.form
        people = ((person.ref, person.name) for person in self.people)
        form.person.choices = choices([("", _("Nobody in particular")), *people])
        form.copies.choices = choices((person.ref, person.name) for person in self.colleagues)

    @property
    def author(self) -> Reader | None:
        """The person on whose behalf staff open it."""
        return next((p for p in self.people if p.ref == self.form.person.data), None) if self.who.is_staff else None

    @property
    def colleagues(self) -> list[Reader]:
        """Who can be copied in. A partner does not choose among the people of a customer."""
        if self.party.opened_by_id is not None:
            return []
        return [p for p in self.people if p.person_id != self.who.person_id and p.person_id not in self._reading]

    @property
    def copied(self) -> list[Reader]:
        chosen = set(self.form.copies.data or [])
        return [p for p in self.colleagues if p.ref in chosen]

    @property
    def groups(self) -> list[Group]:
        """Who sees this, as the form stands now."""
        joined = {p.person_id for p in self.copied} | ({self.author.person_id} if self.author else set())
        companies = [
            Company(c.id, c.ref, c.name, [*c.people, *(p for p in c.colleagues if p.person_id in joined)])
            for c in self.companies
        ]
        team = TeamOf(self.team.id, self.team.name, self.team.mailbox, self.team.is_restricted)
        return who_sees(self.who, companies, self.staff, team, self._mailed(team))

    def _mailed(self, team: TeamOf) -> list[Reader]:
        """As `tell_of_opening` and `tell_of_copy` will tell them."""
        copied = {person.person_id for person in self.copied}
        people = [
            replace(person, takes_part=person.takes_part or person.person_id in copied or person == self.author)
            for company in self.companies
            for person in (*company.people, *company.colleagues)
            if person in company.people or person.person_id in copied or person == self.author
        ]
        return [
            *wanting([reader for reader in self.staff if team in reader.teams], "ticket-opened", self.who),
            *wanting([p for p in told_outside(people) if p.person_id not in copied], "opened-for-you", self.who),
            *wanting(self.copied, "copied", self.who),
        ]

    def open(self, files: list[Received], follows: Ticket | None, at: datetime) -> Ticket:
        """Open it as the form says; the form is sound."""
        form, party = self.form, self.party
        return Ticket.open(
            self.session,
            self.who,
            subject=form.subject.data or "",
            body=form.body.data or "",
            at=at,
            category=self.category,
            organisation_id=party.organisation_id,
            capacity=party.capacity,
            team_id=self.team.id,
            author_id=self.author.person_id if self.author else None,
            audience=[company.id for company in self.companies],
            copied=[self.session.get_one(Person, reader.person_id) for reader in self.copied],
            attachments=[file.attachment(at) for file in files],
            channel=Channel(form.channel.data),
            opened_by_organisation_id=party.opened_by_id,
            priority=Priority(form.priority.data),
            related_reference=form.related_reference.data or "",
            follows_id=follows.id if follows else None,
        )
