"""Who reads receipts. Raw tables are for this kind of file alone: they are not narrowed."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from portal.access import Ground, Noun, Principal
from portal.access.scope import Condition, nobody, register
from portal.accounts.models import Portfolio
from portal.receipts.models import DailyHead, Receipt, SigningKey

# Whether a principal reads the record with this id (a column).
ReadsRecord = Callable[[Any, Principal], Condition]
_records: dict[str, ReadsRecord] = {}


def read_with(kind: str, reads: ReadsRecord) -> None:
    """Receipts of this kind are read by whoever reads their record: said once, beside the record's own rule."""
    _records[kind] = reads


def _of_company(who: Principal) -> Condition:
    """Where no room has spoken for the kind: by the partner company itself, and by the staff whose deals they are."""
    held = {reach.ground for reach in who.reach(Noun.DEALS)}
    if not who.is_staff:
        return sa.true() if held else sa.false()
    if Ground.ALL in held:
        return sa.true()
    portfolio = Portfolio.__table__.alias().c
    cared_for = sa.select(portfolio.organisation_id).where(portfolio.person_id == who.person_id)
    return Receipt.organisation_id.in_(cared_for) if Ground.PORTFOLIO in held else sa.false()


def _reads(who: Principal) -> Condition:
    of_records = [sa.and_(Receipt.kind == kind, reads(Receipt.record_id, who)) for kind, reads in _records.items()]
    others = sa.and_(Receipt.kind.not_in(sorted(_records)), _of_company(who))
    if who.is_staff:
        return sa.or_(*of_records, others)
    # It was made out to one company: whoever else shares the room of its record reads there what is meant for them.
    return sa.and_(Receipt.organisation_id == who.organisation_id, sa.or_(*of_records, others))


register(Receipt, reads=_reads)
# Public keys and heads are for everybody, what stands beside them is for nobody: `reach` gives out the former alone.
register(SigningKey, reads=nobody)
register(DailyHead, reads=nobody)
