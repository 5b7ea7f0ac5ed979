"""What comes of some records of an import when they are fed: the one piece that both the preview and the import ask."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.scope import unscoped
from portal.feeds.lookups import chunks
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.registry import FEEDS
from portal.feeds.shapes import Shape
from portal.imports.messages import kept
from portal.imports.models import ImportContent, ImportRow, ImportRun, RowAction, Side, State

# Statements of this size are quick on every database, and others write between two of them.
AT_ONCE = 200
_KINDS_OF_ORDER = {"orders": ("sales", "quotation"), "purchase-orders": ("purchase",)}


@dataclass(frozen=True, slots=True)
class Item:
    """A record of the file, as the journal has it."""

    id: int
    number: int
    action: str
    repeats: int | None
    external_id: str
    told: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it, in plain values."""

    item: Item
    action: RowAction
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    problems: list[list[Any]] = field(default_factory=list)
    record_id: int | None = None
    version: int | None = None

    @property
    def is_as_foretold(self) -> bool:
        """Whether it is what the preview said, where there was one."""
        item = self.item
        if item.action == RowAction.PENDING:
            return True
        told = (item.action, _lasting(item.before), _lasting(item.after))
        return (self.action, _lasting(self.before), _lasting(self.after)) == told

    @property
    def has_effect(self) -> bool:
        return self.action in (RowAction.CREATE, RowAction.UPDATE, RowAction.CONFLICT)


_ITEM = (
    *(ImportRow.id, ImportRow.number, ImportRow.action, ImportRow.repeats, ImportContent.external_id),
    *(ImportContent.told, ImportContent.before, ImportContent.after),
)


def items(session: Session, run_id: int, *conditions: Any, most: int = AT_ONCE) -> list[Item]:
    """The next records of the run under these conditions, in the order of the file."""
    statement = (
        sa.select(*_ITEM)
        .join(ImportContent, ImportContent.row_id == ImportRow.id)
        .where(ImportRow.run_id == run_id, *conditions)
        .order_by(ImportRow.number)
        .limit(most)
    )
    return [Item(*row) for row in session.execute(statement)]


class Savepoint:
    """What is done from here on can be rolled back apart from the rest of the transaction."""

    def __init__(self, session: Session) -> None:
        with unscoped("savepoint"):
            self._nested = session.begin_nested()
            # It is set with the first statement otherwise, which the guard would take for one of ours.
            session.connection()

    def keep(self) -> None:
        with unscoped("savepoint"):
            self._nested.commit()

    def roll_back(self) -> None:
        with unscoped("savepoint"):
            self._nested.rollback()


def feed(session: Session, run: ImportRun, wanted: Sequence[Item], who: Principal, at: datetime) -> list[Verdict]:
    """Feed them and say what came of each; flushed, for the caller to keep or to roll back."""
    return [verdict for part in _parts(wanted) for verdict in _feed(session, run, part, who, at)]


def _lasting(values: dict[str, Any]) -> dict[str, Any]:
    """Without the reference of a quotation: one that came with the file had another in the preview."""
    return {name: value for name, value in values.items() if name != "quotation"}


# The field by which records of different ids meet: a code and an address belong to one, of an order so much is shipped.
_CLAIMS = {"products": "code", "people": "email", "organisations": "domain", "shipments": "order", "orders": "ref"}


def claim_of(kind: str, told: Mapping[str, Any]) -> str:
    return str(told.get(_CLAIMS.get(kind, "")) or "").lower()[:255]


def spoken_of(item: Item) -> str:
    """Another record of the same kind that has to be there before it."""
    return str(item.told.get("quotation") or "")


def _parts(wanted: Sequence[Item]) -> Iterator[list[Item]]:
    """A feed looks up beforehand what its records speak of: what comes with this file is fed before that."""
    part: list[Item] = []
    names: set[str] = set()
    for item in wanted:
        if spoken_of(item) in names:
            yield part
            part, names = [], set()
        part.append(item)
        names.add(item.external_id)
    if part:
        yield part


