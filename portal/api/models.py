"""Keys by which other programs are let in, and the answers that they were given once already."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Capacity, Role
from portal.accounts.models import Person
from portal.database import Base, HasRef, new_ref
from portal.errors import RuleBroken
from portal.organisations.models import Organisation

KEEP_ANSWERS = timedelta(hours=24)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ApiKey(HasRef, Base):
    """Of an organisation in a capacity, or of an integration with roles; `person` answers for it.

    The secret is shown once, when the key is made; only its hash is kept.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        sa.Index("ix_api_key_organisation_id", "organisation_id", "capacity"),
        sa.CheckConstraint("(organisation_id IS NULL) = (capacity IS NULL)", name="capacity_of_organisation"),
    )
    ref_prefix = "AK"

    label: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    # Of an integration; its roles decide what it reaches and sees.
    roles: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    capacity: Mapped[str | None] = mapped_column(sa.String(8))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    # A key of an integration reads content, so that it waits for a second administrator.
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)

    @classmethod
    def make(
        cls,
        *,
        label: str,
        scopes: Iterable[str],
        person_id: int,
        at: datetime,
        days: int,
        organisation_id: int | None = None,
        capacity: Capacity | None = None,
        roles: Iterable[Role] = (),
    ) -> tuple["ApiKey", str]:
        """A new key and its token, which is told to nobody again. `days`: how long it holds, 0 for ever."""
        ref = new_ref(cls.ref_prefix)
        token = f"{ref}.{secrets.token_urlsafe(32)}"
        key = cls(
            ref=ref,
            label=label,
            secret_hash=digest(token),
            scopes=sorted(scopes),
            roles=sorted(roles),
            organisation_id=organisation_id,
            capacity=capacity,
            person_id=person_id,
            created_at=at,
            expires_at=at + timedelta(days=days) if days else None,
            confirmed_at=at if organisation_id is not None else None,
        )
        return key, token

    @property
    def is_integration(self) -> bool:
        return self.organisation_id is None

    def may_be_confirmed_by(self, actor_id: int | None) -> bool:
        return self.confirmed_at is None and self.revoked_at is None and actor_id != self.person_id

    def confirm(self, actor_id: int | None, at: datetime) -> None:
        if not self.may_be_confirmed_by(actor_id):
            raise RuleBroken(_l("A second administrator has to confirm this key, while it stands."))
        self.confirmed_at, self.confirmed_by_id = at, actor_id

    def revoke(self, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at


class ApiAnswer(Base):
    """What was answered under an idempotency key; without a status the first request is still at work.

    Of a key, so that no two owners ever share one.
    """

    __tablename__ = "api_answer"
    __table_args__ = (
        sa.UniqueConstraint("api_key_id", "name", "method", "path", name="uq_api_answer_request"),
        sa.Index("ix_api_answer_created_at", "created_at"),
    )

    api_key_id: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"))
    name: Mapped[str] = mapped_column(sa.String(255))
    method: Mapped[str] = mapped_column(sa.String(8))
    path: Mapped[str]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
