"""Ordering again: making, changing, sending and deleting a draft, and what our staff say to it."""

from datetime import date

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.languages import list_text, voice
from portal.orders.blueprint import words
from portal.orders.lifecycle import State, Verb
from portal.orders.models import Order
from portal.orders.record_views import draw, refused, settled
from portal.reorders import drafting
from portal.reorders.forms import AnswerForm, DraftForm, RejectionForm, form_for
from portal.reorders.section import may_answer, may_ask
from portal.text import isolate
from portal.web import find_or_404, go_to

bp = Blueprint("reorders", __name__)
bp.context_processor(words)

_OTHER_PRICES = _l("Prices have changed since the draft was made. Look at them, then send it.")


@bp.post("/orders/<ref>/reorders")
@requires(Action.ORDER_ASK)
def create_reorder(ref: str) -> BaseResponse:
    """Into a draft; who has one of this order already is led to it."""
    source, session, at = _asked_of(ref), db.session(), now()
    if (known := drafting.draft_of(session, source, principal())) is not None:
        flash(_("You have a draft of this order already."), "info")
        return go_to(url_for("orders.show", ref=known.ref))
    draft, left_out = drafting.reorder(session, source, principal(), at, vendor_calendar(session).day_of(at))
    session.commit()
    if left_out:
        names = list_text([isolate(line.name_in(voice().language)) for line in left_out])
        flash(_("Left out, because it can no longer be ordered: %(names)s.", names=names), "warning")
    return settled(draft.ref, _("The draft is ready. Nobody but your company sees it until you send it."))


@bp.post("/orders/<ref>/draft")
@requires(Action.ORDER_ASK)
def update_draft(ref: str) -> BaseResponse:
    return _save(ref, sends=False)


@bp.post("/orders/<ref>/request")
@requires(Action.ORDER_ASK)
def create_request(ref: str) -> BaseResponse:
    """Save what was typed, and send the draft to us."""
    return _save(ref, sends=True)


def _save(ref: str, *, sends: bool) -> BaseResponse:
    draft, session, who, at = _asked_of(ref), db.session(), principal(), now()
    today = vendor_calendar(session).day_of(at)
    form = form_for(draft, today)()
    if not form.validate_on_submit():
        return draw(draft, 422, forms={"draft": form})
    before = _prices(draft)
    try:
        drafting.edit(draft, who, at, form.version.data or 0, form.wishes, today)
        if sends and not _prices(draft).items() <= before.items():
            # What they send has to be what they have read.
            session.commit()
            return draw(draft, 409, problem=_OTHER_PRICES)
        if sends:
            drafting.send(draft, who, at, draft.version_for(who))
    except RuleBroken as problem:
        return _again(ref, problem, form, today)
    session.commit()
    return settled(ref, _("Sent. We confirm it, or tell you why not.") if sends else _("The draft is saved."))


def _prices(draft: Order) -> dict[int, tuple[int, int, int]]:
    return {line.position: (line.unit_price, line.price_per, line.discount) for line in draft.lines}


def _again(ref: str, problem: RuleBroken, form: DraftForm, today: date) -> BaseResponse:
    """With what was typed, for the lines that the draft has now: others have no place in the form any more."""
    if isinstance(problem, Stale):
        db.session.rollback()
        form = form_for(find_or_404(Order, ref=ref), today)()
    return refused(ref, problem, draft=form)


@bp.post("/orders/<ref>/removal")
@requires(Action.ORDER_ASK)
def delete_draft(ref: str) -> BaseResponse:
    draft, form = _asked_of(ref), AnswerForm()
    try:
        drafting.remove(draft, principal(), form.version.data or 0)
    except RuleBroken as problem:
        return refused(ref, problem)
    db.session.commit()
    flash(_("The draft is deleted."), "success")
    return go_to(url_for("orders.index"))


@bp.post("/orders/<ref>/withdrawal")
@requires(Action.ORDER_ASK)
def create_withdrawal(ref: str) -> BaseResponse:
    order, form = _asked_of(ref), AnswerForm()
    try:
        order.move(Verb.WITHDRAW, principal(), now(), form.version.data or 0)
    except RuleBroken as problem:
        return refused(ref, problem)
    db.session.commit()
    return settled(ref, _("The order is withdrawn."))


# ── What we say to it ─────────────────────────────────────────────────────────────────────────────


@bp.post("/orders/<ref>/acceptance")
@requires(Action.ORDER_CONFIRM)
def create_acceptance(ref: str) -> BaseResponse:
    order, form, session, at = _answered(ref), AnswerForm(), db.session(), now()
    try:
        drafting.accept(order, principal(), at, form.version.data or 0, vendor_calendar(session).day_of(at))
    except RuleBroken as problem:
        return refused(ref, problem)
    session.commit()
    return settled(ref, _("The order is accepted. Its number comes from the ERP system."))


@bp.post("/orders/<ref>/rejection")
@requires(Action.ORDER_CONFIRM)
def create_rejection(ref: str) -> BaseResponse:
    order, form = _answered(ref), RejectionForm()
    if not form.validate_on_submit():
        return draw(order, 422, forms={"rejection": form})
    reason = form.rejected_because.data or ""
    try:
        order.move(Verb.REFUSE_REQUEST, principal(), now(), form.version.data or 0, reason=reason)
    except RuleBroken as problem:
        return refused(ref, problem, rejection=form)
    db.session.commit()
    return settled(ref, _("The order is not accepted. The customer reads your reason."))


def _asked_of(ref: str) -> Order:
    order = find_or_404(Order, ref=ref, lock=True)
    if not may_ask(principal(), order):
        refuse()
    return order


def _answered(ref: str) -> Order:
    order = find_or_404(Order, ref=ref, lock=True)
    if not may_answer(principal(), order) or order.state == State.DRAFT:
        refuse()
    return order
