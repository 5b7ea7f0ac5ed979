"""Documents of orders told and had by programs: a PDF as base64, and the file again."""

import base64
from typing import Any

import pytest

from portal.access import Role
from tests.api.conftest import Programs
from tests.orders.helpers import OrderWorld
from tests.world import World

PDF = b"%PDF-1.7\n% what the ERP made\n%%EOF\n"
SALES, PURCHASE = (Role.ACCOUNT_MANAGER,), (Role.BUYER,)
PATH = "documents/by-external-id/erp/D1"


def invoice(order: str, content: bytes = PDF, **told: Any) -> dict[str, Any]:
    shape = {"order": order, "kind": "invoice", "number": "FV-1", "issued_on": "2030-03-20"}
    return {**shape, "content": base64.b64encode(content).decode(), **told}


def test_a_document_is_told_and_had_again(program: Programs, orders: OrderWorld) -> None:
    erp, order = program(roles=SALES), orders.sales("glass")
    created = erp.put(PATH, invoice(order.ref))
    assert (created.status_code, created.json["number"]) == (201, "FV-1"), created.json
    assert erp.put(PATH, invoice(order.ref)).status_code == 200
    for who in (erp, program("customer-admin")):
        file = who.get(f"documents/{created.json['ref']}/file")
        assert (file.status_code, file.mimetype, file.get_data()) == (200, "application/pdf", PDF)
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
    anew = erp.put(PATH, invoice(order.ref, PDF + b"%"))
    assert anew.status_code == 200
    assert erp.get(f"documents/{created.json['ref']}/file").get_data() == PDF + b"%"


def test_one_that_is_drawn_is_had_too(program: Programs, orders: OrderWorld) -> None:
    orders.sales("glass")
    customer = program("customer-admin")
    (confirmation,) = customer.get("documents?kind=confirmation").json["items"]
    file = customer.get(f"documents/{confirmation['ref']}/file")
    assert (file.status_code, file.get_data()[:5]) == (200, b"%PDF-")


def test_a_stranger_gets_the_same_as_for_none(program: Programs, orders: OrderWorld) -> None:
    erp, order = program(roles=SALES), orders.sales("glass")
    ref = erp.put(PATH, invoice(order.ref)).json["ref"]
    rival = program("supplier-admin")
    answers = [rival.get(f"documents/{name}/file") for name in (ref, "DC-00000000")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["detail"] == answers[1].json["detail"]
    assert program("customer-admin", scopes=("orders:read",)).get(f"documents/{ref}/file").status_code == 403


@pytest.mark.parametrize("content", [b"<html>", b"MZ", b"GIF89a<script>", b""])
def test_what_is_no_pdf_is_refused(program: Programs, orders: OrderWorld, content: bytes) -> None:
    answer = program(roles=SALES).put(PATH, invoice(orders.sales("glass").ref, content))
    assert answer.status_code == 422
    assert "/content" in [error["pointer"] for error in answer.json["errors"]]


def test_a_path_is_no_content(program: Programs, orders: OrderWorld) -> None:
    told = {**invoice(orders.sales("glass").ref), "content": "../../etc/passwd"}
    assert program(roles=SALES).put(PATH, told).status_code == 422
    told = {**told, "path": "../../etc/passwd"}
    assert program(roles=SALES).put(PATH, told).status_code == 422


def test_it_is_told_of_orders_within_reach(program: Programs, orders: OrderWorld) -> None:
    sold, bought = orders.sales("glass"), orders.purchase("looms")
    assert program(roles=SALES).put(PATH, invoice(bought.ref)).json["errors"][0]["pointer"] == "/order"
    assert program(roles=PURCHASE).put(PATH, invoice(sold.ref)).json["errors"][0]["pointer"] == "/order"
    assert program(roles=PURCHASE).put(PATH, invoice(bought.ref)).status_code == 201
    # The same name, of an order that is not theirs.
    assert program(roles=SALES).put(PATH, invoice(sold.ref)).json["errors"][0]["pointer"] == "/order"
    assert program(roles=(Role.AGENT,)).put(PATH, invoice(sold.ref)).status_code == 403
    assert program("customer-admin", scopes=("documents:write",)).put(PATH, invoice(sold.ref)).status_code == 403


def test_several_are_told_at_once(program: Programs, orders: OrderWorld, world: World) -> None:
    order = orders.sales("glass")
    items = [{**invoice(order.ref), "external_id": "A"}, {**invoice(order.ref, b"no"), "external_id": "B"}]
    answer = program(roles=SALES).post("documents/batch", {"source": "erp", "items": items})
    assert [result["status"] for result in answer.json["results"]] == [201, 422]
