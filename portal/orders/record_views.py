"""One order, for everybody who reaches it at the same address."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, g, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import ground_of
from portal.access.gate import note_read, principal, requires
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.orders.blueprint import bp
from portal.orders.models import Order
from portal.orders.page import OrderPage
from portal.orders.sections import sections_of
from portal.web import find_or_404, go_to, render

# Grounds that come with a role: nobody has put the order into their hands.
_FROM_AFAR = (Ground.SALES, Ground.ALL)


@bp.get("/orders/<ref>")
@requires(Action.ORDER_READ)
def show(ref: str) -> Response:
    order = find_or_404(Order, ref=ref)
    note_order_read(order)
    return draw(order)


# ── What the verbs of the other modules share ─────────────────────────────────────────────────────


def note_order_read(order: Order) -> None:
    if principal().is_staff:
        note_read(order.ref, order.organisation_id, from_afar=ground_of(order) in _FROM_AFAR)


def draw(order: Order, status: int = 200, *, forms: Mapping[str, Any] | None = None, **context: Any) -> Response:
    """The page. A form that was refused goes in `forms`, by the name under which its section asks `form_of` for it."""
    g.order_forms = forms or {}
    page = OrderPage(order)
    if page.is_whole:
        page.sections = sections_of(page.session, page.who, order)
    errors = [form for form in g.order_forms.values() if form.errors]
    return render("orders/show.html", "orders/_record.html", status, record=page, refused=errors, **context)


def refused(ref: str, problem: RuleBroken, **forms: Any) -> Response:
    """The model said no: the page as it is now, with what was typed."""
    db.session.rollback()
    order = find_or_404(Order, ref=ref)
    return draw(order, 409, forms=forms, problem=problem.message, is_stale=isinstance(problem, Stale))


def settled(ref: str, words: Any = None) -> BaseResponse:
    """After the commit: the page anew."""
    if words:
        flash(words, "success")
    return go_to(url_for("orders.show", ref=ref))
