"""What operations of the description share: parameters, and what may be refused."""

from typing import Any

from portal.api.nouns.noun import Noun
from portal.api.problems import KINDS, MEDIA_TYPE
from portal.api.spec_schemas import Json

_ALWAYS = ("malformed", "not-let-in", "not-granted", "too-many", "fault")


def _header(name: str, says: str, schema: Json, example: str) -> Json:
    schema = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": says, "schema": schema, "example": example}


def _in_path(name: str, says: str, example: str, **schema: Any) -> Json:
    told = {"type": "string", "minLength": 1, **schema}
    return {"name": name, "in": "path", "required": True, "description": says, "schema": told, "example": example}


_ETAG = {"pattern": r'^"[0-9a-f]{32}"$'}
_SOME_ETAG = '"0123456789abcdef0123456789abcdef"'
PARAMETERS: Json = {
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


def shared(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def filters(noun: Noun) -> list[Json]:
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


# ── Refusals ──────────────────────────────────────────────────────────────────────────────────────


def refusals(*problems: str) -> Json:
    """What always may be refused, and these, by their status."""
    by_status: dict[int, list[str]] = {}
    for kind in (*_ALWAYS, *problems):
        by_status.setdefault(KINDS[kind][0], []).append(kind)
    return {
        str(status): {"$ref": f"#/components/responses/{kinds[0]}"} if len(kinds) == 1 else _any_of(kinds)
        for status, kinds in sorted(by_status.items())
    }


def _any_of(kinds: list[str]) -> Json:
    found = problem(kinds[0])
    return {**found, "description": " ".join(KINDS[kind][2] for kind in kinds)}


def problem(kind: str) -> Json:
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
