"""One registration, for the partner and for staff at the same address."""

from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Ground
from portal.access.finding import ground_of
from portal.access.gate import note_read, principal, requires
from portal.accounts.kept import refill
from portal.deals.blueprint import bp
from portal.deals.forms import ExtensionForm, WithdrawalForm
from portal.deals.models import Deal
from portal.deals.page import DealPage, parts
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.web import find_or_404, go_to, render


@bp.get("/deals/<ref>")
@requires(Action.DEAL_READ)
def show(ref: str) -> Response:
    deal = find_or_404(Deal, ref=ref)
    if principal().is_staff:
        # A channel manager reaches them all because that is the work; whoever else does, from afar.
        is_afar = ground_of(deal) == Ground.ALL and not principal().may(Action.DEAL_DECIDE)
        note_read(ref, deal.organisation_id, from_afar=is_afar)
    forms: dict[str, Any] = {}
    if "kept" in request.args:
        forms["withdrawal"] = refill(WithdrawalForm(formdata=None), url_for("deals.create_withdrawal", ref=ref))
        forms["extension"] = refill(ExtensionForm(formdata=None), url_for("deals.create_extension", ref=ref))
    return draw(DealPage(deal), **forms)


# ── What the verbs of the other modules share ─────────────────────────────────────────────────────


def draw(page: DealPage, status: int = 200, **context: Any) -> Response:
    """The page, with what was refused in the place of fresh forms."""
    drawn: dict[str, Any] = dict(context)
    for part in parts:
        drawn |= {name: value for name, value in part(page).items() if name not in context}
    return render("deals/show.html", "deals/_record.html", status, record=page, **drawn | page.forms(context))


def refused(ref: str, problem: RuleBroken, seen: int | None = None, **forms: Any) -> Response:
    """The model said no: the page as it is now, with what was typed, and what has happened since it was looked at."""
    db.session.rollback()
    page = DealPage(find_or_404(Deal, ref=ref))
    is_stale = isinstance(problem, Stale)
    news = page.events[max(seen or 0, 0) :] if is_stale and seen is not None else []
    return draw(page, 409, problem=problem.message, news=news, is_stale=is_stale, **forms)


def settled(ref: str, words: Any = None) -> BaseResponse:
    """After the commit: the page anew."""
    if words:
        flash(words, "success")
    return go_to(url_for("deals.show", ref=ref))
