"""Finding one record, with the grounds on which the session's principal holds it."""

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.interfaces import ORMOption

from portal.access.principal import Principal
from portal.access.scope import OutOfScope, ground_columns, own_ground_columns, rule_of
from portal.access.vocabulary import Action, FieldGroup, Ground
from portal.database import Base

M = TypeVar("M", bound=Base)


def principal_of(session: Session) -> Principal:
    who = session.info.get("principal")
    if not isinstance(who, Principal):
        raise OutOfScope("a question without a principal")
    return who


def find(
    session: Session,
    model: type[M],
    *conditions: sa.ColumnElement[bool],
    options: tuple[ORMOption, ...] = (),
    lock: bool = False,
) -> M | None:
    """The one record that is within reach, read in one statement together with its grounds where it has any."""
    who = principal_of(session)
    has_grounds = rule_of(model).grounds is not None and not who.is_system
    columns = own_ground_columns(who, model) if has_grounds else []
    statement = sa.select(model, *(condition.label(f"on_{ground}") for ground, condition in columns))
    statement = statement.where(*conditions).options(*options)
    if lock:
        statement = statement.with_for_update(of=model)
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    record: M = row[0]
    if has_grounds:
        _remember(session, record, tuple(g for (g, _), held in zip(columns, row[1:], strict=True) if held))
    return record


def _remember(session: Session, record: Base, grounds: tuple[Ground, ...]) -> None:
    session.info.setdefault("grounds", {})[(type(record), record.id)] = grounds


def grounds_of(record: Base) -> tuple[Ground, ...]:
    """On which grounds the session's principal holds the record, closest first."""
    session = object_session(record)
    if session is None:
        raise OutOfScope("grounds are asked of a record that is in a session")
    who = principal_of(session)
    known: tuple[Ground, ...] | None = session.info.get("grounds", {}).get((type(record), record.id))
    if known is not None or who.is_system:
        return known or ()
    columns = own_ground_columns(who, type(record))
    if not columns or record.id is None:
        return ()
    with session.no_autoflush:
        row = session.execute(
            sa.select(*(condition.label(f"on_{ground}") for ground, condition in columns)).where(
                type(record).id == record.id
            )
        ).one_or_none()
    held = tuple(g for (g, _), is_held in zip(columns, row or (), strict=False) if is_held)
    _remember(session, record, held)
    return held


def ground_of(record: Base) -> Ground | None:
    """The closest ground, which decides the lens of this row."""
    return next(iter(grounds_of(record)), None)


def is_writable(record: Base, action: Action | None = None) -> bool:
    """Whether one of the grounds held on the record is one on which the principal writes, or else may do just this."""
    session = object_session(record)
    if session is None:
        return False
    who = principal_of(session)
    if who.is_system:
        return True
    noun = rule_of(type(record)).noun
    if noun is None:
        raise ValueError(f"{type(record).__name__} is not reached by grounds")
    held = set(grounds_of(record))
    return any(reach.lets(action) and reach.ground in held for reach in who.reach(noun))


def writable(model: type[Base], who: Principal) -> sa.ColumnElement[bool]:
    """The condition under which a row is held on a ground on which the principal writes."""
    if who.is_system:
        return sa.true()
    noun = rule_of(model).noun
    if noun is None:
        raise ValueError(f"{model.__name__} is not reached by grounds")
    writes = {reach.ground for reach in who.reach(noun) if reach.writes}
    held = [condition for ground, condition in ground_columns(model, who) if ground in writes]
    return sa.or_(sa.false(), *held)


def lens_of(record: Base, *, to_write: bool = False) -> frozenset[FieldGroup]:
    """The field groups of this row that its reader may see; or that they may change, where they may change it."""
    session = object_session(record)
    if session is None:
        raise OutOfScope("a lens is asked of a record that is in a session")
    who, held = principal_of(session), grounds_of(record)
    who = who.writer if to_write else who
    return frozenset(
        group for group in FieldGroup if who.sees(group) or any(who.sees(group, ground) for ground in held)
    )
