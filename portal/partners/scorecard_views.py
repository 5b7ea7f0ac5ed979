"""What a partner has reached, alike for the partner and for the channel; targets; how long decisions take."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Capacity, FieldGroup
from portal.access.finding import lens_of
from portal.access.gate import note_read, principal, refuse, requires
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.languages import number_text
from portal.languages.formats import own_digits
from portal.organisations.models import Organisation, PartnerTier
from portal.organisations.words import TIERS
from portal.partners import periods, reach
from portal.partners.blueprint import bp
from portal.partners.charts import decision_chart
from portal.partners.forms import TargetForm, minor
from portal.partners.models import Target, TierTerms
from portal.web import find_or_404, go_to, render

# The currency of targets and tiers.
CURRENCY = "EUR"


@bp.get("/partners/own")
@requires(Action.SCORECARD_READ)
def own() -> BaseResponse:
    acting = principal().acting
    if acting is None:
        return go_to(url_for("organisations.index"))
    return go_to(url_for("partners.show", ref=acting.organisation_ref))


@bp.get("/partners/<ref>")
@requires(Action.SCORECARD_READ)
def show(ref: str) -> Response:
    return _draw(_partner(ref))


@bp.post("/partners/<ref>/targets")
@requires(Action.PARTNER_TERMS_MANAGE)
def create_target(ref: str) -> BaseResponse:
    partner, form, session = _partner(ref), _target_form(), db.session()
    if not form.validate_on_submit():
        return _draw(partner, form, 422)
    year, quarter = (int(part) for part in form.quarter.data.split("-"))
    mine = (Target.organisation_id == partner.id, Target.year == year, Target.quarter == quarter)
    target = session.scalar(sa.select(Target).where(*mine))
    if target is None:
        target = Target(organisation_id=partner.id, year=year, quarter=quarter)
        session.add(target)
    target.amount, target.currency = minor(form.amount.data, CURRENCY), CURRENCY
    session.commit()
    flash(_("The target was saved."), "success")
    return go_to(url_for("partners.show", ref=ref, _anchor="targets"))


@bp.get("/deals/decision-times")
@requires(Action.PARTNER_TERMS_MANAGE)
def decision_times() -> Response:
    at = now()
    counts = reach.decision_times(db.session(), periods.since(at))
    return render("partners/decision_times.html", chart=decision_chart(periods.last_months(at), counts))


def _partner(ref: str) -> Organisation:
    """A partner whose terms the reader may see: for outsiders their own company."""
    who, partner = principal(), find_or_404(Organisation, ref=ref)
    if not partner.is_partner:
        abort(404)
    if not who.is_staff and (partner.id != who.organisation_id or who.capacity != Capacity.PARTNER):
        refuse()
    if FieldGroup.PARTNER_TERMS not in lens_of(partner):
        refuse()
    return partner


def _target_form() -> TargetForm:
    form, at = TargetForm(), now()
    form.quarter.choices = choices(
        (f"{year}-{quarter}", _quarter(year, quarter)) for year in (at.year, at.year + 1) for quarter in range(1, 5)
    )
    if not form.is_submitted():
        form.quarter.data = f"{at.year}-{periods.quarter_of(at)}"
    return form


def _quarter(year: int, quarter: int) -> str:
    return str(_("Quarter %(quarter)s of %(year)s", quarter=number_text(quarter), year=own_digits(f"{year}")))


def _draw(partner: Organisation, form: TargetForm | None = None, status: int = 200) -> Response:
    session, at, who = db.session(), now(), principal()
    if who.is_staff:
        note_read(partner.ref, partner.id)
    figures = reach.scorecard(session, partner.id, periods.since(at))
    return render(
        "partners/show.html",
        status=status,
        partner=partner,
        figures=figures,
        **_tier(partner, figures),
        targets=_targets(partner, at.year),
        chart=decision_chart(periods.last_months(at), reach.decision_times(session, periods.since(at), partner.id)),
        form=form or (_target_form() if who.may(Action.PARTNER_TERMS_MANAGE) else None),
        CURRENCY=CURRENCY,
    )


def _tier(partner: Organisation, figures: reach.Scorecard) -> dict[str, Any]:
    """The tier that the partner has, the next one, and what is missing for it."""
    session = db.session()
    tier = session.scalar(sa.select(Organisation.partner_tier).where(Organisation.id == partner.id)) or ""
    terms = {row.tier: row for row in session.scalars(sa.select(TierTerms))}
    order = [str(name) for name in PartnerTier]
    following = order[order.index(tier) + 1 :] if tier in order else order
    next_terms = next((terms[name] for name in following if name in terms), None)
    missing = None
    if next_terms is not None:
        missing = {
            "count": max(0, next_terms.won_count - figures.won),
            "amount": max(0, next_terms.won_amount - figures.won_amounts.get(next_terms.currency, 0)),
            "currency": next_terms.currency,
        }
    return {"tier": tier, "terms": terms.get(tier), "next_terms": next_terms, "missing": missing, "TIERS": TIERS}


def _targets(partner: Organisation, year: int) -> list[dict[str, Any]]:
    """The quarters of the year, and those of the next one that have a target: what was aimed at, and what was won."""
    session = db.session()
    mine = sa.select(Target).where(Target.organisation_id == partner.id, Target.year.in_((year, year + 1)))
    aims = {(target.year, target.quarter): target for target in session.scalars(mine)}
    won = reach.won_between(session, partner.id, periods.quarters(year))
    rows = [_target_row(year, number, aims.get((year, number)), amounts) for number, amounts in enumerate(won, 1)]
    planned = sorted(key for key in aims if key[0] > year)
    return rows + [_target_row(*key, aims[key], {}) for key in planned]


def _target_row(year: int, quarter: int, target: Target | None, won: dict[str, int]) -> dict[str, Any]:
    reached = won.get(target.currency if target else CURRENCY, 0)
    share = min(1.0, reached / target.amount) if target and target.amount else None
    return {"label": _quarter(year, quarter), "target": target, "won": reached, "share": share}
