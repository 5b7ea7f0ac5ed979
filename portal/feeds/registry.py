"""The feeds by the name of what they bring, for whoever lets such records in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Principal
from portal.feeds import orders, shipments
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import OrderShape, ShipmentShape

FeedFunction = Callable[[Session, str, Sequence[Any], Principal, datetime], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Feed:
    """`noun` is the kind of the external ids that it remembers."""

    shape: type[Any]
    feed: FeedFunction
    noun: str


FEEDS: dict[str, Feed] = {
    "orders": Feed(OrderShape, orders.feed_orders, orders.NOUN),
    "purchase-orders": Feed(OrderShape, orders.feed_orders, orders.NOUN),
    "shipments": Feed(ShipmentShape, shipments.feed_shipments, shipments.NOUN),
}
