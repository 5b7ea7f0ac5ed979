"""What the orders of a feed speak of, read for all of them at once. For a session of the system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from portal.deals.models import Deal
from portal.feeds.lookups import by_external_id, by_name, chunks, records
from portal.feeds.shapes import OrderShape
from portal.orders.models import Order
from portal.orders.parts import OrderCost
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.purchasing.proposals import Proposal, ProposalState

# The kind of the external ids that are remembered.
NOUN = "order"


@dataclass(slots=True)
class Known:
    """Everything that the orders of one batch speak of, read beforehand."""

    # The external ids that the source has told of before.
    named: frozenset[str]
    orders: dict[str, Order]
    organisations: dict[str, Organisation]
    products: dict[str, int]
    deals: dict[str, int]
    quotations: dict[str, int]
    costs: dict[int, dict[int, OrderCost]]
    proposals: dict[int, list[Proposal]]
    # References of what orders name, by what they name and its id.
    refs: dict[tuple[str, int], str]


def read_known(session: Session, source: str, shapes: Sequence[OrderShape]) -> Known:
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    named_before = frozenset(ids)
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
    return Known(
        named=named_before,
        orders={key: found[id_] for key, id_ in ids.items() if id_ in found},
        organisations={name: by_id[id_] for name, id_ in organisations.items()},
        products={
            row.code: row.id
            for part in chunks(sorted(codes - {""}))
            for row in session.execute(sa.select(Product.code, Product.id).where(Product.code.in_(part)))
        },
        deals=deals,
        quotations=quotations,
        costs=costs_of(session, found),
        proposals=_proposals(session, found),
        refs=names_here | refs_of(session, found.values(), quotations.values()),
    )


def refs_of(session: Session, orders: Iterable[Order], quotations: Iterable[int] = ()) -> dict[tuple[str, int], str]:
    """Our references of the resellers, registrations and quotations that these orders name, and of these quotations."""
    asked: dict[str, tuple[Any, set[int]]] = {
        "reseller": (Organisation, set()),
        "deal": (Deal, set()),
        "quotation": (Order, set(quotations)),
    }
    for order in orders:
        for name, id_ in named(order).items():
            asked[name][1].add(id_)
    return {
        (name, row.id): row.ref
        for name, (model, ids) in asked.items()
        for part in chunks(sorted(ids))
        for row in session.execute(sa.select(model.id, model.ref).where(model.id.in_(part)))
    }


def named(order: Order) -> dict[str, int]:
    found = {"reseller": order.reseller_id, "deal": order.details.deal_id, "quotation": order.details.source_id}
    return {name: id_ for name, id_ in found.items() if id_ is not None}


def costs_of(session: Session, ids: Iterable[int]) -> dict[int, dict[int, OrderCost]]:
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
