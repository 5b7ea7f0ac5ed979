"""The feeds by the name of what they bring, for whoever lets such records in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Principal
from portal.feeds import documents, order_lookups, orders, organisations, people, products, shipments, undone_orders
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import DocumentShape, OrderShape, OrganisationShape, PersonShape, ProductShape, ShipmentShape
from portal.shipments.models import Shipment

FeedFunction = Callable[[Session, str, Sequence[Any], Principal, datetime], list[Outcome]]
# Session, source, external id, what it was before, the record, who takes it back, when.
Restore = Callable[[Session, str, str, Mapping[str, Any] | None, Any, Principal, datetime], None]


@dataclass(frozen=True, slots=True)
class Feed:
    """`noun` is the kind of the external ids that it remembers.

    `restore` makes a record what it was before a feed, and takes away one that was nothing; it raises RuleBroken or
    IntegrityError where somebody has done something with it or something hangs on it.
    """

    shape: type[Any]
    feed: FeedFunction
    noun: str
    restore: Restore
    # Of records without a version: those of them that are no longer as they were left, by what was told of them then.
    moved: Callable[[Session, Mapping[int, Mapping[str, Any]]], set[int]] | None = None


def _restore_shipment(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    shipment: Shipment,
    who: Principal,
    at: datetime,
) -> None:
    shipments.take_back(session, shipment, before or {}, who, at)


_ORDERS = Feed(OrderShape, orders.feed_orders, order_lookups.NOUN, undone_orders.restore)

FEEDS: dict[str, Feed] = {
    "orders": _ORDERS,
    "purchase-orders": _ORDERS,
    "products": Feed(ProductShape, products.feed_products, products.NOUN, products.restore),
    "organisations": Feed(
        OrganisationShape, organisations.feed_organisations, organisations.NOUN, organisations.restore
    ),
    "people": Feed(PersonShape, people.feed_people, people.NOUN, people.restore, people.moved),
    "shipments": Feed(ShipmentShape, shipments.feed_shipments, shipments.NOUN, _restore_shipment),
    "documents": Feed(DocumentShape, documents.feed_documents, documents.NOUN, documents.restore, documents.moved),
}
