"""Programmes: partners read the terms that concern them, channel managers set them."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import principal, requires
from portal.accounts.kept import refill
from portal.deals.blueprint import bp
from portal.deals.programme_forms import ProgrammeForm
from portal.deals.programme_words import terms_of
from portal.deals.programmes import Programme
from portal.errors import Stale
from portal.extensions import db
from portal.languages import voice
from portal.text import sort_key
from portal.web import find_or_404, go_to, render

_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")


@bp.get("/deals/programmes")
@requires(Action.DEAL_READ)
def programmes() -> Response:
    """Partners see those that they may register in; above which amount two people approve is none of their business."""
    who, language = principal(), voice().language
    asked = sa.select(Programme) if who.is_staff else sa.select(Programme).where(Programme.is_open)
    found = sorted(db.session.scalars(asked), key=lambda programme: sort_key(programme.name_in(language)))
    rows = [
        {
            "ref": programme.ref,
            "name": programme.name_in(language),
            "terms": terms_of(programme),
            "is_open": programme.is_open,
            "currency": programme.currency,
            "above": programme.two_approvals_above if who.is_staff else None,
        }
        for programme in found
    ]
    return render("deals/programmes.html", rows=rows, is_staff=who.is_staff, may_edit=who.may(Action.DEAL_DECIDE))


@bp.get("/deals/programmes/new")
@requires(Action.DEAL_DECIDE)
def new_programme() -> Response:
    return _page(refill(ProgrammeForm(formdata=None), url_for("deals.create_programme")), None)


@bp.post("/deals/programmes")
@requires(Action.DEAL_DECIDE)
def create_programme() -> BaseResponse:
    form = ProgrammeForm()
    if not form.validate_on_submit():
        return _page(form, None, 422)
    db.session.add(Programme(**form.terms))
    return _saved()


@bp.get("/deals/programmes/<ref>/edit")
@requires(Action.DEAL_DECIDE)
def edit_programme(ref: str) -> Response:
    programme = find_or_404(Programme, ref=ref)
    return _page(refill(ProgrammeForm.of(programme), url_for("deals.update_programme", ref=ref)), programme)


@bp.post("/deals/programmes/<ref>")
@requires(Action.DEAL_DECIDE)
def update_programme(ref: str) -> BaseResponse:
    programme = find_or_404(Programme, ref=ref, lock=True)
    form = ProgrammeForm()
    if not form.validate_on_submit():
        return _page(form, programme, 422)
    if form.version.data != str(programme.version):
        raise Stale(_STALE)
    for name, value in form.terms.items():
        setattr(programme, name, value)
    return _saved()


def _saved() -> BaseResponse:
    db.session.commit()
    flash(_("The programme was saved."), "success")
    return go_to(url_for("deals.programmes"))


def _page(form: ProgrammeForm, programme: Any, status: int = 200) -> Response:
    return render("deals/programme.html", status=status, form=form, programme=programme)
