"""Organisations and people, each row through the lens of the ground on which it is reached."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Action, Capacity, FieldGroup, Ground, Principal
from portal.access import Noun as Row
from portal.access.scope import own_ground_columns
from portal.accounts.models import Membership, Person
from portal.api.answers import OrganisationAnswer, PersonAnswer
from portal.api.nouns.noun import Filter, Noun, told
from portal.organisations.models import Organisation
from portal.paging import Order as Sorting

_LENSED = {
    FieldGroup.CONTACT: ("email", "phone", "address"),
    FieldGroup.PHASE: ("phase",),
    FieldGroup.SEGMENT: ("segment", "abc_class"),
    FieldGroup.PARTNER_TERMS: ("partner_tier",),
}
_NAMED_ONLY = frozenset({Ground.SHARED})
_LINKED_ONLY = _NAMED_ONLY | {Ground.LINKED}


class Organisations(Noun):
    name, kind, model = "organisations", "organisation", Organisation
    says = "Companies within reach; of linked customers name and country, of companies in a shared room the name."
    answer = OrganisationAnswer
    filters = {
        "capacity": Filter(
            "In this relation to us.",
            lambda who, value: getattr(Organisation, f"is_{Capacity(value)}").is_(True),
            tuple(map(str, Capacity)),
        ),
    }

    def sorting(self, who: Principal) -> Sorting:
        return Sorting((Organisation.name_key, Organisation.ref))

    def statement(self, who: Principal) -> sa.Select[Any]:
        names = ("name_key", "ref", "name", "country", "website", "language")
        columns = [getattr(Organisation, name) for name in names]
        columns += [getattr(Organisation, f"is_{capacity}") for capacity in Capacity]
        if who.is_staff:
            columns.append(Organisation.domain)
        for group, fields in _LENSED.items():
            columns += [getattr(Organisation, name) for name in fields] if who.ever_sees(group) else []
        held = [condition.label(f"on_{ground}") for ground, condition in own_ground_columns(who, Organisation)]
        return sa.select(*columns, *held)

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [_organisation(row, who) for row in rows]


def _organisation(row: Any, who: Principal) -> dict[str, Any]:
    held = {ground for ground, _condition in own_ground_columns(who, Organisation) if row._mapping[f"on_{ground}"]}
    found = told(row, "ref", "name")
    if who.is_staff or not held <= _NAMED_ONLY:
        found |= told(row, "country")
    if who.is_staff or not held <= _LINKED_ONLY:
        found |= told(row, "website", "language")
        found["capacities"] = [str(capacity) for capacity in Capacity if getattr(row, f"is_{capacity}")]
        for group, fields in _LENSED.items():
            if who.sees(group) or any(who.sees(group, ground) for ground in held):
                found |= told(row, *fields)
    if who.is_staff:
        found |= told(row, "domain")
    return found


class People(Noun):
    name, kind, model = "people", "person", Person
    says = "People within reach; addresses of a company’s own people for its administrators, and for staff."
    answer = PersonAnswer
    filters = {
        "organisation": Filter(
            "Who belongs to this organisation (its reference).",
            lambda who, value: Person.id.in_(
                sa.select(Membership.person_id)
                .join(Organisation, Organisation.id == Membership.organisation_id)
                .where(Organisation.ref == value, Membership.ended_at.is_(None))
            ),
            (),
            "O-7F3KQ92D",
        ),
    }

    def sorting(self, who: Principal) -> Sorting:
        return Sorting((Person.name_key, Person.ref))

    def statement(self, who: Principal) -> sa.Select[Any]:
        columns = [getattr(Person, name) for name in ("id", "name_key", "ref", "name", "is_staff")]
        if who.ever_sees(FieldGroup.CONTACT):
            columns += [Person.email, Person.phone, Person.job_title]
        return sa.select(*columns)

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        places = _places(session, [row.id for row in rows])
        return [_person(row, places.get(row.id, []), who) for row in rows]


def _places(session: Session, people: Sequence[int]) -> dict[int, list[Any]]:
    """Where each of them belongs, as far as the reader reaches it."""
    found: dict[int, list[Any]] = {}
    statement = (
        sa.select(Membership.person_id, Membership.organisation_id, Organisation.ref)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(people), Membership.ended_at.is_(None))
        .order_by(Organisation.ref)
    )
    for row in session.execute(statement) if people else ():
        found.setdefault(row.person_id, []).append(row)
    return found


def _person(row: Any, places: Sequence[Any], who: Principal) -> dict[str, Any]:
    found = {**told(row, "ref", "name", "is_staff"), "organisations": [place.ref for place in places]}
    if who.ever_sees(FieldGroup.CONTACT) and _sees_contact(row, places, who):
        found |= told(row, "email", "phone", "job_title")
    return found


def _sees_contact(person: Any, places: Sequence[Any], who: Principal) -> bool:
    """As on the page of a person."""
    if not who.is_staff:
        administers = who.may(Action.PEOPLE_MANAGE) and who.organisation_id in {p.organisation_id for p in places}
        return person.id == who.person_id or (not person.is_staff and administers)
    if person.is_staff:
        return who.sees(FieldGroup.STAFF_EMAILS)
    reaches_all = Ground.ALL in {reach.ground for reach in who.reach(Row.ORGANISATIONS)}
    return who.sees(FieldGroup.CONTACT) and (reaches_all or bool(places))
