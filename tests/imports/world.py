"""Imports below HTTP: files as an ERP writes them, brought in by the system or by a member of the cast."""

import io
import json
from typing import Any

import sqlalchemy as sa

from portal.access import Principal
from portal.clock import now
from portal.database import Base
from portal.imports.models import ImportContent, ImportRow, ImportRun
from portal.imports.receiving import receive
from portal.imports.runs import advance
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderDetails, OrderEvent, OrderLine
from portal.organisations.models import Activity, ActivityOrganisation, ExternalId
from tests.orders.helpers import SOURCE
from tests.world import World

# What an import of orders may write, besides its own journal.
WRITTEN: tuple[type[Base], ...] = (
    *(Order, OrderDetails, OrderLine, OrderCost, OrderEvent),
    *(Activity, ActivityOrganisation, ExternalId),
)


def jsonl(*shapes: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(shape).encode() + b"\n" for shape in shapes)


class ImportWorld:
    """Runs of the system unless a hint names somebody; every step is committed, what is returned is detached."""

    def __init__(self, world: World) -> None:
        self.world = world

    def draft(self, content: bytes, kind: str = "orders", *, source: str = SOURCE, hint: str = "") -> ImportRun:
        """A file that has just come in, mapped as guessed."""
        who = self.who(hint)
        with self.world.session() as session:
            run = receive(session, io.BytesIO(content), "export.jsonl", kind, source, who, now())
            session.commit()
            return run

    def checked(self, content: bytes, kind: str = "orders", *, source: str = SOURCE, hint: str = "") -> ImportRun:
        """With its preview."""
        run = self.draft(content, kind, source=source, hint=hint)
        return self.check(run, hint)

    def check(self, run: ImportRun, hint: str = "") -> ImportRun:
        self.begin(run)
        return self.work(run, hint)

    def begin(self, run: ImportRun) -> None:
        with self.world.session() as session:
            found = session.get_one(ImportRun, run.id)
            found.check(dict(found.mapping), now())
            session.commit()

    def apply(
        self, run: ImportRun, *, is_whole: bool = False, overwrites: bool = False, hint: str = "", work: bool = True
    ) -> ImportRun:
        with self.world.session() as session:
            session.get_one(ImportRun, run.id).bring_in(now(), is_whole=is_whole, overwrites=overwrites)
            session.commit()
        return self.work(run, hint) if work else run

    def undo(self, run: ImportRun, hint: str = "") -> ImportRun:
        self.begin_undo(run, hint)
        return self.work(run, hint)

    def begin_undo(self, run: ImportRun, hint: str = "") -> None:
        with self.world.session() as session:
            session.get_one(ImportRun, run.id).undo(self.who(hint), now())
            session.commit()

    def brought_in(self, content: bytes, kind: str = "orders", **choices: Any) -> ImportRun:
        return self.apply(self.checked(content, kind), **choices)

    def work(self, run: ImportRun, hint: str = "", **options: Any) -> ImportRun:
        """Go on until it is over."""
        with self.world.session() as session:
            advance(session, run.ref, self.who(hint), now(), **options)
        return self.reload(run)

    def reload(self, run: ImportRun) -> ImportRun:
        with self.world.session() as session:
            return session.get_one(ImportRun, run.id)

    def rows(self, run: ImportRun) -> list[Any]:
        """The journal, in the order of the file."""
        columns = (
            *(ImportRow.number, ImportRow.action, ImportRow.fields, ImportRow.is_applied, ImportRow.repeats),
            *(ImportContent.external_id, ImportContent.before, ImportContent.after, ImportContent.problems),
            ImportContent.record_id,
        )
        with self.world.session() as session:
            statement = sa.select(*columns).join(ImportContent, ImportContent.row_id == ImportRow.id)
            return list(session.execute(statement.where(ImportRow.run_id == run.id).order_by(ImportRow.number)))

    def actions(self, run: ImportRun) -> list[str]:
        return [row.action for row in self.rows(run)]

    def who(self, hint: str) -> Principal:
        return self.world.principal(hint) if hint else Principal.system("test")

    def dump(self, *, but: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table but the journal, and without the columns named."""
        found: dict[str, list[dict[str, Any]]] = {}
        with self.world.session() as session:
            for mapper in Base.registry.mappers:
                model = mapper.class_
                if model.__tablename__.startswith(("import_", "job")):
                    continue
                columns = [column for column in model.__table__.columns if column.name not in but]
                rows = session.execute(sa.select(*columns).order_by(model.id)).mappings()
                found[model.__tablename__] = [dict(row) for row in rows]
        return found

    def counts(self) -> dict[str, int]:
        """How many rows there are of everything that an import of orders writes."""
        with self.world.session() as session:
            return {
                model.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
                for model in WRITTEN
            }
