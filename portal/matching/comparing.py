"""A registration and the records that it matches, side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from portal.deals.models import Deal
from portal.deals.words import STATES
from portal.languages import country_name, date_text, number_text
from portal.matching.domains import in_own_script, registrable_domain
from portal.matching.identifiers import may_be_same
from portal.matching.names import name_key
from portal.matching.reading import Candidate, Other
from portal.matching.words import OTHERS, likelihood, sentences
from portal.notices.places import place_of


@dataclass(frozen=True, slots=True)
class Row:
    """A field of both; `is_same` where the two mean the same, however they are written."""

    label: str
    ours: str
    theirs: str
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One match, ready to be drawn; `badge` is label and tone, `score` says "92 of 100", `url` is "" where nobody who
    decides on registrations need reach it."""

    candidate: Candidate
    url: str
    kind: str
    badge: tuple[str, str]
    score: str
    reasons: list[str]
    rows: list[Row]


def compare(deal: Deal, candidates: Iterable[Candidate]) -> list[Comparison]:
    """What a page shows of the matches of a registration, in the reader's language, best first."""
    return [
        Comparison(
            candidate=candidate,
            url=place_of("", None, deal_ref=candidate.ref) if candidate.other == Other.DEAL else "",
            kind=str(OTHERS[candidate.other]),
            badge=_badge(candidate.score),
            score=_("%(score)s of %(most)s", score=number_text(candidate.score), most=number_text(100)),
            reasons=sentences(candidate),
            rows=[row for row in _rows(deal, candidate) if row.ours or row.theirs],
        )
        for candidate in candidates
    ]


def _badge(score: int) -> tuple[str, str]:
    label, tone = likelihood(score)
    return str(label), tone


def _rows(deal: Deal, other: Candidate) -> Iterator[Row]:
    same_name = name_key(deal.customer_name) == name_key(other.name) != ""
    yield Row(pgettext("company", "Name"), deal.customer_name, other.name, same_name)
    same_domain = registrable_domain(deal.customer_domain) == registrable_domain(other.domain) != ""
    yield Row(_("Web domain"), _shown(deal.customer_domain), _shown(other.domain), same_domain)
    same_country = deal.customer_country.upper() == other.country.upper() != ""
    yield Row(_("Country"), _country(deal.customer_country), _country(other.country), same_country)
    for label, ours, theirs in (
        (_("Registration number"), deal.registration_number, other.registration_number),
        (_("Tax number"), deal.tax_number, other.tax_number),
    ):
        yield Row(label, ours, theirs, may_be_same(ours, theirs))
    if other.other == Other.DEAL:
        is_own = deal.organisation.ref == other.partner_ref
        yield Row(_("Partner"), deal.organisation.name, other.partner_name, is_own)
        yield Row(_("State"), str(STATES[deal.state]), str(STATES[other.state]))
        yield Row(_("Submitted"), _day(deal.submitted_at), _day(other.submitted_at))
        yield Row(_("Protected until"), _day(deal.protected_until), _day(other.protected_until))


def _country(code: str) -> str:
    return country_name(code) if code else ""


def _shown(typed: str) -> str:
    """The domain in what was typed, in its own script; what was typed where there is none."""
    return in_own_script(registrable_domain(typed)) or typed


def _day(moment: Any) -> str:
    return date_text(moment) if moment else ""
