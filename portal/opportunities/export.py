"""The list of opportunities as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import Row, amount_cell, capped, see_one_moment, time_cells, time_titles
from portal.opportunities.listing import Filters, every_opportunity
from portal.opportunities.words import STAGES, STATUSES

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    yield _titles(who)
    rows = every_opportunity(session, who, filters, batch=BATCH)
    yield from capped((_cells(who, row) for row in rows), _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s opportunities are here. Narrow the list to export others.", most=most)


def _titles(who: Principal) -> Row:
    titles = [_("Reference"), _("Opportunity"), _("Customer"), _("State"), _("Stage"), _("Probability in per cent")]
    titles += [_("Amount"), _("Currency"), _("Expected close date"), _("Next step")]
    return [*titles, *([_("Partner")] if who.is_staff else []), *time_titles(_("Updated"))]


def _cells(who: Principal, row: Any) -> Row:
    """Numbers as spreadsheets count with them in any language."""
    cells: Row = [row.ref, row.title, row.customer or "", STATUSES[row.status], STAGES[row.stage]]
    cells += [row.probability, amount_cell(row.amount, row.currency), row.currency, row.close_on or "", row.next_step]
    return [*cells, *([row.partner or ""] if who.is_staff else []), *time_cells(row.activity_at)]
