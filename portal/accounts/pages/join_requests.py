"""Asking to be let in, and deciding about those who ask."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import is_writable, writable
from portal.access.gate import principal, refuse, requires, signed_in
from portal.accounts.blueprint import bp
from portal.accounts.forms import RequestForm, RightsForm
from portal.accounts.join_requests import ask, latest_request, tell_decision
from portal.accounts.joining import JoinRequest
from portal.accounts.joins import join
from portal.accounts.kept import refill
from portal.accounts.membership import grantable_capacities
from portal.accounts.models import Person
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.organisations.listing import named
from portal.organisations.models import Organisation
from portal.paging import Order
from portal.text import clean_line, isolate
from portal.web import find_or_404, go_to, render, requested_page

PAGE_SIZE = 25
MOST_FOUND = 8


@bp.get("/account/request")
@signed_in
def show_request() -> Response:
    who = principal()
    return render(
        "accounts/request.html",
        form=refill(RequestForm(), url_for("accounts.create_request")),
        asked=latest_request(db.session(), who.person_id),
        is_newcomer=who.kind == "newcomer",
    )


@bp.post("/account/request")
@signed_in
def create_request() -> BaseResponse:
    who = principal()
    form, asked = RequestForm(), latest_request(db.session(), who.person_id)
    if asked is not None and asked.is_open:
        raise RuleBroken(_l("You have asked already. Somebody will decide soon."))
    if not form.validate_on_submit():
        return render("accounts/request.html", status=422, form=form, asked=asked, is_newcomer=who.kind == "newcomer")
    ask(who, form.company.data, form.message.data, now())
    flash(_("Your request is sent. You will be told when somebody has decided."), "success")
    return go_to(url_for("accounts.show_request"))


@bp.get("/requests")
@requires(Action.PEOPLE_MANAGE)
def join_requests() -> Response:
    """Who waits to be let in, the longest first."""
    statement: Any = (
        sa.select(
            JoinRequest.ref,
            JoinRequest.company,
            JoinRequest.created_at,
            Person.name,
            Organisation.name.label("organisation"),
        )
        .join(Person, Person.id == JoinRequest.person_id)
        .outerjoin(Organisation, Organisation.id == JoinRequest.organisation_id)
        .where(JoinRequest.decided_at.is_(None))
    )
    order = Order((JoinRequest.created_at, JoinRequest.ref))
    return render("accounts/requests.html", listing=requested_page(statement, order, PAGE_SIZE))


@bp.get("/requests/<ref>")
@requires(Action.PEOPLE_MANAGE)
def show_join_request(ref: str) -> Response:
    asked = _find(ref)
    organisation = asked.organisation or _chosen(request.args.get("organisation"))
    return _page(asked, organisation, RightsForm(areas=["support"]))


def _find(ref: str, *, lock: bool = False) -> JoinRequest:
    asked = find_or_404(JoinRequest, ref=ref, lock=lock)
    if asked.person_id == principal().person_id:
        refuse()
    return asked


def _chosen(ref: str | None) -> Organisation | None:
    return find_or_404(Organisation, ref=ref) if ref else None


def _page(asked: JoinRequest, organisation: Organisation | None, form: RightsForm, status: int = 200) -> Response:
    if organisation is not None:
        form.offer(grantable_capacities(principal(), organisation))
    q = clean_line(request.args.get("q", ""))[:200]
    return render(
        "accounts/join_request.html",
        status=status,
        asked=asked,
        newcomer=asked.person.name,
        organisation=organisation,
        may_decide=organisation is None or is_writable(organisation),
        form=form,
        q=q or asked.company,
        found=_candidates(q) if q and organisation is None else None,
    )


def _candidates(q: str) -> list[Any]:
    """Companies of this name into which the reader may let somebody."""
    return list(
        db.session.execute(
            sa.select(Organisation.ref, Organisation.name, Organisation.country)
            .where(named(q), writable(Organisation, principal()))
            .order_by(Organisation.name_key, Organisation.id)
            .limit(MOST_FOUND)
        )
    )


@bp.post("/requests/<ref>/acceptance")
@requires(Action.PEOPLE_MANAGE)
def accept_join_request(ref: str) -> BaseResponse:
    asked, who, at = _find(ref, lock=True), principal(), now()
    organisation = asked.organisation or find_or_404(Organisation, ref=request.form.get("organisation", ""))
    if not is_writable(organisation):
        refuse()
    form = RightsForm()
    form.offer(grantable_capacities(who, organisation))
    if not form.validate_on_submit():
        return _page(asked, organisation, form, 422)
    asked.decide(who.person_id, at, accepted=True)
    asked.organisation_id = organisation.id
    join(db.session(), asked.person_id, organisation, **form.rights, actor_id=who.person_id, at=at)
    tell_decision(db.session(), asked, who.person_id, at)
    db.session.commit()
    flash(
        _("%(name)s now belongs to %(company)s.", name=isolate(asked.person.name), company=isolate(organisation.name)),
        "success",
    )
    return go_to(url_for("accounts.join_requests"))


@bp.post("/requests/<ref>/refusal")
@requires(Action.PEOPLE_MANAGE)
def decline_join_request(ref: str) -> BaseResponse:
    asked, who, at = _find(ref, lock=True), principal(), now()
    if asked.organisation is not None and not is_writable(asked.organisation):
        refuse()
    asked.decide(who.person_id, at, accepted=False)
    tell_decision(db.session(), asked, who.person_id, at)
    db.session.commit()
    flash(_("The request is declined."), "success")
    return go_to(url_for("accounts.join_requests"))
