"""What the page of one organisation shows: each part through the lens of its reader, in columns."""

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Capacity, FieldGroup, Ground, Level, Principal
from portal.access.finding import grounds_of, lens_of
from portal.accounts.models import Membership, Person
from portal.organisations.models import ExternalId, Organisation, OrganisationFinance
from portal.tickets.lifecycle import State
from portal.tickets.models import Ticket

MOST_SHOWN = 6
MOST_COUNTED = 100
FINISHED = (State.RESOLVED, State.CLOSED)

PROFILE = ("name", "country", "website", "language")
GROUP_FIELDS: Mapping[FieldGroup, tuple[str, ...]] = {
    FieldGroup.CONTACT: ("email", "phone", "address"),
    FieldGroup.PHASE: ("phase",),
    FieldGroup.SEGMENT: ("segment", "abc_class"),
    FieldGroup.PARTNER_TERMS: ("partner_tier",),
}


def fields_of(organisation: Organisation, who: Principal, *, to_write: bool = False) -> tuple[str, ...]:
    """The columns of this record that its reader sees: of a linked customer name and country, in a room the name.

    `to_write`: those that they may change.
    """
    grounds = grounds_of(organisation)
    if not who.is_staff and Ground.COMPANY not in grounds:
        return ("name", "country") if Ground.LINKED in grounds else ("name",)
    lens = lens_of(organisation, to_write=to_write)
    opened = [name for group, names in GROUP_FIELDS.items() if group in lens for name in names]
    if not organisation.is_partner and "partner_tier" in opened:
        opened.remove("partner_tier")
    return (*PROFILE, *(("domain",) if who.is_staff else ()), *opened)


def facts_of(session: Session, organisation: Organisation, fields: tuple[str, ...]) -> dict[str, Any]:
    columns = [getattr(Organisation, name) for name in fields]
    row = session.execute(sa.select(*columns).where(Organisation.id == organisation.id)).one()
    return dict(zip(fields, row, strict=True))


def version_of(facts: Mapping[str, Any]) -> str:
    """Stands for what was looked at. A field that the reader does not see never makes them stale."""
    return hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()[:20]


def is_whole(organisation: Organisation, who: Principal) -> bool:
    """Whether the reader has the record itself and not only a name that a link or a conversation made known."""
    return who.is_staff or Ground.COMPANY in grounds_of(organisation)


def finance_of(session: Session, organisation: Organisation) -> Any:
    """Credit terms; none for whom the side table has no row."""
    return session.execute(
        sa.select(
            OrganisationFinance.currency, OrganisationFinance.credit_limit, OrganisationFinance.payment_days
        ).where(OrganisationFinance.organisation_id == organisation.id)
    ).one_or_none()


def external_ids_of(session: Session, organisation: Organisation) -> list[Any]:
    return list(
        session.execute(
            sa.select(ExternalId.source, ExternalId.value)
            .where(ExternalId.kind == "organisation", ExternalId.record_id == organisation.id)
            .order_by(ExternalId.source, ExternalId.value)
            .limit(20)
        )
    )


def sees_contact_data(organisation: Organisation, who: Principal) -> bool:
    """Of its people: a company's own admin, and staff whose lens holds contact data."""
    if who.is_staff:
        return FieldGroup.CONTACT in lens_of(organisation)
    return who.organisation_id == organisation.id and who.may(Action.PEOPLE_MANAGE)


def people_of(session: Session, organisation: Organisation, who: Principal, limit: int = MOST_SHOWN) -> list[Any]:
    """Who belongs to it now, its admins first; one more than the limit where there are more."""
    contact = (Person.email, Person.phone, Person.job_title) if sees_contact_data(organisation, who) else ()
    return list(
        session.execute(
            sa.select(Person.ref, Person.name, Membership.level, *contact)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.organisation_id == organisation.id,
                Membership.ended_at.is_(None),
                Person.disabled_at.is_(None),
            )
            .order_by(sa.case((Membership.level == Level.ADMIN, 0), else_=1), Person.name_key, Person.id)
            .limit(limit + 1)
        )
    )


def tickets_of(session: Session, who: Principal, *conditions: sa.ColumnElement[bool]) -> list[Any]:
    """The latest tickets within reach; outsiders' order moves only by what they can see."""
    moved = Ticket.activity_at if who.is_staff else Ticket.public_at
    return list(
        session.execute(
            sa.select(Ticket.ref, Ticket.subject, Ticket.state, moved.label("at"))
            .where(*conditions)
            .order_by(moved.desc(), Ticket.id.desc())
            .limit(MOST_SHOWN)
        )
    )


def open_tickets_of(session: Session, organisation: Organisation) -> int:
    """How many are not finished, up to a cap."""
    waiting = sa.select(Ticket.id).where(Ticket.organisation_id == organisation.id, Ticket.state.not_in(FINISHED))
    capped = waiting.limit(MOST_COUNTED).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(capped)) or 0


def readers_of_contact(session: Session, organisation: Organisation, capacity: Capacity, limit: int = 20) -> list[str]:
    """The people of the company who read what is shared with it in a capacity, by name; one more than the limit."""
    return list(
        session.scalars(
            sa.select(Person.name)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.organisation_id == organisation.id,
                Membership.ended_at.is_(None),
                getattr(Membership, f"is_{capacity}"),
                Person.disabled_at.is_(None),
                Person.is_staff.is_(False),
            )
            .order_by(Person.name_key, Person.id)
            .limit(limit + 1)
        )
    )
