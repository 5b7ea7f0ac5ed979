"""The access log: all of it for auditors, and for a company's administrators what concerns their company."""

from typing import Any

import sqlalchemy as sa
from flask import Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import BadRequest

from portal.access import Action
from portal.access.gate import principal, refuse, requires
from portal.accounts.models import AccessLog, Person
from portal.organisations.models import Organisation
from portal.paging import Order, Page
from portal.settings.blueprint import bp
from portal.web import find_or_404, render, requested_page

PAGE_SIZE = 50
# No ids in addresses; rows of one moment come from one request.
ORDER = Order(
    (AccessLog.at, AccessLog.request_id, AccessLog.kind, AccessLog.reference, AccessLog.path), is_descending=True
)

KINDS: dict[str, Any] = {
    "sign-in": _l("Signed in"),
    "sign-in-refused": _l("Sign-in refused"),
    "sign-out": _l("Signed out"),
    "identity-connected": _l("Account connected"),
    "identity-removed": _l("Account disconnected"),
    "read": _l("Looked at"),
    "break-glass": _l("Break-glass access opened"),
    "break-glass-read": _l("Looked at by break-glass access"),
    "break-glass-redacted": _l("Redacted by break-glass access"),
    "break-glass-ended": _l("Break-glass access ended"),
    "refused": _l("Refused"),
    "not-found": _l("Not found"),
    "staff-invited": _l("Staff invited"),
    "role-granted": _l("Role granted"),
    "role-confirmed": _l("Role confirmed"),
    "role-revoked": _l("Role taken away"),
    "person-disabled": _l("Access switched off"),
    "person-enabled": _l("Access switched on"),
    "portfolio-added": _l("Portfolio extended"),
    "portfolio-removed": _l("Portfolio reduced"),
    "team-changed": _l("Team changed"),
    "team-removed": _l("Team removed"),
    "teams-changed": _l("Teams of categories changed"),
    "business-hours-changed": _l("Business hours changed"),
    "api-key-made": _l("API key made"),
    "api-key-confirmed": _l("API key confirmed"),
    "api-key-revoked": _l("API key revoked"),
    "key-refused": _l("API key refused"),
    "webhook-made": _l("Webhook set up"),
    "webhook-confirmed": _l("Webhook confirmed"),
    "webhook-rotated": _l("New secret of a webhook"),
    "webhook-removed": _l("Webhook removed"),
    "webhook-refused": _l("Message of a webhook refused"),
}


@bp.get("/settings/access-log")
@requires(Action.ACCESS_LOG_READ)
def access_log() -> Response:
    return _page(None)


@bp.get("/organisations/<ref>/access-log")
@requires(Action.ACCESS_LOG_READ)
def show_company_log(ref: str) -> Response:
    """Who looked at a company's records, for its own administrators and for auditors."""
    organisation = find_or_404(Organisation, ref=ref)
    if not principal().is_staff and organisation.id != principal().organisation_id:
        refuse()
    return _page(organisation)


def _page(organisation: Organisation | None) -> Response:
    kind = request.args.get("kind", "")
    if kind and kind not in KINDS:
        raise BadRequest
    listing = _rows(organisation, kind)

    def address(**arguments: Any) -> str:
        wanted = {"kind": kind or None, **arguments}
        if organisation is None:
            return url_for("settings.access_log", **wanted)
        return url_for("settings.show_company_log", ref=organisation.ref, **wanted)

    return render(
        "settings/access_log.html",
        listing=listing,
        entries=[{"row": row, "kind": KINDS.get(row.kind, row.kind), "about": _about(row)} for row in listing.rows],
        organisation=organisation,
        kind=kind,
        kinds=KINDS,
        address=address,
        sees_addresses=principal().is_staff,
    )


def _rows(organisation: Organisation | None, kind: str) -> Page:
    columns = [column for column in ORDER.columns if column is not AccessLog.path]
    statement = sa.select(
        *columns,
        AccessLog.path,
        AccessLog.person_id,
        AccessLog.address,
        AccessLog.details,
        Person.name,
        Person.ref.label("person_ref"),
    ).outerjoin(Person, Person.id == AccessLog.person_id)
    if organisation is not None:
        statement = statement.where(AccessLog.organisation_id == organisation.id)
    if kind:
        statement = statement.where(AccessLog.kind == kind)
    return requested_page(statement, ORDER, PAGE_SIZE)


def _about(row: Any) -> str:
    """What it was about, in the words of the machine: a reference, else a provider, a reason or a role."""
    details = row.details or {}
    return row.reference or " ".join(str(details[name]) for name in ("provider", "reason", "role") if details.get(name))
