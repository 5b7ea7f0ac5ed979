"""The score of a pair says what staff would say, with the reasons."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.matching.keys import keys_of
from portal.matching.scoring import SURE, WORTH_SHOWING, Facts, ReasonKind, score
from tests.matching.pairs import ONE_COMPANY, TWO_COMPANIES

WORDS = st.sampled_from(
    ["Каскад", "Kaskada", "کاوه", "Group", "s.r.o.", "ТОВ", "شرکت", "AB", "Trade", "Żuraw", "\ud800", "", "٪"]
)
NAMES = st.lists(WORDS | st.text(max_size=8), max_size=4).map(" ".join)
FACTS = st.builds(
    Facts,
    name=NAMES,
    domain=st.sampled_from(["", "kaskada.cz", "kaskada.example", "gmail.com", "a@b"]) | st.text(max_size=12),
    country=st.sampled_from(["", "CZ", "UA", "IR"]),
    registration_number=st.sampled_from(["", "00123456", "CZ00123456", "40123456", "PL00123456"]) | st.text(max_size=8),
    tax_number=st.sampled_from(["", "CZ00123456", "40123456"]),
    products=st.frozensets(st.integers(1, 4), max_size=4),
)
KASKADA = Facts("Kaskáda s.r.o.", "kaskada.cz", "CZ", "00123456", "CZ00123456", frozenset({1, 2}))


def total(a: Facts, b: Facts) -> int:
    match = score(a, b)
    return match.score if match else 0


def kinds(a: Facts, b: Facts) -> list[ReasonKind]:
    match = score(a, b)
    return [reason.kind for reason in match.reasons] if match else []


@pytest.mark.parametrize(("one", "other"), [pair for names in ONE_COMPANY for pair in combinations(names, 2)])
def test_one_company_is_shown_and_found(one: str, other: str) -> None:
    a, b = Facts(one, country="CZ"), Facts(other, country="CZ")
    assert WORTH_SHOWING <= total(a, b) < SURE
    assert keys_of(a) & keys_of(b)


@pytest.mark.parametrize(("one", "other"), TWO_COMPANIES)
def test_two_companies_are_not_shown(one: str, other: str) -> None:
    assert total(Facts(one, country="CZ"), Facts(other, country="CZ")) < WORTH_SHOWING


def test_companies_of_different_lines_are_not_shown() -> None:
    pairs = [(a, b) for one, other in combinations(ONE_COMPANY, 2) for a, b in product(one, other)]
    assert [pair for pair in pairs if total(Facts(pair[0]), Facts(pair[1])) >= WORTH_SHOWING] == []


def test_one_domain_is_nearly_certain() -> None:
    assert total(KASKADA, Facts("Zcela jiná", "https://shop.kaskada.cz/")) >= SURE


def test_one_free_mailbox_host_says_nothing() -> None:
    assert score(Facts("Kaskáda", "jana@gmail.com"), Facts("Ořech", "petr@gmail.com")) is None


def test_one_registration_number_is_nearly_certain() -> None:
    assert total(KASKADA, Facts("Zcela jiná", country="CZ", registration_number="CZ00123456")) >= SURE


def test_a_tax_number_names_whom_the_registration_number_names() -> None:
    assert kinds(KASKADA, Facts("Zcela jiná", tax_number="CZ 001 23 456"))[0] == ReasonKind.REGISTRATION


def test_the_same_digits_in_another_country_are_weak() -> None:
    abroad = Facts("Zcela jiná", country="UA", registration_number="00123456")
    assert kinds(KASKADA, abroad) == [ReasonKind.NUMBER_ABROAD]
    assert total(KASKADA, abroad) < WORTH_SHOWING


def test_a_name_in_another_country_is_weaker() -> None:
    here, somewhere, abroad = (total(KASKADA, Facts("ТОВ «Каскада»", country=country)) for country in ("CZ", "", "UA"))
    assert SURE > here > somewhere > abroad >= WORTH_SHOWING


def test_two_registration_numbers_speak_against_it() -> None:
    twin = Facts("Kaskáda a.s.", country="CZ", registration_number="00654321")
    assert ReasonKind.OTHER_REGISTRATION in kinds(KASKADA, twin)
    assert total(KASKADA, twin) < total(KASKADA, Facts("Kaskáda a.s.", country="CZ"))


def test_common_products_add_weight_and_prove_nothing() -> None:
    name = Facts("Kaskáda", country="CZ")
    with_products = Facts("Kaskáda", country="CZ", products=frozenset({2, 3}))
    assert total(KASKADA, name) < total(KASKADA, with_products) < SURE
    assert score(Facts("Vydra", products=frozenset({1})), Facts("Ořech", products=frozenset({1}))) is None


def test_reasons_are_data() -> None:
    match = score(KASKADA, KASKADA)
    assert match is not None
    assert match.score == 100
    assert match.reasons[0].as_json() == {"kind": "registration", "strength": 96}


@given(FACTS, FACTS)
def test_it_is_the_same_from_both_sides(a: Facts, b: Facts) -> None:
    match = score(a, b)
    assert match == score(b, a)
    assert match is None or 0 <= match.score <= 100


@given(FACTS)
def test_whoever_has_a_name_is_like_themselves(a: Facts) -> None:
    assert not keys_of(a) or total(a, a) >= WORTH_SHOWING


@given(FACTS)
def test_keys_are_few_and_short(a: Facts) -> None:
    keys = keys_of(a)
    assert len(keys) <= 30
    assert all(0 < len(value) <= 64 for _, value in keys)
