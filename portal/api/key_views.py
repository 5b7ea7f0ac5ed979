"""Keys for people: a company's own, made by its administrators, and those of integrations, made by ours."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Principal, Role
from portal.access.gate import note, principal, refuse, requires
from portal.access.scope import acting_as
from portal.access.words import ROLES as ROLE_WORDS
from portal.api.blueprint import bp
from portal.api.forms import IntegrationForm, KeyForm
from portal.api.keys import states_of
from portal.api.models import ApiKey
from portal.api.scopes import OF_ORGANISATIONS, within
from portal.clock import now
from portal.extensions import db
from portal.web import find_or_404, go_to, render

MOST_SHOWN = 200


@bp.get("/account/api-keys")
@requires(Action.API_KEY_MANAGE)
def company_keys() -> Response:
    """Of the company that its administrator acts for."""
    return _company_page(_company_form(KeyForm(formdata=None)))


def _company_form(form: KeyForm) -> KeyForm:
    acting = principal().acting
    if principal().is_staff or acting is None:
        refuse()
    scopes = within(OF_ORGANISATIONS, acting.areas)
    # Registrations are told by partners.
    return form.offer([s for s in scopes if not s.startswith("deals:") or principal().may(Action.DEAL_READ)])


def _company_page(form: KeyForm, status: int = 200, token: str = "") -> Response:
    return render("api/company_keys.html", None, status, keys=_rows(), form=form, token=token)


@bp.post("/account/api-keys")
@requires(Action.API_KEY_MANAGE)
def create_company_key() -> Response:
    form, who = _company_form(KeyForm()), principal()
    if not form.validate_on_submit():
        return _company_page(form, 422)
    key, token = ApiKey.make(
        label=form.label.data,
        scopes=form.scopes.data,
        person_id=who.person_id or 0,
        at=now(),
        days=int(form.days.data),
        organisation_id=who.organisation_id,
        capacity=who.capacity,
    )
    _keep(key)
    return _company_page(_company_form(KeyForm(formdata=None)), token=token)


def _keep(key: ApiKey) -> None:
    db.session.add(key)
    db.session.commit()
    note("api-key-made", reference=key.ref, organisation_id=key.organisation_id)


@bp.post("/account/api-keys/<ref>/revocation")
@requires(Action.API_KEY_MANAGE)
def revoke_company_key(ref: str) -> BaseResponse:
    if principal().is_staff:
        refuse()
    return _revoke(ref, url_for("api.company_keys"))


@bp.get("/settings/api-keys")
@requires(Action.API_KEY_MANAGE)
def integration_keys() -> Response:
    """Of other systems, such as the ERP."""
    return _settings_page(_integration_form(IntegrationForm(formdata=None)))


def _integration_form(form: IntegrationForm) -> KeyForm:
    if not principal().is_staff:
        refuse()
    return form.offer()


def _settings_page(form: KeyForm, status: int = 200, token: str = "") -> Response:
    return render("api/integration_keys.html", None, status, keys=_rows(), form=form, token=token)


@bp.post("/settings/api-keys")
@requires(Action.API_KEY_MANAGE)
def create_integration_key() -> Response:
    form: Any = _integration_form(IntegrationForm())
    if not form.validate_on_submit():
        return _settings_page(form, 422)
    key, token = ApiKey.make(
        label=form.label.data,
        scopes=form.scopes.data,
        roles=[Role(role) for role in form.roles.data],
        person_id=principal().person_id or 0,
        at=now(),
        days=int(form.days.data),
    )
    _keep(key)
    return _settings_page(_integration_form(IntegrationForm(formdata=None)), token=token)


@bp.post("/settings/api-keys/<ref>/confirmation")
@requires(Action.API_KEY_MANAGE)
def confirm_integration_key(ref: str) -> BaseResponse:
    if not principal().is_staff:
        refuse()
    key = find_or_404(ApiKey, ref=ref, lock=True)
    key.confirm(principal().person_id, now())
    db.session.commit()
    note("api-key-confirmed", reference=ref)
    flash(_("The key is confirmed, and lets in from now on."), "success")
    return go_to(url_for("api.integration_keys"))


@bp.post("/settings/api-keys/<ref>/revocation")
@requires(Action.API_KEY_MANAGE)
def revoke_integration_key(ref: str) -> BaseResponse:
    if not principal().is_staff:
        refuse()
    return _revoke(ref, url_for("api.integration_keys"))


def _revoke(ref: str, back: str) -> BaseResponse:
    key = find_or_404(ApiKey, ref=ref, lock=True)
    key.revoke(now())
    db.session.commit()
    note("api-key-revoked", reference=ref, organisation_id=key.organisation_id)
    flash(_("The key is revoked: it lets nobody in any more."), "success")
    return go_to(back)


def _rows() -> list[dict[str, Any]]:
    """The newest first, with what keeps a key from letting in."""
    statement = sa.select(ApiKey).options(joinedload(ApiKey.person)).order_by(ApiKey.id.desc()).limit(MOST_SHOWN)
    keys, at, who = list(db.session.scalars(statement)), now(), principal()
    people = {key.id: key.person.name if key.person else "" for key in keys}
    with acting_as(db.session(), Principal.system("why a key lets nobody in")):
        states = states_of(keys, at)
    return [
        {
            "key": key,
            "person": people[key.id],
            "trouble": states[key.id],
            "roles": [ROLE_WORDS[Role(role)] for role in key.roles],
            "is_live": key.revoked_at is None,
            "may_confirm": key.is_integration and key.may_be_confirmed_by(who.person_id),
        }
        for key in keys
    ]
