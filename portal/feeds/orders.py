"""Orders as the ERP tells them: created, brought up to date, or refused with a reason. For a session of the system."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, selectinload

from portal.access import Capacity, Principal
from portal.config import settings
from portal.deals.models import Deal
from portal.documents.issuing import issue_due
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import by_external_id, by_name, chunks, records, remember
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import LineShape, OrderShape
from portal.orders.following import follow_all
from portal.orders.lifecycle import FIRST, Kind, Side, State, Verb, verb_between
from portal.orders.models import Order, OrderCost, OrderDetails, OrderEvent, OrderLine
from portal.orders.money import totals_of
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.purchasing.proposals import Proposal, ProposalState

NOUN = "order"
HEADER = ("ordered_on", "shipped_on", "delivered_on", "invoiced_on", "valid_until")
DETAILS = (
    *("number", "customer_reference", "payment_state", "payment_due_on", "payment_terms", "delivery_terms"),
    *("billing_address", "delivery_address", "remark"),
)
QUANTITIES = ("quantity", "shipped", "delivered", "invoiced", "returned")
DATES = ("promised_on", "confirmed_on")


@dataclass(slots=True)
class _Known:
    """Everything that the orders of one batch speak of, read beforehand."""

    orders: dict[str, Order]
    organisations: dict[str, Organisation]
    products: dict[str, int]
    deals: dict[str, int]
    quotations: dict[str, int]
    costs: dict[int, dict[int, OrderCost]]
    proposals: dict[int, list[Proposal]]
    # References of what orders name, by what they name and its id.
    refs: dict[tuple[str, int], str]


def feed_orders(
    session: Session, source: str, shapes: Sequence[OrderShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. `who` let them in, which is what the history names.

    What is refused changes nothing. The same feed twice changes nothing the second time.
    """
    known = _read(session, source, shapes)
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
                known.costs |= _costs(session, [found.id])
            outcome = _update(session, found, shape, known, who, at, written)
        outcomes.append(outcome)
    session.flush()
    _name(session, source, shapes, outcomes, known)
    for order, event in written:
        session.add(order.activity(f"order-{event.verb}", who, at, side=Side.ERP, is_public=event.is_public))
    issue_due(session, written, at)
    session.flush()
    follow_all(session, written, who, at)
    return outcomes


def _read(session: Session, source: str, shapes: Sequence[OrderShape]) -> _Known:
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    refs = {shape.ref: shape.external_id for shape in shapes if shape.ref and shape.external_id not in ids}
    for part in chunks(sorted(refs)):
        for row in session.execute(sa.select(Order.ref, Order.id).where(Order.ref.in_(part))):
            ids[refs[row.ref]] = row.id
    options = (selectinload(Order.details), selectinload(Order.lines))
    found = records(session, Order, ids.values(), *options)
    names = {name for shape in shapes for name in (shape.organisation, shape.reseller)}
    organisations = by_name(session, source, "organisation", Organisation, names)
    by_id = {
        row.id: row
        for part in chunks(sorted(set(organisations.values())))
        for row in session.scalars(sa.select(Organisation).where(Organisation.id.in_(part)))
    }
    codes = {line.product for shape in shapes for line in shape.lines}
    deals = {
        row.ref: row.id
        for part in chunks(sorted({shape.deal for shape in shapes} - {""}))
        for row in session.execute(sa.select(Deal.ref, Deal.id).where(Deal.ref.in_(part)))
    }
    quotations = by_name(session, source, NOUN, Order, {shape.quotation for shape in shapes})
    names_here = {("reseller", row.id): row.ref for row in by_id.values()}
    names_here |= {("deal", id_): ref for ref, id_ in deals.items()}
    return _Known(
        orders={key: found[id_] for key, id_ in ids.items() if id_ in found},
        organisations={name: by_id[id_] for name, id_ in organisations.items()},
        products={
            row.code: row.id
            for part in chunks(sorted(codes - {""}))
            for row in session.execute(sa.select(Product.code, Product.id).where(Product.code.in_(part)))
        },
        deals=deals,
        quotations=quotations,
        costs=_costs(session, found),
        proposals=_proposals(session, found),
        refs=names_here | refs_of(session, found.values(), quotations.values()),
    )


