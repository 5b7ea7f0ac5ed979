"""Drafts of deal registrations that a partner's own system tells. Handing one in is for a person."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Action as Verb
from portal.access import Principal
from portal.access.finding import find, is_writable
from portal.access.scope import acting_as
from portal.api.problems import ApiProblem
from portal.api.shapes import DealShape
from portal.api.tickets import allow
from portal.deals.models import Deal, DealLine
from portal.deals.programmes import Programme
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import by_external_id, remember
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.matching.domains import registrable_domain
from portal.products.models import Product

_PLAIN = (
    *("customer_name", "customer_domain", "customer_country", "registration_number", "tax_number", "contact_name"),
    *("contact_role", "contact_email", "contact_phone", "currency", "close_on", "source", "sales_type", "description"),
)
_YEARS = range(2000, 2101)


def write(session: Session, source: str, shapes: Sequence[DealShape], who: Principal, at: datetime) -> list[Outcome]:
    """Create drafts, and bring up to date those that may be changed still."""
    allow(who, Verb.DEAL_WRITE)
    if who.acting is None:
        raise ApiProblem("not-granted", "Registrations are told by keys of partners.")
    with acting_as(session, Principal.system("what a program has told before")):
        known = by_external_id(session, source, "deal", {shape.external_id for shape in shapes})
    products = _by(session, Product, Product.code, {line.product for shape in shapes for line in shape.lines})
    programmes = _by(session, Programme, Programme.ref, {shape.programme for shape in shapes})
    new: dict[str, Deal] = {}
    outcomes = []
    for shape in shapes:
        facts, problems = _facts(shape, products, programmes)
        if problems:
            outcomes.append(refused(*problems))
        elif shape.external_id in new or shape.external_id in known:
            deal_id = new[shape.external_id].id if shape.external_id in new else known[shape.external_id]
            found = find(session, Deal, Deal.id == deal_id, lock=True)
            outcomes.append(_update(session, found, shape, facts, products, who, at))
        else:
            deal = _create(session, shape, facts, products, who, at)
            new[shape.external_id] = deal
            outcomes.append(Outcome(Action.CREATE, deal))
    if new:
        with acting_as(session, Principal.system("what a program calls its registrations")):
            for key, deal in new.items():
                remember(session, source, "deal", key, deal.id)
            session.flush()
    return outcomes


def _by(session: Session, model: Any, column: Any, keys: set[str]) -> dict[str, Any]:
    rows = session.scalars(sa.select(model).where(column.in_(sorted(keys - {""}))))
    return {getattr(row, column.key): row for row in rows}


def _facts(
    shape: DealShape, products: dict[str, Any], programmes: dict[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    facts: dict[str, Any] = {name: getattr(shape, name) for name in _PLAIN if name in shape.model_fields_set}
    problems = []
    if shape.customer_domain and not registrable_domain(shape.customer_domain):
        problems.append(Problem("customer_domain", _l("Enter a domain such as example.com.")))
    if shape.close_on is not None and shape.close_on.year not in _YEARS:
        problems.append(Problem("close_on", _l("This date is too far away.")))
    if shape.programme:
        programme = programmes.get(shape.programme)
        if programme is None:
            problems.append(Problem("programme", _l("There is no such programme here.")))
        else:
            facts["programme_id"] = programme.id
    for place, line in enumerate(shape.lines):
        if line.product not in products:
            problems.append(Problem(f"lines.{place}.product", _l("There is no product with this code.")))
    priced = shape.amount is not None or any(line.unit_price is not None for line in shape.lines)
    if priced and not shape.currency:
        problems.append(Problem("currency", _l("Amounts need a currency.")))
    try:
        if "amount" in shape.model_fields_set:
            facts["amount"] = _minor(shape.amount, shape.currency or "EUR")
        for line in shape.lines:
            _minor(line.unit_price, shape.currency or "EUR")
    except amounts.TooFine:
        problems.append(Problem("currency", _l("The currency has no such fine units.")))
    return facts, problems


def _create(
    session: Session, shape: DealShape, facts: dict[str, Any], products: dict[str, Any], who: Principal, at: datetime
) -> Deal:
    assert who.acting is not None
    deal = Deal(
        organisation_id=who.acting.organisation_id,
        author_id=who.person_id,
        created_by_id=who.person_id,
        created_at=at,
        **facts,
    )
    deal.lines = _lines(shape, products, [])
    session.add(deal)
    session.flush()
    return deal


def _lines(shape: DealShape, products: dict[str, Any], stored: Sequence[DealLine]) -> list[DealLine]:
    found = []
    for position, told in enumerate(shape.lines):
        line = stored[position] if position < len(stored) else DealLine()
        line.position, line.product_id, line.quantity = position, products[told.product].id, told.quantity
        line.unit_price = _minor(told.unit_price, shape.currency)
        found.append(line)
    return found


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else amounts.minor(amount, currency)


def _update(
    session: Session,
    deal: Deal | None,
    shape: DealShape,
    facts: dict[str, Any],
    products: dict[str, Any],
    who: Principal,
    at: datetime,
) -> Outcome:
    if deal is None or not is_writable(deal) or deal.organisation_id != who.organisation_id:
        return refused(Problem("external_id", _l("There is no such deal registration here.")))
    told = [(products[line.product].id, line.quantity, _minor(line.unit_price, shape.currency)) for line in shape.lines]
    stored = [(line.product_id, line.quantity, line.unit_price) for line in deal.lines]
    has_lines = "lines" in shape.model_fields_set
    if all(getattr(deal, name) == value for name, value in facts.items()) and (not has_lines or told == stored):
        return Outcome(Action.UNCHANGED, deal)
    try:
        lines = _lines(shape, products, deal.lines) if has_lines and deal.is_editable else list(deal.lines)
        deal.fill(who, lines, at, deal.version_for(who), **facts)
    except RuleBroken as broken:
        return refused(Problem("", broken.message))
    session.flush()
    return Outcome(Action.UPDATE, deal)
