"""Who sees and makes keys. Raw tables are for this kind of file alone: they are not narrowed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal.access import Action, Principal
from portal.access.scope import Change, Condition, changed_fields, nobody, register, unscoped
from portal.api.models import KEEP_ANSWERS, ApiAnswer, ApiKey
from portal.extensions import db

# What becomes of a key: it is confirmed or revoked, and otherwise stays as it was made.
_CHANGES = frozenset({"confirmed_at", "confirmed_by_id", "revoked_at"})


def _reads(who: Principal) -> Condition:
    """A company's admin theirs, in the capacity that they act in; the portal's those of integrations."""
    if not who.may(Action.API_KEY_MANAGE):
        return sa.false()
    if who.is_staff:
        return ApiKey.organisation_id.is_(None)
    return sa.and_(ApiKey.organisation_id == who.organisation_id, ApiKey.capacity == who.capacity)


def _writes(who: Principal, key: ApiKey, change: Change) -> bool:
    if change == Change.DELETE or not who.may(Action.API_KEY_MANAGE):
        return False
    is_ours = key.is_integration if who.is_staff else (key.organisation_id, key.capacity) == _acting(who)
    if change == Change.INSERT:
        # One that wakes at once is a company's own.
        return is_ours and key.person_id == who.person_id and (key.confirmed_at is None or not who.is_staff)
    return is_ours and changed_fields(key) <= _CHANGES


def _acting(who: Principal) -> tuple[int | None, str | None]:
    return who.organisation_id, who.capacity


register(ApiKey, reads=_reads, writes=_writes)
register(ApiAnswer, reads=nobody)


_ANSWER: Any = ApiAnswer.__table__
_KEY: Any = ApiKey.__table__


def touch(key_id: int, at: datetime) -> None:
    """Write down that a key is in use, in a transaction of its own."""
    with unscoped("the key is in use"), db.engine.begin() as connection:
        connection.execute(sa.update(_KEY).where(_KEY.c.id == key_id).values(last_used_at=at))


def prune_answers(at: datetime) -> int:
    """Forget what is too old to be asked for again; returns how many answers that were."""
    with unscoped("old answers"):
        gone = db.session.connection().execute(sa.delete(_ANSWER).where(_ANSWER.c.created_at <= at - KEEP_ANSWERS))
    return int(gone.rowcount)


def take(found: dict[str, Any], at: datetime, patience: Any) -> Any:
    """The row of this request: None where it is new, and ours to answer; else what is known of it. Committed.

    Rows that are too old, or whose first request was given up on `patience` ago, are begun anew.
    """
    same = [_ANSWER.c[name] == found[name] for name in ("api_key_id", "name", "method", "path")]
    over = sa.or_(
        _ANSWER.c.created_at <= at - KEEP_ANSWERS,
        sa.and_(_ANSWER.c.status.is_(None), _ANSWER.c.created_at <= at - patience),
    )
    session = db.session()
    with unscoped("idempotency keys"):
        session.connection().execute(sa.delete(_ANSWER).where(*same, over))
        try:
            session.connection().execute(
                sa.insert(_ANSWER).values(**found, headers={}, status=None, body=None, created_at=at)
            )
            session.commit()
        except sa.exc.IntegrityError:
            session.rollback()
            known = session.connection().execute(sa.select(_ANSWER).where(*same)).one_or_none()
            session.rollback()
            # Settled and forgotten in between, which only a failure of ours is.
            return known if known is not None else take(found, at, patience)
    return None


def settle(found: dict[str, Any], status: int, headers: dict[str, str], body: bytes) -> None:
    """Keep the answer, in the transaction of what it tells."""
    same = [_ANSWER.c[name] == found[name] for name in ("api_key_id", "name", "method", "path")]
    with unscoped("idempotency keys"):
        db.session.connection().execute(
            sa.update(_ANSWER).where(*same).values(status=status, headers=headers, body=body)
        )


def release(found: dict[str, Any]) -> None:
    """Nothing was done: whoever asks again is the first."""
    same = [_ANSWER.c[name] == found[name] for name in ("api_key_id", "name", "method", "path")]
    with unscoped("idempotency keys"):
        db.session.connection().execute(sa.delete(_ANSWER).where(*same, _ANSWER.c.status.is_(None)))
    db.session.commit()
