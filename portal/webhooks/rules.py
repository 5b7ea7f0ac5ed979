"""Whoever looks after a key looks after its webhooks. Raw tables are for this kind of file alone."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.scope import Change, Condition, changed_fields, readable, register, unscoped
from portal.api.models import ApiKey
from portal.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookReceipt,
    WebhookSource,
)

_ENDPOINT: Any = WebhookEndpoint.__table__
_SOURCE: Any = WebhookSource.__table__
_DELIVERY: Any = WebhookDelivery.__table__
_SIGNED = frozenset({"confirmed_at", "confirmed_by_id", "generation", "previous_until", "removed_at"})
_CHANGES = {
    WebhookEndpoint: _SIGNED | {"paused_at", "pause", "failures", "failing_since", "rests_until"},
    WebhookSource: _SIGNED | {"person_id"},
    WebhookDelivery: frozenset({"state", "settled_at", "attempts", "next_at"}),
}


def _of_my_keys(table: Any, who: Principal) -> Condition:
    """Of a key within reach, and not removed."""
    if not who.may(Action.API_KEY_MANAGE):
        return sa.false()
    mine = sa.select(ApiKey.id).where(readable(ApiKey, who))
    return sa.and_(table.removed_at.is_(None), table.api_key_id.in_(mine))


def _of_my_endpoints(column: Any, who: Principal) -> Condition:
    mine: Condition = column.in_(sa.select(_ENDPOINT.c.id).where(_of_my_keys(_ENDPOINT.c, who)))
    return mine


def _signed_writes(who: Principal, record: Any, change: Change) -> bool:
    if change == Change.DELETE or not who.may(Action.API_KEY_MANAGE):
        return False
    key = record.key
    place = (None, None) if who.is_staff else (who.organisation_id, who.capacity)
    is_ours = (key.organisation_id, key.capacity) == place
    if change == Change.INSERT:
        # One that works at once is a company's own.
        return is_ours and record.person_id == who.person_id and (record.confirmed_at is None or not who.is_staff)
    return is_ours and changed_fields(record) <= _CHANGES[type(record)]


def _delivery_writes(who: Principal, delivery: WebhookDelivery, change: Change) -> bool:
    """Sent once more, or a trial; what happened is told by the portal alone."""
    if not who.may(Action.API_KEY_MANAGE) or not _signed_writes(who, delivery.endpoint, Change.UPDATE):
        return False
    if change == Change.INSERT:
        return delivery.activity_ref is None and not delivery.record_ref
    return change == Change.UPDATE and changed_fields(delivery) <= _CHANGES[WebhookDelivery]


register(WebhookEndpoint, reads=lambda who: _of_my_keys(WebhookEndpoint, who), writes=_signed_writes)
register(WebhookSource, reads=lambda who: _of_my_keys(WebhookSource, who), writes=_signed_writes)
register(WebhookDelivery, reads=lambda who: _of_my_endpoints(WebhookDelivery.endpoint_id, who), writes=_delivery_writes)
register(
    WebhookAttempt,
    reads=lambda who: WebhookAttempt.delivery_id.in_(
        sa.select(_DELIVERY.c.id).where(_of_my_endpoints(_DELIVERY.c.endpoint_id, who))
    ),
)
register(
    WebhookReceipt,
    reads=lambda who: WebhookReceipt.source_id.in_(sa.select(_SOURCE.c.id).where(_of_my_keys(_SOURCE.c, who))),
)


def any_live(session: Session) -> bool:
    """Whether anybody listens at all, asked in the transaction of what happens, whoever does it."""
    endpoint = _ENDPOINT.c
    listens = sa.exists().where(
        endpoint.removed_at.is_(None), endpoint.paused_at.is_(None), endpoint.confirmed_at.is_not(None)
    )
    with unscoped("whether anybody listens"):
        return bool(session.connection().scalar(sa.select(listens)))
