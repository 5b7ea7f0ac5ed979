"""One lead: handing it out and taking it back, accepting and declining it."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.clock import now
from portal.errors import RuleBroken
from portal.extensions import db
from portal.languages import parse_number
from portal.leads.answering import accept, decline, offer_to
from portal.leads.blueprint import bp
from portal.leads.forms import AnswerForm, HandingForm, VersionForm
from portal.leads.models import Lead, LeadOffer
from portal.leads.page import Choice, LeadPage, choices_of, handing_form
from portal.leads.ranking import Ranked
from portal.web import find_or_404, go_to, render

MOST_PLACES = 1000


@bp.get("/leads/<ref>")
@requires(Action.LEAD_READ)
def show(ref: str) -> Response:
    page = LeadPage(find_or_404(Lead, ref=ref))
    form = handing_form(page) if page.may_hand_out else None
    return _draw(page, form, choices_of(page) if page.may_hand_out else [])


def _draw(page: LeadPage, form: HandingForm | None, ranking: list[Choice], status: int = 200) -> Response:
    return render(
        "leads/show.html",
        "leads/_record.html",
        status,
        record=page,
        handing=form,
        ranking=ranking,
        missing=page.lead.missing() if page.may_hand_out else [],
        **page.staff_parts(),
    )


@bp.post("/leads/<ref>/handing-out")
@requires(Action.LEAD_HAND_OUT)
def create_handing_out(ref: str) -> BaseResponse:
    page = LeadPage(find_or_404(Lead, ref=ref, lock=True))
    form, ranking = HandingForm(), choices_of(page, request.form)
    is_sound = form.validate_on_submit()
    chosen = _in_order(ranking)
    if is_sound and not chosen:
        form.hours.errors = [_("Choose at least one partner.")]
    if not is_sound or not chosen:
        return _draw(page, form, ranking, 422)
    assert form.version.data is not None
    page.lead.hand_out(page.who, chosen, int(form.hours.data), page.at, form.version.data)
    db.session.commit()
    flash(_("The lead is handed out. You hear when a partner has accepted it, or when nobody took it."), "success")
    return go_to(url_for("leads.show", ref=ref))


def _in_order(ranking: list[Choice]) -> list[Ranked]:
    """Those that are ticked, by the places that were typed; one that cannot be read keeps its place in the ranking."""
    places = [(_place(choice.place, number), number, choice) for number, choice in enumerate(ranking, 1)]
    return [choice.ranked for _place_, _number, choice in sorted(places, key=lambda p: p[:2]) if choice.is_chosen]


def _place(typed: str, otherwise: int) -> int:
    try:
        return min(max(int(parse_number(typed)), 0), MOST_PLACES)
    except (ValueError, ArithmeticError):
        return otherwise


@bp.post("/leads/<ref>/withdrawal")
@requires(Action.LEAD_HAND_OUT)
def create_withdrawal(ref: str) -> BaseResponse:
    lead, form = find_or_404(Lead, ref=ref, lock=True), VersionForm()
    if not form.validate_on_submit() or form.version.data is None:
        raise BadRequest
    lead.withdraw(now(), form.version.data)
    db.session.commit()
    flash(_("The lead is taken back."), "success")
    return go_to(url_for("leads.show", ref=ref))


@bp.post("/leads/<ref>/acceptance")
@requires(Action.LEAD_ANSWER)
def create_acceptance(ref: str) -> BaseResponse:
    offer = _own_offer(ref)
    deal = accept(offer, principal(), now())
    db.session.commit()
    flash(_("The lead is yours. Here is the draft of its registration: look it over, then submit it."), "success")
    return go_to(url_for("deals.edit", ref=deal.ref, step="all"))


@bp.post("/leads/<ref>/declining")
@requires(Action.LEAD_ANSWER)
def create_declining(ref: str) -> BaseResponse:
    decline(_own_offer(ref), principal(), now())
    db.session.commit()
    flash(_("You declined the lead. Nobody is told that it was you."), "success")
    return go_to(url_for("leads.index"))


def _own_offer(ref: str) -> LeadOffer:
    """Under the lock of the lead, as it stands now. Raises RuleBroken where it is over since the page was drawn."""
    lead = find_or_404(Lead, ref=ref, lock=True)
    offer = offer_to(db.session(), principal(), lead)
    if offer is None or not AnswerForm().validate_on_submit():
        raise RuleBroken(_("The time to answer is over."))
    return offer
