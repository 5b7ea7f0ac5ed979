"""Whom to tell that an endpoint is told nothing any more. Called beside the verb, in its transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.api.models import ApiKey
from portal.notices.notify import notify
from portal.webhooks.models import WebhookEndpoint


def tell_of_pause(session: Session, endpoint: WebhookEndpoint, at: datetime) -> int:
    """Whoever set it up and whoever answers for its key; returns how many that are."""
    key = session.get_one(ApiKey, endpoint.api_key_id)
    return notify(
        {endpoint.person_id, key.person_id},
        kind="webhook-paused",
        event=f"webhook-paused:{endpoint.ref}:{at.isoformat()}",
        at=at,
        why=endpoint.pause,
    )
