"""The inbox of invoices as a table for spreadsheets."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session

from portal.exporting import Row, amount_cell, capped, see_one_moment, time_cells, time_titles
from portal.purchasing.listing import Filters, Line, every_invoice
from portal.purchasing.words import INVOICE_STATES

BATCH = 500


def rows_of(session: Session, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    titles = [
        _("Reference"),
        _("Invoice number"),
        _("Supplier"),
        pgettext("kind", "Order"),
        _("Amount with tax"),
        _("Currency"),
    ]
    yield [*titles, _("State"), _("Issued on"), _("Due on"), *time_titles(_("Received"))]
    cells = (_cells(line) for lines in every_invoice(session, filters, batch=BATCH) for line in lines)
    yield from capped(cells, _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s invoices are here. Narrow the list to export others.", most=most)


def _cells(line: Line) -> Row:
    told: Row = [line.ref, line.number, line.supplier, line.order_number]
    told += [amount_cell(line.total, line.currency), line.currency, INVOICE_STATES[line.state]]
    return [*told, line.issued_on, line.due_on, *time_cells(line.received_at)]
