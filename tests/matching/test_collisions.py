"""The customers of the sample world collide where they should, and nowhere else."""

from itertools import combinations, product

import pytest

from portal.languages.table import LANGUAGES
from portal.matching.keys import keys_of
from portal.matching.scoring import WORTH_SHOWING, Facts, score
from portal.seeds.collisions import APART, ONE_CUSTOMER, EndCustomer

GROUPS = ONE_CUSTOMER + tuple((customer,) for group in APART for customer in group)


def facts(customer: EndCustomer) -> Facts:
    return Facts(customer.name, customer.domain, customer.country, customer.registration_number)


def meet(one: EndCustomer, other: EndCustomer) -> bool:
    a, b = facts(one), facts(other)
    match = score(a, b)
    return match is not None and match.score >= WORTH_SHOWING and bool(keys_of(a) & keys_of(b))


@pytest.mark.parametrize("group", ONE_CUSTOMER, ids=lambda group: group[0].domain)
def test_each_spelling_leads_to_the_others(group: tuple[EndCustomer, ...]) -> None:
    reached, left = [group[0]], set(group[1:])
    while found := next((customer for customer in left if any(meet(customer, known) for known in reached)), None):
        reached.append(found)
        left.remove(found)
    assert left == set()


def test_no_customer_leads_to_another() -> None:
    pairs = [(a, b) for one, other in combinations(GROUPS, 2) for a, b in product(one, other)]
    assert [(a.name, b.name) for a, b in pairs if meet(a, b)] == []


def test_all_six_languages_take_part() -> None:
    assert {customer.language for group in ONE_CUSTOMER for customer in group} == set(LANGUAGES)
