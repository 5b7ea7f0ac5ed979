"""The vendor's business hours, by which everything that is due is counted."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.gate import note, requires
from portal.accounts.kept import refill
from portal.business_hours import Calendar, vendor_calendar
from portal.business_hours.forms import BusinessHoursForm, windows_text
from portal.business_hours.models import BusinessHours
from portal.clock import now
from portal.errors import Stale
from portal.extensions import db
from portal.languages import voice
from portal.settings.blueprint import bp
from portal.web import go_to, render

EXAMPLE = ((time(9), time(12)), (time(13), time(17)))
_STALE = _l("Somebody else changed the business hours in the meantime. Look at them again, then decide.")


@bp.get("/settings/business-hours")
@requires(Action.HOURS_MANAGE)
def business_hours() -> Response:
    version = db.session.scalar(sa.select(BusinessHours.version)) or 0
    form = BusinessHoursForm.of(vendor_calendar(db.session()), version)
    return _page(refill(form, url_for("settings.update_business_hours")))


@bp.post("/settings/business-hours")
@requires(Action.HOURS_MANAGE)
def update_business_hours() -> BaseResponse:
    form = BusinessHoursForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    hours = db.session.scalar(sa.select(BusinessHours).with_for_update(of=BusinessHours))
    if form.version.data != str(hours.version if hours else 0):
        raise Stale(_STALE)
    if hours:
        hours.follow(form.calendar)
    else:
        db.session.add(BusinessHours(form.calendar))
    try:
        db.session.commit()
    except IntegrityError:
        # Two set the very first ones at once.
        raise Stale(_STALE) from None
    note("business-hours-changed")
    flash(_("Saved. Deadlines set from now on are counted by these hours."), "success")
    return go_to(url_for("settings.business_hours"))


def _page(form: BusinessHoursForm, status: int = 200) -> Response:
    calendar, at = vendor_calendar(db.session()), now()
    return render(
        "settings/business_hours.html",
        status=status,
        form=form,
        is_open=calendar.is_open(at),
        example=windows_text(EXAMPLE),
        days_off=list(_days_off(calendar, calendar.day_of(at))),
    )


def _days_off(calendar: Calendar, today: date) -> Iterator[dict[str, Any]]:
    """The holidays and closed days of the next twelve months, with the hours that they take."""
    named = {
        day: name
        for year in (today.year, today.year + 1)
        for day, name in calendar.holidays(year, voice().language).items()
    }
    until = date(today.year + 1, today.month, min(today.day, 28))
    for day in sorted(calendar.closed_days | named.keys()):
        if today <= day < until:
            hours = [windows_text((window,)) for window in calendar.windows[day.weekday()]]
            yield {"day": day, "name": named.get(day, ""), "hours": hours}
