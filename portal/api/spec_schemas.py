"""The shapes of the description: what is told and answered, problems, and what came of a batch."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.nouns import NOUNS
from portal.api.shapes import ReplyShape, TicketShape
from portal.api.writing import TOLD
from portal.webhooks import spec as webhooks

# As JSON has it.
Json = dict[str, Any]
_REF = "#/components/schemas/{model}"


def schemas() -> Json:
    answers: list[tuple[type[BaseModel], Any]] = [(noun.answer, "serialization") for noun in NOUNS.values()]
    told: list[tuple[type[BaseModel], Any]] = [(how.shape, "validation") for how in TOLD.values()]
    told += [(TicketShape, "validation"), (ReplyShape, "validation")]
    _names, document = models_json_schema([*dict.fromkeys(answers), *dict.fromkeys(told)], ref_template=_REF)
    found: Json = {name: _plain(schema) for name, schema in document["$defs"].items()}
    for name, how in TOLD.items():
        found[told_name(name)] = _without(found[how.shape.__name__], {"external_id", *how.fixed}, dict(how.example))
        found[f"{told_name(name)}-in-batch"] = _without(
            found[how.shape.__name__], set(how.fixed), {"external_id": "4711", **how.example}
        )
    found["Problem"] = _PROBLEM
    found["BatchResult"] = RESULT
    return found | webhooks.schemas()


def told_name(name: str) -> str:
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
RESULT: Json = {
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