def refs_of(session: Session, orders: Iterable[Order], quotations: Iterable[int] = ()) -> dict[tuple[str, int], str]:
    """Our references of the resellers, registrations and quotations that these orders name, and of these quotations."""
    named: dict[str, tuple[Any, set[int]]] = {
        "reseller": (Organisation, set()),
        "deal": (Deal, set()),
        "quotation": (Order, set(quotations)),
    }
    for order in orders:
        for name, id_ in _named(order).items():
            named[name][1].add(id_)
    return {
        (name, row.id): row.ref
        for name, (model, ids) in named.items()
        for part in chunks(sorted(ids))
        for row in session.execute(sa.select(model.id, model.ref).where(model.id.in_(part)))
    }


def _named(order: Order) -> dict[str, int]:
    named = {"reseller": order.reseller_id, "deal": order.details.deal_id, "quotation": order.details.source_id}
    return {name: id_ for name, id_ in named.items() if id_ is not None}


def _costs(session: Session, ids: Iterable[int]) -> dict[int, dict[int, OrderCost]]:
    found: dict[int, dict[int, OrderCost]] = {}
    for part in chunks(ids):
        for cost in session.scalars(sa.select(OrderCost).where(OrderCost.order_id.in_(part))):
            found.setdefault(cost.order_id, {})[cost.line_id] = cost
    return found


def _proposals(session: Session, ids: Iterable[int]) -> dict[int, list[Proposal]]:
    found: dict[int, list[Proposal]] = {}
    for part in chunks(ids):
        open_ = sa.select(Proposal).where(Proposal.order_id.in_(part), Proposal.state == ProposalState.OPEN)
        for proposal in session.scalars(open_):
            found.setdefault(proposal.line_id, []).append(proposal)
    return found


def _name(
    session: Session, source: str, shapes: Sequence[OrderShape], outcomes: Sequence[Outcome], known: _Known
) -> None:
    """Remember what the source calls what is new to it."""
    accepted = {
        shape.external_id: outcome.record
        for shape, outcome in zip(shapes, outcomes, strict=True)
        if outcome.record is not None
    }
    known_ids = by_external_id(session, source, NOUN, accepted.keys())
    for key, record in accepted.items():
        if key not in known_ids and record is not None:
            remember(session, source, NOUN, key, record.id)


# ── One order ─────────────────────────────────────────────────────────────────────────────────────


