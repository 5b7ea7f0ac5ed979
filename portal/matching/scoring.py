"""Whether two records speak of the same customer: a score from 0 to 100 with its reasons, which staff read.

Each piece of evidence has a strength, the chance that it alone makes them one. Independent pieces are put together as
1 - (1 - a)(1 - b)…; what speaks against it takes away from the result. All of it is symmetric.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from typing import Any

from rapidfuzz import fuzz

from portal.matching.domains import identifies_a_company, label_of, registrable_domain
from portal.matching.identifiers import bare_number, may_be_same
from portal.matching.likeness import Likeness, likeness
from portal.matching.names import name_of

# From here on a person should look at it: a name that is the same in another country, or much alike in the same one.
WORTH_SHOWING = 50
# From here on it is one customer unless somebody knows better: a domain or a registration number in common.
SURE = 90

_DOMAIN, _LABEL_ALONE = 92, 40
_REGISTRATION, _TAX, _ABROAD = 96, 94, 30
# Two companies may share a name, a site and an owner, and be two: then they are registered twice.
_REGISTERED_TWICE = 25
_PRODUCTS_MOST, _PRODUCT_EACH = 5, 2
_SHORTEST_LABEL, _LIKE_LABEL = 5, 90


class Country(StrEnum):
    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


class ReasonKind(StrEnum):
    DOMAIN = "domain"
    DOMAIN_LABEL = "domain-label"
    REGISTRATION = "registration"
    TAX = "tax"
    NUMBER_ABROAD = "number-abroad"
    NAME = "name"
    NAME_SOUND = "name-sound"
    NAME_CORE = "name-core"
    NAME_LIKE = "name-like"
    NAME_PART = "name-part"
    OTHER_REGISTRATION = "other-registration"
    PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records match, or do not; `params` are JSON: `strength` (-100 to 100) and what the sentence names."""

    kind: ReasonKind
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def strength(self) -> int:
        return int(self.params["strength"])

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, **self.params}


@dataclass(frozen=True, slots=True)
class Match:
    """`score` is 0 to 100; `reasons` begin with the strongest."""

    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer, as it was typed; `country` is ISO 3166-1 alpha-2 or "", `products` are ids."""

    name: str = ""
    domain: str = ""
    country: str = ""
    registration_number: str = ""
    tax_number: str = ""
    products: frozenset[int] = frozenset()


def score(a: Facts, b: Facts) -> Match | None:
    """How likely the two are one customer; None where nothing says so. `score(a, b) == score(b, a)`."""
    country = _country(a, b)
    evidence = [*_numbers(a, b, country), *_domains(a, b), *_names(a, b, country)]
    if not evidence:
        return None
    against = list(_against(a, b, country, evidence))
    base = 100 * (1 - prod(1 - reason.strength / 100 for reason in evidence))
    base += sum(reason.strength for reason in against)
    total, products = _with_products(max(0, min(100, round(base))), a, b)
    reasons = sorted([*evidence, *against, *products], key=lambda reason: (-reason.strength, reason.kind))
    return Match(total, tuple(reasons))


def _country(a: Facts, b: Facts) -> Country:
    if not a.country or not b.country:
        return Country.UNKNOWN
    return Country.SAME if a.country.upper() == b.country.upper() else Country.OTHER


def _numbers(a: Facts, b: Facts, country: Country) -> Iterable[Reason]:
    """The strongest number in common: in some countries the tax number is the registration number with a prefix."""
    ours = {ReasonKind.REGISTRATION: a.registration_number, ReasonKind.TAX: a.tax_number}
    theirs = {ReasonKind.REGISTRATION: b.registration_number, ReasonKind.TAX: b.tax_number}
    same = {
        ReasonKind.REGISTRATION if ReasonKind.REGISTRATION in (kind, other) else ReasonKind.TAX
        for kind, number in ours.items()
        for other, another in theirs.items()
        if may_be_same(number, another)
    }
    if not same:
        return
    if country == Country.OTHER:
        # Registers of different countries count in the same digits.
        yield Reason(ReasonKind.NUMBER_ABROAD, {"strength": _ABROAD})
    elif ReasonKind.REGISTRATION in same:
        yield Reason(ReasonKind.REGISTRATION, {"strength": _REGISTRATION})
    else:
        yield Reason(ReasonKind.TAX, {"strength": _TAX})


def _domains(a: Facts, b: Facts) -> Iterable[Reason]:
    ours, theirs = registrable_domain(a.domain), registrable_domain(b.domain)
    if not identifies_a_company(ours) or not identifies_a_company(theirs):
        return
    if ours == theirs:
        yield Reason(ReasonKind.DOMAIN, {"strength": _DOMAIN, "domain": ours})
        return
    one, other = (name_of(label_of(domain)).key for domain in (ours, theirs))
    if min(len(one), len(other)) >= _SHORTEST_LABEL and fuzz.ratio(one, other) >= _LIKE_LABEL:
        yield Reason(ReasonKind.DOMAIN_LABEL, {"strength": _LABEL_ALONE})


_NAME_KINDS = {
    Likeness.SAME: ReasonKind.NAME,
    Likeness.SOUND: ReasonKind.NAME_SOUND,
    Likeness.CORE: ReasonKind.NAME_CORE,
    Likeness.LIKE: ReasonKind.NAME_LIKE,
    Likeness.PART: ReasonKind.NAME_PART,
}
_NAME_WEIGHT = {Country.SAME: 1.0, Country.UNKNOWN: 0.9, Country.OTHER: 0.72}


def _names(a: Facts, b: Facts, country: Country) -> Iterable[Reason]:
    found = likeness(name_of(a.name), name_of(b.name))
    if found is not None:
        how, strength = found
        params = {"strength": round(strength * _NAME_WEIGHT[country]), "country": country.value}
        yield Reason(_NAME_KINDS[how], params)


def _against(a: Facts, b: Facts, country: Country, evidence: list[Reason]) -> Iterable[Reason]:
    ours, theirs = bare_number(a.registration_number), bare_number(b.registration_number)
    is_one = any(reason.kind in (ReasonKind.REGISTRATION, ReasonKind.TAX) for reason in evidence)
    if country == Country.SAME and ours and theirs and ours != theirs and not is_one:
        yield Reason(ReasonKind.OTHER_REGISTRATION, {"strength": -_REGISTERED_TWICE})


def _with_products(base: int, a: Facts, b: Facts) -> tuple[int, list[Reason]]:
    """Products in common make a conflict graver; they prove nothing, so they carry nobody over the line of the sure."""
    common = sorted(a.products & b.products)
    if not common:
        return base, []
    most = 100 if base >= SURE else SURE - 1
    total = min(base + min(_PRODUCTS_MOST, _PRODUCT_EACH * len(common)), most)
    return max(base, total), [Reason(ReasonKind.PRODUCTS, {"strength": max(base, total) - base, "products": common})]
