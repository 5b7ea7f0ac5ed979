"""Who is away, and who decides on registrations in their stead."""

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Role
from portal.access.gate import principal, requires
from portal.accounts.models import Person, StaffRole
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.partners.blueprint import bp
from portal.partners.forms import AbsenceForm
from portal.partners.models import Absence
from portal.web import find_or_404, go_to, render


@bp.get("/settings/absences")
@requires(Action.DEAL_DECIDE)
def absences() -> Response:
    return _draw(_form())


@bp.post("/settings/absences")
@requires(Action.DEAL_DECIDE)
def create_absence() -> BaseResponse:
    form, who, session = _form(), principal(), db.session()
    if not form.validate_on_submit():
        return _draw(form, 422)
    deputy = session.scalars(sa.select(Person).where(Person.ref == form.deputy.data)).one()
    absence = Absence(
        person_id=who.person_id, deputy_id=deputy.id, starts_on=form.starts_on.data, ends_on=form.ends_on.data
    )
    session.add(absence)
    session.commit()
    flash(_("%(name)s decides in your stead on these days.", name=deputy.name), "success")
    return go_to(url_for("partners.absences"))


@bp.post("/settings/absences/<ref>/removal")
@requires(Action.DEAL_DECIDE)
def remove_absence(ref: str) -> BaseResponse:
    absence = find_or_404(Absence, ref=ref)
    db.session.delete(absence)
    db.session.commit()
    flash(_("The absence was removed."), "success")
    return go_to(url_for("partners.absences"))


def _form() -> AbsenceForm:
    form, who = AbsenceForm(), principal()
    colleagues = (
        sa.select(Person.ref, Person.name)
        .join(StaffRole, StaffRole.person_id == Person.id)
        .where(StaffRole.role == Role.CHANNEL_MANAGER, StaffRole.confirmed_at.is_not(None))
        .where(Person.id != who.person_id, Person.disabled_at.is_(None))
        .order_by(Person.name_key, Person.id)
    )
    form.deputy.choices = choices((row.ref, row.name) for row in db.session.execute(colleagues))
    return form


def _draw(form: AbsenceForm, status: int = 200) -> Response:
    who, today = principal(), vendor_calendar(db.session()).day_of(now())
    rows = db.session.execute(
        sa.select(Absence.ref, Absence.starts_on, Absence.ends_on, Person.name.label("deputy"))
        .join(Person, Person.id == Absence.deputy_id)
        .where(Absence.person_id == who.person_id, Absence.ends_on >= today)
        .order_by(Absence.starts_on, Absence.id)
        .limit(100)
    ).all()
    return render("partners/absences.html", status=status, rows=rows, form=form)
