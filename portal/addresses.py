"""Addresses put together once: a page names dozens, and most differ in a record's reference alone."""

import re
from typing import Any

from flask import Flask, has_request_context, request

_REF = re.compile(r"[A-Z]{1,2}-[0-9A-Z]{8}")
_STAND_IN = "XX-00000000"
# There are fewer routes and files than this.
_MOST_KEPT = 5000


def init_app(app: Flask) -> None:
    """Let `url_for` remember what it answered in a request; everything out of the ordinary is built anew."""
    build = app.url_for
    kept: dict[tuple[str, str, str], str] = {}

    def url_for(endpoint: str, /, **values: Any) -> str:
        name, ref = _what_varies(endpoint, values)
        if name is None or not has_request_context():
            return build(endpoint, **values)
        key = (request.environ.get("SCRIPT_NAME", ""), endpoint, name)
        found = kept.get(key)
        if found is None:
            found = build(endpoint, **values | ({"ref": _STAND_IN} if ref else {}))
            if len(kept) < _MOST_KEPT:
                kept[key] = found
        return found.replace(_STAND_IN, ref) if ref else found

    app.url_for = url_for  # type: ignore[method-assign, assignment]  # Flask has no hook
    app.jinja_env.globals["url_for"] = url_for


def _what_varies(endpoint: str, values: dict[str, Any]) -> tuple[str | None, str]:
    """What tells this address from others of the endpoint, and the reference in it; None where we do not know."""
    if endpoint.startswith("."):
        return None, ""
    if not values:
        return "", ""
    if len(values) == 1:
        ref = values.get("ref")
        if isinstance(ref, str) and _REF.fullmatch(ref):
            return "ref", ref
        if endpoint == "static" and isinstance(filename := values.get("filename"), str):
            return filename, ""
    return None, ""
