"""Deal registrations in a random world, and who reads what of them, worked out from the access tables' text.

Nothing here asks the portal: the property test holds the two against each other.
"""

import random
from dataclasses import dataclass

from tests import oracle
from tests.oracle import Asker, Everything, Human, Org

READ_ALL = {"channel-manager", "auditor", "break-glass"}
SEE_RIVALS = {"channel-manager", "auditor", "break-glass"}


@dataclass
class Guest:
    """A share of a deal: with a company, or with one person as somebody of it."""

    org: Org
    human: Human | None
    live: bool
    # Joined after all that has happened, of which they read nothing.
    late: bool


@dataclass
class Step:
    n: int
    is_public: bool


@dataclass
class Lead:
    n: int
    org: Org
    author: Human
    # The author, or whoever of the staff wrote it down on their behalf.
    writer: Human
    is_draft: bool
    customer: Org | None
    guests: list[Guest]
    steps: list[Step]
    has_file: bool
    is_sold: bool


@dataclass
class Sale:
    """A direct one: an opportunity without a partner."""

    n: int
    customer: Org


@dataclass
class Trade:
    world: Everything
    leads: list[Lead]
    sales: list[Sale]


def make(seed: int) -> Trade:
    """A small random world with deals; the seed is what Hypothesis draws."""
    return _Maker(oracle.make(seed), random.Random(seed)).make()


class _Maker:
    def __init__(self, world: Everything, dice: random.Random) -> None:
        self.world, self.dice, self.count = world, dice, 0

    def make(self) -> Trade:
        self._turn_into_partners()
        leads = [self.lead(n) for n in range(self.dice.randint(2, 5))]
        return Trade(self.world, leads, [Sale(n, self.org()) for n in range(self.dice.randint(0, 2))])

    def _turn_into_partners(self) -> None:
        """By chance alone, those who have anything to do with deals would be few."""
        members = [member for human in self.world.humans for member in human.members]
        for thing in (*self.world.orgs, *members):
            if self.happens(0.7):
                thing.capacities.add("partner")
        for member in members:
            if self.happens(0.7):
                member.areas.add("deals")

    def happens(self, share: float) -> bool:
        return self.dice.random() < share

    def org(self) -> Org:
        return self.dice.choice(self.world.orgs)

    def lead(self, n: int) -> Lead:
        org, author = self._who()
        staff = [human for human in self.world.humans if human.roles]
        is_draft = self.happens(0.3)
        return Lead(
            n,
            org,
            author,
            self.dice.choice(staff) if staff and self.happens(0.4) else author,
            is_draft,
            None if is_draft or self.happens(0.4) else self.dice.choice([o for o in self.world.orgs if o is not org]),
            [self.guest() for _ in range(self.dice.choice((0, 1, 2)))],
            [self.step() for _ in range(self.dice.randint(1, 3))],
            self.happens(0.5),
            not is_draft and self.happens(0.5),
        )

    def _who(self) -> tuple[Org, Human]:
        """Mostly somebody of the company that registers it; whoever has left, or never was there, has no claim."""
        own = [(member.org, human) for human in self.world.humans for member in human.members]
        if own and self.happens(0.8):
            return self.dice.choice(own)
        return self.org(), self.dice.choice(self.world.humans)

    def guest(self) -> Guest:
        own = [(member.org, human) for human in self.world.humans for member in human.members]
        org, human = self.dice.choice(own) if own and self.happens(0.8) else (self.org(), None)
        return Guest(org, human if self.happens(0.5) else None, self.happens(0.6), self.happens(0.5))

    def step(self) -> Step:
        self.count += 1
        return Step(self.count - 1, self.happens(0.6))


def _has_deals(who: Asker) -> bool:
    """Partners alone, and of them those with the area."""
    return who.member is not None and who.capacity == "partner" and "deals" in who.member.areas


def is_host(who: Asker, lead: Lead) -> bool:
    """Own, or the whole company's for its administrators."""
    if not _has_deals(who):
        return False
    assert who.member is not None
    return lead.org is who.member.org and (who.member.admin or lead.author is who.human)


def is_guest(who: Asker, lead: Lead, *, of_before: bool = False) -> bool:
    """`of_before`: one who reads what was there before they joined."""
    if not _has_deals(who) or lead.is_draft:
        return False
    assert who.member is not None
    org = who.member.org
    return any(
        guest.live and guest.org is org and guest.human in (None, who.human) and not (of_before and guest.late)
        for guest in lead.guests
    )


def reads_lead(who: Asker, lead: Lead) -> bool:
    if not who.roles:
        return is_host(who, lead) or is_guest(who, lead)
    if lead.is_draft and lead.writer is not who.human:
        return False
    if READ_ALL & who.roles:
        return True
    cared_for = {lead.org.n} | ({lead.customer.n} if lead.customer else set())
    return "account-manager" in who.roles and bool(cared_for & who.human.portfolio)


def rewrites_lead(who: Asker, lead: Lead) -> bool:
    """Guests of other partners only read; a colleague whom it is shared with carries on."""
    if who.roles:
        return "channel-manager" in who.roles and reads_lead(who, lead)
    return reads_lead(who, lead) and who.member is not None and lead.org is who.member.org


def reads_step(who: Asker, lead: Lead, step: Step) -> bool:
    if who.roles:
        return reads_lead(who, lead)
    return step.is_public and (is_host(who, lead) or is_guest(who, lead, of_before=True))


def reads_review(who: Asker, lead: Lead) -> bool:
    return bool(who.roles) and reads_lead(who, lead)


def reads_what_it_became(who: Asker, lead: Lead) -> bool:
    """Its opportunity is shared with no guest of another company."""
    if who.roles:
        return reads_lead(who, lead)
    return reads_lead(who, lead) and who.member is not None and lead.org is who.member.org


def reads_receipt(who: Asker, lead: Lead) -> bool:
    """It is made out to the partner; no guest of another company holds it."""
    return reads_lead(who, lead) and (who.member is None or lead.org is who.member.org)


def reads_sale(who: Asker, sale: Sale) -> bool:
    if READ_ALL & who.roles:
        return True
    return "account-manager" in who.roles and sale.customer.n in who.human.portfolio


def reads_place(who: Asker) -> bool:
    """The other party of a conflict."""
    return bool(SEE_RIVALS & who.roles)


def reads_step_in_history(who: Asker, lead: Lead, step: Step) -> bool:
    """It concerns the partner, who reads what is public, and the customer, who does not."""
    if not reads_lead(who, lead):
        return False
    if who.roles:
        # Of the history, a channel manager reads what concerns partners.
        return bool({"account-manager", "channel-manager", "auditor", "break-glass"} & who.roles)
    assert who.member is not None
    return lead.org is who.member.org and step.is_public


def reads_org(trade: Trade, who: Asker, org: Org) -> bool:
    """Beyond what they read without deals: the customers named in deals, and those with whom one shares a room."""
    if oracle.reads_org(trade.world, who, org):
        return True
    if who.roles:
        return "channel-manager" in who.roles and any(lead.customer is org for lead in trade.leads)
    rooms = [lead for lead in trade.leads if reads_lead(who, lead)]
    return any(lead.org is org or any(g.live and g.org is org for g in lead.guests) for lead in rooms)
