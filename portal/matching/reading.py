"""What matching found for a registration, as those who decide on it read it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.matching.rules import match_rows
from portal.matching.scoring import SURE, Reason, ReasonKind
from portal.products.models import Product

MOST_SHOWN = 30


class Other(StrEnum):
    """What a registration matches."""

    DEAL = "deal"
    ORGANISATION = "organisation"
    DIRECT_SALE = "direct-sale"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record that may speak of the same customer; what does not apply to its kind is empty.

    `ref` is of the record itself; `partner_*` and what follows are of registrations, `organisation_ref` is of the
    others. `products` are those in common, as `Product` rows of (id, code, names).
    """

    other: Other
    ref: str
    score: int
    reasons: tuple[Reason, ...]
    name: str
    domain: str
    country: str
    registration_number: str
    tax_number: str
    products: tuple[sa.Row[Any], ...]
    organisation_ref: str
    title: str
    partner_name: str
    partner_ref: str
    state: str
    submitted_at: datetime | None
    protected_until: datetime | None

    @property
    def is_sure(self) -> bool:
        return self.score >= SURE


def matches_of(session: Session, deal_id: int, most: int = MOST_SHOWN) -> list[Candidate]:
    """The candidates, best first, in at most two statements; none for whoever may not know of the other party."""
    rows = session.execute(match_rows(deal_id, most)).all()
    ids = {id for row in rows for reason in row.reasons for id in reason.get("products", ())}
    products = {}
    if ids:
        named = sa.select(Product.id, Product.code, Product.names).where(Product.id.in_(ids)).order_by(Product.code)
        products = {row.id: row for row in session.execute(named)}
    return [_candidate(row, products) for row in rows]


def _candidate(row: Any, products: dict[int, sa.Row[Any]]) -> Candidate:
    reasons = tuple(_reason(stored) for stored in row.reasons)
    common = {id for reason in reasons for id in reason.params.get("products", ())}
    kind = Other.DEAL if row.other_deal_id else Other.DIRECT_SALE if row.opportunity_id else Other.ORGANISATION
    return Candidate(
        other=kind,
        ref=row.ref,
        score=row.score,
        reasons=reasons,
        name=row.name,
        domain=row.domain or row.website,
        country=row.country,
        registration_number=row.registration,
        tax_number=row.tax,
        products=tuple(product for id, product in products.items() if id in common),
        organisation_ref=row.organisation_ref or "",
        title=row.title or "",
        partner_name=row.partner_name or "",
        partner_ref=row.partner_ref or "",
        state=row.state or "",
        submitted_at=row.submitted_at,
        protected_until=row.protected_until,
    )


def _reason(stored: dict[str, Any]) -> Reason:
    params = dict(stored)
    return Reason(ReasonKind(params.pop("kind")), params)
