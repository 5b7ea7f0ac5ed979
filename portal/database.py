"""The declarative base, column types and references that every model shares."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session
from sqlalchemy.orm import registry as Registry
from sqlalchemy.sql.functions import FunctionElement

# Crockford's base 32: no I, L, O or U, so that a reference survives being read out on the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; refuses naive values.

    SQLite keeps no time zone, so there the naive UTC value is stored and made aware again when it is read.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SortKey(sa.types.TypeDecorator[str]):
    """Folded text that sorts bytewise, hence alike on every database."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.Text(collation="C") if dialect.name == "postgresql" else sa.Text())


def among(column: Any, values: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """`column IN (SELECT …)`, for selects of few rows, so that an index answers it as one side of an OR too.

    PostgreSQL looks up the values of an array there, but never those of a subquery.
    """
    # The operator stands with the values, since it differs with the database.
    found: sa.ColumnElement[bool] = column.bool_op("")(_Values(values.scalar_subquery()))
    return found


class _Values(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Values)
def _values(element: _Values, compiler: Any, **options: Any) -> str:
    return f"IN {compiler.process(element.clauses.clauses[0], **options)}"


@compiles(_Values, "postgresql")
def _values_on_postgresql(element: _Values, compiler: Any, **options: Any) -> str:
    return f"= ANY (ARRAY{compiler.process(element.clauses.clauses[0], **options)})"


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    # One registry, given whole: Flask-SQLAlchemy derives a base of its own, and a type map per base is refused.
    registry = Registry(
        metadata=sa.MetaData(naming_convention=NAMES),
        type_annotation_map={
            str: sa.Text(),
            datetime: UtcDateTime(),
            date: sa.Date(),
            dict[str, Any]: sa.JSON(),
            bool: sa.Boolean(),
        },
    )

    id: Mapped[int] = mapped_column(primary_key=True)


def session_of(record: Base) -> Session:
    """The session that the record is in, for verbs that add rows beside it."""
    session = object_session(record)
    assert session is not None
    return session


def new_ref(prefix: str) -> str:
    """A reference that says what it names and cannot be guessed: `T-7F3KQ92D`."""
    return prefix + "-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


class HasRef:
    """Mixin: the reference in addresses, made when the row is."""

    ref_prefix: str
    ref: Mapped[str] = mapped_column(sa.String(12), unique=True)

    def __init__(self, **values: Any) -> None:
        values.setdefault("ref", new_ref(self.ref_prefix))
        super().__init__(**values)
