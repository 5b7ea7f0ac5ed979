"""Webhooks of the keys that one looks after: the list, and the address where messages come in."""

from typing import Any

import sqlalchemy as sa
from flask import Response, url_for
from sqlalchemy.orm import joinedload

from portal.access import Action, Principal
from portal.access.gate import principal, public, requires
from portal.access.scope import acting_as
from portal.api.keys import states_of
from portal.api.models import ApiKey
from portal.clock import now
from portal.extensions import db
from portal.web import render
from portal.webhooks import endpoint_views, promising, receiving, source_views
from portal.webhooks.blueprint import bp
from portal.webhooks.models import WebhookEndpoint, WebhookSource
from portal.webhooks.words import PAUSES

__all__ = ["bp", "endpoint_views", "promising", "source_views"]

MOST_SHOWN = 200


@bp.get("/webhooks")
@requires(Action.API_KEY_MANAGE)
def index() -> Response:
    endpoints, sources = _all(WebhookEndpoint), _all(WebhookSource)
    live = sa.select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id.desc()).limit(MOST_SHOWN)
    keys = list(db.session.scalars(live))
    troubles = _troubles([*keys, *(found.key for found in (*endpoints, *sources))])
    is_ours = principal().is_staff
    return render(
        "webhooks/index.html",
        endpoints=endpoints,
        sources=sources,
        keys=keys,
        troubles=troubles,
        pauses=PAUSES,
        keys_url=url_for("api.integration_keys" if is_ours else "api.company_keys"),
    )


def _all(model: Any) -> list[Any]:
    statement = sa.select(model).options(joinedload(model.key)).order_by(model.id.desc()).limit(MOST_SHOWN)
    return list(db.session.scalars(statement))


def _troubles(keys: list[ApiKey]) -> dict[int, Any]:
    """By key, what keeps it from letting in."""
    at = now()
    with acting_as(db.session(), Principal.system("why a key lets nobody in")):
        return states_of(dict.fromkeys(keys), at)


@bp.post("/api/v1/webhooks/<ref>")
@public
def receive(ref: str) -> Response:
    """For programs: the signature lets in, and no cookie does anything here."""
    return receiving.receive(ref)


# No page of ours sends messages, and no browser can sign them.
receive.csrf_exempt = True  # type: ignore[attr-defined]  # the gate reads it
