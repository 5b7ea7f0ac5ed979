"""Where events are sent and where messages come in; what was sent and taken, for whoever looks after it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.api.models import ApiKey
from portal.database import Base, HasRef
from portal.errors import RuleBroken
from portal.webhooks.signing import secret_of, shown

# So long the secret before signs as well, while the other side changes over.
OVERLAP = timedelta(hours=24)
KEEP = timedelta(days=30)
EVERYTHING = "*"


class State(StrEnum):
    """Of a delivery; what its key could not read any more when it was to be sent was withheld."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    WITHHELD = "withheld"


class Pause(StrEnum):
    """Why nothing is sent: somebody wished so, the receiver said 410, or it failed for days."""

    WISHED = "wished"
    GONE = "gone"
    FAILING = "failing"


class _Signed(HasRef):
    """Mixin: belongs to a key, and signs or is signed with a secret that is derived and lies nowhere.

    Of an integration's key it sleeps, as the key did, until a second administrator confirms it.
    """

    api_key_id: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    description: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    # Which secret it is by now, and until when the one before counts as well.
    generation: Mapped[int] = mapped_column(default=1)
    previous_until: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    def secrets(self, at: datetime) -> list[bytes]:
        """The newest first."""
        found = [secret_of(self.ref, self.generation)]
        if self.previous_until is not None and at < self.previous_until:
            found.append(secret_of(self.ref, self.generation - 1))
        return found

    @property
    def shown_secret(self) -> str:
        return shown(secret_of(self.ref, self.generation))

    def rotate(self, actor_id: int, at: datetime) -> None:
        self.generation += 1
        self.previous_until = at + OVERLAP

    def may_be_confirmed_by(self, actor_id: int | None) -> bool:
        return self.confirmed_at is None and self.removed_at is None and actor_id != self.person_id

    def confirm(self, actor_id: int | None, at: datetime) -> None:
        if not self.may_be_confirmed_by(actor_id):
            raise RuleBroken(_l("A second administrator has to confirm this webhook, while it stands."))
        self.confirmed_at, self.confirmed_by_id = at, actor_id

    def remove(self, at: datetime) -> None:
        self.removed_at = self.removed_at or at


class WebhookEndpoint(_Signed, Base):
    """An address that is told of events, as far as its key may read them at that moment."""

    __tablename__ = "webhook_endpoint"
    ref_prefix = "WH"

    url: Mapped[str]
    types: Mapped[list[str]] = mapped_column(sa.JSON)
    paused_at: Mapped[datetime | None]
    pause: Mapped[str] = mapped_column(sa.String(8), default="")
    # While somebody sends there, nobody else does; a slow or failing one is left alone for a while.
    busy_until: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]

    key: Mapped[ApiKey] = relationship()

    @property
    def is_live(self) -> bool:
        return self.removed_at is None and self.paused_at is None and self.confirmed_at is not None

    def wants(self, kind: str) -> bool:
        return EVERYTHING in self.types or kind in self.types

    def stop(self, reason: Pause, at: datetime) -> None:
        """Nothing is sent from now on, and nothing is kept for later."""
        if self.paused_at is None:
            self.paused_at, self.pause = at, reason

    def resume(self) -> None:
        self.paused_at, self.pause = None, ""
        self.failures, self.failing_since, self.rests_until = 0, None, None


class WebhookDelivery(HasRef, Base):
    """One event for one endpoint. Its reference is the `webhook-id`, the same at every attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "activity_ref"),
        sa.Index("ix_webhook_delivery_created_at", "endpoint_id", "created_at", "ref"),
        sa.Index("ix_webhook_delivery_due", "endpoint_id", "state", "next_at"),
        sa.Index("ix_webhook_delivery_old", "created_at"),
    )
    ref_prefix = "WD"

    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook_endpoint.id"))
    # What happened, in the contact history; nothing for a trial. No foreign key: undoing an import takes that away.
    activity_ref: Mapped[str | None] = mapped_column(sa.String(12))
    type: Mapped[str] = mapped_column(sa.String(48))
    noun: Mapped[str] = mapped_column(sa.String(24), default="")
    record_ref: Mapped[str] = mapped_column(sa.String(12), default="")
    # As it is signed, byte by byte.
    body: Mapped[str]
    state: Mapped[str] = mapped_column(sa.String(12), default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    endpoint: Mapped[WebhookEndpoint] = relationship()

    def settle(self, state: State, at: datetime) -> None:
        self.state, self.settled_at = state, at

    def redeliver(self, at: datetime) -> None:
        """Once more from the beginning, under the same id: who has taken it knows it."""
        if self.state == State.PENDING:
            raise RuleBroken(_l("This delivery is on its way already."))
        self.state, self.settled_at, self.attempts, self.next_at = State.PENDING, None, 0, at


class WebhookAttempt(Base):
    """What came of one try: an answer, or an error of ours (see words.py)."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (sa.Index("ix_webhook_attempt_delivery_id", "delivery_id", "id"),)

    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    status: Mapped[int | None]
    milliseconds: Mapped[int]
    error: Mapped[str] = mapped_column(sa.String(16), default="")
    # The first characters of what was answered.
    answer: Mapped[str] = mapped_column(default="")


class WebhookSource(_Signed, Base):
    """Another system that tells us things by signed messages, with the rights of the key."""

    __tablename__ = "webhook_source"
    ref_prefix = "WS"

    # As external ids name it.
    name: Mapped[str] = mapped_column(sa.String(40))

    key: Mapped[ApiKey] = relationship()

    @property
    def is_live(self) -> bool:
        return self.removed_at is None and self.confirmed_at is not None

    def rotate(self, actor_id: int, at: datetime) -> None:
        """Whoever reads the new secret may write with the key: of an integration somebody else has to agree again."""
        super().rotate(actor_id, at)
        if self.key.is_integration:
            self.person_id, self.confirmed_at, self.confirmed_by_id = actor_id, None, None


class WebhookReceipt(HasRef, Base):
    """A message that came in, rightly signed; its id is used up (`accepted_id`) where it was done."""

    __tablename__ = "webhook_receipt"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "accepted_id"),
        sa.Index("ix_webhook_receipt_received_at", "source_id", "received_at", "ref"),
        sa.Index("ix_webhook_receipt_old", "received_at"),
    )
    ref_prefix = "WR"

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook_source.id"))
    message_id: Mapped[str] = mapped_column(sa.String(255))
    accepted_id: Mapped[str | None] = mapped_column(sa.String(255))
    received_at: Mapped[datetime]
    type: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    records: Mapped[int] = mapped_column(default=0)
    # Why it was refused, as it was answered.
    detail: Mapped[str] = mapped_column(default="")
    errors: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
