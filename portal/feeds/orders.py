"""Orders as the ERP tells them: created, brought up to date, or refused with a reason. For a session of the system."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.config import settings
from portal.documents.issuing import issue_due
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import remembered
from portal.feeds.order_checks import check_fineness, check_parties, check_sums
from portal.feeds.order_lookups import NOUN, Known, costs_of, read_known
from portal.feeds.order_snapshots import DATES, DETAILS, HEADER, QUANTITIES, snapshot
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import LineShape, OrderShape
from portal.orders.following import follow_all
from portal.orders.lifecycle import FIRST, Kind, Side, State, Verb, verb_between
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderDetails, OrderEvent, OrderLine
from portal.purchasing.proposals import ProposalState


def feed_orders(
    session: Session, source: str, shapes: Sequence[OrderShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. `who` let them in, which is what the history names.

    What is refused changes nothing. The same feed twice changes nothing the second time.
    """
    known = read_known(session, source, shapes)
    written: list[tuple[Order, OrderEvent]] = []
    outcomes = []
    for shape in shapes:
        if (found := known.orders.get(shape.external_id)) is None:
            outcome = _create(session, shape, known, who, at, written)
            if isinstance(outcome.record, Order):
                known.orders[shape.external_id] = outcome.record
        else:
            if found.id is None:
                # Twice in one batch.
                session.flush()
                known.costs |= costs_of(session, [found.id])
            outcome = _update(session, found, shape, known, who, at, written)
        outcomes.append(outcome)
    remembered(session, source, NOUN, known.named, shapes, outcomes)
    for order, event in written:
        session.add(order.activity(f"order-{event.verb}", who, at, side=Side.ERP, is_public=event.is_public))
    issue_due(session, written, at)
    session.flush()
    follow_all(session, written, who, at)
    return outcomes


# ── One order ─────────────────────────────────────────────────────────────────────────────────────


def _create(
    session: Session, shape: OrderShape, known: Known, who: Principal, at: datetime, written: list[Any]
) -> Outcome:
    kind = Kind(shape.kind)
    problems, lines = _check(shape, known, None)
    if shape.ref:
        problems.append(Problem("ref", _l("There is no such order here.")))
    if shape.state not in FIRST[kind]:
        problems.append(Problem("state", _l("This kind of order is never in this state.")))
    if problems:
        return refused(*problems)
    organisation = known.organisations[shape.organisation]
    capacity = Capacity.SUPPLIER if kind == Kind.PURCHASE else Capacity(shape.capacity)
    reseller = organisation.id if capacity == Capacity.PARTNER else None
    if shape.reseller:
        reseller = known.organisations[shape.reseller].id
    order = Order(
        kind=kind,
        organisation_id=organisation.id,
        capacity=capacity,
        reseller_id=reseller,
        state=shape.state,
        created_at=at,
        version=1,
        public_version=1,
        details=OrderDetails(
            currency=shape.currency, rounding=shape.rounding or settings().order_rounding, net=0, tax=0, total=0, paid=0
        ),
    )
    _fill(order, shape, known, frozenset(OrderShape.model_fields))
    order.lines = [OrderLine(**values) for values in lines.values()]
    for line in order.lines:
        line.confirmed_at = at if line.confirmed_on else None
    order.reckon()
    session.add(order)
    _cost(session, order, shape, known)
    verb = Verb.OFFER if kind == Kind.QUOTATION else Verb.ORDER
    written.append((order, _event(session, order, verb, who, at)))
    return Outcome(Action.CREATE, order, {}, snapshot(order, _new_costs(shape), known.refs))


def _update(
    session: Session, order: Order, shape: OrderShape, known: Known, who: Principal, at: datetime, written: list[Any]
) -> Outcome:
    problems, lines = _check(shape, known, order)
    given = frozenset(shape.model_fields_set)
    verb: Verb | None = None
    if shape.state != order.state:
        try:
            verb = verb_between(order.kind, order.state, shape.state, Side.ERP)
        except RuleBroken as broken:
            problems.append(Problem("state", broken.message))
    if problems:
        return refused(*problems)
    costs = known.costs.get(order.id, {})
    known_costs = {line.position: costs[line.id].cost for line in order.lines if line.id in costs}
    before = snapshot(order, known_costs, known.refs)
    order.state = State(shape.state)
    _fill(order, shape, known, given)
    if "lines" in given:
        _replace(session, order, lines, known, at)
    order.reckon()
    _cost(session, order, shape, known)
    known_costs = {line.position: costs[line.id].cost for line in order.lines if line.id in costs}
    after = snapshot(order, known_costs | _new_costs(shape), known.refs)
    outcome = Outcome(Action.UPDATE, order, before, after)
    changed = sorted(outcome.changes)
    if not changed:
        return Outcome(Action.UNCHANGED, order, before, after)
    # Costs and margins are nobody's but ours.
    told = [name for name in changed if not name.endswith(".cost")]
    fields = told[:MOST_NAMED] if told else []
    written.append((order, _event(session, order, verb or "change", who, at, is_public=bool(told), fields=fields)))
    return outcome


# Of what has changed, so many are named in the history.
MOST_NAMED = 40


