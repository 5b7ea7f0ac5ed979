"""People of organisations as another system tells them: contacts, who sign in by invitation like anybody else.

An address never connects them to anybody who signs in (OpenID Connect Core, 5.7), and the membership that they come
with has no areas. For a session of the system.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, undefer_group

from portal.access import Level, Principal
from portal.accounts.models import Identity, Membership, Person
from portal.errors import RuleBroken
from portal.feeds.lookups import by_external_id, by_name, chunks, forget, records, remembered
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import PersonShape
from portal.organisations.models import Activity, ActivityOrganisation, Channel, Organisation, record_activity

NOUN = "person"
_FIELDS = ("name", "email", "job_title", "phone", "language")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_SIGNS_IN = _l("This person signs in to the portal and changes the address themselves.")

_TAKEN = _l("Somebody else has this address here. Invite them to the company instead.")


@dataclass(slots=True)
class _Known:
    people: dict[str, Person]
    by_email: dict[str, list[Person]]
    organisations: dict[str, Organisation]
    # Organisations of each person, by id: those that they belong to, and those that they once did.
    current: dict[int, set[int]] = field(default_factory=dict)
    former: dict[int, set[int]] = field(default_factory=dict)
    # Who can sign in.
    proved: set[int] = field(default_factory=set)


def feed_people(
    session: Session, source: str, shapes: Sequence[PersonShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. `who` let them in, which is what the history names.

    What is refused changes nothing. The same feed twice changes nothing the second time.
    """
    known = _read(session, source, shapes)
    named = set(known.people)
    outcomes = [_feed(session, shape, known, who, at) for shape in shapes]
    return remembered(session, source, NOUN, named, shapes, outcomes)


def restore(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    person: Person,
    who: Principal,
    at: datetime,
) -> None:
    """As they were `before` a feed; who was nobody goes, unless they sign in or something hangs on them."""
    signs_in = session.scalar(sa.select(Identity.id).where(Identity.person_id == person.id).limit(1)) is not None
    if before:
        session.refresh(person, ["email", "phone", "job_title"])
        _set(person, {name: before[name] for name in _FIELDS})
        session.flush()
        return
    if signs_in or person.is_staff:
        raise RuleBroken(_l("This person signs in to the portal."))
    # The one that they came with, as it was then: else somebody has let them do things here.
    memberships = session.scalars(sa.select(Membership).where(Membership.person_id == person.id)).all()
    if any(membership.version > 1 or membership.ended_at for membership in memberships) or len(memberships) > 1:
        raise RuleBroken(_l("Somebody has changed what this person may do here."))
    _forget_joining(session, person)
    session.execute(sa.delete(Membership).where(Membership.person_id == person.id))
    forget(session, NOUN, person.id)
    session.delete(person)
    session.flush()


