"""What a key reads is what its holder reads on the pages, and nothing of a rival."""

import pytest

from portal.access import Role
from portal.api.nouns import NOUNS
from portal.orders.models import Order
from tests.api.conftest import Programs
from tests.orders.helpers import OrderWorld
from tests.world import World

OF = {"orders": "sales", "purchase-orders": "purchase", "quotations": "quotation"}


@pytest.fixture
def cast_of_orders(orders: OrderWorld) -> dict[str, Order]:
    return {
        "glass": orders.sales("glass"),
        "bakery": orders.sales("bakery"),
        "glass-by-wolf": orders.sales("glass", reseller="wolf"),
        "offer": orders.quotation("glass"),
        "wolf-buys": orders.resale("wolf"),
        "herons-buys": orders.resale("herons"),
        "looms": orders.purchase("looms"),
        "paper": orders.purchase("paper"),
    }


SALES = {"glass", "bakery", "glass-by-wolf", "offer", "wolf-buys", "herons-buys"}
GLASS = {"glass", "glass-by-wolf", "offer"}
KEYS = [
    ("customer-admin", (), GLASS, GLASS),
    ("supplier-admin", (), {"looms"}, {"looms"}),
    ("partner-admin", (), {"glass", "glass-by-wolf", "wolf-buys"}, {"glass-by-wolf", "wolf-buys"}),
    ("admin", (Role.AGENT,), SALES, SALES),
    ("admin", (Role.BUYER,), {"looms", "paper"}, {"looms", "paper"}),
    (
        "admin",
        (Role.CHANNEL_MANAGER,),
        {"glass-by-wolf", "wolf-buys", "herons-buys"},
        {"glass-by-wolf", "wolf-buys", "herons-buys"},
    ),
    ("admin", (Role.AUDITOR,), SALES | {"looms", "paper"}, SALES | {"looms", "paper"}),
]


@pytest.mark.parametrize(("hint", "roles", "seen", "whole"), KEYS)
def test_a_key_reads_what_its_role_reads(
    program: Programs, cast_of_orders: dict[str, Order], hint: str, roles: tuple[Role, ...], seen: set, whole: set
) -> None:
    reader = program(hint, roles=roles)
    names = {order.ref: name for name, order in cast_of_orders.items()}
    listed, priced = set(), set()
    for noun in OF:
        for item in reader.get(noun).json["items"]:
            listed.add(names[item["ref"]])
            if "total" in item:
                priced.add(names[item["ref"]])
    assert (listed, priced) == (seen, whole)
    for name, order in cast_of_orders.items():
        noun = next(noun for noun, kind in OF.items() if kind == order.kind)
        answer = reader.get(f"{noun}/{order.ref}")
        assert answer.status_code == (200 if name in seen else 404)
        assert (b"lines" in answer.data) == (name in whole)


def test_what_is_out_of_reach_is_answered_like_what_never_was(
    program: Programs, cast_of_orders: dict[str, Order]
) -> None:
    reader = program("customer-admin")
    hidden = reader.get(f"orders/{cast_of_orders['bakery'].ref}").json
    never = reader.get("orders/SO-00000000").json
    assert hidden | {"instance": ""} == never | {"instance": ""}
    unnamed = reader.get("orders/by-external-id/erp/X00002").json
    assert unnamed | {"instance": ""} == never | {"instance": ""}


def test_a_linked_partner_learns_no_price_number_or_line(program: Programs, cast_of_orders: dict[str, Order]) -> None:
    record = program("partner-admin").get(f"orders/{cast_of_orders['glass'].ref}").json
    assert record["state"] == "confirmed"
    assert not {"net", "total", "number", "currency", "lines", "documents", "remark"} & record.keys()


def test_costs_are_for_those_who_see_margins(program: Programs, cast_of_orders: dict[str, Order]) -> None:
    path = f"orders/{cast_of_orders['glass'].ref}"
    assert "cost" not in program(roles=(Role.AGENT,)).get(path).json["lines"][0]
    assert program(roles=(Role.AUDITOR,)).get(path).json["lines"][0]["cost"] == "700.00"


def test_lists_go_on_where_they_stopped(program: Programs, orders: OrderWorld) -> None:
    refs = {orders.sales("glass").ref for _ in range(5)}
    reader, found, path = program("customer-admin"), [], "/api/v1/orders?limit=2"
    while path:
        answer = reader.send("GET", path)
        found += [item["ref"] for item in answer.json["items"]]
        path = answer.json["next"]
        assert (path is None) == ("Link" not in answer.headers)
    assert len(found) == 5
    assert set(found) == refs


def test_filters_narrow_and_unknown_ones_are_refused(program: Programs, orders: OrderWorld) -> None:
    order = orders.sales("glass", state="ordered")
    orders.sales("glass")
    reader = program("customer-admin")
    assert [item["ref"] for item in reader.get("orders?state=ordered").json["items"]] == [order.ref]
    assert reader.get("orders?updated_since=2099-01-01T00:00:00Z").json["items"] == []
    for wrong in ("state=gone", "colour=red", "limit=0", "limit=x", "after=x", "updated_since=today", "state=a%00"):
        answer = reader.get(f"orders?{wrong}")
        assert answer.status_code == 400, wrong
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_answers_every_kind_of_key(program: Programs, noun: str) -> None:
    for hint in ("customer-admin", "supplier-admin", "partner-admin"):
        wanted = 403 if noun == "deals" and hint != "partner-admin" else 200
        assert program(hint).get(noun).status_code in (200, wanted)
    for role in (Role.AGENT, Role.ACCOUNT_MANAGER, Role.BUYER, Role.CHANNEL_MANAGER, Role.AUDITOR):
        reader = program(roles=(role,))
        page = reader.get(noun)
        assert page.status_code == 200
        for item in page.json["items"][:3]:
            one = reader.get(f"{noun}/{item['ref']}")
            assert one.status_code == 200
            # What stands in the list stands in the record.
            assert item.items() <= one.json.items()


def test_an_etag_spares_what_is_known(program: Programs, orders: OrderWorld) -> None:
    reader, path = program("customer-admin"), f"orders/{orders.sales('glass').ref}"
    etag = reader.get(path).headers["ETag"]
    again = reader.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_what_a_reader_cannot_see_does_not_move_its_etag(program: Programs, orders: OrderWorld, world: World) -> None:
    shape = orders.shape("glass")
    orders.feed(shape)
    customer, manager = program("customer-admin"), program(roles=(Role.ACCOUNT_MANAGER,))
    path = f"orders/{customer.get('orders').json['items'][0]['ref']}"
    before = customer.get(path).headers["ETag"], manager.get(path).headers["ETag"]
    shape["lines"][0]["cost"] = "650.00"
    orders.feed(shape)
    after = customer.get(path).headers["ETag"], manager.get(path).headers["ETag"]
    assert before[0] == after[0]
    assert before[1] != after[1]
