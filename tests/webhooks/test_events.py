"""Every kind of entry in the contact history that concerns what the API has is told under a documented name."""

import json
import re

from portal.api.nouns import NOUNS
from portal.clock import now
from portal.orders.lifecycle import TRANSITIONS, Kind
from portal.orders.steps import STEPS
from portal.organisations.sentences import TELLINGS
from portal.webhooks import events
from portal.webhooks.events import NOT_TOLD, TYPES, body_of, type_of


def test_no_kind_is_forgotten() -> None:
    told = {kind for kind in TELLINGS if not kind.startswith("order-") and type_of(kind, {})}
    of_orders = {kind for kind in TELLINGS if kind.startswith("order-")}
    assert set(TELLINGS) - of_orders - told - NOT_TOLD == set()
    assert told & NOT_TOLD == set()
    assert {kind.removeprefix("order-") for kind in of_orders} == set(STEPS)
    assert set(STEPS) == events._ORDER_VERBS.keys() | events._PAPERS.keys()


def test_every_step_of_every_order_has_a_documented_name() -> None:
    for kind in Kind:
        for row in TRANSITIONS[kind]:
            found = type_of(f"order-{row.verb}", {"order_kind": kind})
            assert found is not None
            assert found.noun in TYPES[found.name], (kind, row.verb)
            assert found.noun in NOUNS


def test_names_are_what_is_documented() -> None:
    assert type_of("order-confirm", {"order_kind": "sales"}) == events.EventType("order.confirmed", "orders")
    assert type_of("order-accept", {"order_kind": "quotation"}) == events.EventType("quotation.accepted", "quotations")
    known = {"purchase_order.proposed", "shipment.announced", "invoice.sent", "ticket.replied", "deal.approved"}
    assert known <= set(TYPES)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in TYPES)
    assert type_of("order-confirm", {}) is None


def test_the_body_says_what_happened_and_nothing_of_what_is_in_it() -> None:
    told = json.loads(body_of("order.confirmed", now(), noun="orders", ref="SO-1", base_url="https://p.example.com"))
    assert set(told) == {"type", "timestamp", "data"}
    assert told["data"] == {"kind": "orders", "ref": "SO-1", "url": "https://p.example.com/api/v1/orders/SO-1"}
    assert told["timestamp"].endswith("Z")
