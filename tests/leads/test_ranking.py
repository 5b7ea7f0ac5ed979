"""Which partner suits a lead: by table, and by what must always hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.leads.neighbours import are_neighbours, speaks_language_of
from portal.leads.ranking import Candidate, rank, reasons
from portal.organisations.models import PartnerTier

NOBODY = Candidate(1, "O-1", "Nobody")
PRODUCTS = (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("facts", "kind", "points"),
    [
        ({"country": "CZ"}, "same-country", 30),
        ({"country": "PL"}, "near", 20),
        ({"country": "GB", "language": "cs"}, "language", 15),
        ({"country": "GB", "language": "en"}, "far", 0),
        ({"skills": frozenset({1, 2, 3, 4})}, "skills", 30),
        ({"skills": frozenset({1, 9})}, "skills", 7),
        ({"tier": PartnerTier.GOLD}, "tier", 15),
        ({"tier": PartnerTier.SILVER}, "tier", 10),
        ({"tier": PartnerTier.REGISTERED}, "tier", 0),
        ({"wins": 2}, "wins", 6),
        ({"wins": 40}, "wins", 15),
        ({"load": 0}, "load", 10),
        ({"load": 4}, "load", 6),
        ({"load": 40}, "load", 0),
    ],
)
def test_each_reason_has_its_points(facts: dict, kind: str, points: int) -> None:
    found = {reason.kind: reason.points for reason in reasons(replace(NOBODY, **facts), "CZ", PRODUCTS)}
    assert found[kind] == points


def test_the_best_comes_first_and_of_equals_who_has_less_to_do() -> None:
    near = replace(NOBODY, ref="O-A", country="PL", load=20)
    same = replace(NOBODY, ref="O-B", country="CZ", load=30)
    busy = replace(NOBODY, ref="O-C", country="CZ", load=40)
    assert [one.candidate.ref for one in rank([busy, near, same], "CZ", PRODUCTS)] == ["O-B", "O-C", "O-A"]


def test_neighbours_are_neighbours_both_ways() -> None:
    assert are_neighbours("CZ", "PL")
    assert are_neighbours("PL", "CZ")
    assert are_neighbours("LT", "PL")
    assert are_neighbours("IR", "TR")
    assert not are_neighbours("CZ", "UA")
    assert not are_neighbours("CZ", "CZ")


def test_languages_are_those_of_the_country() -> None:
    assert speaks_language_of("fa", "IR")
    assert speaks_language_of("en", "IE")
    assert not speaks_language_of("en", "IR")
    assert not speaks_language_of("", "IR")


candidates = st.builds(
    Candidate,
    organisation_id=st.integers(1, 10**6),
    ref=st.text("ABCDEF", min_size=3, max_size=5),
    name=st.just("Somebody"),
    country=st.sampled_from(["", "CZ", "PL", "GB", "IR", "UA"]),
    language=st.sampled_from(["", "cs", "uk", "pl", "en", "fa"]),
    tier=st.sampled_from(["", *PartnerTier]),
    skills=st.frozensets(st.integers(1, 6)),
    load=st.integers(0, 30),
    wins=st.integers(0, 30),
)
worlds = st.lists(candidates, min_size=1, max_size=8, unique_by=lambda candidate: candidate.ref)


def place(candidate: Candidate, others: list[Candidate]) -> int:
    return [one.candidate for one in rank([candidate, *others], "CZ", PRODUCTS)].index(candidate)


@given(worlds, st.sampled_from(["wins", "load", "tier", "skills", "country"]))
def test_whoever_is_better_in_one_thing_never_ranks_lower(world: list[Candidate], what: str) -> None:
    one, *others = world
    better = {
        "wins": {"wins": one.wins + 1},
        "load": {"load": max(one.load - 1, 0)},
        "tier": {"tier": PartnerTier.GOLD},
        "skills": {"skills": one.skills | {1}},
        "country": {"country": "CZ"},
    }[what]
    assert place(replace(one, **better), others) <= place(one, others)


@given(worlds)
def test_a_ranking_loses_nobody_and_does_not_hang_on_the_order_of_asking(world: list[Candidate]) -> None:
    there, back = rank(world, "CZ", PRODUCTS), rank(reversed(world), "CZ", PRODUCTS)
    assert there == back
    assert {one.candidate for one in there} == set(world)
    assert all(0 <= one.score <= 100 for one in there)
