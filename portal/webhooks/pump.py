"""Sending what is due to one endpoint: one request after the other, with rests for whoever fails or is slow."""

import random
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.api.models import ApiKey
from portal.config import settings
from portal.extensions import db
from portal.jobs.outbox import enqueue
from portal.notices.webhooks import tell_of_pause
from portal.webhooks import sending
from portal.webhooks.addresses import NotAnAddress, read_address
from portal.webhooks.models import Pause, State, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from portal.webhooks.reach import heard_by, is_awake
from portal.webhooks.sending import GONE, USER_AGENT, Answer
from portal.webhooks.signing import sign

# The waits of Standard Webhooks, three days in all; after the last one it is given up.
WAITS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
# So that what failed together does not come again together.
JITTER = 0.1
# What failed for so long, without one success, is not tried any more until somebody wishes it.
PATIENCE = timedelta(days=5)
# How long an endpoint is left alone after its first failure; four times as long after each further one.
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
LONGEST_WISH = timedelta(hours=1)
# A receiver that takes longer than this rests for four times as long as it took: others come in between.
SLOW = timedelta(seconds=1)
# Then the others have their turn.
TURN = timedelta(seconds=10)
# Longer than a turn and its last request; a worker that dies holds nobody up for longer.
LEASE = timedelta(minutes=2)


