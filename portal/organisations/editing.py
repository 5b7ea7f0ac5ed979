"""Creating and editing organisations: which fields and capacities are whose, and what two versions differ in."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, undefer_group

from portal.access import Action, Capacity, Ground, Level, Noun, Principal, Role
from portal.access.finding import lens_of
from portal.access.scope import acting_as
from portal.access.words import CAPACITIES
from portal.accounts.models import Portfolio
from portal.forms import choices
from portal.languages import LANGUAGES, country_name, list_text, voice
from portal.organisations.forms import OrganisationForm
from portal.organisations.models import STAFF_FIELDS, Organisation
from portal.organisations.record import GROUP_FIELDS, PROFILE, facts_of, fields_of
from portal.organisations.words import FIELDS, PHASES, TIERS

# In which capacities each role takes organisations up.
_TAKES_UP = {
    Role.ACCOUNT_MANAGER: frozenset({Capacity.CUSTOMER}),
    Role.BUYER: frozenset({Capacity.SUPPLIER}),
    Role.CHANNEL_MANAGER: frozenset({Capacity.PARTNER}),
    Role.ADMIN: frozenset(Capacity),
}


def capacities_for(who: Principal) -> list[Capacity]:
    taken_up = frozenset[Capacity]().union(*(_TAKES_UP.get(role, frozenset()) for role in who.roles))
    return [capacity for capacity in Capacity if capacity in taken_up]


def creation_form(who: Principal) -> OrganisationForm:
    """The fields that the creator will see on the record, with the capacities that are theirs to give."""
    capacities = capacities_for(who)
    form = OrganisationForm(
        data={"language": voice().language, "capacities": capacities[:1] if len(capacities) == 1 else []}
    )
    grounds: list[Ground | None] = [None, *(reach.ground for reach in who.reach(Noun.ORGANISATIONS) if reach.writes)]
    names = [
        name
        for group, columns in GROUP_FIELDS.items()
        if any(who.writer.sees(group, ground) for ground in grounds)
        for name in columns
        if name != "partner_tier" or Capacity.PARTNER in capacities
    ]
    form.keep_only([*PROFILE, "capacities", "domain", *names])
    form.capacities.choices = choices((capacity, CAPACITIES[capacity]) for capacity in capacities)
    return form


def is_new(session: Session, form: OrganisationForm) -> bool:
    """Whether no organisation has this mail domain already; by it newcomers find their company."""
    domain = form.values()["domain"]
    if not domain:
        return True
    name = session.scalar(sa.select(Organisation.name).where(Organisation.domain == domain).limit(1))
    if name is None:
        return True
    form.domain.errors = [_("This is the domain of %(name)s already.", name=name)]
    return False


def create(session: Session, who: Principal, values: dict[str, Any], at: datetime) -> str:
    """Add it, commit, and return its reference. What an account manager creates is in their care from the start."""
    values["capacities"] = frozenset(Capacity(value) for value in values["capacities"])
    organisation = Organisation(**values, created_at=at)
    session.add(organisation)
    session.flush()
    organisation.record("organisation-created", who.person_id, at)
    session.flush()
    ref, organisation_id = organisation.ref, organisation.id
    if Role.ACCOUNT_MANAGER in who.roles:
        with acting_as(session, Principal.system("a new organisation is in its creator's care")):
            session.add(Portfolio(person_id=who.person_id, organisation_id=organisation_id))
            session.commit()
    else:
        session.commit()
    return ref


def editable_facts(session: Session, organisation: Organisation, who: Principal) -> dict[str, Any]:
    """Fields that this editor may change, with their values now. A capacity is given and taken by an admin."""
    fields = fields_of(organisation, who, to_write=True)
    if not who.is_staff:
        fields = tuple(name for name in fields if name not in STAFF_FIELDS and name != "partner_tier")
    facts = facts_of(session, organisation, fields)
    if who.is_staff and Role.ADMIN in who.roles:
        facts["capacities"] = [str(capacity) for capacity in Capacity if capacity in organisation.capacities]
    return facts


def change(session: Session, organisation: Organisation, who: Principal, values: dict[str, Any], at: datetime) -> None:
    groups = [undefer_group(str(group)) for group in GROUP_FIELDS if group in lens_of(organisation)]
    # The columns that the lens opens are read into the record, so that it can tell what has changed.
    session.execute(sa.select(Organisation).where(Organisation.id == organisation.id).options(*groups)).one()
    if "capacities" in values:
        values["capacities"] = frozenset(Capacity(value) for value in values["capacities"])
    organisation.change(who.person_id, at, **values)


def conflict(stored: dict[str, Any], entered: dict[str, Any]) -> list[tuple[Any, str, str]]:
    """Label, stored and entered value of each field in which two versions differ."""
    return [
        (FIELDS[name], shown(name, value), shown(name, entered[name]))
        for name, value in stored.items()
        if value != entered[name]
    ]


def shown(name: str, value: Any) -> str:
    """A field's value as a reader sees it."""
    if not value:
        return "–"
    match name:
        case "country":
            return country_name(value)
        case "language":
            return LANGUAGES[value].own_name if value in LANGUAGES else value
        case "capacities":
            return list_text(CAPACITIES[Capacity(capacity)] for capacity in value)
        case "phase":
            return str(PHASES.get(value, value))
        case "partner_tier":
            return str(TIERS.get(value, value))
    return str(value)


def may_consent(organisation: Organisation, who: Principal) -> bool:
    """The customer's own admin decides whether partners open tickets for it."""
    return (
        who.organisation_id == organisation.id
        and who.capacity == Capacity.CUSTOMER
        and who.acting is not None
        and who.acting.level == Level.ADMIN
        and who.may(Action.ORGANISATION_WRITE)
    )
