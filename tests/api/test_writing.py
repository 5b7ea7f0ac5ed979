"""What programs tell: once, in order, and only what is theirs to tell."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from portal.access import Role
from portal.api.models import ApiAnswer
from portal.clock import now
from portal.deals.models import Deal
from portal.orders.models import Order
from portal.organisations.models import Activity
from portal.tickets.models import Ticket
from tests.api.conftest import Programs
from tests.orders.helpers import OrderWorld
from tests.world import World

TICKET = {"subject": "The lamp flickers", "body": "It flickers every evening.", "category": "problem"}
PATH = "orders/by-external-id/erp/4711"


def order(orders: OrderWorld, **fields: Any) -> dict[str, Any]:
    shape = orders.shape("glass", **fields)
    del shape["external_id"]
    return shape


def count(world: World, model: Any) -> int:
    with world.session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_erp_tells_an_order(program: Programs, orders: OrderWorld, world: World) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    shape = order(orders)
    created = erp.put(PATH, shape)
    assert created.status_code == 201
    assert created.headers["Location"] == f"/api/v1/orders/{created.json['ref']}"
    assert created.json["total"] == "3686.87"
    again = erp.put(PATH, shape)
    assert (again.status_code, again.json, again.headers["ETag"]) == (200, created.json, created.headers["ETag"])
    changed = erp.put(PATH, {**shape, "state": "shipped"})
    assert changed.json["state"] == "shipped"
    assert erp.get(PATH).json == changed.json
    assert program("customer-admin").get(f"orders/{created.json['ref']}").json["state"] == "shipped"
    with world.session() as session:
        assert set(session.scalars(sa.select(Activity.channel).where(Activity.order_id.is_not(None)))) == {"api"}


def test_what_is_wrong_is_pointed_at(program: Programs, orders: OrderWorld, world: World) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    shape = order(orders)
    shape["lines"][1]["product"] = "NONE-1"
    answer = erp.put(PATH, shape)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/lines/1/product"]
    shape["lines"][1]["quantity"] = "many"
    assert [error["pointer"] for error in erp.put(PATH, shape).json["errors"]] == ["/lines/1/quantity"]
    assert count(world, Order) == 0


@pytest.mark.parametrize(
    "sent", [b"{", b"[]", b"\xff", b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"a": NaN}', b"[" * 9999]
)
def test_what_is_no_object_is_refused(program: Programs, sent: bytes) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    answer = erp.send("PUT", f"/api/v1/{PATH}", data=sent, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert erp.send("PUT", f"/api/v1/{PATH}", data=b"{}", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("role", [Role.AGENT, Role.BUYER, Role.CHANNEL_MANAGER, Role.AUDITOR])
def test_other_roles_tell_no_sales_orders(program: Programs, orders: OrderWorld, world: World, role: Role) -> None:
    writer = program(roles=(role,))
    assert writer.put(PATH, order(orders)).status_code == 403
    assert writer.post("orders/batch", {"source": "erp", "items": [orders.shape("glass")]}).status_code == 403
    assert count(world, Order) == 0


def test_a_company_tells_no_orders_even_with_the_scope(program: Programs, orders: OrderWorld, world: World) -> None:
    assert program("customer-admin").put(PATH, order(orders)).status_code == 403
    assert program("customer-admin", scopes=["orders:write"]).put(PATH, order(orders)).status_code == 403
    assert count(world, Order) == 0


def test_a_sales_key_tells_no_purchase_order(program: Programs, orders: OrderWorld, world: World) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    shape = {**order(orders), "kind": "purchase"}
    assert erp.put(PATH, shape).status_code == 422
    answer = erp.post("orders/batch", {"source": "erp", "items": [{**shape, "external_id": "1"}]})
    assert answer.json["results"][0]["outcome"] == "refuse"
    bought = orders.purchase("looms")
    source_calls_it = {"X00003", "X00002", "X00001"}
    for external_id in source_calls_it:
        assert erp.put(f"orders/by-external-id/erp/{external_id}", order(orders)).status_code in (201, 422)
    assert orders.reload(bought).kind == "purchase"
    assert orders.reload(bought).version == bought.version


def test_a_batch_refuses_row_by_row(program: Programs, orders: OrderWorld, world: World) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    good, bad = orders.shape("glass"), orders.shape("glass", currency="euro")
    odd = orders.shape("glass", organisation="O-00000000")
    answer = erp.post("orders/batch", {"source": "erp", "items": [good, bad, odd, 7, good]})
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [result["outcome"] for result in results] == ["create", "refuse", "refuse", "refuse", "unchanged"]
    assert [result["status"] for result in results] == [201, 422, 422, 422, 200]
    assert results[1]["errors"][0]["pointer"] == "/currency"
    assert results[2]["errors"][0]["pointer"] == "/organisation"
    assert count(world, Order) == 1


def test_a_batch_has_an_end(program: Programs, orders: OrderWorld) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    assert erp.post("orders/batch", {"source": "erp", "items": [{}] * 501}).status_code == 413
    for wrong in ({"items": []}, {"source": "a/b", "items": []}, {"source": "erp", "items": {}}, {"more": 1}):
        assert erp.post("orders/batch", wrong).status_code == 422


def test_a_record_that_has_moved_is_not_overwritten(program: Programs, orders: OrderWorld) -> None:
    erp, shape = program(roles=(Role.ACCOUNT_MANAGER,)), order(orders)
    assert erp.put(PATH, shape, headers={"If-Match": '"00"'}).status_code == 412
    etag = erp.put(PATH, shape, headers={"If-None-Match": "*"}).headers["ETag"]
    assert erp.put(PATH, shape, headers={"If-None-Match": "*"}).status_code == 412
    assert erp.put(PATH, {**shape, "remark": "first"}, headers={"If-Match": etag}).status_code == 200
    assert erp.put(PATH, {**shape, "remark": "second"}, headers={"If-Match": etag}).status_code == 412
    assert erp.get(PATH).json["remark"] == "first"


def test_the_erp_tells_products_companies_and_people(program: Programs, world: World) -> None:
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    product = {"code": "ZZ-1", "names": {"en": "A new lamp"}}
    company = {"name": "New Glass", "capacities": ["customer"], "country": "CZ"}
    person = {"name": "Eva Nová", "email": "eva@newglass.example.com", "organisation": "C1"}
    for noun, key, shape in (("products", "P1", product), ("organisations", "C1", company), ("people", "H1", person)):
        path = f"{noun}/by-external-id/erp/{key}"
        created = erp.put(path, shape)
        assert created.status_code == 201, created.json
        assert erp.put(path, shape).json == erp.get(path).json == created.json
        assert program(roles=(Role.BUYER,)).put(path, shape).status_code == 403
        results = erp.post(f"{noun}/batch", {"source": "erp", "items": [{**shape, "external_id": key}]})
        assert results.json["results"][0]["outcome"] == "unchanged"


def test_shipments_are_told_of_orders_within_reach(program: Programs, orders: OrderWorld) -> None:
    sold, bought = orders.sales("glass"), orders.purchase("looms")
    path = "shipments/by-external-id/erp/S1"
    shape = {"carrier": "Parcel Post", "state": "in-transit", "lines": [{"position": 10, "quantity": "2"}]}
    erp = program(roles=(Role.ACCOUNT_MANAGER,))
    assert erp.put(path, {**shape, "order": bought.ref}).json["errors"][0]["pointer"] == "/order"
    told = erp.put(path, {**shape, "order": sold.ref})
    assert (told.status_code, told.json["order"]) == (201, sold.ref)
    assert told.json["lines"] == [{"position": 10, "quantity": "2"}]


# ── Tickets and deals ─────────────────────────────────────────────────────────────────────────────


def test_a_company_opens_a_ticket_and_replies(program: Programs, world: World) -> None:
    customer = program("customer-admin")
    opened = customer.post("tickets", TICKET)
    assert opened.status_code == 201
    assert opened.json["messages"][0]["channel"] == "api"
    replied = customer.post(f"tickets/{opened.json['ref']}/replies", {"body": "It still does."})
    assert [message["body"] for message in replied.json["messages"]] == [TICKET["body"], "It still does."]
    assert program("supplier-admin").get(f"tickets/{opened.json['ref']}").status_code == 404
    stranger = program("supplier-admin").post(f"tickets/{opened.json['ref']}/replies", {"body": "Hello."})
    assert stranger.status_code == 404


def test_a_rival_cannot_open_tickets_for_others(program: Programs, world: World) -> None:
    wanted = {**TICKET, "organisation": world.organisation("glass").ref}
    assert program("supplier-admin").post("tickets", wanted).status_code == 422
    assert program("rival").post("tickets", wanted).status_code == 422
    assert count(world, Ticket) == 0


def test_an_integration_opens_a_ticket_for_a_company(program: Programs, world: World) -> None:
    agent = program(roles=(Role.AGENT,))
    assert agent.post("tickets", TICKET).status_code == 422
    opened = agent.post("tickets", {**TICKET, "organisation": world.organisation("glass").ref})
    assert opened.status_code == 201
    assert opened.json["organisation"] == world.organisation("glass").ref
    assert program(roles=(Role.AUDITOR,)).post("tickets", TICKET).status_code == 403


def test_internal_notes_stay_inside(program: Programs, world: World) -> None:
    ticket = world.make_ticket("customer")
    world.note(ticket, "agent", "They are difficult.")
    customer = program("customer-admin")
    before = customer.get(f"tickets/{ticket.ref}")
    assert b"difficult" not in before.data
    world.note(ticket, "agent", "Very difficult.")
    assert customer.get(f"tickets/{ticket.ref}").headers["ETag"] == before.headers["ETag"]
    assert b"difficult" in program(roles=(Role.AGENT,)).get(f"tickets/{ticket.ref}").data


def test_ids_of_one_company_are_unknown_to_another(program: Programs, world: World) -> None:
    path = "tickets/by-external-id/helpdesk/1"
    first, second = program("customer-admin"), program("supplier-admin")
    assert first.put(path, TICKET).status_code == 201
    assert first.put(path, TICKET).status_code == 200
    assert first.put(path, {**TICKET, "body": "Something else."}).status_code == 422
    assert second.get(path).status_code == 404
    assert second.put(path, TICKET).status_code == 201
    assert first.get(path).json["ref"] != second.get(path).json["ref"]
    assert count(world, Ticket) == 2


def test_a_partner_tells_drafts_of_deals(program: Programs, world: World) -> None:
    path = "deals/by-external-id/crm/77"
    partner = program("partner-admin")
    draft = {
        "customer_name": "Harbour Hotel",
        "customer_domain": "harbour.example.com",
        "currency": "EUR",
        "amount": "18000.00",
        "lines": [{"product": "LN-100", "quantity": 3, "unit_price": "99.50"}],
    }
    created = partner.put(path, draft)
    assert (created.status_code, created.json["state"]) == (201, "draft")
    assert created.json["lines"][0] == {"product": "LN-100", "quantity": 3, "unit_price": "99.50"}
    assert partner.put(path, draft).json == created.json
    assert partner.put(path, {**draft, "amount": "19000.00"}).json["amount"] == "19000.00"
    assert partner.put(path, {**draft, "amount": "1.005"}).status_code == 422
    assert program("rival-partner").get(f"deals/{created.json['ref']}").status_code == 404
    # A draft is told to nobody yet.
    assert program(roles=(Role.CHANNEL_MANAGER,)).get("deals").json["items"] == []
    batch = {"source": "crm", "items": [{"external_id": "78", **draft}, {"external_id": "77", **draft}]}
    results = partner.post("deals/batch", batch).json["results"]
    assert [result["outcome"] for result in results] == ["create", "update"]


def test_others_tell_no_deals(program: Programs, world: World) -> None:
    for writer in (program("customer-admin"), program(roles=(Role.CHANNEL_MANAGER,), scopes=["deals:write"])):
        assert writer.put("deals/by-external-id/crm/1", {"customer_name": "A"}).status_code == 403
    assert count(world, Deal) == 0


# ── Idempotency keys ──────────────────────────────────────────────────────────────────────────────


def test_asked_twice_is_done_once(program: Programs, world: World) -> None:
    customer, once = program("customer-admin"), {"Idempotency-Key": "a-1"}
    first = customer.post("tickets", TICKET, headers=once)
    again = customer.post("tickets", TICKET, headers=once)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert {again.headers[name] == first.headers[name] for name in ("ETag", "Location", "Content-Type")} == {True}
    assert customer.post("tickets", {**TICKET, "subject": "Another"}, headers=once).status_code == 422
    assert count(world, Ticket) == 1


def test_a_refusal_is_replayed_too_and_a_fault_is_not(
    program: Programs, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, wrong = program("customer-admin"), {**TICKET, "subject": ""}
    assert customer.post("tickets", wrong, headers={"Idempotency-Key": "a-1"}).status_code == 422
    again = customer.post("tickets", wrong, headers={"Idempotency-Key": "a-1"})
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (422, "true")
    with monkeypatch.context() as broken:
        broken.setattr("portal.api.views.open_one", lambda *_: 1 / 0)
        broken.setitem(customer.client.application.config, "PROPAGATE_EXCEPTIONS", False)
        assert customer.post("tickets", TICKET, headers={"Idempotency-Key": "a-2"}).status_code == 500
    assert customer.post("tickets", TICKET, headers={"Idempotency-Key": "a-2"}).status_code == 201


def test_a_day_later_the_key_is_new(program: Programs, world: World) -> None:
    customer, once = program("customer-admin"), {"Idempotency-Key": "a-1"}
    customer.post("tickets", TICKET, headers=once)
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert "Idempotency-Replayed" in customer.post("tickets", TICKET, headers=once).headers
    with time_machine.travel(now() + timedelta(hours=24, minutes=1)):
        assert "Idempotency-Replayed" not in customer.post("tickets", TICKET, headers=once).headers
    assert count(world, Ticket) == 2


def test_owners_share_no_idempotency_keys(program: Programs, world: World) -> None:
    once = {"Idempotency-Key": "a-1"}
    answers = [program(hint).post("tickets", TICKET, headers=once) for hint in ("customer-admin", "supplier-admin")]
    answers.append(program("customer-admin").post("tickets", TICKET, headers=once))
    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)
    assert count(world, Ticket) == 3


def test_what_is_still_at_work_is_not_begun_again(program: Programs, world: World) -> None:
    customer, once = program("customer-admin"), {"Idempotency-Key": "a-1"}
    customer.post("tickets", TICKET, headers=once)
    with world.session() as session:
        session.execute(sa.update(ApiAnswer).values(status=None))
        session.commit()
    waiting = customer.post("tickets", TICKET, headers=once)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (409, "1")
    with time_machine.travel(now() + timedelta(minutes=3)):
        assert customer.post("tickets", TICKET, headers=once).status_code == 201


def test_racing_requests_settle_to_one(program: Programs, world: World) -> None:
    customer = program("customer-admin")
    for round_ in range(3):
        once = {"Idempotency-Key": f"race-{round_}"}
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(customer.post, "tickets", TICKET, headers=once) for _ in range(6)]
            answers = [future.result() for future in asked]
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
        assert count(world, Ticket) == round_ + 1


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 256])
def test_an_idempotency_key_is_plain(program: Programs, name: str) -> None:
    answer = program("customer-admin").post("tickets", TICKET, headers={"Idempotency-Key": name})
    assert answer.status_code == 400
