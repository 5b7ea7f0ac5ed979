"""A company of the sample world whose own ERP listens and tells; its log is worth a look, and nothing is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.api.models import ApiKey
from portal.config import settings
from portal.organisations.models import Activity, ActivityOrganisation
from portal.webhooks.events import TRIAL, body_of
from portal.webhooks.models import (
    Pause,
    State,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookReceipt,
    WebhookSource,
)
from portal.webhooks.reach import Happening, happenings

SHOWN = 14
_SCOPES = ("orders:read", "quotations:read", "shipments:read", "documents:read", "tickets:read", "tickets:write")
_DOWN = "<html><body><h1>503 Service Unavailable</h1><p>Údržba skladu do 6:00.</p></body></html>"


def plant_webhooks(session: Session, who: Principal, until: datetime) -> None:
    """The session serves the system; `who` is the administrator of the company."""
    made_at = until - timedelta(days=60)
    key, _token = ApiKey.make(
        label="ERP Sklad 24",
        scopes=_SCOPES,
        person_id=who.person_id or 0,
        at=made_at,
        days=365,
        organisation_id=who.organisation_id,
        capacity=who.capacity,
    )
    common = {"key": key, "person_id": who.person_id or 0, "created_at": made_at, "confirmed_at": made_at}
    endpoint = WebhookEndpoint(
        **common,
        url="https://erp.mesicni-lipa.example.com/portal/hooks",
        description="Sklad 24: objednávky a zásilky",
        types=["*"],
        generation=1,
        failures=0,
    )
    source = WebhookSource(**common, name="sklad-24", description="Sklad 24: reklamace ze skladu", generation=1)
    session.add_all([key, endpoint, source])
    session.flush()
    plant_log(session, endpoint, source, _heard(session, who.organisation_id or 0), until)
    # Nothing leaves the sample world.
    endpoint.stop(Pause.WISHED, until - timedelta(hours=3))


def _heard(session: Session, organisation_id: int) -> list[Happening]:
    last = (
        sa.select(Activity.ref)
        .join(ActivityOrganisation, ActivityOrganisation.activity_id == Activity.id)
        .where(ActivityOrganisation.organisation_id == organisation_id, ActivityOrganisation.is_reader)
        .where(sa.or_(Activity.order_id.is_not(None), Activity.ticket_id.is_not(None)))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(SHOWN)
    )
    return happenings(session, session.scalars(last).all())


def plant_log(
    session: Session, endpoint: WebhookEndpoint, source: WebhookSource, heard: Sequence[Happening], until: datetime
) -> None:
    """A delivery for each of these, one of which was given up and one withheld, and a trial; and three messages."""
    base_url = settings().base_url
    for place, of in enumerate(heard):
        state = State.DEAD if place == 1 else State.WITHHELD if place == 2 else State.DELIVERED
        body = body_of(of.type, of.at, noun=of.noun, ref=of.record_ref, base_url=base_url)
        delivery = _delivery(endpoint, of.type, body, of.at, state)
        delivery.activity_ref, delivery.noun, delivery.record_ref = of.activity_ref, of.noun, of.record_ref
        session.add(delivery)
        session.flush()
        _attempts(session, delivery, place)
    trial = _delivery(endpoint, TRIAL, body_of(TRIAL, until), until - timedelta(hours=4), State.DELIVERED)
    session.add(trial)
    session.flush()
    session.add(_attempt(trial, 204, 87))
    for hours, status, detail in (
        (30, 200, ""),
        (29, 422, "Fields are wrong; `errors` points at each of them."),
        (28, 200, ""),
    ):
        _receipt(session, source, until - timedelta(hours=hours), status, detail)


def _delivery(endpoint: WebhookEndpoint, name: str, body: str, at: datetime, state: State) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint_id=endpoint.id, type=name, body=body, created_at=at, next_at=at, state=state, settled_at=at, attempts=0
    )


def _attempts(session: Session, delivery: WebhookDelivery, place: int) -> None:
    if delivery.state == State.DEAD:
        made = [_attempt(delivery, 503, 140 + n, "status", _DOWN, hours=n * n) for n in range(9)]
        made.append(_attempt(delivery, None, 15_000, "timeout", hours=82))
    elif delivery.state == State.WITHHELD:
        made = []
    elif place == 4:
        made = [_attempt(delivery, 500, 95, "status", "Deadlock, try again"), _attempt(delivery, 200, 120, hours=1)]
    else:
        made = [_attempt(delivery, 200, 60 + 13 * place, "", "OK")]
    delivery.attempts = len(made)
    session.add_all(made)


def _attempt(
    delivery: WebhookDelivery, status: int | None, took: int, error: str = "", answer: str = "", hours: float = 0
) -> WebhookAttempt:
    at = delivery.created_at + timedelta(hours=hours, seconds=2)
    return WebhookAttempt(delivery_id=delivery.id, at=at, status=status, milliseconds=took, error=error, answer=answer)


def _receipt(session: Session, source: WebhookSource, at: datetime, status: int, detail: str) -> None:
    message_id = f"sklad-{int(at.timestamp())}"
    errors = [["/data/0/category", "Input should be 'question', 'problem', 'complaint', 'claim' or 'request'"]]
    session.add(
        WebhookReceipt(
            source_id=source.id,
            message_id=message_id,
            accepted_id=None if detail else message_id,
            received_at=at,
            type="tickets.upsert",
            status=status,
            records=0 if detail else 1,
            detail=detail,
            errors=errors if detail else [],
        )
    )
