"""One order, for everybody who reaches it at the same address."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, g, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import ground_of
from portal.access.gate import note_read, principal, requires
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.forms import LongTextField
from portal.orders.blueprint import bp
from portal.orders.events import news_of
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
    g.order_forms = dict(forms or {})
    page = OrderPage(order)
    if page.is_whole:
        page.sections = sections_of(page.session, page.who, order)
    errors = [form for form in (forms or {}).values() if form.errors]
    # What no section has a place for any more is not lost either.
    typed = [text for form in g.order_forms.values() for text in typed_in(form)]
    return render(
        "orders/show.html", "orders/_record.html", status, record=page, refused=errors, typed=typed, **context
    )


def refused(ref: str, problem: RuleBroken, **forms: Any) -> Response:
    """The model said no: the page as it is now, with what was typed."""
    db.session.rollback()
    order = find_or_404(Order, ref=ref)
    return draw(order, 409, forms=forms, **told_of(order, problem))


def told_of(order: Order, problem: RuleBroken) -> dict[str, Any]:
    """For `orders/_problem.html`: what is wrong and, where they had looked at an earlier version, what came since."""
    is_stale = isinstance(problem, Stale)
    looked_at = request.form.get("version", type=int) if is_stale else None
    news = news_of(db.session(), principal(), order, looked_at)
    return {"problem": problem.message, "is_stale": is_stale, "news": news}


def typed_in(form: Any) -> list[str]:
    """The texts that somebody wrote into it."""
    return [field.data for field in form if isinstance(field, LongTextField) and field.data]


def settled(ref: str, words: Any = None) -> BaseResponse:
    """After the commit: the page anew."""
    if words:
        flash(words, "success")
    return go_to(url_for("orders.show", ref=ref))
