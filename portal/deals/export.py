"""The list of registrations as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.deals.listing import Filters, Line, every_deal
from portal.deals.words import STATES
from portal.exporting import BYTE_ORDER_MARK, csv_text, see_one_moment, time_cells, time_titles
from portal.languages import currency_exponent, number_text

# The last line says so where an export ends here.
MOST_EXPORTED = 50_000
BATCH = 500


def csv_of(session: Session, who: Principal, filters: Filters) -> Iterator[str]:
    """The lines of all pages as CSV, batch by batch."""
    see_one_moment(session)
    yield BYTE_ORDER_MARK + csv_text([_titles(who)])
    room = MOST_EXPORTED
    for lines in every_deal(session, who, filters, batch=BATCH):
        yield csv_text([_cells(who, line) for line in lines[:room]])
        if len(lines) > room:
            most = number_text(MOST_EXPORTED)
            words = _("Only the first %(most)s registrations are here. Narrow the list to export others.", most=most)
            yield csv_text([[words]])
            return
        room -= len(lines)


def _titles(who: Principal) -> list[object]:
    titles: list[object] = [_("Reference"), _("End customer")]
    titles += [_("Partner"), _("Reviewer")] if who.is_staff else [_("Registered by")]
    titles += [_("Programme"), _("Size"), _("Currency"), _("State")]
    names = (_("Decision due"), _("Protected until"), _("Updated"))
    return [*titles, *(title for name in names for title in time_titles(name))]


def _cells(who: Principal, line: Line) -> list[object]:
    cells: list[object] = [line.ref, line.customer, line.organisation]
    cells += [line.reviewer] if who.is_staff else []
    cells += [line.programme, _amount(line), line.currency, STATES[line.state]]
    moments = (line.due_at, line.protected_until, line.updated_at)
    return [*cells, *(text for moment in moments for text in time_cells(moment))]


def _amount(line: Line) -> str:
    """In whole units with decimals, as spreadsheets count with it in any language."""
    if line.amount is None:
        return ""
    return str(Decimal(line.amount).scaleb(-currency_exponent(line.currency))) if line.currency else str(line.amount)
