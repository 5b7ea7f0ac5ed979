"""The list of leads as a table for spreadsheets: the rows and columns that its reader sees there."""

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.exporting import BYTE_ORDER_MARK, csv_text, see_one_moment, time_cells, time_titles
from portal.languages import country_name, currency_exponent, number_text
from portal.leads.listing import Filters, Line, every_lead
from portal.leads.words import STATES

# The last line says so where an export ends here.
MOST_EXPORTED = 50_000
BATCH = 500


def csv_of(session: Session, who: Principal, filters: Filters) -> Iterator[str]:
    """The lines of all pages as CSV, batch by batch."""
    see_one_moment(session)
    yield BYTE_ORDER_MARK + csv_text([_titles(who)])
    room = MOST_EXPORTED
    for lines in every_lead(session, who, filters, batch=BATCH):
        yield csv_text([_cells(who, line) for line in lines[:room]])
        if len(lines) > room:
            most = number_text(MOST_EXPORTED)
            yield csv_text(
                [[_("Only the first %(most)s leads are here. Narrow the list to export others.", most=most)]]
            )
            return
        room -= len(lines)


def _titles(who: Principal) -> list[object]:
    titles: list[object] = [_("Reference"), _("End customer"), _("Country"), _("State"), _("Products")]
    titles += [_("Size"), _("Currency")]
    return [*titles, *([_("Partner"), *time_titles(_("Updated"))] if who.is_staff else time_titles(_("Answer by")))]


def _cells(who: Principal, line: Line) -> list[object]:
    country = country_name(line.country) if line.country else ""
    cells: list[object] = [line.ref, line.customer, country, STATES[line.state], line.products]
    cells += [_amount(line), line.currency]
    return [*cells, *([line.partner, *time_cells(line.at)] if who.is_staff else time_cells(line.answer_by))]


def _amount(line: Line) -> str:
    """In whole units with decimals, as spreadsheets count with it in any language."""
    if line.amount is None or not line.currency:
        return ""
    return str(Decimal(line.amount).scaleb(-currency_exponent(line.currency)))
