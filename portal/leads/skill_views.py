"""What a partner knows how to sell: kept by channel managers, for the ranking."""

import sqlalchemy as sa
from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import requires
from portal.extensions import db
from portal.forms import choices
from portal.languages import voice
from portal.leads.blueprint import bp
from portal.leads.forms import SkillsForm
from portal.leads.models import PartnerSkill
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.text import sort_key
from portal.web import find_or_404, go_to, render


@bp.get("/organisations/<ref>/skills")
@requires(Action.LEAD_HAND_OUT)
def edit_skills(ref: str) -> Response:
    partner = _partner(ref)
    form, products = _form()
    known = _known(partner)
    form.products.data = [product.ref for product in products if product.id in known]
    return render("leads/skills.html", partner=partner, form=form)


@bp.post("/organisations/<ref>/skills")
@requires(Action.LEAD_HAND_OUT)
def update_skills(ref: str) -> BaseResponse:
    partner = _partner(ref)
    form, products = _form(sent=True)
    if not form.validate_on_submit():
        return render("leads/skills.html", status=422, partner=partner, form=form)
    known, session = _known(partner), db.session()
    wanted = {product.id for product in products if product.ref in (form.products.data or ())}
    session.add_all(PartnerSkill(organisation_id=partner.id, product_id=id_) for id_ in sorted(wanted - known.keys()))
    for product_id in known.keys() - wanted:
        session.delete(known[product_id])
    session.commit()
    flash(_("Your changes are saved."), "success")
    return go_to(url_for("organisations.show", ref=ref))


def _partner(ref: str) -> Organisation:
    organisation = find_or_404(Organisation, ref=ref)
    if not organisation.is_partner:
        abort(404)
    return organisation


def _form(*, sent: bool = False) -> tuple[SkillsForm, list[Product]]:
    language = voice().language
    products = list(db.session.scalars(sa.select(Product).where(Product.is_active)))
    form = SkillsForm() if sent else SkillsForm(formdata=None)
    labels = sorted(((p.ref, f"{p.name_in(language)} ({p.code})") for p in products), key=lambda p: sort_key(p[1]))
    form.products.choices = choices(labels)
    return form, products


def _known(partner: Organisation) -> dict[int, PartnerSkill]:
    """By product; of those that are sold no more, too: they are left as they are."""
    rows = db.session.scalars(sa.select(PartnerSkill).where(PartnerSkill.organisation_id == partner.id))
    active = sa.select(Product.id).where(Product.is_active)
    sold = set(db.session.scalars(active))
    return {row.product_id: row for row in rows if row.product_id in sold}
