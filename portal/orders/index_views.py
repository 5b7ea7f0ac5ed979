"""The list of orders: views, filters, search and pages, through the reader's lens."""

from flask import Response, request

from portal.access import Action
from portal.access.gate import principal, requires
from portal.extensions import db
from portal.orders import listing
from portal.orders.blueprint import bp
from portal.web import render, wants_fragment


@bp.get("/orders")
@requires(Action.ORDER_READ)
def index() -> Response:
    who = principal()
    filters = listing.read_filters(request.args, who)
    after, before = request.args.get("after", ""), request.args.get("before", "")
    page = listing.list_orders(db.session(), who, filters, after=after, before=before)
    answer = render(
        "orders/index.html",
        fragment="orders/_list.html",
        lines=page.rows,
        filters=filters,
        is_staff=who.is_staff,
        next_url=filters.url(after=page.next_cursor) if page.next_cursor else None,
        previous_url=filters.url(before=page.previous_cursor) if page.previous_cursor else None,
    )
    if wants_fragment():
        # Shareable as it stands, without the filters that are not set.
        answer.headers["HX-Push-Url"] = filters.url(after=after, before=before)
    return answer
