"""The description of the API (OpenAPI 3.1), drawn from the nouns and shapes that answer it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from portal.api.nouns import NOUNS
from portal.api.nouns.noun import Noun
from portal.api.problems import KINDS
from portal.api.shapes import ReplyShape, TicketShape
from portal.api.spec_parts import PARAMETERS, filters, problem, refusals, shared
from portal.api.spec_schemas import RESULT, Json, schemas, told_name
from portal.api.writing import TOLD
from portal.webhooks import spec as webhooks

_ONE = {"organisations": "organisation", "people": "person", "products": "product", "shipments": "shipment"}
_ONE |= {"documents": "document", "tickets": "ticket", "deals": "deal", "orders": "order", "quotations": "quotation"}
_ONE |= {"purchase-orders": "purchase order"}
INTRODUCTION = """\
The records of the portal for programs, under the same row scope and field lens as for people: a field that the holder
of a key may not see is absent, and what is out of reach is answered like what does not exist. Amounts and quantities
are decimals in strings, days are ISO 8601, moments are in UTC. Lists go from the oldest change to the newest; follow
`next` until it is empty, and come back with `updated_since`. Send an `Idempotency-Key` with whatever changes something:
asked twice, it is done once. An `ETag` moves only with what its reader sees."""


@cache
def spec() -> Json:
    """Made once: nothing in it depends on who asks."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Portal API", "version": "1", "description": INTRODUCTION},
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [
            *({"name": noun.name, "description": noun.says} for noun in NOUNS.values()),
            {"name": webhooks.TAG, "description": webhooks.SAYS},
        ],
        "paths": {path: _sorted(item) for path, item in _paths().items()},
        "webhooks": webhooks.outgoing(),
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of an organisation or of an integration, in the header Authorization alone.",
                }
            },
            "schemas": schemas(),
            "parameters": PARAMETERS,
            "responses": {kind: problem(kind) for kind in KINDS},
        },
    }


def _sorted(item: Json) -> Json:
    return {method: item[method] for method in ("parameters", "get", "put", "post") if method in item}


# ── Paths ─────────────────────────────────────────────────────────────────────────────────────────

_WHEN_WRITING = ("conflict", "too-large", "media-type", "invalid")


def _paths() -> Json:
    found: Json = {}
    for noun in NOUNS.values():
        at = f"/api/v1/{noun.name}"
        found[at] = {"get": _list(noun)}
        found[f"{at}/{{ref}}"] = {"parameters": shared("ref"), "get": _get(noun, "show", "One by its reference.")}
        external = found[f"{at}/by-external-id/{{source}}/{{external_id}}"] = {
            "parameters": shared("source", "external_id"),
            "get": _get(noun, "show_external", "One by what a source calls it."),
        }
        if noun.name in TOLD:
            external["put"] = _put(noun)
            found[f"{at}/batch"] = {"post": _batch(noun)}
    found["/api/v1/documents/{ref}/file"] = {"parameters": shared("ref"), "get": _file(NOUNS["documents"])}
    tickets = NOUNS["tickets"]
    found["/api/v1/tickets"]["post"] = _post(tickets, "open", "Open a ticket.", TicketShape, "The ticket.")
    found["/api/v1/tickets/{ref}/replies"] = {
        "parameters": shared("ref"),
        "post": _post(tickets, "reply", "Reply on a ticket.", ReplyShape, "The ticket with the reply.", "not-found"),
    }
    results = {"$ref": "#/components/schemas/BatchResult"}
    found["/api/v1/webhooks/{ref}"] = {
        "parameters": shared("ref"),
        "post": webhooks.incoming(refusals, results),
    }
    return found


def _file(noun: Noun) -> Json:
    told = {"schema": {"type": "string", "contentMediaType": "application/pdf"}, "example": "%PDF-1.7 …"}
    pdf = {"description": "As the source made it, or as it is drawn here.", "content": {"application/pdf": told}}
    responses = {"200": pdf, "304": {"description": "It is as it was."}}
    more = {"parameters": shared("seen")}
    return _operation(noun, "file", "read", "The document itself, as PDF.", responses, "not-found", **more)


def _operation(noun: Noun, name: str, verb: str, says: str, responses: Json, *problems: str, **more: Any) -> Json:
    return {
        "operationId": f"{noun.name.replace('-', '_')}_{name}",
        "tags": [noun.name],
        "summary": says,
        "description": f"Needs the scope `{noun.name}:{verb}`.",
        **more,
        "responses": {**responses, **refusals(*problems)},
    }


