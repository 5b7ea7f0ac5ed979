"""The description of the API for machines, and the same as a page for people."""

import json
from typing import Any

from flask import Response

from portal.access.gate import public
from portal.api.blueprint import bp
from portal.api.problems import KINDS
from portal.api.scopes import OF_INTEGRATIONS
from portal.config import settings
from portal.web import render


@bp.get("/api/openapi.json")
@public
def show_spec() -> Response:
    from portal.api.spec import spec

    response = Response(json.dumps(spec(), ensure_ascii=False, indent=1) + "\n", content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/api/docs")
@public
def show_docs() -> Response:
    """Drawn here from the description, without anybody else's script."""
    from portal.api.spec import INTRODUCTION, spec

    found = spec()
    return render(
        "api/docs.html",
        nouns=[(tag, _operations(found, tag["name"])) for tag in found["tags"]],
        events=[(name, item["post"]) for name, item in found["webhooks"].items()],
        kinds=KINDS,
        scopes=OF_INTEGRATIONS,
        introduction=INTRODUCTION,
        base_url=(settings().base_url or "").rstrip("/"),
    )


def _operations(found: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    """With everything that an operation refers to in its place."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "id": operation["operationId"],
            "summary": operation["summary"],
            "description": operation["description"],
            "parameters": [_followed(found, p) for p in (*item.get("parameters", ()), *operation["parameters"])],
            "fields": _fields(found, operation),
            "sent": _example(operation.get("requestBody", {})),
            "answers": [_answer(found, status, told) for status, told in operation["responses"].items()],
        }
        for path, item in found["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and operation["tags"] == [tag]
    ]


def _followed(found: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    for step in value["$ref"].split("/")[1:] if "$ref" in value else ():
        found = found[step]
    return found if "$ref" in value else value


def _fields(found: dict[str, Any], operation: dict[str, Any]) -> list[tuple[str, bool]]:
    """Of what is sent: each field, and whether it has to be there."""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    schema = _followed(found, content["application/json"]["schema"]) if content else {}
    if operation["operationId"].endswith("_batch"):
        schema = _followed(found, schema["properties"]["items"]["items"])
    return [(name, name in schema.get("required", ())) for name in schema.get("properties", {})]


def _example(told: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(told.get("content", {}).values()), {})
    return json.dumps(content["example"], ensure_ascii=False, indent=2) if "example" in content else ""


def _answer(found: dict[str, Any], status: str, told: dict[str, Any]) -> dict[str, str]:
    whole = _followed(found, told)
    return {
        "status": status,
        "description": whole["description"],
        "example": _example(whole) if status.startswith("2") else "",
    }
