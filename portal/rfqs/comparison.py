"""Offers side by side: lines against suppliers, for buyers alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.exporting import Row, amount_cell
from portal.feeds.amounts import THOUSANDTHS, to_decimal
from portal.rfqs.awarding import RfqAward
from portal.rfqs.page import Invited, RfqPage
from portal.rfqs.showing import AskedLine, OfferedLine


@dataclass(frozen=True, slots=True)
class Cell:
    """What one supplier offers for one line; nothing where it offers none."""

    invited: Invited
    told: OfferedLine | None
    is_best: bool
    is_won: bool

    @property
    def is_quoted(self) -> bool:
        return self.told is not None and self.told.terms.is_quoted


@dataclass(frozen=True, slots=True)
class Compared:
    line: AskedLine
    cells: list[Cell]

    @property
    def is_offered(self) -> bool:
        return any(cell.is_quoted for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """One supplier: what its offer comes to, and whether it is the lowest of those that offer every line."""

    invited: Invited
    is_whole: bool
    is_lowest: bool


class Comparison:
    def __init__(self, session: Session, page: RfqPage) -> None:
        self.page, self.offering = page, page.offers
        won = awarded(session, page)
        self.rows = [self._row(line, won) for line in page.lines]
        whole = [one for one in self.offering if one.offer and one.offer.quoted == len(page.lines)]
        lowest = min((one.offer.total for one in whole if one.offer), default=None)
        self.columns = [
            Column(one, one in whole, one in whole and one.offer is not None and one.offer.total == lowest)
            for one in self.offering
        ]

    def _row(self, line: AskedLine, won: Mapping[int, int]) -> Compared:
        told = [(one, one.offer.lines.get(line.position) if one.offer else None) for one in self.offering]
        best = best_price([offered for _one, offered in told])
        cells = [
            Cell(
                one,
                offered,
                is_best=offered is not None and best is not None and offered.terms.price == best,
                is_won=won.get(line.id) == one.id,
            )
            for one, offered in told
        ]
        return Compared(line, cells)

    def seen(self) -> dict[str, int]:
        """The number of each offer that is compared, by the reference of its invitation."""
        return {one.ref: one.offer.number for one in self.offering if one.offer}


def best_price(offered: Sequence[OfferedLine | None]) -> Fraction | None:
    """The lowest price for one unit; none where a single supplier offers the line."""
    prices = [one.terms.price for one in offered if one is not None and one.terms.price is not None]
    return min(prices) if len(prices) > 1 else None


def awarded(session: Session, page: RfqPage) -> dict[int, int]:
    """The winning invitation of each line, by the id of the line."""
    asked = sa.select(RfqAward.line_id, RfqAward.invitation_id)
    ids = [line.id for line in page.lines]
    return {row.line_id: row.invitation_id for row in session.execute(asked.where(RfqAward.line_id.in_(ids)))}


def rows_of(comparison: Comparison, currency: str) -> Iterator[Row]:
    """For spreadsheets: a row for each line and supplier, so that it can be sorted and summed."""
    titles: Row = [_("Line"), _("Description"), _("Quantity"), _("Unit"), _("Supplier"), _("Unit price")]
    titles += [_("For how many"), _("Sum"), _("Currency"), _("Day of delivery"), _("Days from the order")]
    yield [*titles, _("Smallest quantity"), _("Best price"), _("Awarded"), _("Remark")]
    for row in comparison.rows:
        for cell in row.cells:
            yield _cells(row.line, cell, currency)


def _cells(line: AskedLine, cell: Cell, currency: str) -> Row:
    told: Row = [line.position, line.name, to_decimal(line.quantity, THOUSANDTHS), line.unit, cell.invited.name]
    if cell.told is None or not cell.told.terms.is_quoted:
        return [*told, "", "", "", currency, "", "", "", "", "", cell.told.remark if cell.told else ""]
    terms = cell.told.terms
    told += [amount_cell(terms.unit_price, currency), terms.price_per, amount_cell(cell.told.net, currency), currency]
    told += [terms.delivery_on or "", "" if terms.lead_days is None else terms.lead_days]
    told.append(to_decimal(terms.minimum, THOUSANDTHS) if terms.minimum else "")
    yes = _("Yes")
    return [*told, yes if cell.is_best else "", yes if cell.is_won else "", cell.told.remark]
