"""An approved registration becomes an opportunity: what will be, and the decision."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import is_writable
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine
from portal.deals.review import DealReview
from portal.deals.rules import is_interested
from portal.errors import RuleBroken
from portal.extensions import db
from portal.forms import choices
from portal.languages import voice
from portal.opportunities.blueprint import bp
from portal.opportunities.forms import ConversionForm
from portal.opportunities.models import Opportunity
from portal.organisations.models import PartnerLink
from portal.organisations.rules import active_link
from portal.web import done, find_or_404, render

_MOST_PEOPLE = 500


@bp.get("/deals/<ref>/conversion")
@requires(Action.DEAL_DECIDE)
def new_conversion(ref: str) -> BaseResponse:
    review = _held(ref)
    standing = db.session.scalar(sa.select(Opportunity.ref).where(Opportunity.deal_id == review.deal_id))
    if standing is not None:
        return done(url_for("opportunities.show", ref=standing))
    people = _people(review)
    form = ConversionForm(formdata=None, contact=_known_by_mail(people, review.deal.contact_email))
    form.version.data = str(review.deal.version)
    return _page(review, people, refill(form, url_for("opportunities.create_conversion", ref=ref)))


@bp.post("/deals/<ref>/conversion")
@requires(Action.DEAL_DECIDE)
def create_conversion(ref: str) -> BaseResponse:
    review, who = _held(ref, lock=True), principal()
    people, form = _people(review), ConversionForm()
    _offer(form, people)
    if not form.validate_on_submit():
        return _page(review, people, form, 422)
    contact_id = next((person.id for person in people if person.ref == form.contact.data), None)
    try:
        found = Opportunity.convert(review, who, now(), form.version_seen, contact_id=contact_id)
    except RuleBroken as problem:
        return _refused(ref, problem, form)
    db.session.commit()
    flash(_("The registration is an opportunity now."), "success")
    return done(url_for("opportunities.show", ref=found.ref))


def _refused(ref: str, problem: RuleBroken, form: ConversionForm) -> Response:
    """What stood against it, above the registration as it is now."""
    db.session.rollback()
    review = _held(ref)
    form.version.data, form.version.raw_data = str(review.deal.version), None
    return _page(review, _people(review), form, 409, problem.message)


def _held(ref: str, *, lock: bool = False) -> DealReview:
    """The review of a registration that is theirs to decide; of a draft there is none."""
    options = (selectinload(Deal.lines).joinedload(DealLine.product),)
    deal = find_or_404(Deal, ref=ref, options=options, lock=lock)
    if not is_writable(deal):
        refuse()
    review = db.session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one_or_none()
    if review is None or deal.state not in (State.APPROVED, State.CONVERTED):
        raise RuleBroken(_("Only an approved registration becomes an opportunity."))
    if review.customer is None:
        abort(404)
    if deal.state == State.APPROVED and is_interested(db.session(), principal().person_id, deal):
        refuse()
    return review


def _people(review: DealReview) -> list[Any]:
    """Who belongs to the customer, by name."""
    return list(
        db.session.execute(
            sa.select(Person.id, Person.ref, Person.name, Person.email)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.organisation_id == review.customer_id,
                Membership.ended_at.is_(None),
                Membership.is_customer,
                Person.disabled_at.is_(None),
            )
            .order_by(Person.name_key, Person.id)
            .limit(_MOST_PEOPLE)
        )
    )


def _known_by_mail(people: list[Any], email: str) -> str:
    """The person whom the partner knows already, if that is one of them."""
    return next((person.ref for person in people if person.email.casefold() == email.casefold()), "")


def _offer(form: ConversionForm, people: list[Any]) -> None:
    form.contact.choices = choices([("", _("Nobody yet")), *((person.ref, person.name) for person in people)])


def _page(
    review: DealReview, people: list[Any], form: ConversionForm, status: int = 200, problem: Any = None
) -> Response:
    _offer(form, people)
    deal = review.deal
    standing = sa.select(PartnerLink.id).where(
        PartnerLink.partner_id == deal.organisation_id,
        PartnerLink.customer_id == review.customer_id,
        active_link(PartnerLink),
    )
    return render(
        "opportunities/convert.html",
        status=status,
        deal=deal,
        deal_url=url_for("deals.show", ref=deal.ref),
        customer=review.customer,
        partner=deal.organisation,
        is_linked=db.session.execute(standing.limit(1)).first() is not None,
        lines=deal.lines,
        language=voice().language,
        form=form,
        problem=problem,
    )
