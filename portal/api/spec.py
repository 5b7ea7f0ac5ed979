"""The description of the API (OpenAPI 3.1), drawn from the nouns and shapes that answer it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.nouns import NOUNS
from portal.api.nouns.noun import Noun
from portal.api.problems import KINDS, MEDIA_TYPE
from portal.api.shapes import ReplyShape, TicketShape
from portal.api.writing import TOLD
from portal.webhooks import spec as webhooks

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
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
            "schemas": _schemas(),
            "parameters": _PARAMETERS,
            "responses": {kind: _problem(kind) for kind in KINDS},
        },
    }


def _sorted(item: Json) -> Json:
    return {method: item[method] for method in ("parameters", "get", "put", "post") if method in item}


# ── Shapes ────────────────────────────────────────────────────────────────────────────────────────


def _schemas() -> Json:
    answers: list[tuple[type[BaseModel], Any]] = [(noun.answer, "serialization") for noun in NOUNS.values()]
    told: list[tuple[type[BaseModel], Any]] = [(how.shape, "validation") for how in TOLD.values()]
    told += [(TicketShape, "validation"), (ReplyShape, "validation")]
    _names, document = models_json_schema([*dict.fromkeys(answers), *dict.fromkeys(told)], ref_template=_REF)
    found: Json = {name: _plain(schema) for name, schema in document["$defs"].items()}
    for name, how in TOLD.items():
        found[_told(name)] = _without(found[how.shape.__name__], {"external_id", *how.fixed}, dict(how.example))
        found[f"{_told(name)}-in-batch"] = _without(
            found[how.shape.__name__], set(how.fixed), {"external_id": "4711", **how.example}
        )
    found["Problem"] = _PROBLEM
    found["BatchResult"] = _RESULT
    return found | webhooks.schemas()


def _told(name: str) -> str:
    return f"told-{name}"


def _plain(schema: Any) -> Any:
    """Without titles that only repeat the names."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return [_plain(value) for value in schema] if isinstance(schema, list) else schema


def _without(schema: Json, names: set[str], example: Json) -> Json:
    kept = {name: value for name, value in schema["properties"].items() if name not in names}
    required = [name for name in schema.get("required", []) if name not in names]
    return {**schema, "properties": kept, "required": required, "examples": [example]}


