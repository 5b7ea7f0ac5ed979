"""What another system means by its own names: external ids and our references, many at a time."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.database import Base
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import Shape
from portal.organisations.models import ExternalId

# As many as go into one statement on every database.
AT_ONCE = 500


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    found = list(values)
    return (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))


def by_external_id(session: Session, source: str, kind: str, keys: Collection[str]) -> dict[str, int]:
    """Ids of our records, by what the source calls them; what is unknown is not among them."""
    found: dict[str, int] = {}
    for part in chunks(sorted(set(keys) - {""})):
        rows = session.execute(
            sa.select(ExternalId.value, ExternalId.record_id).where(
                ExternalId.source == source, ExternalId.kind == kind, ExternalId.value.in_(part)
            )
        )
        found.update({row.value: row.record_id for row in rows})
    return found


def by_name(session: Session, source: str, kind: str, model: Any, keys: Collection[str]) -> dict[str, int]:
    """The same; what the source does not know may be our own reference."""
    found = by_external_id(session, source, kind, keys)
    for part in chunks(key for key in sorted(set(keys) - {""} - found.keys()) if "-" in key):
        rows = session.execute(sa.select(model.ref, model.id).where(model.ref.in_(part)))
        found.update({row.ref: row.id for row in rows})
    return found


def records(session: Session, model: type[Base], ids: Collection[int], *options: Any) -> dict[int, Any]:
    """These records by id, locked until the transaction ends, so that nobody changes them meanwhile."""
    found: dict[int, Any] = {}
    for part in chunks(sorted(set(ids))):
        statement = sa.select(model).where(model.id.in_(part)).order_by(model.id).options(*options)
        found.update({record.id: record for record in session.scalars(statement.with_for_update(of=model))})
    return found


def remember(session: Session, source: str, kind: str, key: str, record_id: int) -> None:
    session.add(ExternalId(source=source, kind=kind, value=key, record_id=record_id))


def forget(session: Session, kind: str, record_id: int) -> None:
    """What any source calls a record that goes."""
    session.execute(sa.delete(ExternalId).where(ExternalId.kind == kind, ExternalId.record_id == record_id))


def remembered(
    session: Session,
    source: str,
    kind: str,
    known: Collection[str],
    shapes: Sequence[Shape],
    outcomes: list[Outcome],
) -> list[Outcome]:
    """The outcomes, flushed; what the source calls a record that was not `known` to it is remembered."""
    session.flush()
    named = set(known)
    for shape, outcome in zip(shapes, outcomes, strict=True):
        if outcome.record is not None and shape.external_id not in named:
            named.add(shape.external_id)
            remember(session, source, kind, shape.external_id, outcome.record.id)
    session.flush()
    return outcomes
