"""The contact history of an organisation, and contacts that staff write down by hand."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Capacity, Ground, Noun, Principal, Role
from portal.access.finding import ground_of
from portal.access.gate import note_read, principal, refuse, requires
from portal.access.tables import REACH
from portal.access.vocabulary import STAFF_ROLES
from portal.access.words import CAPACITIES, ROLES
from portal.accounts.kept import refill
from portal.accounts.models import Membership, Person
from portal.clock import now
from portal.extensions import db
from portal.forms import choices
from portal.languages import list_text
from portal.organisations import record
from portal.organisations.blueprint import bp
from portal.organisations.forms import ContactForm, HistoryFilterForm
from portal.organisations.history import history_page
from portal.organisations.models import Audience, Channel, Organisation, record_activity
from portal.organisations.sentences import TELLINGS
from portal.organisations.words import CHANNELS
from portal.web import done, find_or_404, render

_MOST_PEOPLE = 500
_CAPACITY_OF = {Ground.SUPPLIERS: Capacity.SUPPLIER, Ground.PARTNERS: Capacity.PARTNER}


@bp.get("/organisations/<ref>/history")
@requires(Action.HISTORY_READ)
def show_history(ref: str) -> Response:
    who = principal()
    organisation = find_or_404(Organisation, ref=ref)
    if not record.is_whole(organisation, who):
        refuse()
    if who.is_staff:
        note_read(ref, organisation.id, from_afar=ground_of(organisation) == Ground.ALL)
    kinds = {kind: telling.label for kind, telling in TELLINGS.items() if who.is_staff or not telling.is_internal}
    channel, kind = request.args.get("channel", ""), request.args.get("kind", "")
    if (channel and channel not in CHANNELS) or (kind and kind not in kinds):
        abort(400)
    try:
        page = history_page(
            db.session(),
            who,
            organisation.id,
            channel=Channel(channel) if channel else None,
            kind=kind or None,
            after=request.args.get("after", ""),
            before=request.args.get("before", ""),
        )
    except ValueError:
        abort(400)
    asked: dict[str, Any] = {name: value for name, value in (("channel", channel), ("kind", kind)) if value}
    form = HistoryFilterForm(data=asked)
    anything: list[tuple[str, Any]] = [("", _("All"))]
    form.channel.choices = choices(anything + list(CHANNELS.items()))
    form.kind.choices = choices(anything + list(kinds.items()))

    def here(**more: Any) -> str:
        return url_for("organisations.show_history", ref=ref, **more)

    return render(
        "organisations/history.html",
        fragment="organisations/_history.html",
        organisation=organisation,
        entries=page.rows,
        form=form,
        is_narrowed=bool(asked),
        clear_url=here() if asked else None,
        next_url=here(**asked, after=page.next_cursor) if page.next_cursor else None,
        previous_url=here(**asked, before=page.previous_cursor) if page.previous_cursor else None,
    )


@bp.get("/organisations/<ref>/contacts/new")
@requires(Action.CONTACT_LOG)
def new_contact(ref: str) -> Response:
    organisation = find_or_404(Organisation, ref=ref)
    form = _contact_form(organisation)
    form.put_clock_at(now())
    return _draw(organisation, refill(form, url_for("organisations.create_contact", ref=ref)))


@bp.post("/organisations/<ref>/contacts/readers")
@requires(Action.CONTACT_LOG)
def show_contact_readers(ref: str) -> Response:
    """Who would read it, for the audience and capacity that the form holds just now."""
    organisation = find_or_404(Organisation, ref=ref)
    return _draw(organisation, _contact_form(organisation), fragment="organisations/_readers.html")


@bp.post("/organisations/<ref>/contacts")
@requires(Action.CONTACT_LOG)
def create_contact(ref: str) -> BaseResponse:
    who, session = principal(), db.session()
    organisation = find_or_404(Organisation, ref=ref)
    form = _contact_form(organisation)
    if not form.validate_on_submit():
        return _draw(organisation, form, status=422)
    is_shared = form.audience.data == Audience.COMPANIES
    params: dict[str, Any] = {"subject": form.subject.data, "note": form.note.data or ""}
    if form.person.data:
        params["person_id"] = session.scalar(sa.select(Person.id).where(Person.ref == form.person.data))
    session.add(
        record_activity(
            "contact",
            at=form.at,
            actor_id=who.person_id,
            concerns={organisation.id: Capacity(form.capacity.data)},
            readers=frozenset({organisation.id}) if is_shared else frozenset(),
            channel=Channel(form.channel.data),
            **params,
        )
    )
    session.commit()
    # It may stand far down in the history: it is kept by the day on which it happened.
    flash(_("The contact was noted."), "success")
    return done(url_for("organisations.show_history", ref=ref))


def _contact_form(organisation: Organisation, **arguments: Any) -> ContactForm:
    """Raises 403 where the writer could not read what they wrote."""
    capacities = _capacities(organisation, principal().writer)
    if not capacities:
        refuse()
    form = ContactForm(**arguments)
    form.capacity.choices = choices((capacity, CAPACITIES[capacity]) for capacity in capacities)
    if form.capacity.data is None:
        form.capacity.data = str(capacities[0])
    form.person.choices = choices([("", _("Nobody in particular")), *_people(organisation)])
    form.audience.choices = choices(
        [
            (Audience.STAFF, _("Staff only")),
            (Audience.COMPANIES, _("Staff and %(company)s", company=organisation.name)),
        ]
    )
    return form


def _capacities(organisation: Organisation, who: Principal) -> list[Capacity]:
    """In which capacities of the organisation this writer reaches its history."""
    grounds = {reach.ground for reach in who.reach(Noun.HISTORY)}
    held = {_CAPACITY_OF[ground] for ground in grounds if ground in _CAPACITY_OF}
    if Ground.ALL in grounds:
        held = set(Capacity)
    return [capacity for capacity in Capacity if capacity in held & organisation.capacities]


def _people(organisation: Organisation) -> list[tuple[str, str]]:
    rows = db.session.execute(
        sa.select(Person.ref, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
        .order_by(Person.name_key, Person.id)
        .limit(_MOST_PEOPLE)
    )
    return [(row.ref, row.name) for row in rows]


def _readers(organisation: Organisation, form: ContactForm) -> dict[str, Any]:
    """Who reads the contact: the staff whose history reaches it and, where it is shared, the company's people."""
    offered = [choice.value for choice in form.capacity.choices]
    capacity = Capacity(form.capacity.data if form.capacity.data in offered else offered[0])
    roles = [
        ROLES[role]
        for role in (*STAFF_ROLES, Role.BREAK_GLASS)
        for reach in REACH[role].get(Noun.HISTORY, ())
        if reach.ground == Ground.ALL or _CAPACITY_OF.get(reach.ground) == capacity
    ]
    groups: list[dict[str, Any]] = [{"name": _("Staff"), "people": [list_text(roles)]}]
    is_shared = form.audience.data == Audience.COMPANIES
    if is_shared:
        groups.append({"name": organisation.name, "people": _named(organisation, capacity)})
    return {"groups": groups, "is_internal": not is_shared}


def _named(organisation: Organisation, capacity: Capacity, most: int = 20) -> list[str]:
    names = record.readers_of_contact(db.session(), organisation, capacity, most)
    if not names:
        return [_("nobody there yet")]
    if len(names) > most:
        return [*names[:most], _("and others")]
    return names


def _draw(organisation: Organisation, form: ContactForm, *, fragment: str | None = None, status: int = 200) -> Response:
    return render(
        "organisations/new_contact.html",
        fragment,
        status,
        organisation=organisation,
        form=form,
        has_capacities=len(form.capacity.choices) > 1,
        **_readers(organisation, form),
    )