class Pump:
    """Each attempt is written down in a transaction of its own; who dies before that sends it again, under its id."""

    def __init__(self, endpoint_id: int, at: datetime) -> None:
        self.id, self.began_at, self.began = endpoint_id, at, time.monotonic()
        self.session = db.session()

    @property
    def now(self) -> datetime:
        return self.began_at + timedelta(seconds=time.monotonic() - self.began)

    def run(self) -> None:
        if not self._take():
            # Somebody is at it, who looks again at the end, or it rests and is looked at afterwards.
            return
        while self.now - self.began_at < TURN:
            delivery_id = self._next()
            if delivery_id is None or not self._send(delivery_id):
                break
        self._let_go()

    def _take(self) -> bool:
        moment, endpoint = self.now, WebhookEndpoint
        taken = self.session.execute(
            sa.update(endpoint)
            .where(
                endpoint.id == self.id,
                sa.or_(endpoint.busy_until.is_(None), endpoint.busy_until <= moment),
                sa.or_(endpoint.rests_until.is_(None), endpoint.rests_until <= moment),
            )
            .values(busy_until=moment + LEASE)
            .returning(endpoint.id)
            .execution_options(synchronize_session=False)
        )
        is_ours = taken.one_or_none() is not None
        self.session.commit()
        return is_ours

    def _next(self) -> int | None:
        delivery = WebhookDelivery
        return self.session.scalar(
            sa.select(delivery.id)
            .where(delivery.endpoint_id == self.id, delivery.state == State.PENDING, delivery.next_at <= self.now)
            .order_by(delivery.next_at, delivery.id)
            .limit(1)
        )

    def _let_go(self) -> None:
        """And come back when the next one is due; what was added meanwhile is seen here, for the row is locked."""
        endpoint = self.session.scalars(
            sa.select(WebhookEndpoint).where(WebhookEndpoint.id == self.id).with_for_update()
        ).one()
        endpoint.busy_until = None
        self.session.flush()
        if not endpoint.is_live:
            self._give_up_the_rest()
        due = self.session.scalar(
            sa.select(sa.func.min(WebhookDelivery.next_at)).where(
                WebhookDelivery.endpoint_id == self.id, WebhookDelivery.state == State.PENDING
            )
        )
        if due is not None:
            enqueue("webhooks.send", run_at=max(due, endpoint.rests_until or due, self.now), endpoint=self.id)
        self.session.commit()

    def _give_up_the_rest(self) -> None:
        """Nothing is kept for an endpoint that is paused: its owner may send it again."""
        self.session.execute(
            sa.update(WebhookDelivery)
            .where(WebhookDelivery.endpoint_id == self.id, WebhookDelivery.state == State.PENDING)
            .values(state=State.DEAD, settled_at=self.now)
            .execution_options(synchronize_session=False)
        )

    # ── One of them ───────────────────────────────────────────────────────────────────────────────

    def _send(self, delivery_id: int) -> bool:
        """Whether to go on with the next one."""
        delivery, endpoint, key = self._read(delivery_id)
        if not endpoint.is_live:
            return False
        if not self._may_hear(key, delivery):
            self._withhold(delivery_id)
            return True
        # Nobody waits for a transaction of ours while we wait for somebody far away.
        self.session.commit()
        answer = self._post(delivery, endpoint)
        goes_on = self._write(delivery_id, answer)
        self.session.commit()
        return goes_on

    def _read(self, delivery_id: int) -> tuple[WebhookDelivery, WebhookEndpoint, ApiKey]:
        row = self.session.execute(
            sa.select(WebhookDelivery, WebhookEndpoint, ApiKey)
            .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
            .join(ApiKey, ApiKey.id == WebhookEndpoint.api_key_id)
            .where(WebhookDelivery.id == delivery_id)
            .execution_options(populate_existing=True)
        ).one()
        return row[0], row[1], row[2]

    def _may_hear(self, key: ApiKey, delivery: WebhookDelivery) -> bool:
        if delivery.activity_ref is None:
            return is_awake(key, self.now)
        told = (delivery.activity_ref, delivery.noun, delivery.record_ref)
        return bool(heard_by(self.session, key, [told], self.now))

    def _withhold(self, delivery_id: int) -> None:
        self.session.get_one(WebhookDelivery, delivery_id).settle(State.WITHHELD, self.now)
        self.session.commit()

    def _post(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> Answer:
        body, timestamp = delivery.body.encode(), int(self.now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": delivery.ref,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(endpoint.secrets(self.now), delivery.ref, timestamp, body),
        }
        try:
            address = read_address(endpoint.url, allow_plain=not settings().is_production)
        except NotAnAddress:
            return Answer(None, "address", 0)
        # Nothing leaves the machine of a demonstration.
        public = settings().environment != "demo"
        return sending.post(address, headers, body, settings().webhook_networks, public=public)

    def _write(self, delivery_id: int, answer: Answer) -> bool:
        delivery, endpoint, _key = self._read(delivery_id)
        moment = self.now
        delivery.attempts += 1
        self.session.add(
            WebhookAttempt(
                delivery_id=delivery_id,
                at=moment,
                status=answer.status,
                milliseconds=answer.milliseconds,
                error=answer.error,
                answer=answer.text,
            )
        )
        if answer.is_success:
            delivery.settle(State.DELIVERED, moment)
            endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
            took = timedelta(milliseconds=answer.milliseconds)
            if took > SLOW:
                endpoint.rests_until = moment + took * 4
            return took <= SLOW
        self._put_off(delivery, endpoint, answer, moment)
        return False

    def _put_off(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, moment: datetime) -> None:
        wish = min(max(answer.wait or timedelta(0), timedelta(0)), LONGEST_WISH)
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or moment
        rest = min(FIRST_REST * 4 ** min(endpoint.failures - 1, 8), LONGEST_REST)
        endpoint.rests_until = moment + max(rest, wish)
        if answer.status == GONE or delivery.attempts > len(WAITS):
            delivery.settle(State.DEAD, moment)
        else:
            wait = WAITS[delivery.attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311  # no secret
            delivery.next_at = moment + max(wait, wish)
        if answer.status == GONE:
            self._stop(endpoint, Pause.GONE, moment)
        elif moment - endpoint.failing_since >= PATIENCE:
            self._stop(endpoint, Pause.FAILING, moment)

    def _stop(self, endpoint: WebhookEndpoint, reason: Pause, moment: datetime) -> None:
        if endpoint.is_live:
            endpoint.stop(reason, moment)
            tell_of_pause(self.session, endpoint, moment)
