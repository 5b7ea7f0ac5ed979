"""Break-glass access: opening and ending one's own, and who opened it, when and why."""

from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note, principal, requires
from portal.accounts.break_glass import LENGTHS, SHORTEST_REASON, BreakGlass, not_ended, other_admins
from portal.accounts.kept import refill
from portal.accounts.models import Person
from portal.accounts.rules import opened_under
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.languages import number_text
from portal.notices.break_glass import tell_of_break_glass
from portal.paging import Order, Page
from portal.settings.blueprint import bp
from portal.settings.forms import BreakGlassForm
from portal.text import isolate
from portal.web import go_to, render, requested_page

PAGE_SIZE = 20
ORDER = Order((BreakGlass.started_at, BreakGlass.ref), is_descending=True)


@bp.get("/settings/break-glass")
@requires(Action.BREAK_GLASS_READ)
def break_glass() -> Response:
    return _page(refill(_form(formdata=None), url_for("settings.create_break_glass")))


def _form(**arguments: Any) -> BreakGlassForm:
    form = BreakGlassForm(**arguments)
    form.length.choices = choices((length // timedelta(minutes=1), _words(length)) for length in LENGTHS)
    form.length.data = form.length.data or form.length.choices[0].value
    return form


def _words(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    if minutes % 60:
        return str(ngettext("%(count)s minute", "%(count)s minutes", minutes, count=number_text(minutes)))
    hours = minutes // 60
    return str(ngettext("%(count)s hour", "%(count)s hours", hours, count=number_text(hours)))


def _page(form: BreakGlassForm, status: int = 200) -> Response:
    who, session = principal(), db.session()
    may_open = who.may(Action.BREAK_GLASS)
    return render(
        "settings/break_glass.html",
        status=status,
        form=form if may_open and not who.has_broken_glass else None,
        live=not_ended(session, who) if who.has_broken_glass else None,
        others=[isolate(other.name) for other in other_admins(session, who.person_id)] if may_open else [],
        listing=_past(),
        shortest=SHORTEST_REASON,
        at=now(),
    )


def _past() -> Page:
    columns = (BreakGlass.started_at, BreakGlass.ref, BreakGlass.ends_at, BreakGlass.ended_at, BreakGlass.reason)
    statement = sa.select(
        *columns, Person.name, Person.ref.label("person_ref"), opened_under(BreakGlass).label("opened")
    ).outerjoin(Person, Person.id == BreakGlass.person_id)
    return requested_page(cast(sa.Select[Any], statement), ORDER, PAGE_SIZE)


@bp.post("/settings/break-glass")
@requires(Action.BREAK_GLASS)
def create_break_glass() -> BaseResponse:
    form, session, at = _form(), db.session(), now()
    if not form.validate_on_submit():
        return _page(form, 422)
    length = timedelta(minutes=int(form.length.data))
    glass = BreakGlass.open(session, principal(), reason=form.reason.data or "", length=length, at=at)
    tell_of_break_glass(session, glass, at)
    session.commit()
    note("break-glass", reason=glass.reason, until=glass.ends_at.isoformat())
    flash(_("Break-glass access is open."), "warning")
    return go_to(url_for("settings.break_glass"))


@bp.post("/settings/break-glass/ending")
@requires(Action.BREAK_GLASS)
def end_break_glass() -> BaseResponse:
    """One's own, from any page; ended twice, or over by itself, it is over."""
    glass, at = not_ended(db.session(), principal()), now()
    if glass is not None:
        was_live = glass.is_live(at)
        glass.end(at)
        db.session.commit()
        if was_live:
            note("break-glass-ended")
    flash(_("Break-glass access is over."), "success")
    return go_to(url_for("settings.break_glass"))