def moved(session: Session, left: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Who is no longer as an import left them: changed by themselves or by hand, or gone."""
    found: dict[int, Person] = records(session, Person, left.keys(), undefer_group("contact"))
    return {id_ for id_, told in left.items() if id_ not in found or _differs(found[id_], told)}


def _differs(person: Person, told: Mapping[str, Any]) -> bool:
    return any(name in told and getattr(person, name) != told[name] for name in _FIELDS)


def _forget_joining(session: Session, person: Person) -> None:
    organisation_ids = sa.select(Membership.organisation_id).where(Membership.person_id == person.id)
    joined = (
        sa.select(Activity)
        .join(ActivityOrganisation, ActivityOrganisation.activity_id == Activity.id)
        .where(
            ActivityOrganisation.organisation_id.in_(organisation_ids),
            ActivityOrganisation.kind == "person-joined",
            ActivityOrganisation.channel == Channel.API,
            Activity.params["person_id"].as_integer() == person.id,
        )
    )
    for activity in session.scalars(joined).all():
        session.execute(sa.delete(ActivityOrganisation).where(ActivityOrganisation.activity_id == activity.id))
        session.delete(activity)
    session.flush()


def _read(session: Session, source: str, shapes: Sequence[PersonShape]) -> _Known:
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    addresses = {shape.email.lower() for shape in shapes}
    lowered = sa.func.lower(Person.email)
    of_address = [
        id_
        for part in chunks(sorted(addresses))
        for id_ in session.scalars(sa.select(Person.id).where(lowered.in_(part)))
    ]
    found = records(session, Person, {*ids.values(), *of_address}, undefer_group("contact"))
    names = by_name(session, source, "organisation", Organisation, {shape.organisation for shape in shapes})
    organisations = {
        row.id: row
        for part in chunks(sorted(set(names.values())))
        for row in session.scalars(sa.select(Organisation).where(Organisation.id.in_(part)))
    }
    known = _Known(
        people={key: found[id_] for key, id_ in ids.items() if id_ in found},
        by_email={},
        organisations={name: organisations[id_] for name, id_ in names.items()},
    )
    for person in found.values():
        known.by_email.setdefault(person.email.lower(), []).append(person)
    for part in chunks(sorted(found)):
        held = sa.select(Membership.person_id, Membership.organisation_id, Membership.ended_at)
        for row in session.execute(held.where(Membership.person_id.in_(part))):
            of = known.current if row.ended_at is None else known.former
            of.setdefault(row.person_id, set()).add(row.organisation_id)
        known.proved.update(session.scalars(sa.select(Identity.person_id).where(Identity.person_id.in_(part))))
    return known


def _feed(session: Session, shape: PersonShape, known: _Known, who: Principal, at: datetime) -> Outcome:
    organisation = known.organisations.get(shape.organisation)
    if organisation is None:
        return refused(Problem("organisation", _l("There is no such organisation here.")))
    if not _ADDRESS.fullmatch(shape.email):
        return refused(Problem("email", _l("This is not an e-mail address.")))
    person = known.people.get(shape.external_id)
    others = [other for other in known.by_email.get(shape.email.lower(), []) if other is not person]
    if person is None and len(others) == 1 and organisation.id in known.current.get(others[0].id, ()):
        person, others = others[0], []
    if problems := _check(shape, known, person, others, organisation):
        return refused(*problems)
    values = {name: getattr(shape, name) for name in shape.model_fields_set & set(_FIELDS)}
    values["language"] = shape.language or None
    if person is None:
        person = _add(session, values, organisation, who, at)
        known.current[person.id] = {organisation.id}
        before: dict[str, Any] = {}
    else:
        before = _snapshot(person, organisation)
        if person.language and (person.id in known.proved or not shape.language):
            # What they speak is theirs to say.
            del values["language"]
        _set(person, values)
    known.people[shape.external_id] = person
    same = known.by_email.setdefault(shape.email.lower(), [])
    if person not in same:
        same.append(person)
    after = _snapshot(person, organisation)
    if not before:
        return Outcome(Action.CREATE, person, {}, after)
    outcome = Outcome(Action.UPDATE, person, before, after)
    return outcome if outcome.changes else Outcome(Action.UNCHANGED, person, before, after)


def _check(
    shape: PersonShape, known: _Known, person: Person | None, others: Sequence[Person], organisation: Organisation
) -> list[Problem]:
    if any(other.is_staff for other in (*others, *([person] if person else []))):
        return [Problem("email", _l("This is one of our own people."))]
    problems = []
    if others:
        problems.append(Problem("email", _TAKEN))
    if person is None:
        return problems
    belongs = known.current.get(person.id, set()) | known.former.get(person.id, set())
    if organisation.id not in belongs:
        problems.append(Problem("organisation", _l("This person is with another company.")))
    if person.is_disabled:
        problems.append(Problem("external_id", _l("This person was disabled.")))
    if person.id in known.proved and shape.email.lower() != person.email.lower():
        problems.append(Problem("email", _SIGNS_IN))
    return problems


def _add(
    session: Session, values: Mapping[str, Any], organisation: Organisation, who: Principal, at: datetime
) -> Person:
    """A contact: whoever may let people in decides later what they may do here."""
    person = Person(**{"phone": "", "job_title": ""} | dict(values), created_at=at)
    session.add(person)
    # The membership and the history name them by their id.
    session.flush()
    membership = Membership(person_id=person.id, organisation_id=organisation.id, level=Level.MEMBER, started_at=at)
    membership.areas, membership.capacities = frozenset(), organisation.capacities
    joined = record_activity(
        "person-joined",
        at=at,
        actor_id=who.person_id,
        concerns={organisation.id: None},
        readers=frozenset({organisation.id}),
        channel=Channel.API,
        person_id=person.id,
    )
    session.add_all([membership, joined])
    return person


def _set(person: Person, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(person, name) == value:
            continue
        if name == "name":
            person.rename(value)
        else:
            setattr(person, name, value)


def _snapshot(person: Person, organisation: Organisation) -> dict[str, Any]:
    """The person as plain values in the words of its shape."""
    return {name: getattr(person, name) for name in _FIELDS} | {"organisation": organisation.ref}
