"""A random world as plain data, and who reads what in it, worked out by brute force from the access tables' text.

Nothing here asks the portal: the property tests hold the two against each other.
"""

import random
from dataclasses import dataclass, field

CAPACITIES = ("customer", "supplier", "partner")
AREAS = ("support", "orders", "deals", "feedback")
ROLES = ("agent", "moderator", "account-manager", "buyer", "channel-manager", "auditor", "admin")
SEE_CONTACTS = {"agent", "account-manager", "buyer", "channel-manager", "auditor", "admin", "break-glass"}
READ_NOTES = {"agent", "account-manager", "buyer", "channel-manager", "auditor", "break-glass"}


@dataclass
class Org:
    n: int
    capacities: set[str]


@dataclass
class Member:
    org: Org
    capacities: set[str]
    admin: bool
    areas: set[str]
    ended: bool


@dataclass
class Human:
    n: int
    members: list[Member]
    roles: set[str]
    unconfirmed: set[str]
    teams: set[int]
    portfolio: set[int]
    disabled: bool
    # Break-glass access: none, or "live", "expired" or "ended". Open, it gives an administrator what they lack.
    glass: str

    @property
    def acting_roles(self) -> set[str]:
        return self.roles | ({"break-glass"} if self.glass == "live" and "admin" in self.roles else set())


@dataclass
class Squad:
    n: int
    restricted: bool


@dataclass
class Link:
    partner: Org
    customer: Org
    active: bool
    consent: bool


@dataclass
class Loan:
    """A share: taken up by an organisation or somebody of it, or only offered to their address."""

    org: Org
    human: Human | None
    stands: bool
    joined: bool

    @property
    def live(self) -> bool:
        return self.stands and self.joined


@dataclass
class Said:
    n: int
    author: Human
    author_org: Org | None
    audience: set[int]
    gone: bool
    has_file: bool

    @property
    def is_note(self) -> bool:
        return not self.audience


@dataclass
class Case:
    n: int
    org: Org
    capacity: str
    author: Human
    opened_by: Org | None
    squad: Squad
    copies: list[Human]
    loans: list[Loan]
    said: list[Said]


@dataclass
class Event:
    n: int
    concerns: list[tuple[Org, str | None, bool]]
    case: Case | None
    said: Said | None


@dataclass
class Everything:
    orgs: list[Org]
    humans: list[Human]
    squads: list[Squad]
    links: list[Link]
    cases: list[Case]
    events: list[Event]


@dataclass
class Asker:
    """A person as staff, or acting for one organisation in one capacity."""

    human: Human
    roles: set[str] = field(default_factory=set)
    member: Member | None = None
    capacity: str = ""


def make(seed: int) -> Everything:
    """A small random world; the seed is what Hypothesis shrinks."""
    return _Maker(random.Random(seed)).make()


