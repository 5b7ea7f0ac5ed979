"""The queue of the channel managers, and what stands in it one after the other."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.deals import queue
from portal.deals.blueprint import bp
from portal.deals.decision_views import draw_queued
from portal.deals.models import Deal
from portal.deals.page import DealPage
from portal.deals.words import STATE_TONES, STATES
from portal.extensions import db
from portal.matching.words import likelihood
from portal.web import find_or_404, render


@bp.get("/deals/queue")
@requires(Action.DEAL_DECIDE)
def show_queue() -> Response:
    page = queue.waiting(
        db.session(), principal(), after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    return render(
        "deals/queue.html",
        items=page.rows,
        extensions=queue.extensions_asked(db.session()),
        states=STATES,
        tones=STATE_TONES,
        likelihood=likelihood,
        next_url=url_for("deals.show_queue", after=page.next_cursor) if page.next_cursor else None,
        previous_url=url_for("deals.show_queue", before=page.previous_cursor) if page.previous_cursor else None,
    )


@bp.get("/deals/queue/<ref>")
@requires(Action.DEAL_DECIDE)
def show_queued(ref: str) -> BaseResponse:
    return draw_queued(DealPage(find_or_404(Deal, ref=ref)))
