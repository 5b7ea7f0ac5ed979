"""A random world of the oracle as rows, written by the system."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.access import Area, Capacity, Role
from portal.accounts.break_glass import BreakGlass
from portal.accounts.models import Membership, Person, Portfolio, StaffRole, Team, TeamMember
from portal.files.models import Attachment
from portal.notices.models import Notice
from portal.organisations.models import (
    Activity,
    ActivityOrganisation,
    Organisation,
    PartnerLink,
    Share,
)
from portal.tickets.messages import Message, MessageReader, SearchEntry
from portal.tickets.models import Ticket, TicketCopy
from tests.oracle import Everything, Loan

DAY = timedelta(days=1)


class Planted:
    """The rows of a random world, by the numbers that they have there; every name carries a word of its own."""

    def __init__(self, session: Session, world: Everything, at: datetime) -> None:
        self.session, self.world, self.at = session, world, at
        self.orgs = {org.n: self._org(org) for org in world.orgs}
        self.teams = {s.n: self._add(Team(name=f"squad{s.n}z", is_restricted=s.restricted)) for s in world.squads}
        self.people = {human.n: self._add(self._person(human)) for human in world.humans}
        session.flush()
        for human in world.humans:
            self._rights(human)
        for link in world.links:
            self._add(
                PartnerLink(
                    partner_id=self.orgs[link.partner.n].id,
                    customer_id=self.orgs[link.customer.n].id,
                    starts_on=(at - 9 * DAY).date(),
                    ends_on=None if link.active else (at - DAY).date(),
                    consented_at=at if link.consent else None,
                )
            )
        self.tickets: dict[int, Ticket] = {}
        self.messages: dict[int, Message] = {}
        self.files: dict[int, Attachment] = {}
        self.notices: dict[tuple[int, int], Notice] = {}
        self.shares: list[tuple[int, Loan, Share]] = []
        for case in world.cases:
            self._case(case)
        self.activities = {event.n: self._event(event) for event in world.events}
        session.flush()

    def _add(self, row):
        self.session.add(row)
        return row

    def _org(self, org) -> Organisation:
        row = Organisation(name=f"org{org.n}z", created_at=self.at)
        row.capacities = frozenset(map(Capacity, org.capacities))
        return self._add(row)

    def _person(self, human) -> Person:
        return Person(
            name=f"human{human.n}z",
            email=f"human{human.n}z@example.com",
            is_staff=bool(human.roles),
            created_at=self.at,
            disabled_at=self.at if human.disabled else None,
        )

    def _rights(self, human) -> None:
        person = self.people[human.n]
        for member in human.members:
            row = Membership(
                person_id=person.id,
                organisation_id=self.orgs[member.org.n].id,
                level="admin" if member.admin else "member",
                started_at=self.at,
                ended_at=self.at if member.ended else None,
            )
            row.capacities = frozenset(map(Capacity, member.capacities))
            row.areas = frozenset(map(Area, member.areas))
            self._add(row)
        for role in human.roles:
            self._add(StaffRole(person_id=person.id, role=Role(role), granted_at=self.at, confirmed_at=self.at))
        for role in human.unconfirmed - human.roles:
            self._add(StaffRole(person_id=person.id, role=Role(role), granted_at=self.at))
        if human.glass:
            self._glass(person, human.glass)
        for n in human.teams:
            self._add(TeamMember(team_id=self.teams[n].id, person_id=person.id))
        for n in human.portfolio:
            self._add(Portfolio(person_id=person.id, organisation_id=self.orgs[n].id))

    def _glass(self, person: Person, state: str) -> None:
        """Whoever holds it: without the role of an administrator it gives nothing."""
        started_at = self.at - DAY if state == "expired" else self.at
        self._add(
            BreakGlass(
                person_id=person.id,
                reason="A random world.",
                started_at=started_at,
                ends_at=started_at + timedelta(hours=4),
                ended_at=self.at if state == "ended" else None,
            )
        )

    def _case(self, case) -> None:
        ticket = self._add(
            Ticket(
                subject=f"case{case.n}z",
                category="question",
                organisation_id=self.orgs[case.org.n].id,
                capacity=case.capacity,
                author_id=self.people[case.author.n].id,
                opened_by_organisation_id=self.orgs[case.opened_by.n].id if case.opened_by else None,
                team_id=self.teams[case.squad.n].id,
                created_at=self.at,
            )
        )
        self.session.flush()
        self.tickets[case.n] = ticket
        self._add(SearchEntry(ticket_id=ticket.id, tokens=ticket.search_tokens(), words=ticket.search_words()))
        for human in case.copies:
            person_id = self.people[human.n].id
            self._add(TicketCopy(ticket_id=ticket.id, person_id=person_id, added_by_id=person_id, added_at=self.at))
        for loan in case.loans:
            person_id = self.people[loan.human.n].id if loan.human else None
            share = Share(
                record_kind="ticket",
                record_id=ticket.id,
                address=f"human{loan.human.n}z@example.com" if loan.human else "nobody@example.com",
                is_for_company=loan.human is None,
                organisation_id=self.orgs[loan.org.n].id if loan.joined else None,
                person_id=person_id if loan.joined else None,
                shared_by_id=ticket.author_id,
                starts_at=self.at - DAY,
                ends_at=None if loan.stands else self.at - timedelta(hours=1),
            )
            self.shares.append((case.n, loan, self._add(share)))
        for said in case.said:
            self._said(ticket, said)

    def _said(self, ticket: Ticket, said) -> None:
        body = "" if said.gone else f"words{said.n}z"
        message = self._add(
            Message(
                ticket_id=ticket.id,
                author_id=self.people[said.author.n].id,
                author_organisation_id=self.orgs[said.author_org.n].id if said.author_org else None,
                author_team_id=None if said.author_org else ticket.team_id,
                audience="staff" if said.is_note else "companies",
                body=body,
                created_at=self.at,
                withdrawn_at=self.at if said.gone else None,
                readers=[MessageReader(organisation_id=self.orgs[n].id) for n in sorted(said.audience)],
            )
        )
        self.session.flush()
        self.messages[said.n] = message
        self._add(
            SearchEntry(
                ticket_id=ticket.id,
                message_id=message.id,
                tokens=ticket.search_tokens(),
                # Rows of gone words are deleted by the verbs; here one is left behind, to be hidden by the rule.
                words=f"words{said.n}z",
            )
        )
        if said.has_file:
            self.files[said.n] = self._add(
                Attachment(
                    message_id=message.id,
                    sha256="0" * 64,
                    filename=f"file{said.n}z.txt",
                    media_type="text/plain",
                    size=1,
                    created_at=self.at,
                )
            )
        for human in self.world.humans:
            self.notices[human.n, said.n] = self._add(
                Notice(
                    person_id=self.people[human.n].id,
                    event=f"message:{message.id}",
                    kind="reply",
                    ticket_id=ticket.id,
                    message_id=message.id,
                    created_at=self.at,
                )
            )

    def _event(self, event) -> Activity:
        return self._add(
            Activity(
                at=self.at,
                kind="reply" if event.said else "phone",
                channel="phone",
                audience="companies" if any(r for _, _, r in event.concerns) else "staff",
                params={},
                ticket_id=self.tickets[event.case.n].id if event.case else None,
                message_id=self.messages[event.said.n].id if event.said else None,
                organisations=[
                    ActivityOrganisation(
                        organisation_id=self.orgs[org.n].id,
                        capacity=capacity,
                        is_reader=is_reader,
                        at=self.at,
                        kind="phone",
                        channel="phone",
                    )
                    for org, capacity, is_reader in event.concerns
                ],
            )
        )