def _check(shape: OrderShape, known: Known, order: Order | None) -> tuple[list[Problem], dict[int, dict[str, Any]]]:
    """What cannot be so, and the values of the lines by position."""
    problems = check_parties(shape, known, order) + check_fineness(shape)
    present = {line.position: line for line in order.lines} if order else {}
    lines: dict[int, dict[str, Any]] = {}
    for line in shape.lines:
        where = f"lines.{line.position}"
        if line.position in lines:
            problems.append(Problem(where, _l("Another line has this number.")))
        if line.product and line.product not in known.products:
            problems.append(Problem(f"{where}.product", _l("There is no product with this code.")))
        lines[line.position] = _line(line, known, shape.currency, present.get(line.position))
    if order is not None and shape.currency != order.details.currency:
        problems.append(Problem("currency", _l("The currency of an order does not change.")))
    elif not problems:
        problems += check_sums(shape, lines, order)
    return problems, lines


# The fields of a line that come with another one of its shape.
_TOLD_BY = {"product_id": "product", "code": "product", "price_per": "unit_price"}


def _line(line: LineShape, known: Known, currency: str, present: OrderLine | None) -> dict[str, Any]:
    """Its values; what is not given of one that is here stays, be it what the supplier has confirmed or sent."""
    values = _values(line, known, currency)
    if present is not None:
        given = line.model_fields_set
        values |= {name: getattr(present, name) for name in values if _TOLD_BY.get(name, name) not in given}
        if values["code"] == present.code:
            # A file in one language says nothing of the others.
            values["descriptions"] = present.descriptions | values["descriptions"]
    return values


def _values(line: LineShape, known: Known, currency: str) -> dict[str, Any]:
    unit_price, price_per = amounts.price(line.unit_price, line.price_per, currency)
    values: dict[str, Any] = {name: amounts.quantity(getattr(line, name)) for name in QUANTITIES}
    values |= {name: getattr(line, name) for name in DATES}
    return values | {
        "position": line.position,
        "product_id": known.products.get(line.product),
        "code": line.product,
        "descriptions": dict(line.descriptions),
        "unit": line.unit,
        "unit_price": unit_price,
        "price_per": price_per,
        "discount": amounts.rate(line.discount),
        "tax_rate": amounts.rate(line.tax_rate),
    }


def _fill(order: Order, shape: OrderShape, known: Known, given: frozenset[str]) -> None:
    for name in HEADER:
        if name in given:
            setattr(order, name, getattr(shape, name))
    for name in DETAILS:
        if name in given:
            setattr(order.details, name, getattr(shape, name))
    if "paid" in given:
        order.details.paid = amounts.minor(shape.paid, shape.currency)
    if "reseller" in given and shape.reseller:
        order.reseller_id = known.organisations[shape.reseller].id
    if shape.rounding:
        order.details.rounding = shape.rounding
    if shape.deal:
        order.details.deal_id = known.deals[shape.deal]
    if shape.quotation:
        order.details.source_id = known.quotations[shape.quotation]


def _replace(
    session: Session, order: Order, lines: Mapping[int, Mapping[str, Any]], known: Known, at: datetime
) -> None:
    """The lines as they are now: known ones are changed, new ones added, the others are gone."""
    present = {line.position: line for line in order.lines}
    for position, values in lines.items():
        line = present.pop(position, None)
        if line is None:
            order.lines.append(OrderLine(**values, confirmed_at=at if values["confirmed_on"] else None))
            continue
        agreed = (line.due_on, line.quantity, line.unit_price, line.price_per)
        if values["confirmed_on"] and not line.confirmed_at:
            line.confirmed_at = at
        for name, value in values.items():
            setattr(line, name, value)
        if agreed != (line.due_on, line.quantity, line.unit_price, line.price_per):
            for proposal in known.proposals.get(line.id, []):
                proposal.state, proposal.answered_at = ProposalState.OVERTAKEN, at
    for line in present.values():
        order.lines.remove(line)
    order.lines.sort(key=lambda line: line.position)


def _new_costs(shape: OrderShape) -> dict[int, int]:
    return {line.position: amounts.minor(line.cost, shape.currency) for line in shape.lines if line.cost is not None}


def _cost(session: Session, order: Order, shape: OrderShape, known: Known) -> None:
    costs = _new_costs(shape)
    if not costs:
        return
    kept = known.costs.get(order.id, {}) if order.id else {}
    for line in order.lines:
        if line.position not in costs:
            continue
        if line.id in kept:
            kept[line.id].cost = costs[line.position]
        else:
            session.add(OrderCost(order=order, line=line, cost=costs[line.position]))


def _event(
    session: Session,
    order: Order,
    verb: Verb | str,
    who: Principal,
    at: datetime,
    *,
    is_public: bool = True,
    **params: Any,
) -> OrderEvent:
    event = OrderEvent(
        order=order,
        verb=str(verb),
        actor_id=who.person_id,
        side=Side.ERP,
        at=at,
        state=order.state,
        is_public=is_public,
        params={**params, "on": order.looked_at},
    )
    session.add(event)
    order.has_moved(at, publicly=is_public)
    return event
