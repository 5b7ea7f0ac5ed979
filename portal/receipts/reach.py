"""What receipts need to read beyond their readers' reach: who issues one may not see the others of its chain.

Raw tables are for this kind of file alone: they are not narrowed.
"""

from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import unscoped
from portal.receipts.models import DailyHead, Receipt, SigningKey

_key, _head, _receipt = (cast(sa.Table, model.__table__) for model in (SigningKey, DailyHead, Receipt))


def _rows(session: Session, statement: sa.Select[Any]) -> list[sa.Row[Any]]:
    with unscoped("receipts"):
        return list(session.connection().execute(statement))


def _row(session: Session, statement: sa.Select[Any]) -> sa.Row[Any] | None:
    return next(iter(_rows(session, statement)), None)


def newest_of_chain(session: Session, kind: str, record_id: int) -> sa.Row[Any] | None:
    """Sequence, sha256 of the last receipt of a record."""
    statement = sa.select(_receipt.c.sequence, _receipt.c.sha256)
    statement = statement.where(_receipt.c.kind == kind, _receipt.c.record_id == record_id)
    return _row(session, statement.order_by(_receipt.c.sequence.desc()).limit(1))


def key_in_use(session: Session) -> sa.Row[Any] | None:
    return _row(session, sa.select(_key.c.kid, _key.c.public, _key.c.sealed).where(_key.c.in_use.is_(True)))


def public_keys(session: Session) -> list[sa.Row[Any]]:
    """Kid and public half of all keys, the newest first."""
    return _rows(session, sa.select(_key.c.kid, _key.c.public).order_by(_key.c.created_at.desc(), _key.c.id.desc()))


def retire(session: Session, kid: str, at: datetime) -> bool:
    """Whether this key was in use until now."""
    statement = sa.update(_key).where(_key.c.kid == kid, _key.c.in_use.is_(True))
    with unscoped("receipts"):
        done = session.connection().execute(statement.values(in_use=None, retired_at=at))
    return done.rowcount == 1


def head_on(session: Session, day: date | None) -> sa.Row[Any] | None:
    """Id, day, jws and seed of the head of a day; the newest one without a day."""
    statement = sa.select(_head.c.id, _head.c.day, _head.c.jws, _head.c.seed).order_by(_head.c.day.desc()).limit(1)
    return _row(session, statement if day is None else statement.where(_head.c.day == day))


def heads(session: Session, ids: set[int]) -> list[sa.Row[Any]]:
    """Id, day, jws and seed of these heads, by day."""
    statement = sa.select(_head.c.id, _head.c.day, _head.c.jws, _head.c.seed)
    return _rows(session, statement.where(_head.c.id.in_(sorted(ids))).order_by(_head.c.day))


def held_by(session: Session, head_id: int) -> list[str]:
    """The SHA-256 of every receipt that a head holds."""
    statement = sa.select(_receipt.c.sha256).where(_receipt.c.head_id == head_id)
    return [row.sha256 for row in _rows(session, statement)]


def waiting(session: Session, before: datetime) -> list[sa.Row[Any]]:
    """Id and SHA-256 of the receipts that no head holds yet."""
    statement = sa.select(_receipt.c.id, _receipt.c.sha256)
    return _rows(session, statement.where(_receipt.c.head_id.is_(None), _receipt.c.at < before).order_by(_receipt.c.id))


def hold(session: Session, head_id: int, receipt_ids: list[int]) -> None:
    """Note which head holds them."""
    with unscoped("receipts"):
        for start in range(0, len(receipt_ids), 1000):
            some = receipt_ids[start : start + 1000]
            session.connection().execute(sa.update(_receipt).where(_receipt.c.id.in_(some)).values(head_id=head_id))
