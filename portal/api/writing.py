"""What programs tell, by external id: one record or many, each for itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal, Role
from portal.access.gate import note
from portal.access.scope import acting_as
from portal.api import deals, tickets
from portal.api.bodies import Errors, body, read, told
from portal.api.conditions import answer, as_json, check
from portal.api.nouns.noun import Noun
from portal.api.problems import ApiProblem
from portal.api.shapes import DealShape, FedTicketShape
from portal.clock import now
from portal.extensions import db
from portal.feeds.lookups import by_external_id, by_name
from portal.feeds.orders import feed_orders
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.registry import FEEDS
from portal.feeds.shapes import DocumentShape, OrderShape, ShipmentShape
from portal.orders.lifecycle import Kind
from portal.orders.models import Order

MOST_AT_ONCE = 500
LONGEST_SOURCE = 40
_SALES, _PURCHASE = frozenset({Role.ACCOUNT_MANAGER}), frozenset({Role.BUYER})
Write = Callable[[Session, str, Sequence[Any], Principal, datetime], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Told:
    """How a noun is told; `roles` are those of integrations for whom it is, `is_feed` what the source alone leads."""

    shape: type[Any]
    write: Write
    roles: frozenset[Role] = frozenset()
    is_feed: bool = True
    fixed: Mapping[str, Any] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)
    # Which of them speak of records that are not for who tells them.
    strange: Callable[[Session, str, Sequence[Any], Principal], Sequence[Problem | None]] | None = None


def _strange_orders(
    session: Session, source: str, shapes: Sequence[ShipmentShape | DocumentShape], who: Principal
) -> list[Problem | None]:
    """Orders out of reach are none, and those that are only read are for another role to tell of."""
    with acting_as(session, Principal.system("which orders a program means")):
        ids = by_name(session, source, "order", Order, {shape.order for shape in shapes})
    kinds = [Kind.SALES, Kind.QUOTATION] if Role.ACCOUNT_MANAGER in who.roles else []
    kinds += [Kind.PURCHASE] if Role.BUYER in who.roles else []
    reached = set(session.scalars(sa.select(Order.id).where(Order.id.in_(ids.values()), Order.kind.in_(kinds))))
    nowhere = Problem("order", _l("There is no such order here."))
    return [None if ids.get(shape.order) in reached else nowhere for shape in shapes]


_LINE = {"position": 10, "product": "LN-100", "quantity": "10", "unit_price": "125.00", "tax_rate": "21"}
_ORDER = {"organisation": "O-4N8XW2TB", "currency": "EUR", "ordered_on": "2026-03-01", "lines": [_LINE]}
TOLD: dict[str, Told] = {
    "orders": Told(OrderShape, feed_orders, _SALES, True, {"kind": Kind.SALES.value}, {**_ORDER, "state": "confirmed"}),
    "quotations": Told(
        OrderShape, feed_orders, _SALES, True, {"kind": Kind.QUOTATION.value}, {**_ORDER, "state": "offered"}
    ),
    "purchase-orders": Told(
        OrderShape, feed_orders, _PURCHASE, True, {"kind": Kind.PURCHASE.value}, {**_ORDER, "state": "ordered"}
    ),
    "shipments": Told(
        ShipmentShape,
        FEEDS["shipments"].feed,
        _SALES | _PURCHASE,
        example={"order": "4711", "carrier": "Parcel Post", "tracking_number": "PP0000042", "state": "in-transit"},
        strange=_strange_orders,
    ),
    "documents": Told(
        DocumentShape,
        FEEDS["documents"].feed,
        _SALES | _PURCHASE,
        example={
            "order": "4711",
            "kind": "invoice",
            "number": "FV-0042",
            "issued_on": "2026-03-20",
            "total": "1361.25",
            "content": "JVBERi0xLjcK",
        },
        strange=_strange_orders,
    ),
    "products": Told(
        FEEDS["products"].shape,
        FEEDS["products"].feed,
        _SALES,
        example={"code": "LN-100", "names": {"en": "Meadow garden lantern"}, "unit": "C62"},
    ),
    "organisations": Told(
        FEEDS["organisations"].shape,
        FEEDS["organisations"].feed,
        _SALES,
        example={"name": "Glass & Lantern Co.", "capacities": ["customer"], "country": "CZ"},
    ),
    "people": Told(
        FEEDS["people"].shape,
        FEEDS["people"].feed,
        _SALES,
        example={"name": "Jana Malá", "email": "jana@glass.example.com", "organisation": "O-4N8XW2TB"},
    ),
    "tickets": Told(
        FedTicketShape,
        tickets.write,
        is_feed=False,
        example={"subject": "The lamp flickers", "body": "It flickers every evening.", "category": "problem"},
    ),
    "deals": Told(
        DealShape,
        deals.write,
        is_feed=False,
        example={
            "customer_name": "Harbour Hotel",
            "customer_domain": "harbour.example.com",
            "customer_country": "PL",
            "currency": "EUR",
            "amount": "18000.00",
            "close_on": "2026-09-30",
        },
    ),
}


def find_id(source: str, kind: str, external_id: str) -> int | None:
    """Which record a source calls so, in reach or not."""
    with acting_as(db.session(), Principal.system("what a source calls a record")):
        return by_external_id(db.session(), g.api_key.source(source), kind, [external_id]).get(external_id)


def allow_telling(how: Told, who: Principal) -> None:
    """Raises ApiProblem where such records are for others to tell."""
    if how.roles and who.roles.isdisjoint(how.roles):
        note("refused", organisation_id=who.organisation_id)
        raise ApiProblem("not-granted", f"This is for integrations with one of these roles: {', '.join(how.roles)}.")


def put(noun: Noun, source: str, external_id: str, who: Principal) -> Any:
    """Create the record or bring it up to date."""
    how, session = TOLD[noun.name], db.session()
    allow_telling(how, who)
    values = body()
    if not {"external_id", *how.fixed}.isdisjoint(values):
        raise ApiProblem("invalid", errors=[("", "The address tells external_id and kind; the body does not.")])
    shape, errors = read(how.shape, {**values, **how.fixed, "external_id": external_id})
    if shape is None:
        raise ApiProblem("invalid", errors=errors)
    known = find_id(source, noun.kind, external_id)
    before = noun.whole(session, noun.model.id == known, who) if known is not None else None
    check(before)
    (outcome,) = _write(how, session, source, [shape], who)
    if outcome.record is None:
        raise ApiProblem("invalid", errors=[told(problem, shape) for problem in outcome.problems])
    after = noun.whole(session, noun.model.id == outcome.record.id, who)
    if after is None:
        return as_json({"ref": outcome.record.ref}, 202)  # type: ignore[attr-defined]  # each of them has one
    is_new = outcome.action == Action.CREATE
    return answer(after, 201 if is_new else 200, f"/api/v1/{noun.name}/{after['ref']}" if is_new else "")


def _write(how: Told, session: Session, source: str, shapes: Sequence[Any], who: Principal) -> list[Outcome]:
    named, at = g.api_key.source(source), now()
    if not how.is_feed:
        return how.write(session, named, shapes, who, at)
    strange = how.strange(session, named, shapes, who) if how.strange else [None] * len(shapes)
    told = [shape for shape, problem in zip(shapes, strange, strict=True) if problem is None]
    with acting_as(session, Principal.system("what a program tells")):
        outcomes = iter(how.write(session, named, told, who, at))
        return [refused(problem) if problem is not None else next(outcomes) for problem in strange]


def batch(noun: Noun, who: Principal) -> Any:
    """Many at once, each row for itself: what is refused changes nothing, and does not hold up the others."""
    how = TOLD[noun.name]
    allow_telling(how, who)
    values = body()
    source, items = values.get("source"), values.get("items")
    if values.keys() - {"source", "items"} or not isinstance(items, list) or not is_source(source):
        raise ApiProblem("invalid", errors=[("", "A batch has a source, in plain letters, and a list of items.")])
    if len(items) > MOST_AT_ONCE:
        raise ApiProblem("too-large", f"A batch has at most {MOST_AT_ONCE} items.")
    return as_json({"results": told_of(noun.name, str(source), items, who)})


def told_of(name: str, source: str, items: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
    """What came of each of these records of a noun, in their order."""
    how = TOLD[name]
    read_ones = [_read(how, item) for item in items]
    shapes = [shape for shape, _errors in read_ones if shape is not None]
    outcomes = iter(_write(how, db.session(), source, shapes, who) if shapes else [])
    results = []
    for index, (shape, errors) in enumerate(read_ones):
        if shape is None:
            results.append(_result(index, items[index], None, errors))
            continue
        outcome = next(outcomes)
        results.append(_result(index, items[index], outcome, [told(problem, shape) for problem in outcome.problems]))
    return results


def is_source(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SOURCE and value.replace("-", "").isalnum()


def _read(how: Told, item: Any) -> tuple[Any, Errors]:
    if not isinstance(item, dict):
        return None, [("", "This has to be an object.")]
    if not how.fixed.keys().isdisjoint(item):
        return None, [(f"/{name}", "The address tells it.") for name in how.fixed]
    return read(how.shape, {**item, **how.fixed})


_STATUS = {Action.CREATE: 201, Action.UPDATE: 200, Action.UNCHANGED: 200, Action.REFUSE: 422}


def _result(index: int, item: Any, outcome: Outcome | None, errors: Errors) -> dict[str, Any]:
    action = outcome.action if outcome else Action.REFUSE
    external_id = item.get("external_id") if isinstance(item, dict) else None
    found: dict[str, Any] = {
        "index": index,
        "external_id": external_id if isinstance(external_id, str) else None,
        "outcome": str(action),
        "status": _STATUS[action],
    }
    if outcome is not None and outcome.record is not None:
        found["ref"] = outcome.record.ref  # type: ignore[attr-defined]  # each of them has one
    if errors:
        found["errors"] = [{"pointer": pointer, "detail": words} for pointer, words in errors]
    return found