def _create(
    session: Session, shape: OrderShape, known: _Known, who: Principal, at: datetime, written: list[Any]
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
    session: Session, order: Order, shape: OrderShape, known: _Known, who: Principal, at: datetime, written: list[Any]
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


def _check(shape: OrderShape, known: _Known, order: Order | None) -> tuple[list[Problem], dict[int, dict[str, Any]]]:
    """What cannot be so, and the values of the lines by position."""
    problems = _check_parties(shape, known, order) + _check_fineness(shape)
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
        problems += _check_sums(shape, lines, order)
    return problems, lines


def _check_fineness(shape: OrderShape) -> list[Problem]:
    told = {"paid": shape.paid} | {f"lines.{line.position}.cost": line.cost or Decimal(0) for line in shape.lines}
    problems = []
    for name, amount in told.items():
        try:
            amounts.minor(amount, shape.currency)
        except amounts.TooFine:
            problems.append(Problem(name, _l("The currency has no such fine units.")))
    return problems


def _check_parties(shape: OrderShape, known: _Known, order: Order | None) -> list[Problem]:
    problems = []
    organisation = known.organisations.get(shape.organisation)
    capacity = Capacity.SUPPLIER if shape.kind == "purchase" else Capacity(shape.capacity)
    if organisation is None:
        problems.append(Problem("organisation", _l("There is no such organisation here.")))
    elif order is not None and (order.organisation_id != organisation.id or order.kind != shape.kind):
        problems.append(Problem("organisation", _l("The order is with another company, or of another kind.")))
    elif capacity not in organisation.capacities:
        problems.append(Problem("organisation", _l("The organisation is not known in this capacity.")))
    if shape.reseller:
        reseller = known.organisations.get(shape.reseller)
        if reseller is None or Capacity.PARTNER not in reseller.capacities:
            problems.append(Problem("reseller", _l("There is no such partner here.")))
        elif shape.kind == "purchase":
            problems.append(Problem("reseller", _l("A purchase order has no reseller.")))
    if shape.deal and shape.deal not in known.deals:
        problems.append(Problem("deal", _l("There is no such deal registration here.")))
    if shape.quotation and shape.quotation not in known.quotations:
        problems.append(Problem("quotation", _l("There is no such quotation here.")))
    return problems


@dataclass(frozen=True, slots=True)
class _Sum:
    quantity: int
    unit_price: int
    price_per: int
    discount: int
    tax_rate: int


def _check_sums(shape: OrderShape, lines: Mapping[int, Mapping[str, Any]], order: Order | None) -> list[Problem]:
    """The other system has added it up too: what it comes to has to be the same."""
    rounding = shape.rounding or (order.details.rounding if order else settings().order_rounding)
    parts: list[Any] = [
        _Sum(*(values[name] for name in ("quantity", "unit_price", "price_per", "discount", "tax_rate")))
        for values in lines.values()
    ]
    if order is not None and "lines" not in shape.model_fields_set:
        parts = list(order.lines)
    totals = totals_of(parts, rounding)
    told: list[tuple[str, Decimal | None, int]] = [
        ("net", shape.net, totals.net),
        ("tax", shape.tax, totals.tax),
        ("total", shape.total, totals.total),
    ]
    told += [(f"lines.{line.position}.net", line.net, net) for line, net in zip(shape.lines, totals.nets, strict=False)]
    return [
        Problem(name, _l("It comes to %(reckoned)s, not %(told)s.", reckoned=str(reckoned), told=str(amount)))
        for name, amount, found in told
        if amount is not None and (reckoned := amounts.major(found, shape.currency)) != amount
    ]


# The fields of a line that come with another one of its shape.
_TOLD_BY = {"product_id": "product", "code": "product", "price_per": "unit_price"}


def _line(line: LineShape, known: _Known, currency: str, present: OrderLine | None) -> dict[str, Any]:
    """Its values; what is not given of one that is here stays, be it what the supplier has confirmed or sent."""
    values = _values(line, known, currency)
    if present is not None:
        given = line.model_fields_set
        values |= {name: getattr(present, name) for name in values if _TOLD_BY.get(name, name) not in given}
    return values


def _values(line: LineShape, known: _Known, currency: str) -> dict[str, Any]:
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


def _fill(order: Order, shape: OrderShape, known: _Known, given: frozenset[str]) -> None:
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
    session: Session, order: Order, lines: Mapping[int, Mapping[str, Any]], known: _Known, at: datetime
) -> None:
    """The lines as they are now: known ones are changed, new ones added, the others are gone."""
    present = {line.position: line for line in order.lines}
    for position, values in lines.items():
        line = present.pop(position, None)
        if line is None:
            order.lines.append(OrderLine(**values, confirmed_at=at if values["confirmed_on"] else None))
            continue
        agreed = (line.due_on, line.quantity, line.unit_price, line.price_per)
        if values["confirmed_on"] and not line.confirmed_on:
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


def _cost(session: Session, order: Order, shape: OrderShape, known: _Known) -> None:
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
        params=params,
    )
    session.add(event)
    order.has_moved(at, publicly=is_public)
    return event


def snapshot(order: Order, costs: Mapping[int, int], refs: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    """The order as plain values in the words of its shape; `costs` are minor units by the line's position, `refs` what
    `refs_of` has found."""
    details, currency = order.details, order.details.currency
    values: dict[str, Any] = {"kind": order.kind, "state": order.state, "currency": currency}
    values |= {name: _plain(getattr(order, name)) for name in HEADER}
    values |= {name: _plain(getattr(details, name)) for name in DETAILS}
    values |= {name: str(amounts.major(getattr(details, name), currency)) for name in ("paid", "net", "tax", "total")}
    values["rounding"] = details.rounding
    values |= {"reseller": "", "deal": "", "quotation": ""}
    values |= {name: refs[name, id_] for name, id_ in _named(order).items()}
    values["lines"] = {str(line.position): _line_values(line, currency, costs) for line in order.lines}
    return values


def _line_values(line: OrderLine, currency: str, costs: Mapping[int, int]) -> dict[str, Any]:
    values: dict[str, Any] = {"product": line.code, "descriptions": dict(line.descriptions), "unit": line.unit}
    values |= {name: str(amounts.to_decimal(getattr(line, name), amounts.THOUSANDTHS)) for name in QUANTITIES}
    values["unit_price"] = str(amounts.major(line.unit_price, currency))
    values["price_per"] = line.price_per
    values |= {
        name: str(amounts.to_decimal(getattr(line, name), amounts.HUNDREDTHS)) for name in ("discount", "tax_rate")
    }
    values |= {name: _plain(getattr(line, name)) for name in DATES}
    if line.position in costs:
        values["cost"] = str(amounts.major(costs[line.position], currency))
    return values


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
