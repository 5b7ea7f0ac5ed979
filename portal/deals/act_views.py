"""What a partner does with a registration, or a channel manager on their behalf: submit, withdraw, extend, wait."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.clock import now
from portal.deals.blueprint import bp
from portal.deals.extensions import Extension
from portal.deals.filling import lacking_of
from portal.deals.form_views import own
from portal.deals.forms import ExtensionForm, VersionForm, WithdrawalForm
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine
from portal.deals.page import DealPage, may_do
from portal.deals.record_views import draw, refused, settled
from portal.errors import RuleBroken
from portal.extensions import db
from portal.languages import voice
from portal.web import go_to


@bp.post("/deals/<ref>/submission")
@requires(Action.DEAL_WRITE)
def create_submission(ref: str) -> BaseResponse:
    """Hand in a draft that is complete, or again what was returned."""

    def submit(deal: Deal, version: int) -> None:
        if lacking_of(deal, now().astimezone(voice().zone).date()):
            raise RuleBroken(_("Something is missing still. Fill in what is marked, then submit it."))
        deal.submit(principal(), now(), version)

    return act(ref, VersionForm(), submit, _("The registration is submitted. You see here when a decision is due."))


@bp.post("/deals/<ref>/withdrawal")
@requires(Action.DEAL_WRITE)
def create_withdrawal(ref: str) -> BaseResponse:
    form = WithdrawalForm()
    return act(
        ref,
        form,
        lambda deal, version: deal.withdraw(principal(), now(), version, form.reason.data or ""),
        _("The registration is withdrawn."),
        withdrawal=form,
    )


@bp.post("/deals/<ref>/extensions")
@requires(Action.DEAL_WRITE)
def create_extension(ref: str) -> BaseResponse:
    """Ask for more days of protection."""
    form = ExtensionForm()

    def ask(deal: Deal, version: int) -> None:
        Extension.ask(deal, principal(), now(), version, form.evidence.data or "")

    return act(ref, form, ask, _("You have asked for an extension. We decide on it and tell you."), extension=form)


@bp.post("/deals/<ref>/place")
@requires(Action.DEAL_WRITE)
def create_place(ref: str) -> BaseResponse:
    """Take the place that has become free."""
    return act(
        ref,
        VersionForm(),
        lambda deal, version: deal.accept_place(principal(), now(), version),
        _("The place is taken: the registration is reviewed anew."),
    )


@bp.post("/deals/<ref>/line-leaving")
@requires(Action.DEAL_WRITE)
def create_line_leaving(ref: str) -> BaseResponse:
    """Wait no longer, or decline the place that is offered."""
    return act(
        ref,
        VersionForm(),
        lambda deal, version: deal.leave_line(principal(), now(), version),
        _("The registration waits in line no longer."),
    )


@bp.post("/deals/<ref>/copies")
@requires(Action.DEAL_WRITE)
def create_copy(ref: str) -> BaseResponse:
    """Register again what is over: a new draft with the same facts."""
    deal, who = own(ref), principal()
    if not may_do(who, deal, now()).copy:
        return refused(ref, RuleBroken(_("The registration is not over, so that it cannot be registered again.")))
    copy = _copy(deal)
    db.session.add(copy)
    db.session.commit()
    return go_to(url_for("deals.edit", ref=copy.ref))


# What is told of the customer and the deal; the rest is a life of its own.
_COPIED = (
    "customer_name", "customer_domain", "customer_country", "registration_number", "tax_number",
    "contact_name", "contact_role", "contact_email", "contact_phone",
    "programme_id", "amount", "currency", "source", "sales_type", "description",
)  # fmt: skip


def _copy(deal: Deal) -> Deal:
    who = principal()
    copy = Deal(
        organisation_id=deal.organisation_id,
        author_id=deal.author_id if who.is_staff else who.person_id,
        created_by_id=who.person_id,
        created_at=now(),
        state=State.DRAFT,
        **{name: getattr(deal, name) for name in _COPIED},
    )
    copy.lines = [
        DealLine(position=n, product_id=line.product_id, quantity=line.quantity, unit_price=line.unit_price)
        for n, line in enumerate(deal.lines)
    ]
    return copy


def act(ref: str, form: Any, act: Callable[[Deal, int], object], words: str, **forms: Any) -> BaseResponse:
    """Check the form, do it to the version that was looked at, commit; `forms` are drawn again where it is refused."""
    deal = own(ref, lock=True)
    if not form.validate_on_submit():
        return draw(DealPage(deal), 422, **forms)
    try:
        act(deal, form.version.data)
    except RuleBroken as problem:
        return refused(ref, problem, form.seen.data, **forms)
    db.session.commit()
    return settled(ref, words)
