"""Proposing changes and answering them: on the order's page, and in the inbox of all that wait for one side."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, g, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.languages import currency_exponent, date_text, voice
from portal.orders.models import Order
from portal.orders.parts import OrderLine
from portal.orders.record_views import draw, refused, settled, told_of
from portal.orders.words import quantity_text
from portal.paging import Order as Sorting
from portal.purchasing.blueprint import bp
from portal.purchasing.forms import DeclineForm, TermsForm, VersionForm
from portal.purchasing.proposals import Proposal, ProposalState
from portal.purchasing.showing import PROPOSALS, acts_here, price_text, shown, terms_form
from portal.tickets.forms import place
from portal.web import find_or_404, go_to, render, requested_page

PAGE_SIZE = 10


def held(ref: str) -> Order:
    """Locked, so that of two acts at once the second sees what the first has done."""
    order = find_or_404(Order, ref=ref, lock=True)
    if not order.is_purchase or not acts_here(principal(), order):
        refuse()
    return order


# ── The inbox ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/purchasing/proposals")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def proposals() -> Response:
    return draw_inbox()


def draw_inbox(status: int = 200, **context: Any) -> Response:
    """What the other side proposes, the oldest first."""
    who = principal()
    calendar = vendor_calendar(db.session()) if who.is_staff else None
    waiting = PROPOSALS.where(Proposal.state == ProposalState.OPEN, Proposal.is_by_staff.is_(not who.is_staff))
    page = requested_page(waiting, Sorting((Proposal.at, Proposal.ref)), PAGE_SIZE)
    return render(
        "purchasing/proposals.html",
        "purchasing/_proposals.html",
        status,
        is_staff=who.is_staff,
        proposals=[shown(row, who, acts=True, back="inbox", calendar=calendar) for row in page.rows],
        next_url=url_for("purchasing.proposals", after=page.next_cursor) if page.next_cursor else None,
        previous_url=url_for("purchasing.proposals", before=page.previous_cursor) if page.previous_cursor else None,
        **context,
    )


# ── Proposing ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/orders/<ref>/lines/<position>/proposals/new")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def new_proposal(ref: str, position: str) -> Response:
    order = find_or_404(Order, ref=ref)
    if not order.is_purchase or not acts_here(principal(), order):
        refuse()
    line = _line(order, position)
    as_it_is = _Now(line.due_on, line.quantity, line.unit_price, order.details.currency)
    return _draw_new(order, line, terms_form(as_it_is))


@bp.post("/orders/<ref>/lines/<position>/proposals")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def create_proposal(ref: str, position: str) -> BaseResponse:
    order, form = held(ref), TermsForm()
    line, currency = _line(order, position), order.details.currency
    form.decimals = currency_exponent(currency)
    if not form.validate_on_submit():
        return _draw_new(order, line, form, 422)
    try:
        reason = form.reason.data or ""
        Proposal.propose(line, form.terms, principal(), now(), form.version.data, reason=reason)
    except RuleBroken as problem:
        db.session.rollback()
        order = find_or_404(Order, ref=ref)
        return _draw_new(order, _line(order, position), form, 409, **told_of(order, problem))
    db.session.commit()
    return settled(ref, _("Your proposal waits for the answer of the other side."))


def _line(order: Order, position: str) -> OrderLine:
    for line in order.lines:
        if str(line.position) == position:
            return line
    abort(404)


@dataclass(frozen=True, slots=True)
class _Now:
    """A line as it stands, as the form of a proposal begins."""

    delivery_on: date | None
    quantity: int
    unit_price: int
    currency: str


def _draw_new(order: Order, line: OrderLine, form: TermsForm, status: int = 200, **context: Any) -> Response:
    now_is = [
        (_("Day of delivery"), date_text(line.due_on) if line.due_on else "–"),
        (_("Quantity"), quantity_text(line.quantity, line.unit)),
        (_("Price"), price_text(line.unit_price, line.price_per, order.details.currency)),
    ]
    return render(
        "purchasing/new_proposal.html",
        None,
        status,
        order=order,
        line=line,
        name=line.name_in(voice().language),
        now_is=now_is,
        form=form,
        version=order.version_for(principal()),
        **context,
    )


# ── Answering ─────────────────────────────────────────────────────────────────────────────────────

Act = Callable[[Proposal, int | None], object]


@bp.post("/orders/<ref>/proposals/<proposal_ref>/acceptance")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def create_acceptance(ref: str, proposal_ref: str) -> BaseResponse:
    def act(proposal: Proposal, version: int | None) -> None:
        proposal.accept(principal(), now(), version)

    return _answer(ref, proposal_ref, VersionForm(), "", act, _("The change is agreed on."))


@bp.post("/orders/<ref>/proposals/<proposal_ref>/refusal")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def create_refusal(ref: str, proposal_ref: str) -> BaseResponse:
    form = DeclineForm()

    def act(proposal: Proposal, version: int | None) -> None:
        proposal.decline(principal(), now(), version, reason=form.reason.data or "")

    return _answer(ref, proposal_ref, form, "decline", act, _("The change is declined: the line stays as it was."))


@bp.post("/orders/<ref>/proposals/<proposal_ref>/answer")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def create_answer(ref: str, proposal_ref: str) -> BaseResponse:
    """Decline it by a proposal of one's own."""
    form = TermsForm()

    def act(proposal: Proposal, version: int | None) -> None:
        proposal.counter(form.terms, principal(), now(), version, reason=form.reason.data or "")

    words = _("Your proposal waits for the answer of the other side.")
    return _answer(ref, proposal_ref, form, "answer", act, words)


@bp.post("/orders/<ref>/proposals/<proposal_ref>/withdrawal")
@requires(Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK)
def create_withdrawal(ref: str, proposal_ref: str) -> BaseResponse:
    def act(proposal: Proposal, version: int | None) -> None:
        proposal.withdraw(principal(), now(), version)

    return _answer(ref, proposal_ref, VersionForm(), "", act, _("Your proposal is withdrawn."))


def _answer(ref: str, proposal_ref: str, form: Any, name: str, act: Act, words: str) -> BaseResponse:
    """Check the form, do it to the version that was looked at, commit."""
    order = held(ref)
    asked = sa.select(Proposal).where(Proposal.order_id == order.id, Proposal.ref == proposal_ref)
    proposal = db.session.scalars(asked).one_or_none()
    if proposal is None:
        abort(404)
    if isinstance(form, TermsForm):
        form.decimals = currency_exponent(order.details.currency)
    given = {f"{name}-{proposal_ref}": place(form, f"{name}-{proposal_ref}")} if name else {}
    if not form.validate_on_submit():
        return _draw(order, form, given, 422)
    try:
        act(proposal, form.version.data)
    except RuleBroken as problem:
        if not form.is_in_inbox:
            return refused(ref, problem, **given)
        db.session.rollback()
        return _draw(order, form, given, 409, **told_of(find_or_404(Order, ref=ref), problem))
    db.session.commit()
    if form.is_in_inbox:
        flash(words, "success")
        return go_to(url_for("purchasing.proposals"))
    return settled(ref, words)


def _draw(order: Order, form: Any, given: dict[str, Any], status: int, **context: Any) -> Response:
    if not form.is_in_inbox:
        return draw(order, status, forms=given, **context)
    g.order_forms = given
    return draw_inbox(status, refused=[one for one in given.values() if one.errors], **context)
