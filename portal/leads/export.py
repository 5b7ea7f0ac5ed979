"""The list of leads as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import Row, amount_cell, capped, see_one_moment, time_cells, time_titles
from portal.languages import country_name
from portal.leads.listing import Filters, Line, every_lead
from portal.leads.words import STATES

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    yield _titles(who)
    batches = every_lead(session, who, filters, batch=BATCH)
    cells = (_cells(who, line) for lines in batches for line in lines)
    yield from capped(cells, _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s leads are here. Narrow the list to export others.", most=most)


def _titles(who: Principal) -> Row:
    titles: Row = [_("Reference"), _("End customer"), _("Country"), _("State"), _("Products")]
    titles += [_("Size"), _("Currency")]
    return [*titles, *([_("Partner"), *time_titles(_("Updated"))] if who.is_staff else time_titles(_("Answer by")))]


def _cells(who: Principal, line: Line) -> Row:
    country = country_name(line.country) if line.country else ""
    cells: Row = [line.ref, line.customer, country, STATES[line.state], line.products]
    cells += [amount_cell(line.amount, line.currency or ""), line.currency]
    return [*cells, *([line.partner, *time_cells(line.at)] if who.is_staff else time_cells(line.answer_by))]
