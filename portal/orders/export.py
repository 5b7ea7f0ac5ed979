"""The list of orders as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import (
    Row,
    amount_cell,
    capped,
    day_cells,
    day_titles,
    see_one_moment,
    time_cells,
    time_titles,
)
from portal.orders.lifecycle import Kind
from portal.orders.listing import Filters, Line, every_order
from portal.orders.words import KINDS, PAYMENT_STATES, STATES

BATCH = 500


def rows_of(session: Session, who: Principal, filters: Filters) -> Iterator[Row]:
    """The titles, then the lines of all pages, read batch by batch."""
    see_one_moment(session)
    yield _titles(who)
    batches = every_order(session, who, filters, batch=BATCH)
    yield from capped((_cells(line) for lines in batches for line in lines), _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s orders are here. Narrow the list to export others.", most=most)


def _titles(who: Principal) -> Row:
    titles: Row = [_("Reference"), _("Order number"), _("Kind"), _("Company")]
    titles += [_("Their own number") if who.is_staff else _("Your own number"), _("State")]
    titles += [_("Shipped in per cent"), _("Delivered in per cent")]
    days = (pgettext("order", "Ordered"), _("Due"), pgettext("order", "Delivered"), _("Valid until"))
    titles += [title for name in days for title in day_titles(name)]
    return [*titles, _("Total"), _("Currency"), _("Payment"), *time_titles(_("Updated"))]


def _cells(line: Line) -> Row:
    cells: Row = [line.ref, line.number, KINDS[line.kind], line.organisation, line.customer_reference]
    cells += [STATES[line.state], line.shipped_percent, line.delivered_percent]
    days = (line.ordered_on, line.due_on, line.delivered_on, line.valid_until)
    cells += [cell for day in days for cell in day_cells(day)]
    is_paid_for = line.is_whole and line.kind != Kind.QUOTATION
    cells += [amount_cell(line.total, line.currency), line.currency]
    return [*cells, PAYMENT_STATES[line.payment_state] if is_paid_for else "", *time_cells(line.updated_at)]
