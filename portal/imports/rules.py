"""Who runs and reads imports. Raw tables are for this kind of file alone.

An import is read, applied and taken back by those who may have run it: account managers on the side of sales, buyers on
the side of purchase, administrators on both. That is how many records it has, which lines of the file they stand on,
what comes of each, and which fields are at fault. What the records say, and said before, is for those among them whose
lens has every field that such a record may have: an administrator runs an import of orders without reading an order,
unless break-glass access is open.
"""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from portal.access import Action, FieldGroup, Noun, Principal
from portal.access.scope import Change, Condition, changed_fields, register
from portal.imports.models import ImportCancellation, ImportContent, ImportMapping, ImportRow, ImportRun, Side

KINDS: Mapping[str, Side] = {
    "orders": Side.SALES,
    "purchase-orders": Side.PURCHASE,
    "products": Side.SALES,
    "organisations": Side.SALES,
    "people": Side.SALES,
    # Of sales, of purchase or of both, as whoever brings them in may.
    "shipments": Side.BOTH,
    "documents": Side.BOTH,
}
# What a record of the kind may hold.
_GROUPS: Mapping[str, frozenset[FieldGroup]] = {
    "orders": frozenset({FieldGroup.SALES_PRICES, FieldGroup.FINANCE}),
    "purchase-orders": frozenset({FieldGroup.PURCHASE_PRICES}),
    "products": frozenset({FieldGroup.SALES_PRICES}),
    "organisations": frozenset({FieldGroup.CONTACT, FieldGroup.FINANCE}),
    "people": frozenset({FieldGroup.CONTACT}),
    "shipments": frozenset(),
}
# Of documents, what those of that side hold.
_OF_SIDE: Mapping[Side, frozenset[FieldGroup]] = {
    Side.SALES: frozenset({FieldGroup.SALES_PRICES}),
    Side.PURCHASE: frozenset({FieldGroup.PURCHASE_PRICES}),
    Side.BOTH: frozenset({FieldGroup.SALES_PRICES, FieldGroup.PURCHASE_PRICES}),
}
_OF_ORDERS = frozenset({"orders", "purchase-orders", "shipments", "documents"})
# Whose it is, and what came in with it, stays as it was.
_FIXED = frozenset({"kind", "side", "source", "sha256", "size", "author_id", "created_at", "ref"})


def sides_of(who: Principal) -> frozenset[Side]:
    if not who.may(Action.IMPORT_RUN):
        return frozenset()
    held = {
        side
        for side, action in ((Side.SALES, Action.ORDER_CONFIRM), (Side.PURCHASE, Action.PURCHASE_CHECK))
        if who.may(action) or who.may(Action.STAFF_GRANT)
    }
    return frozenset(held | ({Side.BOTH} if len(held) > 1 else set()))


def kinds_of(who: Principal) -> list[str]:
    """What they may bring in."""
    return [kind for kind in KINDS if side_of(who, kind) is not None]


def side_of(who: Principal, kind: str) -> Side | None:
    """On which side an import of this kind would be theirs; None where it is not theirs at all."""
    held = sides_of(who)
    if kind not in KINDS or not held:
        return None
    wanted = KINDS[kind]
    if wanted in held:
        return wanted
    return next(iter(held)) if wanted == Side.BOTH else None


def may_run(who: Principal, run: ImportRun) -> bool:
    return who.is_system or run.side in sides_of(who)


def reads_records(who: Principal, kind: str, side: str) -> bool:
    """Whether the lens has everything that such a record of an import on this side may hold."""
    if who.is_system:
        return True
    if kind in _OF_ORDERS and not who.reach(Noun.ORDERS):
        return False
    groups = _OF_SIDE[Side(side)] if kind == "documents" else _GROUPS[kind]
    return all(who.sees(group) for group in groups)


def _run_reads(who: Principal) -> Condition:
    return ImportRun.side.in_(_sorted(sides_of(who)))


def _row_reads(who: Principal) -> Condition:
    run = ImportRun.__table__.alias().c
    return sa.exists().where(run.id == ImportRow.run_id, run.side.in_(_sorted(sides_of(who))))


def _content_reads(who: Principal) -> Condition:
    run = ImportRun.__table__.alias().c
    read = [
        sa.and_(run.side == side, run.kind.in_([kind for kind in KINDS if reads_records(who, kind, side)]))
        for side in _sorted(sides_of(who))
    ]
    return sa.exists().where(run.id == ImportContent.run_id, sa.or_(sa.false(), *read))


def _sorted(sides: Iterable[Side]) -> list[str]:
    return sorted(sides)


def _run_writes(who: Principal, run: ImportRun, change: Change) -> bool:
    if change == Change.INSERT:
        return run.author_id == who.person_id and run.side == side_of(who, run.kind)
    return change == Change.UPDATE and may_run(who, run) and changed_fields(run).isdisjoint(_FIXED)


def _cancellation_reads(who: Principal) -> Condition:
    run = ImportRun.__table__.alias().c
    return sa.exists().where(run.id == ImportCancellation.run_id, run.side.in_(_sorted(sides_of(who))))


def _cancellation_writes(who: Principal, cancellation: ImportCancellation, change: Change) -> bool:
    """Once said it stands, until the file is read anew."""
    return change != Change.UPDATE and (change == Change.DELETE or cancellation.person_id == who.person_id)


def _mapping_reads(who: Principal) -> Condition:
    return ImportMapping.kind.in_(kinds_of(who))


def _mapping_writes(who: Principal, mapping: ImportMapping, change: Change) -> bool:
    return change != Change.DELETE and mapping.kind in kinds_of(who)


register(ImportRun, reads=_run_reads, writes=_run_writes)
register(ImportRow, reads=_row_reads)
register(ImportContent, reads=_content_reads)
register(ImportCancellation, reads=_cancellation_reads, writes=_cancellation_writes)
register(ImportMapping, reads=_mapping_reads, writes=_mapping_writes)
