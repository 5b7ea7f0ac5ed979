"""Which partners suit a lead: pure arithmetic on what is known of them, with the reasons for every point.

At most 100 points: 30 for where the partner is, 30 for the products that it knows, 15 for its tier, 15 for what it
has won lately and 10 for having time. No reason tells of a lead that is offered just now: staff could
see who has it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.leads.neighbours import are_neighbours, speaks_language_of
from portal.organisations.models import PartnerTier

SAME_COUNTRY, NEAR, SAME_LANGUAGE = 30, 20, 15
ALL_SKILLS = 30
TIERS: Mapping[str, int] = {PartnerTier.GOLD: 15, PartnerTier.SILVER: 10, PartnerTier.REGISTERED: 0}
EACH_WIN, MOST_FOR_WINS = 3, 15
# Points for an empty desk; each open deal takes one.
FREE = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a partner. `load` counts its open deals, `wins` those won within two years."""

    organisation_id: int
    ref: str
    name: str
    country: str = ""
    language: str = ""
    tier: str = ""
    skills: frozenset[int] = frozenset()
    load: int = 0
    wins: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there are so many points; the parameters are for its sentence."""

    kind: str
    points: int
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(reason.points for reason in self.reasons)


def rank(candidates: Iterable[Candidate], country: str, products: Collection[int]) -> list[Ranked]:
    """The best first; of equals, whoever has less to do, then by a reference, which is drawn by lot."""
    ranked = [Ranked(candidate, reasons(candidate, country, products)) for candidate in candidates]
    return sorted(ranked, key=lambda r: (-r.score, r.candidate.load, r.candidate.ref))


def reasons(candidate: Candidate, country: str, products: Collection[int]) -> tuple[Reason, ...]:
    """All five, in the order of their weight; without points too, since that is a reason as well."""
    return (
        _place(candidate, country),
        _skills(candidate, frozenset(products)),
        Reason("tier", TIERS.get(candidate.tier, 0), {"tier": candidate.tier}),
        Reason("wins", min(candidate.wins * EACH_WIN, MOST_FOR_WINS), {"count": candidate.wins}),
        Reason("load", max(FREE - candidate.load, 0), {"count": candidate.load}),
    )


def _place(candidate: Candidate, country: str) -> Reason:
    if country and candidate.country == country:
        return Reason("same-country", SAME_COUNTRY)
    if are_neighbours(candidate.country, country):
        return Reason("near", NEAR, {"country": candidate.country})
    if speaks_language_of(candidate.language, country):
        return Reason("language", SAME_LANGUAGE, {"language": candidate.language})
    return Reason("far", 0, {"country": candidate.country})


def _skills(candidate: Candidate, products: frozenset[int]) -> Reason:
    known = len(candidate.skills & products)
    points = ALL_SKILLS * known // len(products) if products else 0
    return Reason("skills", points, {"known": known, "of": len(products)})
