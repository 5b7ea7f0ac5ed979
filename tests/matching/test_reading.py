"""Whoever decides sees the other party; nobody else learns that there is one."""

import pytest
import sqlalchemy as sa

from portal.matching.models import DealMatch, MatchKey
from tests.deals.helpers import DealWorld
from tests.matching.helpers import direct_sale, match, organisation, seen
from tests.statements import statements
from tests.world import World

NAME = {"customer_name": "Pensive Anvil Ltd", "customer_country": "GB"}


@pytest.mark.parametrize("hint", ["channel-manager", "auditor"])
def test_who_sees_rivals_sees_matches(world: World, deals: DealWorld, hint: str) -> None:
    one, other = deals.submitted(**NAME), deals.submitted(**NAME)
    match(world, one, other)
    assert [found.ref for found in seen(world, hint, one)] == [other.ref]


@pytest.mark.parametrize(
    "hint", ["partner", "partner-admin", "customer", "customer-admin", "supplier", "agent", "account-manager", "admin"]
)
def test_nobody_else_does(world: World, deals: DealWorld, hint: str) -> None:
    one, other = deals.submitted(**NAME), deals.submitted(**NAME)
    match(world, one, other)
    assert seen(world, hint, one) == []
    with world.as_(hint) as session:
        assert session.scalars(sa.select(DealMatch.id)).all() == []
        assert session.scalars(sa.select(MatchKey.id)).all() == []


def test_two_statements_whatever_there_is(world: World, deals: DealWorld) -> None:
    deal = deals.submitted(**NAME)
    others = [deals.submitted("rival-partner", **NAME) for _ in range(4)]
    direct_sale(world, organisation(world, "Pensive Anvil", country="GB"))
    match(world, deal, *others)
    with statements(world.app) as asked:
        found = seen(world, "channel-manager", deal)
    assert len(found) == 6
    about = [statement for statement in asked if "deal_match" in statement or "FROM product" in statement]
    assert len(about) == 2


def test_best_come_first(world: World, deals: DealWorld) -> None:
    deal = deals.submitted(**NAME, customer_domain="anvil.example.com")
    near = deals.submitted(**NAME, customer_domain="www.anvil.example.com")
    far = deals.submitted(customer_name="Pensive Anvil", customer_country="DE", customer_domain="else.example.org")
    match(world, deal, near, far)
    assert [(found.ref, found.is_sure) for found in seen(world, "channel-manager", deal)] == [
        (near.ref, True),
        (far.ref, False),
    ]
