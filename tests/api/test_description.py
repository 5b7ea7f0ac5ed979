"""The description says what is: schemathesis asks everything that it allows, and reads every answer by it."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.access import Principal, Role
from portal.api.nouns import NOUNS
from portal.api.spec import spec
from portal.clock import now
from portal.feeds.shapes import ShipmentShape
from portal.feeds.shipments import feed_shipments
from tests.api.conftest import Programs
from tests.deals.helpers import DealWorld
from tests.orders.helpers import OrderWorld
from tests.test_sweeps import routes
from tests.world import World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 3


@pytest.fixture
def furnished(orders: OrderWorld, world: World) -> None:
    """A world in which lists are not empty."""
    orders.sales("glass")
    orders.sales("glass", reseller="wolf")
    orders.quotation("glass")
    orders.purchase("looms")
    world.make_ticket("customer")


@pytest.mark.parametrize(
    ("hint", "roles"),
    [
        ("admin", (Role.ACCOUNT_MANAGER, Role.BUYER, Role.AGENT, Role.CHANNEL_MANAGER)),
        ("partner-admin", ()),
    ],
)
@pytest.mark.usefixtures("furnished")
def test_every_answer_is_as_it_is_described(app: Flask, program: Programs, hint: str, roles: tuple[Role, ...]) -> None:
    token = program(hint, roles=roles).token
    headers = {"Authorization": f"Bearer {token}"}
    for found in schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations():
        operation = found.ok()

        @seed(4)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            response = case.call(headers=headers)
            case.validate_response(response, headers=headers, checks=CHECKS)

        ask()


def test_lists_and_records_are_as_they_are_described(
    program: Programs, orders: OrderWorld, world: World, furnished: None
) -> None:
    DealWorld(world).submitted()
    with world.session() as session:
        sent = ShipmentShape(external_id="S1", order=orders.sales("glass").ref, number="DN-1")
        feed_shipments(session, "erp", [sent], Principal.system("the ERP"), now())
        session.commit()
    read = set()
    for reader in (program("customer-admin"), program("partner-admin"), program(roles=(Role.AUDITOR,))):
        for name, noun in NOUNS.items():
            schema = {"$ref": f"#/components/schemas/{noun.answer.__name__}", "components": spec()["components"]}
            valid = jsonschema_rs.Draft202012Validator(schema)
            answer = reader.get(name)
            for item in answer.json["items"] if answer.status_code == 200 else []:
                valid.validate(item)
                valid.validate(reader.get(f"{name}/{item['ref']}").json)
                read.add(name)
    # None of them is empty for everybody.
    assert read == set(NOUNS)


def test_the_schemas_and_their_examples_are_sound() -> None:
    components = spec()["components"]
    for name, schema in components["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        valid = jsonschema_rs.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": components}, validate_formats=True
        )
        for example in schema.get("examples", ()):
            valid.validate(example)


def test_every_address_is_described_and_no_other(app: Flask) -> None:
    described = {
        (method.upper(), path) for path, item in spec()["paths"].items() for method in item if method != "parameters"
    }
    there = {(m, r.rule.replace("<", "{").replace(">", "}")) for m, r in routes(app) if r.rule.startswith("/api/v1/")}
    assert described == there


def test_every_operation_names_its_scope_and_has_examples() -> None:
    for path, item in spec()["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert "scope" in operation["description"]
            assert {"401", "403", "429"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    assert "example" in media, (path, method, status)
            # Messages of webhooks have an id of their own instead.
            if method in ("put", "post") and "webhooks" not in path:
                named = {parameter["$ref"] for parameter in operation["parameters"]}
                assert "#/components/parameters/idempotency-key" in named


def test_the_description_and_its_page_are_for_everybody(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")
    assert (answer.json["openapi"], answer.mimetype) == ("3.1.0", "application/json")
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/v1/orders/by-external-id/" in page.text
    assert page.text.count("<script") == client.get("/who-sees-what").text.count("<script")