_PROBLEM: Json = {
    "type": "object",
    "description": "A problem as RFC 9457 has it.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "The kind of problem, and where it is described."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The number of the request."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_RESULT: Json = {
    "type": "object",
    "required": ["index", "external_id", "outcome", "status"],
    "properties": {
        "index": {"type": "integer"},
        "external_id": {"type": ["string", "null"]},
        "outcome": {"enum": ["create", "update", "unchanged", "refuse"]},
        "status": {"type": "integer", "description": "As it would have been answered alone."},
        "ref": {"type": "string"},
        "errors": _PROBLEM["properties"]["errors"],
    },
    "examples": [{"index": 0, "external_id": "4711", "outcome": "create", "status": 201, "ref": "SO-7F3KQ92D"}],
}


# ── Parameters ────────────────────────────────────────────────────────────────────────────────────


def _header(name: str, says: str, schema: Json, example: str) -> Json:
    schema = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": says, "schema": schema, "example": example}


def _in_path(name: str, says: str, example: str, **schema: Any) -> Json:
    told = {"type": "string", "minLength": 1, **schema}
    return {"name": name, "in": "path", "required": True, "description": says, "schema": told, "example": example}


_ETAG = {"pattern": r'^"[0-9a-f]{32}"$'}
_SOME_ETAG = '"0123456789abcdef0123456789abcdef"'
_PARAMETERS: Json = {
    "idempotency-key": _header(
        "Idempotency-Key",
        "Names this change: asked again within 24 hours with the same body, the first answer is given once more (and "
        "says so in Idempotency-Replayed); with another body it is refused. Nobody else’s keys are ever met.",
        {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "0f8e2b9c-orders-4711",
    ),
    "if-match": _header(
        "If-Match", "Only if the record is still what this ETag stands for.", _ETAG, _SOME_ETAG
    ),
    "if-none-match": _header(
        "If-None-Match", "`*`: only if there is none yet.", {"enum": ["*"]}, "*"
    ),
    "seen": _header(
        "If-None-Match", "What is known already: unchanged, it is answered 304.", _ETAG,
        _SOME_ETAG,
    ),
    "ref": _in_path("ref", "The reference.", "SO-7F3KQ92D", pattern="^[A-Z]{1,2}-[0-9A-Z]{8}$"),
    "source": _in_path(
        "source",
        "The system that calls it so. A company’s sources are its own.",
        "erp",
        maxLength=40,
        pattern="^[A-Za-z0-9][A-Za-z0-9-]*$",
    ),
    "external_id": _in_path("external_id", "What that system calls it.", "4711", maxLength=100, pattern="^[!-.0-~]+$"),
    "limit": {
        "name": "limit", "in": "query", "description": "How many at a time.", "example": 50,
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    },
    "after": {
        "name": "after", "in": "query", "description": "Where to go on, as `next` has it.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]*$"},
    },
}  # fmt: skip


def _shared(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _filters(noun: Noun) -> list[Json]:
    found = []
    for name, narrowing in noun.filters.items():
        schema: Json = {"type": "string"}
        if narrowing.choices:
            schema["enum"] = list(narrowing.choices)
        elif name == "updated_since":
            schema["format"] = "date-time"
        elif name.endswith("_from"):
            schema["format"] = "date"
        example = narrowing.example or narrowing.choices[0]
        found.append({"name": name, "in": "query", "description": narrowing.says, "schema": schema, "example": example})
    return found


# ── Paths ─────────────────────────────────────────────────────────────────────────────────────────

_ALWAYS = ("malformed", "not-let-in", "not-granted", "too-many", "fault")
_WHEN_WRITING = ("conflict", "too-large", "media-type", "invalid")


def _paths() -> Json:
    found: Json = {}
    for noun in NOUNS.values():
        at = f"/api/v1/{noun.name}"
        found[at] = {"get": _list(noun)}
        found[f"{at}/{{ref}}"] = {"parameters": _shared("ref"), "get": _get(noun, "show", "One by its reference.")}
        external = found[f"{at}/by-external-id/{{source}}/{{external_id}}"] = {
            "parameters": _shared("source", "external_id"),
            "get": _get(noun, "show_external", "One by what a source calls it."),
        }
        if noun.name in TOLD:
            external["put"] = _put(noun)
            found[f"{at}/batch"] = {"post": _batch(noun)}
    found["/api/v1/documents/{ref}/file"] = {"parameters": _shared("ref"), "get": _file(NOUNS["documents"])}
    tickets = NOUNS["tickets"]
    found["/api/v1/tickets"]["post"] = _post(tickets, "open", "Open a ticket.", TicketShape, "The ticket.")
    found["/api/v1/tickets/{ref}/replies"] = {
        "parameters": _shared("ref"),
        "post": _post(tickets, "reply", "Reply on a ticket.", ReplyShape, "The ticket with the reply.", "not-found"),
    }
    results = {"$ref": "#/components/schemas/BatchResult"}
    found["/api/v1/webhooks/{ref}"] = {
        "parameters": _shared("ref"),
        "post": webhooks.incoming(_refusals, results),
    }
    return found


def _file(noun: Noun) -> Json:
    told = {"schema": {"type": "string", "contentMediaType": "application/pdf"}, "example": "%PDF-1.7 …"}
    pdf = {"description": "As the source made it, or as it is drawn here.", "content": {"application/pdf": told}}
    responses = {"200": pdf, "304": {"description": "It is as it was."}}
    more = {"parameters": _shared("seen")}
    return _operation(noun, "file", "read", "The document itself, as PDF.", responses, "not-found", **more)


def _operation(noun: Noun, name: str, verb: str, says: str, responses: Json, *problems: str, **more: Any) -> Json:
    return {
        "operationId": f"{noun.name.replace('-', '_')}_{name}",
        "tags": [noun.name],
        "summary": says,
        "description": f"Needs the scope `{noun.name}:{verb}`.",
        **more,
        "responses": {**responses, **_refusals(*problems)},
    }


def _refusals(*problems: str) -> Json:
    """What always may be refused, and these, by their status."""
    by_status: dict[int, list[str]] = {}
    for kind in (*_ALWAYS, *problems):
        by_status.setdefault(KINDS[kind][0], []).append(kind)
    return {
        str(status): {"$ref": f"#/components/responses/{kinds[0]}"} if len(kinds) == 1 else _any_of(kinds)
        for status, kinds in sorted(by_status.items())
    }


def _any_of(kinds: list[str]) -> Json:
    found = _problem(kinds[0])
    return {**found, "description": " ".join(KINDS[kind][2] for kind in kinds)}


def _problem(kind: str) -> Json:
    status, title, says = KINDS[kind]
    example = {"type": f"/api/docs#{kind}", "title": title, "status": status, "detail": says}
    if kind == "invalid":
        example["errors"] = [{"pointer": "/lines/0/quantity", "detail": "Input should be greater than or equal to 0"}]
    headers: Json = {}
    if status == 401:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "example": 'Bearer realm="api"'}
    if status == 429:
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds.", "example": 30}
    return {
        "description": says,
        **({"headers": headers} if headers else {}),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {**example, "instance": "urn:request:4f1c2a9e8b7d6053"},
            }
        },
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
    parameters = [*_shared("limit", "after"), *_filters(noun)]
    responses = {"200": {"description": says, "headers": link, "content": content}}
    return _operation(noun, "index", "read", f"List {noun.name.replace('-', ' ')}.", responses, parameters=parameters)


def _get(noun: Noun, name: str, says: str) -> Json:
    responses = {"200": _record(noun, f"The {_ONE[noun.name]}."), "304": {"description": "It is as it was."}}
    return _operation(noun, name, "read", says, responses, "not-found", parameters=_shared("seen"))


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
        parameters=_shared("idempotency-key", "if-match", "if-none-match"),
        requestBody=_sent({"$ref": f"#/components/schemas/{_told(noun.name)}"}, example),
    )


def _batch(noun: Noun) -> Json:
    example = {"source": "erp", "items": [{"external_id": "4711", **TOLD[noun.name].example}]}
    schema = {
        "type": "object",
        "required": ["source", "items"],
        "additionalProperties": False,
        "properties": {
            "source": _PARAMETERS["source"]["schema"],
            "items": {
                "type": "array",
                "maxItems": 500,
                "items": {"$ref": f"#/components/schemas/{_told(noun.name)}-in-batch"},
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
        "content": {"application/json": {"schema": results, "example": {"results": _RESULT["examples"]}}},
    }}  # fmt: skip
    return _operation(
        noun,
        "batch",
        "write",
        f"Tell up to 500 {noun.name.replace('-', ' ')}, each for itself.",
        told,
        *_WHEN_WRITING,
        *("in-progress", "reused-key"),
        parameters=_shared("idempotency-key"),
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
        parameters=_shared("idempotency-key"),
        requestBody=_sent({"$ref": f"#/components/schemas/{shape.__name__}"}, found[0]),
    )
