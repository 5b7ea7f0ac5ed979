"""Decisions on a registration: each carries the version that was looked at, and a stale one shows both."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Capacity, Principal
from portal.access.finding import is_writable
from portal.access.gate import principal, refuse, requires
from portal.clock import now
from portal.deals import queue
from portal.deals.blueprint import bp
from portal.deals.deciding import differences, panel_of
from portal.deals.decision_forms import (
    FORMS,
    NEW,
    ApprovalForm,
    CustomerForm,
    DuplicateForm,
    ExtensionDecisionForm,
    RejectionForm,
    ReviewForm,
)
from portal.deals.extensions import Extension
from portal.deals.models import Deal, Outcome
from portal.deals.page import DealPage, parts
from portal.deals.record_views import draw as draw_record
from portal.deals.review import DealReview
from portal.deals.rules import matched_organisation
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.languages import voice
from portal.matching.comparing import compare
from portal.matching.domains import registrable_domain
from portal.matching.rules import were_sought
from portal.organisations.models import Organisation
from portal.tickets.forms import place
from portal.web import find_or_404, go_to, render

Act = Callable[[DealReview, Any], Any]


# ── The work on it ────────────────────────────────────────────────────────────────────────────────


@bp.post("/deals/<ref>/review")
@requires(Action.DEAL_DECIDE)
def create_review(ref: str) -> BaseResponse:
    """Take it in hand."""

    def act(review: DealReview, form: Any) -> Any:
        review.take(principal(), now(), form.version.data)

    return _decide(ref, "", ReviewForm(), act, _("You are reviewing this registration."), goes_on=False)


@bp.post("/deals/<ref>/review/ending")
@requires(Action.DEAL_DECIDE)
def delete_review(ref: str) -> BaseResponse:
    """Leave it to others."""

    def act(review: DealReview, form: Any) -> Any:
        review.put_back(principal(), now(), form.version.data)

    return _decide(ref, "", ReviewForm(), act, _("The review is left to others."))


@bp.post("/deals/<ref>/customer")
@requires(Action.DEAL_DECIDE)
def create_customer(ref: str) -> BaseResponse:
    """Name the organisation that the registration is about."""

    def act(review: DealReview, form: Any) -> Any:
        session, who = db.session(), principal()
        review.deal.check_version(who, form.version.data)
        review.name_customer(who, _customer(session, who, review, form.customer.data), now(), form.version.data)

    return _decide(ref, "customer", CustomerForm(), act, _("The customer is named."), goes_on=False)


class _Unknown(Exception):
    """What was chosen is none of the choices."""


def _customer(session: Session, who: Principal, review: DealReview, chosen: str | None) -> int:
    """The id of what was chosen: within reach, among the matches, or made from the registration."""
    if chosen == NEW and who.may(Action.ORGANISATION_WRITE):
        return _found_customer(session, who, review.deal)
    in_reach = session.scalar(sa.select(Organisation.id).where(Organisation.ref == chosen, Organisation.is_customer))
    found = in_reach or matched_organisation(session, review.deal_id, chosen or "")
    if found is None:
        raise _Unknown
    return found


def _found_customer(session: Session, who: Principal, deal: Deal) -> int:
    """A customer record with what the partner tells. The domain is what they say, which proves nothing: it is kept as
    the address of their site, never as that by which newcomers find their company."""
    domain = registrable_domain(deal.customer_domain)
    organisation = Organisation(
        name=deal.customer_name,
        country=deal.customer_country,
        language=voice().language,
        website=f"https://{domain}" if domain else "",
        created_at=now(),
    )
    organisation.capacities = frozenset({Capacity.CUSTOMER})
    session.add(organisation)
    session.flush()
    organisation.record("organisation-created", who.person_id, now())
    session.flush()
    return organisation.id


# ── Decisions ─────────────────────────────────────────────────────────────────────────────────────


@bp.post("/deals/<ref>/approval")
@requires(Action.DEAL_DECIDE)
def create_approval(ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        is_approved = review.approve(principal(), now(), form.version.data, **_words(form))
        return None if is_approved else _("Your approval is kept. A second person has to approve.")

    return _decide(ref, "approval", ApprovalForm(), act, _("The registration is approved."))


@bp.post("/deals/<ref>/return")
@requires(Action.DEAL_DECIDE)
def create_return(ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        review.send_back(principal(), now(), form.version.data, **_words(form))

    return _decide(ref, "return", FORMS["return"](), act, _("The registration is returned to the partner."))


@bp.post("/deals/<ref>/rejection")
@requires(Action.DEAL_DECIDE)
def create_rejection(ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        outcome = Outcome(form.outcome.data)
        review.reject(principal(), now(), form.version.data, outcome=outcome, **_words(form))

    return _decide(ref, "rejection", RejectionForm(), act, _("The registration is rejected."))


@bp.post("/deals/<ref>/duplicate")
@requires(Action.DEAL_DECIDE)
def create_duplicate(ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        outcome, in_line = Outcome(form.outcome.data), form.in_line.data
        review.mark_duplicate(principal(), now(), form.version.data, outcome=outcome, in_line=in_line, **_words(form))

    return _decide(ref, "duplicate", DuplicateForm(), act, _("The registration is marked as a duplicate."))


@bp.post("/deals/<ref>/revocation")
@requires(Action.DEAL_DECIDE)
def create_revocation(ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        review.revoke(principal(), now(), form.version.data, **_words(form))

    return _decide(ref, "revocation", FORMS["revocation"](), act, _("The approval is revoked."))


@bp.post("/deals/<ref>/extensions/<extension_ref>/decision")
@requires(Action.DEAL_DECIDE)
def create_extension_decision(ref: str, extension_ref: str) -> BaseResponse:
    def act(review: DealReview, form: Any) -> Any:
        asked = find_or_404(Extension, ref=extension_ref)
        if asked.deal_id != review.deal_id:
            refuse()
        grant = form.grant.data == "yes"
        asked.decide(principal(), now(), form.version.data, grant=grant, **_words(form))
        return None if grant else _("The extension is refused.")

    return _decide(ref, "extension", ExtensionDecisionForm(), act, _("The protection is extended."))


def _words(form: Any) -> dict[str, str]:
    return {"reason": form.reason.data or "", "note": form.note.data or ""}


# ── What they share ───────────────────────────────────────────────────────────────────────────────


def _held(ref: str) -> DealReview:
    """The review, with its deal locked for a decision of this person: whoever has a part in it decides nothing."""
    deal, session = find_or_404(Deal, ref=ref, lock=True), db.session()
    asked = sa.select(DealReview).where(DealReview.deal_id == deal.id).with_for_update(of=DealReview)
    review = session.scalars(asked).one_or_none()
    if review is None or not is_writable(deal):
        refuse()
    try:
        review.check_disinterested(principal())
    except RuleBroken:
        refuse()
    return review


def _decide(ref: str, name: str, form: Any, act: Act, words: str, *, goes_on: bool = True) -> BaseResponse:
    """Check who and then the form, call the verb, commit; on the way out say what stood against it."""
    review = _held(ref)
    due_at, given = review.deal.due_at, {name: place(form, name)} if name else {}
    if not form.validate_on_submit():
        return _draw(review.deal, form, 422, given)
    try:
        words = act(review, form) or words
    except _Unknown:
        form.customer.errors = [_("Choose one of these.")]
        return _draw(review.deal, form, 422, given)
    except RuleBroken as problem:
        return _refused(ref, problem, form, given)
    db.session.commit()
    flash(words, "success")
    return go_to(_next_address(ref, form, due_at, goes_on=goes_on))


def _next_address(ref: str, form: Any, due_at: Any, *, goes_on: bool) -> str:
    if not form.is_in_queue:
        return url_for("deals.show", ref=ref)
    if goes_on:
        ref = queue.following(db.session(), principal(), due_at, ref)
    return url_for("deals.show_queued", ref=ref) if ref else url_for("deals.show_queue")


def _refused(ref: str, problem: RuleBroken, form: Any, given: dict[str, Any]) -> BaseResponse:
    """The model said no: the page as it is now, with what was typed, and both versions where it had moved on."""
    db.session.rollback()
    deal = find_or_404(Deal, ref=ref)
    seen = form.seen.data
    is_stale = isinstance(problem, Stale)
    changed = differences(db.session(), deal, max(seen, 0)) if is_stale and seen is not None else []
    return _draw(deal, form, 409, given, problem=problem.message, is_stale=is_stale, differences=changed, seen=seen)


def _draw(deal: Deal, form: Any, status: int, given: dict[str, Any], **context: Any) -> BaseResponse:
    page = DealPage(deal)
    seen = context.pop("seen", None)
    if context.get("is_stale") and seen is not None:
        context["news"] = page.events[max(seen, 0) :]
    if form.is_in_queue:
        return draw_queued(page, status, given, **context)
    return draw_record(page, status, **review_context(page, given), **context)


def review_context(page: DealPage, given: dict[str, Any] | None = None, back: str = "") -> dict[str, Any]:
    """What `deals/_review.html` draws: review (None for outsiders and drafts), decisions, matches, were_sought."""
    session = page.session
    panel = panel_of(session, page.who, page.deal)
    if panel is None:
        return {"review": None}
    question = request.values.get("named", "")[:200]
    return {
        "review": panel,
        "decisions": panel.forms(given or {}, question, back),
        "matches": compare(page.deal, panel.matches),
        "were_sought": were_sought(session, page.deal.id),
    }


parts.append(review_context)


def draw_queued(page: DealPage, status: int = 200, given: dict[str, Any] | None = None, **context: Any) -> BaseResponse:
    """The registration in the queue: all facts, the matches and the decision on one screen."""
    around = queue.neighbours(page.session, page.deal)
    return render(
        "deals/queue_deal.html",
        status=status,
        record=page,
        around=around,
        in_queue=True,
        **review_context(page, given, "queue"),
        **context,
    )
