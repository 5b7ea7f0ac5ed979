"""A customer accepts or declines a quotation: always by a form of its page, never by opening an address."""

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.languages import voice
from portal.orders.blueprint import words
from portal.orders.models import Order
from portal.orders.record_views import draw, refused, settled
from portal.quotations.consent import STALE, accept, decline
from portal.quotations.forms import ConsentForm, RefusalForm
from portal.quotations.section import may_decide, wording_of
from portal.web import find_or_404

bp = Blueprint("quotations", __name__)
bp.context_processor(words)


@bp.post("/orders/<ref>/consent")
@requires(Action.QUOTATION_DECIDE)
def create_consent(ref: str) -> BaseResponse:
    order, form, session, at = _held(ref), ConsentForm(), db.session(), now()
    if not form.validate_on_submit():
        return draw(order, 422, forms={"consent": form})
    try:
        if form.language.data != voice().language:
            # What they read and ticked was worded otherwise.
            raise Stale(STALE)
        accept(
            order,
            principal(),
            at,
            form.version.data or 0,
            seen=form.seen.data or "",
            today=vendor_calendar(session).day_of(at),
            name=form.full_name.data or "",
            wording=wording_of(session, order),
            language=voice().language,
        )
    except RuleBroken as problem:
        # What is agreed to is agreed to anew.
        form.agrees.data = False
        return refused(ref, problem, consent=form)
    session.commit()
    return settled(ref, _("You have accepted the quotation. We take care of the rest."))


@bp.post("/orders/<ref>/refusal")
@requires(Action.QUOTATION_DECIDE)
def create_refusal(ref: str) -> BaseResponse:
    order, form, session, at = _held(ref), RefusalForm(), db.session(), now()
    if not form.validate_on_submit():
        return draw(order, 422, forms={"refusal": form})
    today, version = vendor_calendar(session).day_of(at), form.version.data or 0
    try:
        decline(order, principal(), at, version, today=today, reason=form.refused_because.data or "")
    except RuleBroken as problem:
        return refused(ref, problem, refusal=form)
    session.commit()
    return settled(ref, _("You have declined the quotation."))


def _held(ref: str) -> Order:
    """Locked: of several who decide at once, the first does."""
    order = find_or_404(Order, ref=ref, lock=True)
    if not may_decide(principal(), order):
        refuse()
    return order