def _feed(session: Session, run: ImportRun, wanted: Sequence[Item], who: Principal, at: datetime) -> list[Verdict]:
    kind = FEEDS[run.kind]
    shapes = [kind.shape.model_validate(item.told) for item in wanted]
    allowed = [_is_of_kind(run, told) for told in shapes]
    fed = [told for told, good in zip(shapes, allowed, strict=True) if good]
    outcomes = iter(kind.feed(session, run.source, fed, who, at))
    results = [next(outcomes) if good else refused(Problem("kind", _NOT_HERE)) for good in allowed]
    known = _last_written(session, run, {item.external_id for item in wanted})
    return [
        _verdict(run, item, outcome, known.get(item.external_id)) for item, outcome in zip(wanted, results, strict=True)
    ]


def _is_of_kind(run: ImportRun, told: Shape) -> bool:
    kinds = _KINDS_OF_ORDER.get(run.kind)
    return kinds is None or getattr(told, "kind", None) in kinds


_NOT_HERE = _l("Orders of this kind are not brought in here.")


def _verdict(run: ImportRun, item: Item, outcome: Outcome, last: dict[str, Any] | None) -> Verdict:
    if outcome.action == Action.REFUSE:
        return _refusal(item, outcome.problems)
    if not _is_on_side(run, outcome.record):
        return _refusal(item, [Problem("order", _NOT_HERE)])
    before, after = plain(outcome.before), plain(outcome.after)
    record_id, version = getattr(outcome.record, "id", None), getattr(outcome.record, "version", None)
    if outcome.action == Action.UNCHANGED:
        return Verdict(item, RowAction.UNCHANGED, record_id=record_id, version=version)
    action, reason = RowAction(outcome.action), None
    if item.repeats is not None:
        action = RowAction.CONFLICT
        reason = _l("Line %(number)s of the file says something else of it.", number=item.repeats)
    elif outcome.action == Action.UPDATE and last is not None and last != before:
        action, reason = RowAction.CONFLICT, _l("It was changed here since it was last brought in.")
    problems = [["", kept(reason), item.number]] if reason is not None else []
    fields = sorted(outcome.changes) if outcome.action == Action.UPDATE else []
    return Verdict(item, action, before, after, fields, problems, record_id, version)


def _is_on_side(run: ImportRun, record: Any) -> bool:
    """A shipment or document is theirs who may bring in the order that it belongs to."""
    if run.kind not in ("shipments", "documents") or run.side == Side.BOTH:
        return True
    return bool(record.order.is_purchase) == (run.side == Side.PURCHASE)


def _refusal(item: Item, problems: Iterable[Problem]) -> Verdict:
    told = [[problem.field, kept(problem.message), item.number] for problem in problems]
    return Verdict(item, RowAction.REFUSE, fields=fields_of(told), problems=told)


def fields_of(problems: Iterable[Sequence[Any]]) -> list[str]:
    return sorted({name for name, _message, _line in problems if name})


def _last_written(session: Session, run: ImportRun, keys: set[str]) -> dict[str, dict[str, Any]]:
    """As the last import from this source left each of these records."""
    found: dict[str, dict[str, Any]] = {}
    for part in chunks(sorted(keys)):
        rows = session.execute(
            sa.select(ImportContent.external_id, ImportContent.after)
            .join(ImportRow, ImportRow.id == ImportContent.row_id)
            .join(ImportRun, ImportRun.id == ImportRow.run_id)
            .where(
                ImportContent.external_id.in_(part),
                ImportRow.is_applied,
                ImportRun.kind == run.kind,
                ImportRun.source == run.source,
                ImportRun.state.in_((State.APPLYING, State.DONE, State.CANCELLED)),
            )
            .order_by(ImportRow.id)
        )
        found.update({row.external_id: row.after for row in rows})
    return found


def plain(values: Any) -> Any:
    """As it is when it has been in the database: nothing but JSON."""
    return json.loads(json.dumps(values, default=str))
