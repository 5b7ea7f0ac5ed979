"""The list of orders: views, filters, search and pages, through the reader's lens."""

from datetime import date
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.exceptions import BadRequest

from portal.access import Action, Capacity, Principal, Role
from portal.access.gate import principal, requires
from portal.exporting import table
from portal.extensions import db
from portal.filtering import in_address
from portal.forms import typed_date
from portal.languages import voice
from portal.orders import listing
from portal.orders.blueprint import bp
from portal.orders.export import rows_of
from portal.orders.lifecycle import FIRST, TRANSITIONS, Kind, State
from portal.orders.listing import Filters
from portal.orders.words import KINDS, STATES
from portal.paging import Page
from portal.web import place, render_list

Options = list[tuple[str, Any]]


@bp.get("/orders")
@requires(Action.ORDER_READ)
def index() -> Response:
    who, session = principal(), db.session()
    filters = listing.read_filters(request.args, who)
    is_sound = not filters.unreadable
    page = listing.list_orders(session, who, filters, **place()) if is_sound else Page([])
    return render_list(
        "orders",
        page,
        filters,
        200 if is_sound else 422,
        lines=page.rows,
        is_staff=who.is_staff,
        shows_returns=who.is_staff and Kind.SALES in listing.kinds_of(who) and who.may(Action.TICKET_READ),
        shows_kinds=len(listing.kinds_of(who)) > 1,
        tabs=_tabs(who, filters),
        fields=_fields(who, filters),
        typed=_typed(who, filters),
    )


@bp.get("/orders/export.csv", defaults={"form": "csv"})
@bp.get("/orders/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.ORDER_READ)
def export(form: str) -> Response:
    """Just what the list shows, of all its pages."""
    who = principal()
    filters = listing.read_filters(request.args, who)
    if filters.unreadable:
        raise BadRequest
    return table("orders", form, rows_of(db.session(), who, filters))


def _tabs(who: Principal, filters: Filters) -> list[tuple[str, str, bool]]:
    """The views that people come for every day."""
    views = [(_("All"), Filters())]
    if Role.ACCOUNT_MANAGER in who.roles:
        views.append((_("My portfolio"), Filters(mine="1")))
    kinds = listing.kinds_of(who)
    several = {Kind.SALES: _("Orders"), Kind.QUOTATION: _("Quotations"), Kind.PURCHASE: _("Purchase orders")}
    if len(kinds) > 1:
        views += [(several[kind], Filters(kind=kind)) for kind in kinds]
    if who.may(Action.ORDER_CONFIRM):
        views.append((_("To be confirmed"), Filters(state=State.REQUESTED)))
    elif Kind.PURCHASE in kinds:
        views.append((_("To be confirmed"), Filters(kind=Kind.PURCHASE, state=State.ORDERED)))
    elif who.capacity == Capacity.CUSTOMER:
        views.append((_("To be decided"), Filters(kind=Kind.QUOTATION, state=State.OFFERED)))
    views.append((pgettext("order", "Late"), Filters(late="1", sort="due")))
    return [(view.url(), label, view == filters) for label, view in views]


def _fields(who: Principal, filters: Filters) -> list[tuple[str, str, Options]]:
    """The selects above the list: name, label, choices; what is outside the lens is not among them."""
    anything: Options = [("", _("All"))]
    kinds = listing.kinds_of(who)
    groups: Options = [
        ("open", pgettext("orders", "Open")),
        ("running", pgettext("orders", "On their way")),
        ("over", _("Over")),
    ]
    states: Options = [(state.value, STATES[state]) for state in _states_of(kinds)]
    fields = [("state", _("State"), anything + groups + states)]
    if len(kinds) > 1:
        fields.insert(0, ("kind", _("Kind"), anything + [(kind.value, KINDS[kind]) for kind in kinds]))
    fields.append(("late", _("Delivery"), [*anything, ("1", pgettext("order", "Late"))]))
    for name, label in (("customer", _("Customer")), ("supplier", _("Supplier"))):
        if company := listing.company_named(db.session(), getattr(filters, name)):
            fields.append((name, label, [*anything, company]))
    orders: Options = [("-updated", _("Updated last")), ("updated", _("Updated first"))]
    orders += [("-ordered", _("Ordered last")), ("ordered", _("Ordered first")), ("due", _("Due first"))]
    return [*fields, ("sort", _("Sort by"), orders)]


def _states_of(kinds: list[Kind]) -> list[State]:
    """Those in which a record of these kinds can be, in the order of their life."""
    found = {state for kind in kinds for state in FIRST[kind]}
    found |= {state for kind in kinds for row in TRANSITIONS[kind] for state in (row.source, row.target)}
    return [state for state in State if state in found]


def _typed(who: Principal, filters: Filters) -> list[tuple[str, str, str, str, str]]:
    """The fields that are written in: name, label, what stands there, kind of input, and what is wrong with it."""
    fault = _("Enter a date such as %(example)s.", example=typed_date(date(2025, 12, 31)))
    labels = {"from_": _("Ordered from"), "to": _("Ordered until")}
    days = []
    for name, label in labels.items():
        is_day = name not in filters.unreadable
        value = getattr(filters, name)
        # The browser picks days; of a calendar that it does not know, or where it was none, there is text.
        kind = "date" if is_day and voice().calendar != "jalali" else "text"
        shown = typed_date(date.fromisoformat(value)) if value and is_day else value
        days.append((in_address(name), label, shown, kind, "" if is_day else fault))
    own = _("Their own number") if who.is_staff else _("Your own number")
    texts = [
        ("reference", _("Order number"), filters.reference),
        ("customer_reference", own, filters.customer_reference),
        ("product", _("Product code"), filters.product),
    ]
    return [*days, *((name, label, value, "text", "") for name, label, value in texts)]
