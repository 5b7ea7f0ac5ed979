"""The terms of the tiers, set by the channel managers."""

import sqlalchemy as sa
from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import requires
from portal.config.model import LANGUAGES
from portal.errors import Stale
from portal.extensions import db
from portal.languages import LANGUAGES as TABLES
from portal.organisations.models import PartnerTier
from portal.organisations.words import TIERS
from portal.partners.blueprint import bp
from portal.partners.forms import TierForm, major, minor
from portal.partners.models import TierTerms
from portal.partners.scorecard_views import CURRENCY
from portal.web import go_to, render

_STALE = _l("Somebody else changed the terms in the meantime. Look at them again, then decide.")


@bp.get("/settings/tiers")
@requires(Action.PARTNER_TERMS_MANAGE)
def tiers() -> Response:
    terms = {row.tier: row for row in db.session.scalars(sa.select(TierTerms))}
    return render("partners/tiers.html", tiers=[(tier, TIERS[tier], terms.get(tier)) for tier in PartnerTier])


@bp.get("/settings/tiers/<tier>")
@requires(Action.PARTNER_TERMS_MANAGE)
def edit_tier(tier: str) -> Response:
    form, terms = TierForm(formdata=None), _terms(tier)
    form.version.data = str(terms.version if terms else 0)
    if terms is not None:
        form.won_count.data, form.won_amount.data = terms.won_count, major(terms.won_amount, terms.currency)
        for language, field in zip(LANGUAGES, form.benefit_fields, strict=True):
            field.data = terms.benefits.get(language, "")
    return _draw(tier, form)


@bp.post("/settings/tiers/<tier>")
@requires(Action.PARTNER_TERMS_MANAGE)
def update_tier(tier: str) -> BaseResponse:
    form, terms, session = TierForm(), _terms(tier), db.session()
    if not form.validate_on_submit():
        return _draw(tier, form, 422)
    if form.version.data != str(terms.version if terms else 0):
        raise Stale(_STALE)
    if terms is None:
        terms = TierTerms(tier=tier)
        session.add(terms)
    terms.won_count, terms.currency = form.won_count.data or 0, CURRENCY
    terms.won_amount = minor(form.won_amount.data, CURRENCY)
    texts = zip(LANGUAGES, form.benefit_fields, strict=True)
    terms.benefits = {language: field.data for language, field in texts if field.data}
    session.commit()
    flash(_("The terms were saved."), "success")
    return go_to(url_for("partners.tiers"))


def _terms(tier: str) -> TierTerms | None:
    if tier not in set(PartnerTier):
        abort(404)
    return db.session.scalar(sa.select(TierTerms).where(TierTerms.tier == tier))


def _draw(tier: str, form: TierForm, status: int = 200) -> Response:
    for language, field in zip(LANGUAGES, form.benefit_fields, strict=True):
        field.label.text = _("What it brings, in %(language)s", language=TABLES[language].own_name)
    return render(
        "partners/tier.html", status=status, tier=tier, name=TIERS[PartnerTier(tier)], form=form, CURRENCY=CURRENCY
    )
