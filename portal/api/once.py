"""Idempotency keys: what was asked twice is done once, and answered twice."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, g, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.api import rules
from portal.api.problems import ApiProblem, problem, problem_of
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db

# A first request that has not been answered by then was cut off.
PATIENCE = timedelta(minutes=2)
_NAME = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT = ("Content-Type", "ETag", "Location")


def once(work: Callable[[], Response]) -> Response:
    """What `work` does, committed; with an Idempotency-Key, in one transaction with the answer that is kept."""
    name = request.headers.get("Idempotency-Key")
    if name is None:
        response = work()
        db.session.commit()
        return response
    if not _NAME.fullmatch(name):
        raise ApiProblem("malformed", "An idempotency key is 1 to 255 visible ASCII characters.")
    found = {
        "api_key_id": g.api_key.id,
        "name": name,
        "method": request.method,
        "path": request.path,
        "body_hash": hashlib.sha256(request.get_data()).hexdigest(),
    }
    known = rules.take(found, now(), PATIENCE)
    if known is not None:
        return _again(known, found["body_hash"])
    try:
        response = work()
    except (ApiProblem, RuleBroken, StaleDataError, HTTPException) as refusal:
        db.session.rollback()
        response = _refusal(refusal)
    except Exception:
        db.session.rollback()
        rules.release(found)
        raise
    if response.status_code >= 500:
        rules.release(found)
        return response
    headers = {header: response.headers[header] for header in _KEPT if header in response.headers}
    rules.settle(found, response.status_code, headers, response.get_data())
    db.session.commit()
    return response


def _again(known: Any, body_hash: str) -> Response:
    if known.body_hash != body_hash:
        raise ApiProblem("reused-key")
    if known.status is None:
        raise ApiProblem("in-progress", headers={"Retry-After": "1"})
    response = Response(known.body, known.status, headers=dict(known.headers))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _refusal(refusal: Exception) -> Response:
    if isinstance(refusal, ApiProblem):
        return refusal.response()
    if isinstance(refusal, RuleBroken):
        return problem("conflict", str(refusal.message))
    if isinstance(refusal, HTTPException):
        return problem_of(refusal.code or 500)
    return problem("conflict")
