"""ETags. One is made of the very words that its reader gets, so that nothing else moves it."""

import hashlib
from typing import Any

from flask import Response, json, request

from portal.api.problems import ApiProblem


def etag_of(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:32]


def answer(record: dict[str, Any], status: int = 200, location: str = "") -> Response:
    response = as_json(record, status)
    response.set_etag(etag_of(record))
    if location:
        response.headers["Location"] = location
    if status == 200 and request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag_of(record)):
        response.status_code = 304
        response.set_data(b"")
    return response


def as_json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value) + "\n", status, content_type="application/json")


def check(record: dict[str, Any] | None) -> None:
    """Whether the record is as the request takes it to be; None where there is none. Raises ApiProblem."""
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted is not None and (record is None or not request.if_match.contains(etag_of(record))):
        raise ApiProblem("precondition")
    if unwanted is not None and record is not None and request.if_none_match.contains(etag_of(record)):
        raise ApiProblem("precondition")
