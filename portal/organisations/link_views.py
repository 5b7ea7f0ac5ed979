"""Partners of record: staff arrange the links, the customer's own admin gives and takes back consent."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action
from portal.access.finding import find, is_writable
from portal.access.gate import principal, refuse, requires
from portal.accounts.kept import refill
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.languages import list_text
from portal.organisations.blueprint import bp
from portal.organisations.editing import may_consent
from portal.organisations.forms import PartnerLinkForm
from portal.organisations.models import Organisation, PartnerLink
from portal.organisations.rules import manages_links, today
from portal.text import like_escape, sort_key
from portal.web import done, find_or_404, render

_MOST_OFFERED = 100


@bp.get("/organisations/<ref>/partners/new")
@requires(Action.ORGANISATION_WRITE)
def new_partner(ref: str) -> Response:
    customer = _managed(ref)
    form = _form(customer)
    form.starts_on.data = today()
    refill(form, url_for("organisations.create_partner", ref=ref))
    return _draw("organisations/new_partner.html", customer, form)


@bp.post("/organisations/<ref>/partners")
@requires(Action.ORGANISATION_WRITE)
def create_partner(ref: str) -> BaseResponse:
    who, session = principal(), db.session()
    customer = _managed(ref)
    form = _form(customer)
    partner = _partner(form, customer) if form.validate_on_submit() else None
    if partner is None:
        return _draw("organisations/new_partner.html", customer, form, status=422)
    link = PartnerLink(
        partner=partner,
        customer=customer,
        contact_id=_contact_id(form),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
    )
    session.add(link)
    session.flush()
    link.record("partner-link-started", who.person_id, now())
    session.commit()
    return done(url_for("organisations.show", ref=ref))


@bp.get("/organisations/<ref>/partners/<link_ref>/edit")
@requires(Action.ORGANISATION_WRITE)
def edit_partner(ref: str, link_ref: str) -> Response:
    link = _managed_link(ref, link_ref)
    form = _form(
        link.customer,
        data={
            "partner": link.partner.name,
            "starts_on": link.starts_on,
            "ends_on": link.ends_on,
            "contact": link.contact.ref if link.contact else "",
        },
    )
    del form.partner
    refill(form, url_for("organisations.update_partner", ref=ref, link_ref=link_ref))
    return _draw("organisations/edit_partner.html", link.customer, form, link=link)


@bp.post("/organisations/<ref>/partners/<link_ref>")
@requires(Action.ORGANISATION_WRITE)
def update_partner(ref: str, link_ref: str) -> BaseResponse:
    who = principal()
    link = _managed_link(ref, link_ref)
    form = _form(link.customer)
    del form.partner
    if not form.validate_on_submit():
        return _draw("organisations/edit_partner.html", link.customer, form, status=422, link=link)
    starts_on = form.starts_on.data
    assert starts_on is not None
    link.starts_on, link.ends_on = starts_on, form.ends_on.data
    link.contact_id = _contact_id(form)
    link.record("partner-link-changed", who.person_id, now())
    db.session.commit()
    return done(url_for("organisations.show", ref=ref))


@bp.post("/organisations/<ref>/partners/<link_ref>/consent")
@requires(Action.ORGANISATION_WRITE)
def create_consent(ref: str, link_ref: str) -> BaseResponse:
    _own_link(ref, link_ref).consent(principal().person_id, now())
    db.session.commit()
    return done(url_for("organisations.show", ref=ref))


@bp.post("/organisations/<ref>/partners/<link_ref>/consent/withdrawal")
@requires(Action.ORGANISATION_WRITE)
def delete_consent(ref: str, link_ref: str) -> BaseResponse:
    _own_link(ref, link_ref).withdraw_consent(principal().person_id, now())
    db.session.commit()
    return done(url_for("organisations.show", ref=ref))


def _managed(ref: str) -> Organisation:
    """The customer of a link that this member of staff may arrange."""
    customer = find_or_404(Organisation, ref=ref)
    if not manages_links(principal()):
        refuse()
    if not customer.is_customer:
        abort(404)
    return customer


def _managed_link(ref: str, link_ref: str) -> PartnerLink:
    _managed(ref)
    options = (joinedload(PartnerLink.partner), joinedload(PartnerLink.customer), joinedload(PartnerLink.contact))
    link = find_or_404(PartnerLink, ref=link_ref, options=options)
    if link.customer.ref != ref:
        abort(404)
    if not (is_writable(link.customer) or is_writable(link.partner)):
        refuse()
    return link


def _own_link(ref: str, link_ref: str) -> PartnerLink:
    """A link of the own company, on which its admin decides."""
    customer = find_or_404(Organisation, ref=ref)
    if not may_consent(customer, principal()):
        refuse()
    link = find_or_404(PartnerLink, ref=link_ref, lock=True)
    if link.customer_id != customer.id:
        abort(404)
    return link


def _form(customer: Organisation, **arguments: Any) -> PartnerLinkForm:
    form = PartnerLinkForm(**arguments)
    people = db.session.execute(
        sa.select(Person.ref, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == customer.id, Membership.ended_at.is_(None))
        .order_by(Person.name_key, Person.id)
        .limit(500)
    )
    form.contact.choices = choices([("", _("Nobody yet")), *((row.ref, row.name) for row in people)])
    return form


def _contact_id(form: PartnerLinkForm) -> int | None:
    if not form.contact.data:
        return None
    return db.session.scalar(sa.select(Person.id).where(Person.ref == form.contact.data))


def _partner(form: PartnerLinkForm, customer: Organisation) -> Organisation | None:
    """The one partner within reach that was named; else None, and the field says what is wrong."""
    session, typed = db.session(), form.partner.data
    found = _matching(typed)
    if len(found) != 1:
        form.partner.errors = [
            _("Several partners are called so: %(names)s. Enter the reference of one.", names=_with_refs(found))
            if found
            else _("No partner has this name or reference.")
        ]
        return None
    partner = find(session, Organisation, Organisation.ref == found[0].ref)
    assert partner is not None
    if partner.id == customer.id:
        form.partner.errors = [_("An organisation is not its own partner of record.")]
        return None
    if not (is_writable(customer) or is_writable(partner)):
        refuse()
    return partner


def _matching(typed: str) -> list[Any]:
    """By reference, else by the whole folded name, else by a part of it; six at most."""
    folded = like_escape(sort_key(typed).partition("\x1f")[0])
    partners = sa.select(Organisation.ref, Organisation.name).where(Organisation.is_partner).limit(6)
    for condition in (
        Organisation.ref == typed.upper(),
        Organisation.name_key.like(f"{folded}\x1f%", escape="\\"),
        Organisation.name_key.like(f"%{folded}%\x1f%", escape="\\"),
    ):
        if found := list(db.session.execute(partners.where(condition))):
            return found
    return []


def _with_refs(found: list[Any]) -> str:
    return list_text(f"{row.name} ({row.ref})" for row in found)


def _draw(
    page: str, customer: Organisation, form: PartnerLinkForm, status: int = 200, link: PartnerLink | None = None
) -> Response:
    offered: list[str] = []
    if link is None:
        offered = list(
            db.session.scalars(
                sa.select(Organisation.name)
                .where(Organisation.is_partner)
                .order_by(Organisation.name_key)
                .limit(_MOST_OFFERED)
            )
        )
    return render(page, status=status, organisation=customer, form=form, link=link, partners=offered)
