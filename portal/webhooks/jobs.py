"""What the outbox does about webhooks: tell who listens, send what is due, forget what is old."""

import threading
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.api.models import ApiKey
from portal.config import settings
from portal.database import new_ref
from portal.extensions import db
from portal.jobs.outbox import Params, enqueue, insert_new, job
from portal.webhooks.events import body_of
from portal.webhooks.models import KEEP, State, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookReceipt
from portal.webhooks.pump import Pump
from portal.webhooks.reach import Happening, happenings, heard_by

# One request at a time in each process, so that slow receivers leave the other threads to the mail.
_sending = threading.BoundedSemaphore(1)
_IN_TURN = timedelta(seconds=2)
_AT_ONCE = 5000


@job("webhooks.tell")
def tell(params: Params, at: datetime) -> None:
    """One delivery for each endpoint that wants the event and whose key may read of it. Params: activities."""
    session = db.session()
    happened = happenings(session, params["activities"])
    endpoints = list(
        session.execute(
            sa.select(WebhookEndpoint.id, WebhookEndpoint.types, WebhookEndpoint.api_key_id, ApiKey)
            .join(ApiKey, ApiKey.id == WebhookEndpoint.api_key_id)
            .where(
                WebhookEndpoint.removed_at.is_(None),
                WebhookEndpoint.paused_at.is_(None),
                WebhookEndpoint.confirmed_at.is_not(None),
            )
            .order_by(WebhookEndpoint.id)
        )
    )
    heard: dict[int, set[str]] = {}
    for endpoint in endpoints:
        wanted = [of for of in happened if _wants(endpoint.types, of.type)]
        if endpoint.api_key_id not in heard and wanted:
            heard[endpoint.api_key_id] = _heard(endpoint.ApiKey, happened, at)
        _deliver(endpoint.id, [of for of in wanted if of.activity_ref in heard[endpoint.api_key_id]], at)


def _wants(types: list[str], name: str) -> bool:
    return "*" in types or name in types


def _heard(key: ApiKey, happened: list[Happening], at: datetime) -> set[str]:
    # A company hears of what stands in its own history, so most events need no further question.
    near = [of for of in happened if key.organisation_id is None or key.organisation_id in of.readers]
    return heard_by(db.session(), key, [(of.activity_ref, of.noun, of.record_ref) for of in near], at)


def _deliver(endpoint_id: int, happened: list[Happening], at: datetime) -> None:
    if not happened:
        return
    base_url = settings().base_url
    rows = [
        {
            "ref": new_ref(WebhookDelivery.ref_prefix),
            "endpoint_id": endpoint_id,
            "activity_ref": of.activity_ref,
            "type": of.type,
            "noun": of.noun,
            "record_ref": of.record_ref,
            "body": body_of(of.type, of.at, noun=of.noun, ref=of.record_ref, base_url=base_url),
            "state": State.PENDING,
            "attempts": 0,
            "created_at": at,
            "next_at": at,
        }
        for of in happened
    ]
    insert_new(db.session(), WebhookDelivery, rows, unless=("endpoint_id", "activity_ref"))
    enqueue("webhooks.send", endpoint=endpoint_id)


@job("webhooks.send")
def send(params: Params, at: datetime) -> None:
    """Send what is due to one endpoint, one after the other. Params: endpoint (its id)."""
    if not _sending.acquire(blocking=False):
        enqueue("webhooks.send", run_at=at + _IN_TURN, endpoint=params["endpoint"])
        return
    try:
        Pump(params["endpoint"], at).run()
    finally:
        _sending.release()


@job("webhooks.forget")
def forget(params: Params, at: datetime) -> None:
    """Forget what is over a month old, and wake what was left lying by a worker that died."""
    session, old = db.session(), at - KEEP
    over = sa.select(WebhookDelivery.id).where(WebhookDelivery.created_at < old, WebhookDelivery.state != State.PENDING)
    ids = list(session.scalars(over.limit(_AT_ONCE)))
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.execute(sa.delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(part)))
        session.execute(sa.delete(WebhookDelivery).where(WebhookDelivery.id.in_(part)))
    # An id that is forgotten cannot come again: by then its timestamp is too old.
    gone = sa.select(WebhookReceipt.id).where(WebhookReceipt.received_at < old).limit(_AT_ONCE)
    session.execute(sa.delete(WebhookReceipt).where(WebhookReceipt.id.in_(gone)))
    waiting = sa.select(WebhookDelivery.endpoint_id).where(
        WebhookDelivery.state == State.PENDING, WebhookDelivery.next_at < at
    )
    for endpoint_id in session.scalars(waiting.distinct()):
        enqueue("webhooks.send", endpoint=endpoint_id)