class _Maker:
    """Throws the dice for one thing after another; what comes later is about what came before."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def make(self) -> Everything:
        dice = self.dice
        self.orgs = [Org(n, set(self.some(CAPACITIES, 1))) for n in range(dice.randint(2, 4))]
        self.squads = [Squad(n, dice.random() < 0.4) for n in range(dice.randint(1, 3))]
        self.humans = [self.human(n) for n in range(dice.randint(3, 8))]
        self.links = self.between_all()
        self.count = 0
        self.cases = [self.case(n) for n in range(dice.randint(1, 4))]
        events = [self.event(n) for n in range(dice.randint(0, 5))]
        return Everything(self.orgs, self.humans, self.squads, self.links, self.cases, events)

    def some(self, items, least=0, most=None):
        items = list(items)
        return self.dice.sample(items, self.dice.randint(min(least, len(items)), min(most or len(items), len(items))))

    def happens(self, share: float) -> bool:
        return self.dice.random() < share

    def human(self, n: int) -> Human:
        staff = self.happens(0.4)
        return Human(
            n,
            [self.member(org) for org in self.some(self.orgs, 0 if staff else 1, 1 if staff else 2)],
            set(self.some(ROLES, 1, 2)) if staff else set(),
            set(self.some(ROLES, 0, 1)) if self.happens(0.2) else set(),
            {squad.n for squad in self.some(self.squads)} if staff else set(),
            {org.n for org in self.some(self.orgs)} if staff else set(),
            self.happens(0.1),
            self.dice.choice(("", "live", "expired", "ended")) if staff else "",
        )

    def member(self, org: Org) -> Member:
        return Member(
            org,
            set(self.some(CAPACITIES, 1)),
            self.happens(0.4),
            set(self.some(AREAS)) | ({"support"} if self.happens(0.7) else set()),
            self.happens(0.15),
        )

    def between_all(self) -> list[Link]:
        return [
            Link(partner, customer, self.happens(0.7), self.happens(0.7))
            for partner in self.orgs
            for customer in self.orgs
            if partner is not customer and self.happens(0.4)
        ]

    def case(self, n: int) -> Case:
        dice = self.dice
        said = [self.said() for _ in range(dice.randint(1, 4))]
        # Tickets that a partner opened for a linked customer are rare by chance, and their rule has the most parts.
        linked = [(link.partner, link.customer) for link in self.links]
        opener, owner = dice.choice(linked) if linked and self.happens(0.5) else (None, None)
        return Case(
            n,
            owner or dice.choice(self.orgs),
            dice.choice(CAPACITIES),
            dice.choice(self.humans),
            opener or (dice.choice(self.orgs) if self.happens(0.2) else None),
            dice.choice(self.squads),
            self.some(self.humans, 0, 2),
            [self.loan() for _ in range(dice.choice((0, 0, 1, 2)))],
            said,
        )

    def said(self) -> Said:
        author = self.dice.choice(self.humans)
        outside = author.members[0].org if author.members and not author.roles else None
        audience = {org.n for org in self.some(self.orgs)} if self.happens(0.8) else set()
        self.count += 1
        return Said(self.count - 1, author, outside, audience, self.happens(0.2), self.happens(0.5))

    def loan(self) -> Loan:
        return Loan(
            self.dice.choice(self.orgs), self.dice.choice([None, *self.humans]), self.happens(0.7), self.happens(0.8)
        )

    def event(self, n: int) -> Event:
        case = self.dice.choice([None, *self.cases])
        said = self.dice.choice([None, *case.said]) if case else None
        concerns = [(org, self.dice.choice((None, *CAPACITIES)), self.happens(0.5)) for org in self.some(self.orgs, 1)]
        return Event(n, concerns, case, said)


def askers(human: Human) -> list[Asker]:
    """Every way in which this person can ask."""
    if human.disabled:
        return []
    if human.roles:
        return [Asker(human, human.acting_roles)]
    return [
        Asker(human, member=member, capacity=capacity)
        for member in human.members
        for capacity in CAPACITIES
        if not member.ended and capacity in member.capacities and capacity in member.org.capacities
    ]


def linked(world: Everything, partner: Org, customer: Org, *, consent: bool = False) -> bool:
    return any(
        link.active and (link.consent or not consent)
        for link in world.links
        if link.partner is partner and link.customer is customer
    )


def reads_case(world: Everything, who: Asker, case: Case) -> bool:
    if who.roles:
        return (
            ("agent" in who.roles and (case.squad.n in who.human.teams or not case.squad.restricted))
            or bool({"account-manager", "auditor", "break-glass"} & who.roles)
            or ("buyer" in who.roles and case.capacity == "supplier")
            or ("channel-manager" in who.roles and case.capacity == "partner")
        )
    member = who.member
    assert member is not None
    if "support" not in member.areas:
        return False
    concerned = member.admin or case.author is who.human or who.human in case.copies
    if case.org is member.org and case.capacity == who.capacity and concerned:
        return True
    opened = who.capacity == "partner" and case.opened_by is member.org
    if opened and linked(world, member.org, case.org, consent=True):
        return True
    return any(loan.live and loan.org is member.org and loan.human in (None, who.human) for loan in case.loans)


def reads_said(world: Everything, who: Asker, case: Case, said: Said) -> bool:
    if not reads_case(world, who, case):
        return False
    if who.roles:
        return not said.is_note or bool(READ_NOTES & who.roles)
    assert who.member is not None
    return who.member.org.n in said.audience


def reads_words(world: Everything, who: Asker, case: Case, said: Said) -> bool:
    """Of what is withdrawn or redacted nothing is left to find or to download."""
    return not said.gone and reads_said(world, who, case, said)


def reads_loan(world: Everything, who: Asker, case: Case, loan: Loan) -> bool:
    """What is only offered is known to who offered it and to whom, and to staff who see contact data."""
    if case.author is who.human or loan.human is who.human:
        return True
    return reads_case(world, who, case) and (loan.joined or bool(SEE_CONTACTS & who.roles))


def reads_org(world: Everything, who: Asker, org: Org) -> bool:
    if who.roles:
        return (
            bool({"agent", "account-manager", "auditor", "admin"} & who.roles)
            or ("buyer" in who.roles and "supplier" in org.capacities)
            or ("channel-manager" in who.roles and "partner" in org.capacities)
        )
    assert who.member is not None
    if org is who.member.org:
        return True
    if who.capacity == "partner" and linked(world, who.member.org, org):
        return True
    if any(org in (case.org, case.opened_by) and reads_case(world, who, case) for case in world.cases):
        return True
    for case in world.cases:
        if any(loan.live and loan.org is org for loan in case.loans) and reads_case(world, who, case):
            return True
    return any(
        said.author_org is org and who.member.org.n in said.audience for case in world.cases for said in case.said
    )


def reads_event(world: Everything, who: Asker, event: Event) -> bool:
    if event.case is not None and not reads_case(world, who, event.case):
        return False
    if event.case is not None and event.said is not None and not reads_said(world, who, event.case, event.said):
        return False
    if who.roles:
        if {"agent", "account-manager", "auditor", "break-glass"} & who.roles:
            return True
        wanted = {c for role, c in (("buyer", "supplier"), ("channel-manager", "partner")) if role in who.roles}
        return any(
            capacity in wanted or (capacity is None and wanted & org.capacities) for org, capacity, _ in event.concerns
        )
    assert who.member is not None
    return any(
        org is who.member.org and is_reader and capacity in (None, who.capacity)
        for org, capacity, is_reader in event.concerns
    )
