"""What other systems tell by signed messages: believed for five minutes, and each of them done once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import Response, g, request
from limits import parse
from sqlalchemy.orm.exc import StaleDataError

from portal.access import Principal
from portal.access.gate import note
from portal.access.scope import acting_as, serve
from portal.api import keys
from portal.api.bodies import body
from portal.api.conditions import as_json
from portal.api.keys import Held
from portal.api.models import ApiKey
from portal.api.problems import ApiProblem
from portal.api.writing import MOST_AT_ONCE, TOLD, allow_telling, told_of
from portal.clock import now
from portal.config import settings
from portal.database import new_ref
from portal.errors import RuleBroken
from portal.extensions import db, limiter
from portal.jobs.outbox import insert_new
from portal.webhooks.models import WebhookReceipt, WebhookSource
from portal.webhooks.signing import is_signed, secret_of

TOLERANCE = timedelta(minutes=5)
LARGEST_BODY = 2 * 1024 * 1024
_ID = re.compile(r"[\x21-\x7e]{1,255}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_VERB = ".upsert"
# Of the errors of one message, in the list that its owner reads.
_MOST_KEPT = 20
# What is signed with when there is nobody: an unknown address takes as long as a wrong signature.
_NOBODY = "WS-"


@dataclass(frozen=True, slots=True)
class Message:
    """Rightly signed, at the right time."""

    source_id: int
    source: str
    id: str
    at: datetime


def receive(ref: str) -> Response:
    """Take one message. Raises ApiProblem; a refused one is written down, and its id may come again."""
    keys.slow_down()
    request.max_content_length = LARGEST_BODY
    message = _let_in(ref)
    kind = ""
    try:
        values = body()
        kind = str(values.get("type", ""))[:64]
        return _once(message, kind, values)
    except (ApiProblem, RuleBroken, StaleDataError) as refusal:
        db.session.rollback()
        problem = refusal if isinstance(refusal, ApiProblem) else ApiProblem("conflict", str(refusal))
        _write_down(message, kind, problem)
        raise problem from refusal


def _let_in(ref: str) -> Message:
    """Who is telling. An unknown address and a wrong signature are answered alike. Raises ApiProblem."""
    headers, at = request.headers, now()
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    raw = request.get_data()
    with acting_as(db.session(), Principal.system("whose message it is")):
        source = db.session.scalars(sa.select(WebhookSource).where(WebhookSource.ref == ref)).first()
        is_live = source is not None and source.is_live
        secrets = source.secrets(at) if source is not None and is_live else [secret_of(_NOBODY, 1)]
        is_right = is_signed(secrets, message_id, timestamp, raw, headers.get("webhook-signature", ""))
        key = db.session.get(ApiKey, source.api_key_id) if source is not None and is_live and is_right else None
        who = keys.principal_of(key, at) if key is not None else None
    if source is None or key is None or who is None or not _ID.fullmatch(message_id):
        _refuse(source)
    if not _SECONDS.fullmatch(timestamp) or abs(int(timestamp) - at.timestamp()) > TOLERANCE.total_seconds():
        raise ApiProblem("malformed", "The timestamp is more than five minutes away from the time here.")
    g.api_key = keys.held(key, who)
    g.principal = who
    serve(db.session(), who)
    _limit(g.api_key)
    return Message(source.id, source.name, message_id, at)


def _refuse(source: WebhookSource | None) -> NoReturn:
    note("webhook-refused", reference=source.ref if source else "")
    keys.slow_down(failed=True)
    raise ApiProblem("not-let-in", "There is no such address, or the signature is not by its secret.")


def _limit(key: Held) -> None:
    rate = parse(settings().rate_api)
    if limiter.enabled and not limiter.limiter.hit(rate, "webhooks-in", key.ref):
        raise ApiProblem("too-many", headers={"Retry-After": str(rate.get_expiry())})


def _once(message: Message, kind: str, values: dict[str, Any]) -> Response:
    """The id is used up in the transaction of what it does: of two that come at once the second waits for the first."""
    row = _row(message, kind, 200, accepted_id=message.id)
    if not insert_new(db.session(), WebhookReceipt, [row], unless=("source_id", "accepted_id")):
        db.session.rollback()
        response = as_json({"results": []})
        response.headers["Webhook-Replayed"] = "true"
        return response
    results = _do(message, kind, values)
    with acting_as(db.session(), Principal.system("what came of a message")):
        db.session.execute(
            sa.update(WebhookReceipt).where(WebhookReceipt.ref == row["ref"]).values(records=len(results))
        )
    db.session.commit()
    return as_json({"results": results})


def _do(message: Message, kind: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """All of it or nothing: the sender sends a message that was refused again as a whole."""
    name = kind.removesuffix(_VERB)
    if name == kind or name not in TOLD or values.keys() - {"type", "timestamp", "data"}:
        raise ApiProblem("invalid", errors=[("/type", f"One of {', '.join(noun + _VERB for noun in TOLD)}.")])
    keys.check_scope(g.api_key, g.principal, f"{name}:write")
    allow_telling(TOLD[name], g.principal)
    data = values.get("data")
    items = data if isinstance(data, list) else [data]
    if not items or len(items) > MOST_AT_ONCE:
        raise ApiProblem("invalid", errors=[("/data", f"A record, or a list of 1 to {MOST_AT_ONCE} of them.")])
    results = told_of(name, message.source, items, g.principal)
    at = [f"/data/{index}" for index in range(len(items))] if isinstance(data, list) else ["/data"]
    errors = [
        (place + error["pointer"], error["detail"])
        for place, result in zip(at, results, strict=True)
        for error in result.get("errors", ())
    ]
    if errors:
        raise ApiProblem("invalid", errors=errors)
    return results


def _row(message: Message, kind: str, status: int, **facts: Any) -> dict[str, Any]:
    return {
        "ref": new_ref(WebhookReceipt.ref_prefix),
        "source_id": message.source_id,
        "message_id": message.id,
        "received_at": message.at,
        "type": kind,
        "status": status,
        "records": 0,
        "detail": "",
        "errors": [],
        "accepted_id": None,
        **facts,
    }


def _write_down(message: Message, kind: str, problem: ApiProblem) -> None:
    errors = [list(error) for error in problem.errors[:_MOST_KEPT]]
    row = _row(message, kind, problem.status, detail=problem.detail[:500], errors=errors)
    insert_new(db.session(), WebhookReceipt, [row], unless=("source_id", "accepted_id"))
    db.session.commit()
