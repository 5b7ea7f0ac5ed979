"""A direct sale: our own people write down what they sell to a customer themselves."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.clock import now
from portal.deals.forms import to_minor
from portal.errors import RuleBroken
from portal.extensions import db
from portal.forms import choices
from portal.languages import voice
from portal.opportunities.blueprint import bp
from portal.opportunities.forms import DirectSaleForm
from portal.opportunities.models import Opportunity, OpportunityLine, Stage
from portal.opportunities.rules import sells_to
from portal.organisations.models import Organisation
from portal.products.models import Product
from portal.text import sort_key
from portal.web import done, find_or_404, go_to, render


@bp.get("/opportunities/new")
@requires(Action.OPPORTUNITY_WRITE)
def new() -> BaseResponse:
    if not request.args.get("organisation"):
        flash(_("Open the record of the customer first: direct sales begin there."))
        return go_to(url_for("organisations.index", capacity="customer"))
    customer = _customer(request.args["organisation"])
    form = DirectSaleForm(formdata=None, lines=[{"quantity": 1}] * DirectSaleForm.ROWS, organisation=customer.ref)
    return _page(customer, refill(form, url_for("opportunities.create")))


@bp.post("/opportunities")
@requires(Action.OPPORTUNITY_WRITE)
def create() -> BaseResponse:
    form = DirectSaleForm()
    customer = _customer(form.organisation.data or "")
    known = _offer(form)
    if not form.validate_on_submit():
        return _page(customer, form, 422)
    try:
        found = _open(customer, form, known)
    except RuleBroken as problem:
        db.session.rollback()
        return _page(_customer(form.organisation.data or ""), form, 409, problem.message)
    db.session.commit()
    flash(_("The direct sale is on the customer’s record."), "success")
    return done(url_for("opportunities.show", ref=found.ref))


def _open(customer: Organisation, form: DirectSaleForm, known: dict[str, Product]) -> Opportunity:
    currency = form.currency.data
    lines = [
        OpportunityLine(
            product_id=known[line.product.data].id,
            quantity=line.quantity.data or 1,
            unit_price=None if line.unit_price.data is None else to_minor(line.unit_price.data, currency),
        )
        for line in form.filled_lines
    ]
    return Opportunity.open(
        db.session(),
        principal(),
        now(),
        customer,
        lines,
        title=form.title.data,
        stage=Stage(form.stage.data),
        amount=to_minor(form.amount.data, currency) if form.amount.data is not None else form.worth(currency),
        currency=currency,
        close_on=form.close_on.data,
        next_step=form.next_step.data or "",
    )


def _customer(ref: str) -> Organisation:
    customer = find_or_404(Organisation, ref=ref)
    if not customer.is_customer:
        abort(404)
    if not sells_to(principal(), customer):
        refuse()
    return customer


def _offer(form: DirectSaleForm) -> dict[str, Product]:
    """Give each line what can be chosen; returns the products by reference."""
    products = db.session.scalars(sa.select(Product).where(Product.is_active)).all()
    language = voice().language
    labels = sorted(
        ((p.ref, f"{p.name_in(language)} ({p.code})") for p in products), key=lambda labelled: sort_key(labelled[1])
    )
    for entry in form.lines:
        entry.form.product.choices = choices([("", _("Choose …")), *labels])
    return {product.ref: product for product in products}


def _page(customer: Organisation, form: DirectSaleForm, status: int = 200, problem: Any = None) -> Response:
    _offer(form)
    return render("opportunities/new.html", status=status, customer=customer, form=form, problem=problem)
