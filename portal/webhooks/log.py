"""What was sent to an endpoint and what came from a source, page by page, the latest first."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.paging import Order, Page
from portal.web import requested_page
from portal.webhooks.models import State, WebhookAttempt, WebhookDelivery, WebhookReceipt

PAGE_SIZE = 25
_SENT = Order((WebhookDelivery.created_at, WebhookDelivery.ref), is_descending=True)
_CAME_IN = Order((WebhookReceipt.received_at, WebhookReceipt.ref), is_descending=True)


def deliveries(endpoint_id: int, state: str) -> Page:
    """Of an endpoint, all or those in one state. What was withheld is told without the record that it is about."""
    delivery = WebhookDelivery
    is_told = delivery.state != State.WITHHELD
    statement = sa.select(
        *(delivery.id, delivery.ref, delivery.type, delivery.state, delivery.attempts),
        *(delivery.created_at, delivery.next_at, delivery.settled_at),
        sa.case((is_told, delivery.record_ref), else_="").label("record_ref"),
        sa.case((is_told, delivery.body), else_="").label("body"),
    ).where(delivery.endpoint_id == endpoint_id)
    if state:
        statement = statement.where(delivery.state == state)
    return requested_page(statement, _SENT, PAGE_SIZE)


def attempts(session: Session, delivery_ids: Iterable[int]) -> dict[int, list[Any]]:
    """By delivery, the earliest first."""
    attempt = WebhookAttempt
    rows = session.execute(
        sa.select(
            *(attempt.delivery_id, attempt.at, attempt.status),
            *(attempt.milliseconds, attempt.error, attempt.answer),
        )
        .where(attempt.delivery_id.in_(list(delivery_ids)))
        .order_by(attempt.delivery_id, attempt.id)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.delivery_id, []).append(row)
    return found


def receipts(source_id: int) -> Page:
    receipt = WebhookReceipt
    statement = sa.select(
        *(receipt.ref, receipt.message_id, receipt.accepted_id, receipt.received_at, receipt.type),
        *(receipt.status, receipt.records, receipt.detail, receipt.errors),
    ).where(receipt.source_id == source_id)
    return requested_page(statement, _CAME_IN, PAGE_SIZE)
