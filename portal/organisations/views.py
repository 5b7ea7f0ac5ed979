"""The list of organisations, and the page of one: the same for customers and staff, each through their lens."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from portal.access import Action, Capacity, Ground, Principal, Role
from portal.access.finding import ground_of, grounds_of, is_writable
from portal.access.gate import note_read, principal, refuse, requires
from portal.access.words import CAPACITIES
from portal.accounts.kept import refill
from portal.clock import now
from portal.exporting import Row, capped, see_one_moment, table
from portal.extensions import db
from portal.forms import choices
from portal.languages import country_name
from portal.opportunities.listing import opportunities_of
from portal.opportunities.rules import sells_to
from portal.organisations import editing, history_views, link_views, listing, people_views, record
from portal.organisations.blueprint import bp, capacity_words
from portal.organisations.forms import FilterForm, OrganisationForm
from portal.organisations.history import history_page
from portal.organisations.models import AbcClass, Organisation, Phase
from portal.organisations.rules import link_rows, manages_links, today
from portal.organisations.words import FIELDS, PHASES
from portal.text import sort_key
from portal.tickets.models import Ticket
from portal.web import done, find_or_404, render

# Importing them is what hangs their pages on the blueprint.
__all__ = ["bp", "history_views", "link_views", "people_views"]

_SHOWN_ON_RECORD = 5
_MOST_LINKS = 100


@bp.get("/organisations")
@requires(Action.ORGANISATION_READ)
def index() -> Response:
    who = principal()
    filters = listing.read_filters(request.args, who)
    after, before = request.args.get("after", ""), request.args.get("before", "")
    page = listing.list_organisations(db.session(), who, filters, after=after, before=before)
    then = "contact" if request.args.get("then") == "contact" and who.may(Action.CONTACT_LOG) else None
    return render(
        "organisations/index.html",
        fragment="organisations/_organisations.html",
        rows=page.rows,
        columns=listing.visible_columns(who).keys(),
        filters=filters,
        form=_filter_form(filters, who),
        then=then,
        next_url=_page_url(filters, then=then, after=page.next_cursor),
        previous_url=_page_url(filters, then=then, before=page.previous_cursor),
        exports=[url_for("organisations.export", form=form, **filters.arguments()) for form in ("csv", "xlsx")],
        may_create=who.is_staff and who.may(Action.ORGANISATION_WRITE),
    )


def _page_url(filters: listing.Filters, **more: str | None) -> str | None:
    if not more.get("after") and not more.get("before"):
        return None
    return url_for("organisations.index", **filters.arguments(**more))


def _filter_form(filters: listing.Filters, who: Principal) -> FilterForm | None:
    """The fields above the list; none for those whose list is their own company."""
    if not who.is_staff and who.capacity != Capacity.PARTNER:
        return None
    form = FilterForm(data=filters.arguments(sort=filters.sort))
    columns = listing.visible_columns(who)
    anything: list[tuple[str, Any]] = [("", _("All"))]
    known = [(code, country_name(code)) for code in listing.countries(db.session(), who)]
    form.country.choices = choices(anything + sorted(known, key=lambda country: sort_key(country[1])))
    form.sort.choices = choices([("name", _("Name, A to Z")), ("-name", _("Name, Z to A"))])
    form.capacity.choices = choices(anything + [(capacity, CAPACITIES[capacity]) for capacity in Capacity])
    form.phase.choices = choices(anything + [(phase, PHASES[phase]) for phase in Phase])
    form.abc_class.choices = choices(anything + [(value, value) for value in AbcClass])
    form.mine.choices = choices([("", _("Anybody’s")), ("1", _("Mine"))])
    if Role.ACCOUNT_MANAGER not in who.roles:
        del form.mine
    for name in ("capacity", "phase", "abc_class"):
        if name not in columns:
            del form[name]
    return form


@bp.get("/organisations/export.csv", defaults={"form": "csv"})
@bp.get("/organisations/export.xlsx", defaults={"form": "xlsx"})
@requires(Action.ORGANISATION_READ)
def export(form: str) -> Response:
    """Exactly the list that its reader sees, streamed."""
    who = principal()
    filters = listing.read_filters(request.args, who)
    return table("organisations", form, _rows(db.session(), who, filters))


def _rows(session: Session, who: Principal, filters: listing.Filters) -> Iterator[Row]:
    names = list(listing.visible_columns(who))
    see_one_moment(session)
    yield [_("Reference") if name == "ref" else _heading(name) for name in names]
    found = listing.every_organisation(session, who, filters)
    yield from capped(([_cell(row, name) for name in names] for row in found), _too_many)


def _too_many(most: str) -> object:
    return _("Only the first %(most)s organisations are here. Narrow the list to export others.", most=most)


def _heading(name: str) -> str:
    return str(FIELDS["capacities" if name == "capacity" else name])


def _cell(row: Any, name: str) -> str:
    if name == "capacity":
        return capacity_words(row)
    value = getattr(row, name) or ""
    if name == "country":
        return country_name(value)
    return str(PHASES.get(value, value)) if name == "phase" else value


@bp.get("/organisations/<ref>")
@requires(Action.ORGANISATION_READ)
def show(ref: str) -> Response:
    who, session = principal(), db.session()
    organisation = find_or_404(Organisation, ref=ref)
    if who.is_staff:
        note_read(ref, organisation.id, from_afar=ground_of(organisation) == Ground.ALL)
    is_whole = record.is_whole(organisation, who)
    links = session.execute(link_rows(organisation.id).limit(_MOST_LINKS)).all()
    context: dict[str, Any] = {
        "organisation": organisation,
        "is_whole": is_whole,
        "is_linked": Ground.LINKED in grounds_of(organisation),
        "facts": record.facts_of(session, organisation, record.fields_of(organisation, who)),
        "links": links,
        "today": today(),
        "may_manage_links": manages_links(who) and is_writable(organisation),
        "may_add_partner": manages_links(who) and is_writable(organisation) and organisation.is_customer,
        "may_open_for": any(link.consented_at and link.customer_id == organisation.id for link in links)
        and not is_whole,
        "may_consent": editing.may_consent(organisation, who),
    }
    if who.may(Action.TICKET_READ):
        context["open_tickets"] = record.open_tickets_of(session, organisation)
        context["tickets"] = record.tickets_of(session, who, Ticket.organisation_id == organisation.id)
    if who.may(Action.DEAL_READ):
        may_sell = organisation.is_customer and sells_to(who, organisation)
        if (found := opportunities_of(session, who, organisation)) or may_sell:
            context |= {"opportunities": found, "may_sell": may_sell}
    if is_whole:
        context["people"] = record.people_of(session, organisation, who)
        context["sees_contact_data"] = record.sees_contact_data(organisation, who)
        context["finance"] = record.finance_of(session, organisation)
        if who.is_staff:
            context["external_ids"] = record.external_ids_of(session, organisation)
        if who.may(Action.HISTORY_READ):
            context["history"] = history_page(session, who, organisation.id, size=_SHOWN_ON_RECORD)
    return render("organisations/show.html", **context)


@bp.get("/organisations/new")
@requires(Action.ORGANISATION_WRITE)
def new() -> Response:
    who = _staff_only()
    form = refill(editing.creation_form(who), url_for("organisations.create"))
    return render("organisations/new.html", form=form)


@bp.post("/organisations")
@requires(Action.ORGANISATION_WRITE)
def create() -> BaseResponse:
    who = _staff_only()
    form = editing.creation_form(who)
    if not form.validate_on_submit() or not editing.is_new(db.session(), form):
        return render("organisations/new.html", status=422, form=form)
    ref = editing.create(db.session(), who, form.values(), now())
    return done(url_for("organisations.show", ref=ref))


def _staff_only() -> Principal:
    """A company's own admin edits it, and founds no other."""
    if not principal().is_staff:
        refuse()
    return principal()


