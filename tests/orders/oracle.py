"""Orders in a random world, and who reads what of them, worked out from the access tables' text.

Nothing here asks the portal: the property tests hold the two against each other.
"""

import random
from dataclasses import dataclass

from tests import oracle
from tests.oracle import Asker, Everything, Org

SALES = ("sales", "quotation")
READ_NOTES = {"agent", "account-manager", "buyer", "channel-manager", "auditor", "break-glass"}
SEE_MARGINS = {"account-manager", "auditor", "break-glass"}
READ_ALL = {"auditor", "break-glass"}
# A matter between the customer and us, of which no linked partner learns.
UNTOLD = ("draft", "requested", "refused", "withdrawn")


@dataclass
class Step:
    n: int
    is_public: bool


@dataclass
class Bargain:
    """An order of any kind."""

    n: int
    kind: str
    org: Org
    capacity: str
    reseller: Org | None
    state: str
    steps: list[Step]


@dataclass
class Market:
    world: Everything
    bargains: list[Bargain]


def make(seed: int) -> Market:
    """A small random world with orders; the seed is what Hypothesis draws."""
    return _Maker(oracle.make(seed), random.Random(seed)).make()


class _Maker:
    def __init__(self, world: Everything, dice: random.Random) -> None:
        self.world, self.dice, self.count = world, dice, 0

    def make(self) -> Market:
        for human in self.world.humans:
            for member in human.members:
                # By chance alone, those who have anything to do with orders would be few.
                if self.dice.random() < 0.7:
                    member.areas.add("orders")
        return Market(self.world, [self.bargain(n) for n in range(self.dice.randint(3, 7))])

    def bargain(self, n: int) -> Bargain:
        capacity = self.dice.choice(("customer", "customer", "supplier", "partner"))
        kind = "purchase" if capacity == "supplier" else self.dice.choice(("sales", "sales", "quotation"))
        # A random world has few linked customers: they buy more often.
        linked = [link.customer for link in self.world.links]
        org = self.dice.choice(linked) if linked and self.dice.random() < 0.5 else self.dice.choice(self.world.orgs)
        reseller = None
        if capacity == "partner":
            reseller = org
        elif capacity == "customer" and self.dice.random() < 0.4:
            reseller = self.dice.choice([other for other in self.world.orgs if other is not org])
        states = {
            "sales": ("draft", "requested", "refused", "withdrawn", "ordered", "confirmed", "closed", "cancelled"),
            "quotation": ("offered", "accepted", "expired"),
            "purchase": ("ordered", "confirmed", "closed"),
        }
        return Bargain(n, kind, org, capacity, reseller, self.dice.choice(states[kind]), self.steps())

    def steps(self) -> list[Step]:
        found = []
        for _ in range(self.dice.randint(1, 3)):
            found.append(Step(self.count, self.dice.random() < 0.6))
            self.count += 1
        return found


def _is_own(who: Asker, bargain: Bargain) -> bool:
    assert who.member is not None
    return bargain.org is who.member.org and bargain.capacity == who.capacity


def reads_whole(who: Asker, bargain: Bargain) -> bool:
    if who.roles:
        if bargain.state == "draft":
            return False
        return (
            bool(READ_ALL & who.roles)
            or (bool({"agent", "account-manager"} & who.roles) and bargain.kind in SALES)
            or ("buyer" in who.roles and bargain.kind == "purchase")
            or ("channel-manager" in who.roles and bargain.reseller is not None)
        )
    assert who.member is not None
    if "orders" not in who.member.areas:
        return False
    if who.capacity != "partner":
        return _is_own(who, bargain)
    is_told = bargain.state != "draft" or _is_own(who, bargain)
    return bargain.reseller is who.member.org and is_told


def reads_state(world: Everything, who: Asker, bargain: Bargain) -> bool:
    """Where it stands and when: a linked partner reads that of its customers too."""
    if reads_whole(who, bargain):
        return True
    if who.roles or who.capacity != "partner" or who.member is None or "orders" not in who.member.areas:
        return False
    is_sale = bargain.kind == "sales" and bargain.capacity == "customer" and bargain.state not in UNTOLD
    return is_sale and oracle.linked(world, who.member.org, bargain.org)


def reads_step(who: Asker, bargain: Bargain, step: Step) -> bool:
    return reads_whole(who, bargain) and (bool(who.roles) or step.is_public)


def reads_note(who: Asker, bargain: Bargain) -> bool:
    return bool(READ_NOTES & who.roles) and reads_whole(who, bargain)


def reads_margin(who: Asker, bargain: Bargain) -> bool:
    return bool(SEE_MARGINS & who.roles) and reads_whole(who, bargain)


def reads_step_in_history(who: Asker, bargain: Bargain, step: Step) -> bool:
    """It concerns the company and the reseller, who read what is public."""
    if not reads_whole(who, bargain):
        return False
    if who.roles:
        if {"agent", "account-manager", "auditor", "break-glass"} & who.roles:
            return True
        return ("buyer" in who.roles and bargain.capacity == "supplier") or (
            "channel-manager" in who.roles and (bargain.reseller is not None or bargain.capacity == "partner")
        )
    return step.is_public
