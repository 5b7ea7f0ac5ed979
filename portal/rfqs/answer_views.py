"""A supplier answers: a question, an offer for each line, another version of it, or no."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.files.models import Attachment
from portal.files.receiving import Received
from portal.rfqs import answering
from portal.rfqs.answer_forms import DecliningForm, OfferForm, QuestionForm, WithdrawalForm, as_typed
from portal.rfqs.blueprint import bp
from portal.rfqs.holding import hold_invitation
from portal.rfqs.invitations import OfferTerms, RfqInvitation
from portal.rfqs.page import InvitationPage
from portal.rfqs.record_views import draw_invitation
from portal.rfqs.requests import RfqTerms
from portal.rfqs.rules import answers
from portal.web import find_or_404, go_to, render


def _held(ref: str) -> tuple[RfqInvitation, RfqTerms]:
    invitation = find_or_404(RfqInvitation, ref=ref)
    if not answers(principal(), invitation):
        refuse()
    found = hold_invitation(db.session(), RfqInvitation.ref == ref)
    assert found is not None
    return found


# ── The offer ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/<ref>/offer")
@requires(Action.RFQ_ANSWER)
def new_offer(ref: str) -> BaseResponse:
    page = _page(find_or_404(RfqInvitation, ref=ref))
    if not page.answers:
        flash(_("The time to answer is over."), "info")
        return go_to(url_for("rfqs.show", ref=ref))
    return _draw_offer(page, refill(_fresh(page), url_for("rfqs.create_offer", ref=ref)))


@bp.post("/<ref>/offers")
@requires(Action.RFQ_ANSWER)
def create_offer(ref: str) -> BaseResponse:
    (invitation, terms), form = _held(ref), OfferForm()
    form.speak_of(terms.currency)
    is_sound = form.validate_on_submit()
    received, at = form.receive(principal().person_id or 0), now()
    if not is_sound or form.files.errors:
        return _draw_offer(_page(invitation), form, 422)
    told = OfferTerms(form.told, form.until, form.remark.data or "", [file.attachment(at) for file in received])
    try:
        answering.offer(invitation, told, principal(), terms, at, form.version.data)
    except RuleBroken as problem:
        db.session.rollback()
        context = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
        return _draw_offer(_page(find_or_404(RfqInvitation, ref=ref)), form, 409, **context)
    db.session.commit()
    return _settled(ref, _("Your offer is sent. You can change it until the time to answer is over."))


def _page(invitation: RfqInvitation) -> InvitationPage:
    session = db.session()
    terms = session.scalars(sa.select(RfqTerms).where(RfqTerms.rfq_id == invitation.rfq_id)).one()
    return InvitationPage(session, principal(), invitation, terms)


def _fresh(page: InvitationPage) -> OfferForm:
    """Empty, or as the latest version had it."""
    latest = page.offers[0] if page.offers else None
    told = {position: line.terms for position, line in latest.lines.items()} if latest else {}
    currency = page.terms.currency
    data: dict[str, Any] = {
        "lines": [as_typed(line.position, told.get(line.position), currency) for line in page.lines],
        "valid_until": latest.valid_until if latest else None,
        "remark": latest.remark if latest else "",
    }
    form = OfferForm(formdata=None, data=data)
    form.version.data = page.invitation.version
    if latest is not None:
        form.keep(_files(latest.id), principal().person_id or 0)
    return form


def _files(offer_id: int) -> list[Received]:
    columns = (Attachment.sha256, Attachment.filename, Attachment.media_type, Attachment.size)
    asked = sa.select(*columns, Attachment.thumbnail_sha256).where(Attachment.rfq_offer_id == offer_id)
    return [Received(*row) for row in db.session.execute(asked.order_by(Attachment.id))]


def _draw_offer(page: InvitationPage, form: OfferForm, status: int = 200, **context: Any) -> Response:
    lines = {str(line.position): line for line in page.lines}
    return render("rfqs/offer.html", None, status, record=page, form=form, lines=lines, **context)


# ── The rest ──────────────────────────────────────────────────────────────────────────────────────

Act = Callable[[RfqInvitation, RfqTerms], None]


@bp.post("/<ref>/withdrawal")
@requires(Action.RFQ_ANSWER)
def create_withdrawal(ref: str) -> BaseResponse:
    form = WithdrawalForm()

    def act(invitation: RfqInvitation, terms: RfqTerms) -> None:
        answering.withdraw(invitation, principal(), terms, now(), form.version.data)

    return _act(ref, form, "", act, _("Your offer is withdrawn. You can send another one while there is time."))


@bp.post("/<ref>/declining")
@requires(Action.RFQ_ANSWER)
def create_declining(ref: str) -> BaseResponse:
    form = DecliningForm()

    def act(invitation: RfqInvitation, terms: RfqTerms) -> None:
        reason = form.reason.data or ""
        answering.decline(invitation, principal(), terms, now(), form.version.data, reason=reason)

    return _act(ref, form, "declining", act, _("You have declined. You can still send an offer while there is time."))


@bp.post("/<ref>/questions")
@requires(Action.RFQ_ANSWER)
def create_question(ref: str) -> BaseResponse:
    form = QuestionForm()

    def act(invitation: RfqInvitation, terms: RfqTerms) -> None:
        answering.ask(invitation, form.body.data or "", principal(), terms, now())

    return _act(ref, form, "question", act, _("Your question is sent. The answer stands here once it is given."))


def _act(ref: str, form: Any, name: str, act: Act, words: str) -> BaseResponse:
    invitation, terms = _held(ref)
    given = {name: form} if name else {}
    if not form.validate_on_submit():
        return draw_invitation(invitation, 422, forms=given)
    try:
        act(invitation, terms)
    except RuleBroken as problem:
        db.session.rollback()
        told = {"problem": problem.message, "is_stale": isinstance(problem, Stale)}
        return draw_invitation(find_or_404(RfqInvitation, ref=ref), 409, forms=given, **told)
    db.session.commit()
    return _settled(ref, words)


def _settled(ref: str, words: str) -> BaseResponse:
    flash(words, "success")
    return go_to(url_for("rfqs.show", ref=ref))