@bp.get("/organisations/<ref>/edit")
@requires(Action.ORGANISATION_WRITE)
def edit(ref: str) -> Response:
    organisation = _writable(ref)
    facts = editing.editable_facts(db.session(), organisation, principal())
    form = OrganisationForm(data=facts)
    form.keep_only(facts)
    form.version.data = record.version_of(facts)
    refill(form, url_for("organisations.update", ref=ref))
    return render("organisations/edit.html", organisation=organisation, form=form, conflict=None)


@bp.post("/organisations/<ref>")
@requires(Action.ORGANISATION_WRITE)
def update(ref: str) -> BaseResponse:
    who, session = principal(), db.session()
    organisation = _writable(ref, lock=True)
    facts = editing.editable_facts(session, organisation, who)
    form = OrganisationForm()
    form.keep_only(facts)
    if not form.validate_on_submit():
        return render("organisations/edit.html", status=422, organisation=organisation, form=form, conflict=None)
    if form.version.data != record.version_of(facts):
        # Nothing is lost and nothing overwritten unseen: both versions, and the choice.
        form.version.data = record.version_of(facts)
        conflict = editing.conflict(facts, form.values())
        return render("organisations/edit.html", status=409, organisation=organisation, form=form, conflict=conflict)
    editing.change(session, organisation, who, form.values(), now())
    session.commit()
    return done(url_for("organisations.show", ref=ref))


def _writable(ref: str, *, lock: bool = False) -> Organisation:
    organisation = find_or_404(Organisation, ref=ref, lock=lock)
    if not is_writable(organisation):
        refuse()
    return organisation
