"""The signed-in person's own account: profile and what they are told of by mail."""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access.gate import principal, signed_in
from portal.accounts.blueprint import bp
from portal.accounts.forms import NotificationsForm, ProfileForm
from portal.accounts.kept import refill
from portal.accounts.models import Person
from portal.extensions import db
from portal.forms import choices
from portal.languages import speak, voice
from portal.notices.kinds import kinds_for
from portal.web import go_to, render


def _me() -> Person:
    return db.session.get_one(Person, principal().person_id)


@bp.get("/account")
@signed_in
def show_profile() -> Response:
    person = _me()
    form = ProfileForm(
        name=person.name,
        language=voice().language,
        time_zone=voice().time_zone,
        calendar=person.calendar or "",
        digits=person.digits or "",
    )
    return _profile(refill(form, url_for("accounts.update_profile")))


def _profile(form: ProfileForm, status: int = 200) -> Response:
    return render("accounts/profile.html", status=status, form=form, email=principal().email)


@bp.post("/account")
@signed_in
def update_profile() -> BaseResponse:
    form = ProfileForm()
    if not form.validate_on_submit():
        return _profile(form, 422)
    person = _me()
    person.rename(form.name.data)
    person.language, person.time_zone = form.language.data, form.time_zone.data
    person.calendar, person.digits = form.calendar.data or None, form.digits.data or None
    db.session.commit()
    # The confirmation is the first sentence in the language that was chosen.
    speak(person.language, person.time_zone, person.calendar, person.digits)
    flash(_("Saved."), "success")
    return go_to(url_for("accounts.show_profile"))


def _notifications(chosen: list[str] | None = None) -> NotificationsForm:
    form = NotificationsForm(by_mail=chosen) if chosen is not None else NotificationsForm()
    form.by_mail.choices = choices(kinds_for(principal()).items())
    return form


@bp.get("/account/notifications")
@signed_in
def show_notifications() -> Response:
    person = _me()
    form = _notifications([kind for kind in kinds_for(principal()) if person.wants_mail(kind)])
    return render("accounts/notifications.html", form=form, email=principal().email)


@bp.post("/account/notifications")
@signed_in
def update_notifications() -> BaseResponse:
    form = _notifications()
    if not form.validate_on_submit():
        return render("accounts/notifications.html", status=422, form=form, email=principal().email)
    person = _me()
    chosen = set(form.by_mail.data or ())
    # What this person is not asked about now keeps its choice.
    person.mail_choices = {**person.mail_choices, **{kind: kind in chosen for kind in kinds_for(principal())}}
    db.session.commit()
    flash(_("Saved."), "success")
    return go_to(url_for("accounts.show_notifications"))
