"""The catalogue: what can be registered and sold, kept by the staff who sell."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import requires
from portal.accounts.kept import refill
from portal.errors import Stale
from portal.exporting import Row, table
from portal.extensions import db
from portal.languages import voice
from portal.products.forms import ProductForm
from portal.products.models import Product, in_language
from portal.web import find_or_404, go_to, render

bp = Blueprint("products", __name__)

_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")
MOST_LISTED = 1000
_COLUMNS = (Product.ref, Product.code, Product.names, Product.is_active)


@bp.get("/products")
@requires(Action.PRODUCT_MANAGE)
def index() -> Response:
    found = db.session.execute(sa.select(*_COLUMNS).order_by(Product.code, Product.id).limit(MOST_LISTED))
    return render("products/index.html", products=found.all(), language=voice().language)


@bp.get("/products/export.csv", defaults={"form": "csv"})
@bp.get("/products/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.PRODUCT_MANAGE)
def export(form: str) -> Response:
    """The catalogue as the list shows it."""
    found = db.session.execute(sa.select(*_COLUMNS).order_by(Product.code, Product.id).limit(MOST_LISTED))
    states = {True: pgettext("product", "Offered"), False: _("Not offered")}
    rows: list[Row] = [[in_language(p.names, voice().language), p.code, states[p.is_active]] for p in found]
    return table("products", form, [[_("Product"), _("Code"), _("State")], *rows])


@bp.get("/products/new")
@requires(Action.PRODUCT_MANAGE)
def new() -> Response:
    return _page(refill(ProductForm(formdata=None), url_for("products.create")), None)


@bp.post("/products")
@requires(Action.PRODUCT_MANAGE)
def create() -> BaseResponse:
    form = ProductForm()
    if not form.validate_on_submit() or not _is_free(form, None):
        return _page(form, None, 422)
    db.session.add(Product(code=form.code.data, names=form.names, is_active=form.is_active.data))
    return _saved()


@bp.get("/products/<ref>/edit")
@requires(Action.PRODUCT_MANAGE)
def edit(ref: str) -> Response:
    product = find_or_404(Product, ref=ref)
    facts = {"code": product.code, "is_active": product.is_active, "version": str(product.version)}
    form = ProductForm(formdata=None, names=product.names, **facts)
    return _page(refill(form, url_for("products.update", ref=ref)), product)


@bp.post("/products/<ref>")
@requires(Action.PRODUCT_MANAGE)
def update(ref: str) -> BaseResponse:
    product = find_or_404(Product, ref=ref, lock=True)
    form = ProductForm()
    if not form.validate_on_submit() or not _is_free(form, product):
        return _page(form, product, 422)
    if form.version.data != str(product.version):
        raise Stale(_STALE)
    product.code, product.names, product.is_active = form.code.data, form.names, form.is_active.data
    return _saved()


def _is_free(form: ProductForm, product: Product | None) -> bool:
    """Whether no other product has the code; else the field says so."""
    other = db.session.scalar(sa.select(Product.id).where(sa.func.lower(Product.code) == form.code.data.lower()))
    if other in (None, product.id if product else None):
        return True
    form.code.errors = [_("Another product has this code.")]
    return False


def _saved() -> BaseResponse:
    db.session.commit()
    flash(_("The product was saved."), "success")
    return go_to(url_for("products.index"))


def _page(form: ProductForm, product: Any, status: int = 200) -> Response:
    return render("products/edit.html", status=status, form=form, product=product)
