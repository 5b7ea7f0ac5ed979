"""Returns: the inbox of those that wait, one of them, and the decision."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import ground_of
from portal.access.gate import note_read, principal, refuse, requires
from portal.aftersales import deciding
from portal.aftersales.about import told_of
from portal.aftersales.blueprint import bp
from portal.aftersales.forms import DecisionForm
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.languages import voice
from portal.orders.record_views import typed_in
from portal.orders.requests import OrderRequest, RequestKind
from portal.orders.waiting import waits_long
from portal.orders.words import RETURN_REASONS
from portal.products.models import in_language
from portal.web import find_or_404, go_to, render, requested_page

_FROM_AFAR = (Ground.SALES, Ground.ALL)


@bp.get("/orders/returns")
@requires(Action.ORDER_READ)
def returns() -> Response:
    """The oldest first: those within reach, and of an account manager's own customers unless they ask for all."""
    who, everywhere = principal(), request.args.get("all") == "1"
    calendar, at = vendor_calendar(db.session()), now()
    page = requested_page(deciding.waiting(who, everywhere=everywhere), deciding.ORDER, deciding.PAGE_SIZE)
    kept: dict[str, Any] = {"all": "1"} if everywhere else {}

    def url(**place: Any) -> str | None:
        return url_for("aftersales.returns", **kept, **place) if all(place.values()) else None

    return render(
        "aftersales/returns.html",
        items=[
            {
                **row._mapping,
                "line": _name(row),
                "reason": RETURN_REASONS[row.reason],
                "waits": waits_long(calendar, row.at, at) if who.is_staff else 0,
            }
            for row in page.rows
        ],
        everywhere=everywhere,
        has_portfolio=deciding.has_portfolio(who),
        next_url=url(after=page.next_cursor),
        previous_url=url(before=page.previous_cursor),
    )


def _name(row: Any) -> str:
    return in_language(row.descriptions, voice().language) or row.code if row.position is not None else ""


@bp.get("/orders/returns/<ref>")
@requires(Action.ORDER_READ)
def show(ref: str) -> Response:
    found = _return(ref)
    if principal().is_staff:
        is_afar = ground_of(found.order) in _FROM_AFAR
        note_read(ref, found.order.organisation_id, from_afar=is_afar)
    return _draw(found)


@bp.post("/orders/returns/<ref>/decision")
@requires(Action.ORDER_CONFIRM)
def create_decision(ref: str) -> BaseResponse:
    found, form, who, at = _return(ref, lock=True), DecisionForm(), principal(), now()
    if not deciding.may_decide(who, found):
        refuse()
    if not form.validate_on_submit():
        return _draw(found, 422, form=form)
    confirm = form.decision.data == "confirm"
    try:
        deciding.decide(found, who, at, form.version.data or 0, confirm=confirm, words=form.words.data or "")
    except RuleBroken as problem:
        db.session.rollback()
        found = _return(ref)
        # Where it has been decided on meanwhile there is no field any more for what was typed.
        typed = [] if found.is_waiting else typed_in(form)
        is_stale = isinstance(problem, Stale)
        return _draw(found, 409, form=form, problem=problem.message, is_stale=is_stale, typed=typed)
    db.session.commit()
    flash(_("The return is confirmed.") if confirm else _("The return is refused."), "success")
    return go_to(url_for("aftersales.returns"))


def _return(ref: str, *, lock: bool = False) -> OrderRequest:
    found = find_or_404(OrderRequest, ref=ref, lock=lock)
    if found.kind != RequestKind.RETURN:
        refuse()
    return found


def _draw(found: OrderRequest, status: int = 200, *, form: DecisionForm | None = None, **context: Any) -> Response:
    who, session = principal(), db.session()
    decides = found.is_waiting and deciding.may_decide(who, found)
    (told,) = told_of(session, who, OrderRequest.id == found.id)
    return render(
        "aftersales/return.html",
        status=status,
        told=told,
        version=found.version,
        message=deciding.first_message(session, found),
        form=(form or DecisionForm(formdata=None)) if decides else None,
        **context,
    )
