"""The people of a company: who belongs to it, and what they may do."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Area, Capacity, Level
from portal.access.finding import is_writable
from portal.access.gate import note, principal, refuse, requires
from portal.access.words import AREAS, CAPACITIES, LEVELS
from portal.accounts.blueprint import bp
from portal.accounts.forms import MemberForm
from portal.accounts.joining import JoinRequest
from portal.accounts.membership import grantable_capacities, is_last_admin
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.errors import Stale
from portal.extensions import db
from portal.organisations.models import Organisation, record_activity
from portal.organisations.record import sees_contact_data
from portal.paging import Order, Page
from portal.text import isolate
from portal.web import find_or_404, go_to, render, requested_page

PAGE_SIZE = 50
ORDER = Order((Person.name_key, Person.ref))
_STALE = _l("Somebody else changed these rights in the meantime. Look at them again, then decide.")


def company_of(ref: str, *, lock: bool = False, to_change: bool = False) -> Organisation:
    """The company whose people are asked for: one's own, or any within reach for staff."""
    organisation = find_or_404(Organisation, ref=ref, lock=lock)
    who = principal()
    if not who.is_staff and organisation.id != who.organisation_id:
        refuse()
    if to_change and not _may_manage(organisation):
        refuse()
    return organisation


def _may_manage(organisation: Organisation) -> bool:
    return principal().may(Action.PEOPLE_MANAGE) and is_writable(organisation)


@bp.get("/organisations/<ref>/people")
@requires(Action.ORGANISATION_READ)
def people(ref: str) -> Response:
    """Colleagues know each other by name; those who manage them, and staff, see what they may do."""
    organisation = company_of(ref)
    who = principal()
    sees_rights = who.is_staff or _may_manage(organisation)
    page = _people(organisation, sees_rights, sees_contact_data(organisation, who))
    return render(
        "accounts/people.html",
        organisation=organisation,
        listing=page,
        people=[_drawn(row, sees_rights) for row in page.rows],
        sees_rights=sees_rights,
        may_manage=_may_manage(organisation),
        requests=requests_for(organisation) if _may_manage(organisation) else 0,
    )


def _people(organisation: Organisation, sees_rights: bool, sees_contact: bool) -> Page:
    rights = [getattr(Membership, f"in_{area}") for area in Area]
    rights += [getattr(Membership, f"is_{capacity}") for capacity in Capacity]
    columns: list[Any] = [Person.ref, Person.name, Person.name_key]
    columns += [Membership.level, *rights] if sees_rights else []
    columns += [Person.email] if sees_contact else []
    statement = (
        sa.select(*columns)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation.id,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    return requested_page(statement, ORDER, PAGE_SIZE)


def _drawn(row: Any, sees_rights: bool) -> dict[str, Any]:
    drawn = {"ref": row.ref, "name": row.name, "email": getattr(row, "email", "")}
    if sees_rights:
        drawn["level"] = LEVELS[Level(row.level)]
        drawn["is_admin"] = row.level == Level.ADMIN
        drawn["areas"] = [AREAS[area] for area in Area if getattr(row, f"in_{area}")]
        drawn["capacities"] = [CAPACITIES[c] for c in Capacity if getattr(row, f"is_{c}")]
    return drawn


def requests_for(organisation: Organisation) -> int:
    """How many ask to be let into this company; few, or something is wrong."""
    waiting = sa.select(JoinRequest.id).where(
        JoinRequest.organisation_id == organisation.id, JoinRequest.decided_at.is_(None)
    )
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting.limit(100).subquery())) or 0


# ── One member ────────────────────────────────────────────────────────────────────────────────────


def _member(organisation: Organisation, person_ref: str) -> Membership:
    membership = db.session.scalar(
        sa.select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.ref == person_ref,
            Membership.organisation_id == organisation.id,
            Membership.ended_at.is_(None),
        )
    )
    if membership is None:
        note("not-found", reference=person_ref)
        abort(404)
    return membership


@bp.get("/organisations/<ref>/people/<person_ref>")
@requires(Action.PEOPLE_MANAGE)
def show_member(ref: str, person_ref: str) -> Response:
    organisation = company_of(ref, to_change=True)
    membership = _member(organisation, person_ref)
    form = MemberForm(
        version=membership.version,
        level=membership.level,
        areas=list(membership.areas),
        capacities=list(membership.capacities),
        decides_quotations=membership.decides_quotations,
    )
    return _member_page(organisation, membership, form)


def _lets_decide(organisation: Organisation) -> bool:
    """Whether a member may speak for a customer is for the customer to say, never for us."""
    return organisation.is_customer and not principal().is_staff


def _member_page(organisation: Organisation, membership: Membership, form: MemberForm, status: int = 200) -> Response:
    form.offer(grantable_capacities(principal(), organisation))
    return render(
        "accounts/member.html",
        status=status,
        organisation=organisation,
        membership=membership,
        person=membership.person,
        is_self=membership.person_id == principal().person_id,
        form=form,
        lets_decide=_lets_decide(organisation),
    )


@bp.post("/organisations/<ref>/people/<person_ref>")
@requires(Action.PEOPLE_MANAGE)
def update_member(ref: str, person_ref: str) -> BaseResponse:
    organisation = company_of(ref, lock=True, to_change=True)
    membership = _member(organisation, person_ref)
    offered = grantable_capacities(principal(), organisation)
    form = MemberForm()
    form.offer(offered)
    if not form.validate_on_submit():
        return _member_page(organisation, membership, form, 422)
    if form.version.data != str(membership.version):
        raise Stale(_STALE)
    rights = form.rights
    # Capacities that are not theirs to give are left as they are.
    rights["capacities"] |= membership.capacities - offered
    if _lets_decide(organisation):
        rights["decides_quotations"] = form.decides_quotations.data
    membership.change(principal().person_id, **rights, is_last_admin=is_last_admin(db.session(), membership))
    record("membership-changed", organisation, person_id=membership.person_id, level=str(rights["level"]))
    db.session.commit()
    flash(_("Saved. It holds from the next page that they open."), "success")
    return go_to(url_for("accounts.people", ref=ref))


@bp.post("/organisations/<ref>/people/<person_ref>/ending")
@requires(Action.PEOPLE_MANAGE)
def end_membership(ref: str, person_ref: str) -> BaseResponse:
    organisation = company_of(ref, lock=True, to_change=True)
    membership = _member(organisation, person_ref)
    name = membership.person.name
    is_self = membership.person_id == principal().person_id
    membership.end(principal().person_id, now(), is_last_admin=is_last_admin(db.session(), membership))
    record("membership-ended", organisation, person_id=membership.person_id)
    db.session.commit()
    flash(
        _("%(name)s no longer belongs to %(company)s.", name=isolate(name), company=isolate(organisation.name)),
        "success",
    )
    return go_to("/" if is_self else url_for("accounts.people", ref=ref))


def record(kind: str, organisation: Organisation, **params: Any) -> None:
    db.session.add(
        record_activity(
            kind,
            at=now(),
            actor_id=principal().person_id,
            concerns={organisation.id: None},
            readers=frozenset({organisation.id}),
            **params,
        )
    )
