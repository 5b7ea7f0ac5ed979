"""How suppliers confirm and deliver: the list for buyers, and for each supplier one page that both sides read."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note_read, principal, requires
from portal.clock import now
from portal.config import settings
from portal.exporting import table
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting
from portal.paging import Page
from portal.scorecards import behind, listing
from portal.scorecards.blueprint import bp
from portal.scorecards.charts import chart_of
from portal.scorecards.export import rows_of_lines, rows_of_periods, rows_of_suppliers
from portal.scorecards.figures import Period, added, by_month, by_quarter, months_of, window_at
from portal.scorecards.reach import Measure, Window, page_of
from portal.scorecards.words import MEASURES
from portal.web import find_or_404, go_to, render

__all__ = ["bp"]


@bp.get("/scorecards")
@requires(Action.SUPPLIER_SCORECARD_READ)
def index() -> BaseResponse:
    who = principal()
    if who.acting is not None and not who.is_staff:
        return go_to(url_for("scorecards.show", ref=who.acting.organisation_ref))
    filters = listing.read_filters(request.args)
    window = window_at(db.session(), now())
    page = _requested(*listing.listed(filters, window), listing.PAGE_SIZE)
    return render(
        "scorecards/index.html",
        "scorecards/_suppliers.html",
        suppliers=listing.suppliers_of(page.rows),
        filters=filters,
        tabs=[(listing.Filters(m.value).url(), m, m.value == filters.sort) for m in Measure],
        exports=[filters.url(f"scorecards.export_{form}") for form in ("csv", "xlsx")],
        next_url=filters.url(after=page.next_cursor) if page.next_cursor else None,
        previous_url=filters.url(before=page.previous_cursor) if page.previous_cursor else None,
    )


@bp.get("/scorecards/export.csv", endpoint="export_csv", defaults={"form": "csv"})
@bp.get("/scorecards/export.xlsx", endpoint="export_xlsx", defaults={"form": "xlsx"})
@requires(Action.SUPPLIER_SCORECARD_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages; to a supplier, its own row."""
    who, filters, session = principal(), listing.read_filters(request.args), db.session()
    own = None if who.is_staff else who.organisation_id
    statement, order = listing.listed(filters, window_at(session, now()), own)
    return table("scorecards", form, rows_of_suppliers(session, statement, order))


# ── One supplier ──────────────────────────────────────────────────────────────────────────────────


@bp.get("/scorecards/<ref>")
@requires(Action.SUPPLIER_SCORECARD_READ)
def show(ref: str) -> Response:
    supplier = _supplier(ref)
    session, by = db.session(), _by()
    window = window_at(session, now())
    found = months_of(session, window, supplier.id)
    periods = by_quarter(window, found) if by == "quarter" else by_month(window, found)
    address = url_for("scorecards.show", ref=ref)
    return render(
        "scorecards/show.html",
        supplier=supplier,
        periods=periods,
        total=added(found.values()),
        charts={measure: chart_of(periods, measure) for measure in Measure},
        tabs=[(address, _("By month"), by == "month"), (f"{address}?by=quarter", _("By quarter"), by == "quarter")],
        exports=[
            url_for(f"scorecards.export_one_{form}", ref=ref, by=by if by != "month" else None)
            for form in ("csv", "xlsx")
        ],
        confirm_days=settings().purchase_confirm_days,
        since=window.first,
    )


@bp.get("/scorecards/<ref>/export.csv", endpoint="export_one_csv", defaults={"form": "csv"})
@bp.get("/scorecards/<ref>/export.xlsx", endpoint="export_one_xlsx", defaults={"form": "xlsx"})
@requires(Action.SUPPLIER_SCORECARD_READ)
def export_one(ref: str, form: str) -> Response:
    supplier, session = _supplier(ref), db.session()
    window = window_at(session, now())
    found = months_of(session, window, supplier.id)
    periods = by_quarter(window, found) if _by() == "quarter" else by_month(window, found)
    return table(f"scorecard-{ref}", form, rows_of_periods(periods, added(found.values())))


@bp.get("/scorecards/<ref>/lines")
@requires(Action.SUPPLIER_SCORECARD_READ)
def lines(ref: str) -> Response:
    supplier = _supplier(ref)
    window = window_at(db.session(), now())
    periods = _periods(window)
    filters = behind.read_filters(request.args, periods)
    statement, order = behind.listed(filters, window, supplier.id, periods.get(filters.period))
    page = _requested(statement, order, behind.PAGE_SIZE)
    address = url_for("scorecards.lines", ref=ref)
    return render(
        "scorecards/lines.html",
        "scorecards/_lines.html",
        supplier=supplier,
        lines=behind.lines_of(page.rows, window),
        filters=filters,
        measure=Measure(filters.measure),
        fields=_fields(periods),
        address=address,
        exports=[filters.url_of(ref, f"scorecards.export_lines_{form}") for form in ("csv", "xlsx")],
        next_url=filters.url_of(ref, after=page.next_cursor) if page.next_cursor else None,
        previous_url=filters.url_of(ref, before=page.previous_cursor) if page.previous_cursor else None,
    )


@bp.get("/scorecards/<ref>/lines/export.csv", endpoint="export_lines_csv", defaults={"form": "csv"})
@bp.get("/scorecards/<ref>/lines/export.xlsx", endpoint="export_lines_xlsx", defaults={"form": "xlsx"})
@requires(Action.SUPPLIER_SCORECARD_READ)
def export_lines(ref: str, form: str) -> Response:
    """Just what the list shows, of all its pages."""
    supplier, session = _supplier(ref), db.session()
    window = window_at(session, now())
    periods = _periods(window)
    filters = behind.read_filters(request.args, periods)
    statement, order = behind.listed(filters, window, supplier.id, periods.get(filters.period))
    return table(f"scorecard-{ref}-lines", form, rows_of_lines(session, window, statement, order))


def _supplier(ref: str) -> Organisation:
    """For suppliers their own company alone: of another one, be it known by name, not even that it supplies us."""
    who, supplier = principal(), find_or_404(Organisation, ref=ref)
    if not supplier.is_supplier or not (who.is_staff or supplier.id == who.organisation_id):
        abort(404)
    if who.is_staff:
        note_read(supplier.ref, supplier.id)
    return supplier


def _requested(statement: sa.Select[Any], order: Sorting, size: int) -> Page:
    """The page of a list that the address asks for."""
    after, before = request.args.get("after", ""), request.args.get("before", "")
    return page_of(db.session(), statement, order, size, after=after, before=before)


def _by() -> str:
    by = request.args.get("by") or "month"
    if by not in ("month", "quarter"):
        raise BadRequest
    return by


def _periods(window: Window) -> dict[str, Period]:
    """The months and quarters by their names in addresses, without figures."""
    return {period.name: period for period in (*by_month(window, {}), *by_quarter(window, {}))}


def _fields(periods: dict[str, Period]) -> list[tuple[str, str, list[tuple[str, object]]]]:
    """The selects above the lines: name, label, choices."""
    measures: list[tuple[str, object]] = [(measure.value, MEASURES[measure]) for measure in Measure]
    outcomes: list[tuple[str, object]] = [
        ("missed", pgettext("scorecard", "Missed")),
        ("met", pgettext("scorecard", "Met")),
        ("all", _("All")),
    ]
    named: list[tuple[str, object]] = [(p.name, f"{p.label} {p.note}".strip()) for p in periods.values()]
    return [
        ("measure", _("Measure"), measures),
        ("outcome", _("Lines"), outcomes),
        ("period", _("Period"), [("", _("The last twelve months")), *named]),
    ]
