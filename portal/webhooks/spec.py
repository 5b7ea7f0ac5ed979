"""What is told and taken, for the description of the API (OpenAPI 3.1)."""

from collections.abc import Callable
from typing import Any

from portal.api.writing import MOST_AT_ONCE, TOLD
from portal.webhooks.events import TRIAL, TYPES

Json = dict[str, Any]
TAG = "webhooks"
SAYS = """\
What happens is sent to an address of yours as it happens, signed as Standard Webhooks has it (standardwebhooks.com):
HMAC-SHA256 of `webhook-id`.`webhook-timestamp`.body with the secret that is shown once, `whsec_` and base64. Refuse
what is older than five minutes and what you have had: a message comes at least once, under the same id. It says what
happened to which record and nothing of what is in it; read that with the key. Answer with 2xx within 15 seconds. What
fails is tried again after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, then given up; 410 ends it, and
Retry-After is heeded. Redirects are not followed, and nothing is sent to addresses that are not public. Messages of
yours are taken under the same signature."""
_EVENT = "WebhookEvent"
_MOMENT = "2026-03-02T09:30:00.000Z"


def _header(name: str, says: str, example: str, **schema: Any) -> Json:
    told = {"type": "string", **schema}
    return {"name": name, "in": "header", "required": True, "description": says, "schema": told, "example": example}


_HEADERS = [
    _header("webhook-id", "The same at every attempt; each is done once.", "WD-7F3KQ92D", pattern="^[!-~]{1,255}$"),
    _header("webhook-timestamp", "When it was sent, in seconds of Unix time.", "1772443800", pattern="^[0-9]{1,12}$"),
    _header(
        "webhook-signature",
        "One or several, with spaces between them: any of them lets in.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        pattern="^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$",
        maxLength=1000,
    ),
]


def schemas() -> Json:
    example = {"kind": "orders", "ref": "SO-7F3KQ92D", "url": "https://portal.example.com/api/v1/orders/SO-7F3KQ92D"}
    return {
        _EVENT: {
            "type": "object",
            "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"enum": [*TYPES, TRIAL]},
                "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
                "data": {
                    "type": "object",
                    "description": "Which record, and where it is read. Empty in a test event.",
                    "properties": {
                        "kind": {"type": "string", "description": "The noun of the API."},
                        "ref": {"type": "string"},
                        "url": {"type": "string", "format": "uri"},
                    },
                },
            },
            "examples": [{"type": "order.confirmed", "timestamp": _MOMENT, "data": example}],
        }
    }


def outgoing() -> Json:
    """The section `webhooks`: each event by its name."""
    return {name: {"post": _event(name, nouns)} for name, nouns in {**TYPES, TRIAL: ()}.items()}


def _event(name: str, nouns: tuple[str, ...]) -> Json:
    record, _dot, past = name.partition(".")
    scopes = ", ".join(f"`{noun}:read`" for noun in nouns)
    data = {"kind": nouns[0], "ref": "XX-7F3KQ92D", "url": "https://…"} if nouns else {}
    return {
        "operationId": f"on_{name.replace('.', '_')}",
        "tags": [TAG],
        "summary": f"{record.replace('_', ' ').capitalize()}: {past.replace('_', ' ')}.",
        "description": f"For keys with the scope {scopes}." if scopes else "Sent when somebody asks for it.",
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{_EVENT}"},
                    "example": {"type": name, "timestamp": _MOMENT, "data": data},
                }
            },
        },
        "responses": {"2XX": {"description": "Taken."}, "410": {"description": "Send nothing more."}},
    }


def incoming(refusals: Callable[..., Json], results: Json) -> Json:
    """The address that takes messages; `refusals` draws the problems, `results` what came of each record."""
    record = {"external_id": "4711", **TOLD["products"].example}
    schema = {
        "type": "object",
        "required": ["type", "data"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": [f"{noun}.upsert" for noun in TOLD]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {
                "description": f"A record as in a batch of its noun, or up to {MOST_AT_ONCE} of them.",
                "oneOf": [
                    {"type": "object"},
                    {"type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE, "items": {"type": "object"}},
                ],
            },
        },
    }
    return {
        "operationId": "webhooks_receive",
        "tags": [TAG],
        "summary": "Tell something by a signed message.",
        "description": "Done whole or not at all, with the rights of the key that the source belongs to: it needs the "
        "scope of what is told, such as `orders:write`. A second message with the same id is answered 200 and not done "
        "again; of one that was refused the id may come again.",
        "security": [],
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema, "example": {"type": "products.upsert", "data": [record]}}
            },
        },
        "responses": {
            "200": {
                "description": "Done now, or before.",
                "headers": {"Webhook-Replayed": {"schema": {"enum": ["true"]}, "description": "It was done before."}},
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["results"],
                            "properties": {"results": {"type": "array", "items": results}},
                        },
                        "example": {"results": []},
                    }
                },
            },
            **refusals("conflict", "too-large", "media-type", "invalid"),
        },
    }
