"""The companies, people and teams of a seeded world, as rows and as what the conversations need to know of them."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.access import Area, Capacity, Level, Role
from portal.accounts.models import Identity, Membership, Person, Portfolio, StaffRole, Team, TeamMember
from portal.organisations.models import (
    Activity,
    ActivityOrganisation,
    Organisation,
    OrganisationFinance,
    PartnerLink,
    Phase,
)
from portal.seeds.loading import Loader
from portal.seeds.phrases import CONTACTS, NOTES, TEAMS, TONGUES, Tongue
from portal.text import sort_key

# One more of each in turn, so that a small world has every role.
_ROLES = (
    *(Role.AGENT, Role.ACCOUNT_MANAGER, Role.BUYER, Role.AGENT, Role.CHANNEL_MANAGER, Role.AGENT),
    *(Role.MODERATOR, Role.AGENT, Role.AUDITOR, Role.AGENT, Role.ACCOUNT_MANAGER, Role.AGENT),
)
_DESK = {Role.AGENT, Role.ACCOUNT_MANAGER, Role.BUYER, Role.CHANNEL_MANAGER}
_CAPACITIES = (
    ({Capacity.CUSTOMER}, 72),
    ({Capacity.SUPPLIER}, 14),
    ({Capacity.PARTNER}, 10),
    ({Capacity.CUSTOMER, Capacity.SUPPLIER}, 4),
)
_LATIN = ("amber", "birch", "comet", "drift", "ember", "fern", "gull", "hazel", "iris", "juniper", "kestrel", "larch")


@dataclass(slots=True)
class Company:
    id: int
    language: str
    domain: str
    capacities: tuple[Capacity, ...]
    # Those who write tickets, the busiest first.
    people: list[int] = field(default_factory=list)
    # A partner of record to whom they have consented.
    partner: "Company | None" = None


@dataclass(slots=True)
class Desk:
    """A team with its staff."""

    id: int
    is_restricted: bool
    staff: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Neighbourhood:
    """Everybody who can take part in a conversation; the first company is the busy one."""

    companies: list[Company]
    desks: list[Desk]
    staff: list[int]


class Settler:
    """Writes companies and people; `at` is the present, everything lies before it."""

    def __init__(self, loader: Loader, luck: random.Random, at: datetime, issuer: str) -> None:
        self.loader, self.luck, self.at, self.issuer = loader, luck, at, issuer
        self.organisations = loader.sink(
            Organisation,
            *("name", "name_key", "country", "website", "domain", "language", "created_at", "email", "phone"),
            *("address", "phase", "abc_class", "is_customer", "is_supplier", "is_partner"),
        )
        self.people = loader.sink(
            Person,
            *("name", "name_key", "email", "phone", "job_title", "language", "time_zone", "mail_choices"),
            *("is_staff", "created_at", "disabled_at"),
        )
        self.identities = loader.sink(
            Identity,
            "person_id",
            "provider",
            "issuer",
            "subject",
            "email",
            "email_verified",
            "created_at",
            "last_used_at",
        )
        self.memberships = loader.sink(
            Membership,
            *("person_id", "organisation_id", "level", "in_support", "in_orders", "in_deals", "in_feedback"),
            *("is_customer", "is_supplier", "is_partner", "started_at", "ended_at"),
        )
        self.roles = loader.sink(StaffRole, "person_id", "role", "granted_at", "confirmed_at")
        self.teams = loader.sink(Team, "name", "name_key", "is_restricted")
        self.team_members = loader.sink(TeamMember, "team_id", "person_id")
        self.portfolios = loader.sink(Portfolio, "person_id", "organisation_id")
        self.links = loader.sink(PartnerLink, "partner_id", "customer_id", "starts_on", "ends_on", "consented_at")
        self.finances = loader.sink(OrganisationFinance, "organisation_id", "currency", "credit_limit", "payment_days")
        self.activities = loader.sink(Activity, "at", "kind", "channel", "actor_id", "audience", "params")
        self.concerned = loader.sink(
            ActivityOrganisation, "activity_id", "organisation_id", "is_reader", "at", "kind", "channel"
        )

    def settle(self, organisations: int, people: int) -> Neighbourhood:
        companies = [self._found() for _ in range(organisations)]
        at_work = max(len(_ROLES), people // 50)
        desks, staff = self._staff(at_work, companies)
        self._populate(companies, people - at_work)
        self._link(companies)
        self._contacts(companies, staff)
        self.loader.write()
        return Neighbourhood([company for company in companies if company.people], desks, staff)

    def _found(self) -> Company:
        luck, number = self.luck, self.organisations.next_id
        language = luck.choice(tuple(TONGUES))
        tongue = TONGUES[language]
        name = tongue.company.format(
            trade=luck.choice(tongue.trades), sign=luck.choice(tongue.signs), town=luck.choice(tongue.towns)
        )
        # The busy one, first of all, is a customer; even a small world has a supplier and a partner.
        place = len(self.organisations.rows)
        held = _CAPACITIES[place][0] if place < len(_CAPACITIES) else _pick(luck, _CAPACITIES)
        capacities = tuple(capacity for capacity in Capacity if capacity in held)
        domain = f"{luck.choice(_LATIN)}-{number}.example.{luck.choice(('com', 'org', 'net'))}"
        self.organisations.add(
            *(name, sort_key(name), tongue.country, f"https://{domain}/", domain, language, self._ago(900, 1500)),
            *(f"office@{domain}", self._phone(), f"{luck.randint(1, 90)} {luck.choice(tongue.signs)}"),
            *(luck.choice(tuple(Phase)).value, luck.choice("AABCCC")),
            *(capacity in held for capacity in (Capacity.CUSTOMER, Capacity.SUPPLIER, Capacity.PARTNER)),
        )
        if Capacity.CUSTOMER in held:
            self.finances.add(number, luck.choice(("EUR", "CZK", "PLN")), luck.randint(1, 90) * 100_000, 14)
        return Company(number, language, domain, capacities)

    def _staff(self, count: int, companies: Sequence[Company]) -> tuple[list[Desk], list[int]]:
        desks = self._desks()
        at_desk: list[int] = []
        for place in range(count):
            role = _ROLES[place % len(_ROLES)]
            person = self._person(TONGUES["en"], "en", "lanternfield.example.com", is_staff=True)
            self.roles.add(person, role.value, self._ago(600, 800), self._ago(500, 600))
            if role not in _DESK:
                continue
            at_desk.append(person)
            for desk in self.luck.sample(desks, min(2, len(desks))):
                desk.staff.append(person)
            if role == Role.ACCOUNT_MANAGER:
                for company in self.luck.sample(companies, min(40, len(companies))):
                    self.portfolios.add(person, company.id)
        for desk in desks:
            desk.staff = desk.staff or at_desk[:1]
            for person in desk.staff:
                self.team_members.add(desk.id, person)
        return desks, at_desk

    def _desks(self) -> list[Desk]:
        """The teams that are there, and those of ours that are not yet."""
        team = Team.__table__.c
        known = self.loader.connection.execute(
            sa.select(team.id, team.name, team.is_restricted).order_by(team.id)
        ).all()
        names = {row.name for row in known}
        desks = [Desk(row.id, row.is_restricted) for row in known]
        for name, is_restricted in TEAMS:
            if name not in names:
                desks.append(Desk(self.teams.add(name, sort_key(name), is_restricted), is_restricted))
        return desks

    def _populate(self, companies: Sequence[Company], count: int) -> None:
        """One for each company first, then the busy one's, then more where more are; a few belong nowhere yet."""
        luck = self.luck
        busy, newcomers = min(60, count // 10), count // 100
        places = list(companies[:count])
        places += [companies[0]] * min(busy, count - len(places))
        weights = [1 / (place + 4) for place in range(len(companies))]
        places += luck.choices(companies, weights, k=max(0, count - len(places) - newcomers))
        sizes = Counter(company.id for company in places)
        for company in places:
            person = self._person(TONGUES[company.language], company.language, company.domain)
            # Those who come first write most; the second is an administrator, so that the busiest is none.
            place = len(company.people)
            self._join(company, person, is_admin=place % 12 == 1 or sizes[company.id] == 1)
        for _ in range(count - len(places)):
            language = luck.choice(tuple(TONGUES))
            self._person(TONGUES[language], language, "nowhere.example.org")
        # Some belong to two companies.
        for company in companies[1::29]:
            if companies[0].people:
                self._join(company, luck.choice(companies[0].people), is_admin=False)

    def _join(self, company: Company, person: int, *, is_admin: bool) -> None:
        luck = self.luck
        is_needed = is_admin or not company.people
        has_left = not is_needed and luck.random() < 0.04
        in_support = is_needed or luck.random() < 0.92
        self.memberships.add(
            *(person, company.id, (Level.ADMIN if is_admin else Level.MEMBER).value, in_support),
            *(is_admin or luck.random() < 0.6 for _ in tuple(Area)[1:]),
            *(capacity in company.capacities for capacity in (Capacity.CUSTOMER, Capacity.SUPPLIER, Capacity.PARTNER)),
            *(self._ago(700, 900), self._ago(1, 100) if has_left else None),
        )
        if in_support and not has_left:
            company.people.append(person)

    def _person(self, tongue: Tongue, language: str, domain: str, *, is_staff: bool = False) -> int:
        luck, number = self.luck, self.people.next_id
        is_man = luck.random() < 0.5
        first = luck.choice(tongue.men if is_man else tongue.women)
        name = f"{first} {luck.choice(tongue.families)[0 if is_man else 1]}"
        email, since = f"p{number}@{domain}", self._ago(600, 900)
        is_disabled = not is_staff and luck.random() < 0.01
        self.people.add(
            *(name, sort_key(name), email, self._phone(), "", language, tongue.time_zone, "{}", is_staff, since),
            self._ago(1, 90) if is_disabled else None,
        )
        self.identities.add(number, "demo", self.issuer, f"seeded-{number}", email, True, since, since)
        return number

    def _link(self, companies: Sequence[Company]) -> None:
        """Every eighth customer has a partner of record; two of three have consented."""
        partners = [company for company in companies if Capacity.PARTNER in company.capacities and company.people]
        customers = [company for company in companies if Capacity.CUSTOMER in company.capacities]
        for customer in customers[2::8] if partners else ():
            partner, has_consent = self.luck.choice(partners), self.luck.random() < 0.66
            since = self.at - timedelta(days=self.luck.randint(30, 900))
            has_ended = self.luck.random() < 0.1
            self.links.add(
                *(partner.id, customer.id, since.date().isoformat()),
                (self.at - timedelta(days=10)).date().isoformat() if has_ended else None,
                self.loader.time(since + timedelta(days=2)) if has_consent else None,
            )
            if has_consent and not has_ended:
                customer.partner = partner

    def _contacts(self, companies: Sequence[Company], staff: Sequence[int]) -> None:
        """Phone calls, visits, faxes and the like that staff wrote down."""
        luck = self.luck
        for company in companies:
            for _ in range(luck.randint(0, 8)):
                channel, is_read = luck.choice(("phone", "phone", "fax", "shop", "visit", "chat")), luck.random() < 0.4
                when = self._ago(0.1, 700)
                note = luck.choice(NOTES).format(code=product(luck), n=luck.randint(10_000, 99_999))
                params = self.loader.json({"subject": luck.choice(CONTACTS), "note": note})
                audience = "companies" if is_read else "staff"
                activity = self.activities.add(when, "contact", channel, luck.choice(staff), audience, params)
                self.concerned.add(activity, company.id, is_read, when, "contact", channel)

    def _ago(self, least: float, most: float) -> str:
        return self.loader.time(self.at - timedelta(days=self.luck.uniform(least, most)))

    def _phone(self) -> str:
        # The range that the United Kingdom keeps free for stories (Ofcom, "Telephone numbers for drama use").
        return f"+44 1632 960{self.luck.randint(0, 999):03}"


def product(luck: random.Random) -> str:
    return f"{luck.choice('BDKLMRTV')}{luck.choice('AEIOX')}-{luck.randint(100, 999)}"


def _pick(luck: random.Random, weighted: Sequence[tuple[set[Capacity], int]]) -> set[Capacity]:
    return luck.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]