def _schema(noun: Noun) -> Json:
    return {"$ref": f"#/components/schemas/{noun.answer.__name__}"}


def _record(noun: Noun, says: str, *headers: str) -> Json:
    told = {"ETag": {"schema": {"type": "string"}, "description": "Moves with what its reader sees."}}
    if "Location" in headers:
        told["Location"] = {"schema": {"type": "string"}, "description": "Where it is."}
    config: Mapping[str, Any] = noun.answer.model_config
    extra = config.get("json_schema_extra")
    example = extra["examples"][0] if isinstance(extra, dict) else None
    return {
        "description": says,
        "headers": told,
        "content": {"application/json": {"schema": _schema(noun), "example": example}},
    }


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _list(noun: Noun) -> Json:
    schema = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": _schema(noun)},
            "next": {"type": ["string", "null"], "description": "Where it goes on; in the header Link as well."},
        },
    }
    example = {"items": [_record(noun, "")["content"]["application/json"]["example"]], "next": None}
    link = {"Link": {"schema": {"type": "string"}, "description": "The next page, where there is one."}}
    content = {"application/json": {"schema": schema, "example": example}}
    says = f"A page of {noun.name.replace('-', ' ')}."
    parameters = [*shared("limit", "after"), *filters(noun)]
    responses = {"200": {"description": says, "headers": link, "content": content}}
    return _operation(noun, "index", "read", f"List {noun.name.replace('-', ' ')}.", responses, parameters=parameters)


def _get(noun: Noun, name: str, says: str) -> Json:
    responses = {"200": _record(noun, f"The {_ONE[noun.name]}."), "304": {"description": "It is as it was."}}
    return _operation(noun, name, "read", says, responses, "not-found", parameters=shared("seen"))


_ELSEWHERE: Json = {
    "description": "Done; it is not the key’s to read.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["ref"], "properties": {"ref": {"type": "string"}}},
            "example": {"ref": "T-7F3KQ92D"},
        }
    },
}


def _sent(schema: Json, example: Any) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _put(noun: Noun) -> Json:
    one = _ONE[noun.name]
    example = dict(TOLD[noun.name].example)
    return _operation(
        noun,
        "put",
        "write",
        f"Tell {_a(one)}: it is created, or brought up to date.",
        {
            "200": _record(noun, "As it is now."),
            "201": _record(noun, "It was created.", "Location"),
            "202": _ELSEWHERE,
        },
        *_WHEN_WRITING,
        *("in-progress", "reused-key", "precondition"),
        parameters=shared("idempotency-key", "if-match", "if-none-match"),
        requestBody=_sent({"$ref": f"#/components/schemas/{told_name(noun.name)}"}, example),
    )


def _batch(noun: Noun) -> Json:
    example = {"source": "erp", "items": [{"external_id": "4711", **TOLD[noun.name].example}]}
    schema = {
        "type": "object",
        "required": ["source", "items"],
        "additionalProperties": False,
        "properties": {
            "source": PARAMETERS["source"]["schema"],
            "items": {
                "type": "array",
                "maxItems": 500,
                "items": {"$ref": f"#/components/schemas/{told_name(noun.name)}-in-batch"},
            },
        },
    }
    results = {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": {"$ref": "#/components/schemas/BatchResult"}}},
    }
    told = {"200": {
        "description": "What came of each of them, in their order.",
        "content": {"application/json": {"schema": results, "example": {"results": RESULT["examples"]}}},
    }}  # fmt: skip
    return _operation(
        noun,
        "batch",
        "write",
        f"Tell up to 500 {noun.name.replace('-', ' ')}, each for itself.",
        told,
        *_WHEN_WRITING,
        *("in-progress", "reused-key"),
        parameters=shared("idempotency-key"),
        requestBody=_sent(schema, example),
    )


def _post(noun: Noun, name: str, says: str, shape: type[BaseModel], told: str, *problems: str) -> Json:
    config: Mapping[str, Any] = shape.model_config
    found = config["json_schema_extra"]["examples"]
    return _operation(
        noun,
        name,
        "write",
        says,
        {"201": _record(noun, told, "Location"), "202": _ELSEWHERE},
        *_WHEN_WRITING,
        *("in-progress", "reused-key"),
        *problems,
        parameters=shared("idempotency-key"),
        requestBody=_sent({"$ref": f"#/components/schemas/{shape.__name__}"}, found[0]),
    )
