"""What buyers do with a request from its page: send, extend, add a supplier, clarify, cancel."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import find
from portal.access.gate import principal, requires
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.rfqs import buying
from portal.rfqs.blueprint import bp
from portal.rfqs.drafting import moment_of
from portal.rfqs.forms import CancellationForm, ClarificationForm, ExtensionForm, InvitationForm, VersionForm
from portal.rfqs.invitations import RfqInvitation, RfqQuestion
from portal.rfqs.record_views import draw, held, invitation_form, refused, settled
from portal.rfqs.requests import Rfq

Act = Callable[[Rfq], object]


@bp.post("/<ref>/sending")
@requires(Action.RFQ_WRITE)
def create_sending(ref: str) -> BaseResponse:
    form = VersionForm()
    return _act(
        ref,
        form,
        "",
        lambda rfq: buying.send(rfq, principal(), now(), form.version.data),
        _("The request is on its way: each supplier is told by itself, and reads nothing of the others."),
    )


@bp.post("/<ref>/extensions")
@requires(Action.RFQ_WRITE)
def create_extension(ref: str) -> BaseResponse:
    form = ExtensionForm()

    def act(rfq: Rfq) -> None:
        closes_at = moment_of(form, vendor_calendar(db.session()).time_zone)
        assert closes_at is not None
        buying.extend(rfq, closes_at, principal(), now(), form.version.data)

    return _act(ref, form, "extension", act, _("The suppliers have more time now, and are told."))


@bp.post("/<ref>/cancellation")
@requires(Action.RFQ_WRITE)
def create_cancellation(ref: str) -> BaseResponse:
    form = CancellationForm()
    return _act(
        ref,
        form,
        "cancellation",
        lambda rfq: buying.cancel(rfq, principal(), now(), form.version.data, reason=form.reason.data or ""),
        _("The request is cancelled. The suppliers read why."),
    )


@bp.post("/<ref>/invitations")
@requires(Action.RFQ_WRITE)
def create_invitation(ref: str) -> BaseResponse:
    rfq = held(ref)
    form = invitation_form(rfq, InvitationForm())

    def act(rfq: Rfq) -> None:
        named = Organisation.ref == form.supplier.data
        supplier = find(db.session(), Organisation, named, Organisation.is_supplier.is_(True))
        assert supplier is not None
        buying.invite(rfq, supplier, principal(), now(), form.version.data)

    return _do(rfq, form, "invitation", act, _("The supplier is invited."))


@bp.post("/<ref>/clarifications")
@requires(Action.RFQ_WRITE)
def create_clarification(ref: str) -> BaseResponse:
    form = ClarificationForm()

    def act(rfq: Rfq) -> None:
        question, answer = form.question.data or "", form.answer.data or ""
        asked = _question(rfq, form.asked.data or "")
        buying.clarify(rfq, question, answer, principal(), now(), form.version.data, asked=asked)

    return _act(ref, form, "clarification", act, _("All suppliers read this now. Who asked is told to nobody."))


def _question(rfq: Rfq, ref: str) -> RfqQuestion | None:
    asked = (
        sa.select(RfqQuestion)
        .join(RfqInvitation, RfqInvitation.id == RfqQuestion.invitation_id)
        .where(RfqInvitation.rfq_id == rfq.id, RfqQuestion.ref == ref)
    )
    return db.session.scalars(asked).one_or_none()


def _act(ref: str, form: Any, name: str, act: Act, words: str) -> BaseResponse:
    return _do(held(ref), form, name, act, words)


def _do(rfq: Rfq, form: Any, name: str, act: Act, words: str) -> BaseResponse:
    """Check the form, do it to the version that was looked at, commit."""
    ref, given = rfq.ref, {name: form} if name else {}
    if not form.validate_on_submit():
        return draw(rfq, 422, forms=given)
    try:
        act(rfq)
    except RuleBroken as problem:
        return refused(ref, problem, **given)
    db.session.commit()
    return settled(ref, words)
