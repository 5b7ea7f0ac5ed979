"""The suppliers whose lines counted in the last twelve months, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from portal.filtering import AddressFilters
from portal.paging import Order as Sorting
from portal.scorecards.figures import Share, Shares
from portal.scorecards.reach import Measure, Rule, Window, named, organisation

PAGE_SIZE = 25
# Shares are sorted by in millionths; who has none stands behind all that have.
WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Filters(AddressFilters):
    """What the reader asks for, by the names in the address: the measure by which the worst come first."""

    endpoint = "scorecards.index"

    sort: str = Measure.OTIF.value


@dataclass(frozen=True, slots=True)
class Supplier:
    ref: str
    name: str
    shares: Shares


def read_filters(arguments: MultiDict[str, str]) -> Filters:
    """Raises BadRequest for a value that is none."""
    filters = Filters(arguments.get("sort") or Measure.OTIF.value)
    if filters.sort not in set(Measure):
        raise BadRequest
    return filters


def listed(filters: Filters, window: Window, supplier_id: int | None = None) -> tuple[sa.Select[Any], Sorting]:
    """The list, of one statement whatever there is, and its order; of all suppliers, or that one."""
    rule, measures = Rule(window, supplier_id), tuple(Measure)
    counted = [column.label(f"c{n}") for n, column in enumerate(rule.columns(*measures))]
    supplier = rule.order.c.organisation_id
    counting = sa.or_(*(rule.counts(measure) for measure in measures))
    lines = rule.of_lines(supplier, *counted).where(counting).group_by(supplier).subquery()
    place = 2 * measures.index(Measure(filters.sort))
    whole, part = lines.c[f"c{place}"], lines.c[f"c{place + 1}"]
    divisor = sa.func.nullif(whole, 0, type_=sa.Integer)
    share = sa.case((whole == 0, WHOLE + 1), else_=part * WHOLE // divisor).label("share")
    found = named(lines, lines.c.organisation_id, organisation.ref, organisation.name, share)
    found = found.add_columns(*(lines.c[column.key] for column in counted)).where(organisation.is_supplier)
    return found, Sorting((share, organisation.ref))


def suppliers_of(rows: Sequence[Any]) -> list[Supplier]:
    return [
        Supplier(row.ref, row.name, {m: Share(row[3 + 2 * n], row[4 + 2 * n]) for n, m in enumerate(Measure)})
        for row in rows
    ]
