"""Whom a registration speaks of: found by keys, scored, and kept with the reasons. The session serves the system."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.matching import facts, index
from portal.matching.models import DealMatch
from portal.matching.scoring import WORTH_SHOWING, Facts, Match, score

# Of each kind; nobody compares more side by side.
MOST_KEPT = 30


@dataclass(frozen=True, slots=True)
class Found:
    """Matches by the ids of what matches, best first."""

    deals: dict[int, Match]
    organisations: dict[int, Match]
    direct_sales: dict[int, Match]


def find(session: Session, about: Facts, *, but_deal: int = 0) -> Found:
    """Whom these facts match, among submitted registrations, organisations and their open direct sales."""
    near = index.candidates(session, about, but_deal=but_deal)
    organisations = facts.of_organisations(session, near.organisation_ids)
    return Found(
        deals=_best(about, facts.of_deals(session, near.deal_ids)),
        organisations=_best(about, organisations),
        direct_sales=_best(about, facts.of_direct_sales(session, organisations)),
    )


def _best(about: Facts, others: Mapping[int, Facts]) -> dict[int, Match]:
    matches = {id: match for id, other in others.items() if (match := score(about, other))}
    worth = sorted(
        (id for id in matches if matches[id].score >= WORTH_SHOWING), key=lambda id: (-matches[id].score, -id)
    )
    return {id: matches[id] for id in worth[:MOST_KEPT]}


def keep_of_deal(session: Session, deal_id: int, found: Found, at: datetime) -> None:
    """Replace what is kept of a registration, in the rows of the others too."""
    session.execute(
        sa.delete(DealMatch).where(sa.or_(DealMatch.deal_id == deal_id, DealMatch.other_deal_id == deal_id))
    )
    both = [(deal_id, other, match) for other, match in found.deals.items()]
    both += [(other, deal_id, match) for other, match in found.deals.items()]
    _keep(session, DealMatch.other_deal_id, both, at)
    _keep(session, DealMatch.organisation_id, [(deal_id, o, match) for o, match in found.organisations.items()], at)
    _keep(session, DealMatch.opportunity_id, [(deal_id, o, match) for o, match in found.direct_sales.items()], at)


def keep_of_organisation(session: Session, organisation_id: int, at: datetime) -> None:
    """Replace which registrations match an organisation and its open direct sales."""
    about = facts.of_organisations(session, [organisation_id])
    sales = facts.of_direct_sales(session, about)
    _forget(session, organisation_id)
    if not about:
        return
    near = index.candidates(session, about[organisation_id])
    deals = facts.of_deals(session, near.deal_ids)
    kept = [(deal, organisation_id, match) for deal, match in _best(about[organisation_id], deals).items()]
    _keep(session, DealMatch.organisation_id, kept, at)
    for sale, known in sales.items():
        _keep(session, DealMatch.opportunity_id, [(deal, sale, m) for deal, m in _best(known, deals).items()], at)


def _forget(session: Session, organisation_id: int) -> None:
    from portal.opportunities.models import Opportunity

    its_sales = sa.select(Opportunity.id).where(Opportunity.customer_id == organisation_id)
    session.execute(
        sa.delete(DealMatch)
        .where(sa.or_(DealMatch.organisation_id == organisation_id, DealMatch.opportunity_id.in_(its_sales)))
        .execution_options(synchronize_session=False)
    )


def _keep(session: Session, target: Any, matches: Iterable[tuple[int, int, Match]], at: datetime) -> None:
    """Two jobs may find the same pair at once: the later one writes over it."""
    rows = [
        {
            "deal_id": deal_id,
            target.key: other_id,
            "score": match.score,
            "reasons": [reason.as_json() for reason in match.reasons],
            "computed_at": at,
        }
        # In one order, so that the two do not wait for each other.
        for deal_id, other_id, match in sorted(matches, key=lambda one: one[:2])
    ]
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(DealMatch)
    overwrite = {name: new.excluded[name] for name in ("score", "reasons", "computed_at")}
    session.execute(new.on_conflict_do_update(index_elements=["deal_id", target.key], set_=overwrite), rows)
