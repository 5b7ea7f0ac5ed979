"""What a key hears of: the rights of the one who answers for it, asked when an event is told and when it is sent."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access.scope import acting_as
from portal.accounts.models import Person
from portal.api.keys import principal_of
from portal.api.models import ApiKey
from portal.api.nouns import NOUNS
from portal.api.scopes import AREAS
from portal.deals.models import Deal
from portal.orders.models import Order
from portal.organisations.models import Activity, ActivityOrganisation, Organisation
from portal.tickets.models import Ticket
from portal.webhooks.events import type_of


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of the contact history as an event; `readers` are the companies whose own history has it."""

    activity_ref: str
    at: datetime
    type: str
    noun: str
    record_ref: str
    readers: frozenset[int]


def happenings(session: Session, activity_refs: Collection[str]) -> list[Happening]:
    """In the order in which they happened; what is taken back by now is not among them. For a session of the system."""
    rows = session.execute(
        sa.select(
            *(Activity.id, Activity.ref, Activity.at, Activity.kind, Activity.params),
            Ticket.ref.label("ticket"),
            Deal.ref.label("deal"),
            Order.ref.label("order"),
        )
        .outerjoin(Ticket, Ticket.id == Activity.ticket_id)
        .outerjoin(Deal, Deal.id == Activity.deal_id)
        .outerjoin(Order, Order.id == Activity.order_id)
        .where(Activity.ref.in_(activity_refs))
        .order_by(Activity.id)
    ).all()
    concerned = _concerned(session, [row.id for row in rows])
    people = _people(session, rows)
    found = []
    for row in rows:
        kind = type_of(row.kind, row.params)
        if kind is None:
            continue
        companies = concerned.get(row.id, [])
        refs = {
            "tickets": row.ticket,
            "deals": row.deal,
            "people": people.get(row.params.get("person_id", 0)),
            "organisations": companies[0].ref if companies else None,
        }
        ref = refs.get(kind.noun, row.order)
        if ref:
            readers = frozenset(company.id for company in companies if company.is_reader)
            found.append(Happening(row.ref, row.at, kind.name, kind.noun, ref, readers))
    return found


def _concerned(session: Session, activity_ids: Sequence[int]) -> dict[int, list[Any]]:
    statement = (
        sa.select(ActivityOrganisation.activity_id, ActivityOrganisation.is_reader, Organisation.id, Organisation.ref)
        .join(Organisation, Organisation.id == ActivityOrganisation.organisation_id)
        .where(ActivityOrganisation.activity_id.in_(activity_ids))
        .order_by(ActivityOrganisation.id)
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row.activity_id, []).append(row)
    return found


def _people(session: Session, rows: Iterable[Any]) -> dict[int, str]:
    ids = {row.params["person_id"] for row in rows if row.params.get("person_id")}
    if not ids:
        return {}
    found = session.execute(sa.select(Person.id, Person.ref).where(Person.id.in_(ids)))
    return {row.id: row.ref for row in found}


def heard_by(session: Session, key: ApiKey, told: Sequence[tuple[str, str, str]], at: datetime) -> set[str]:
    """Which of these (reference of the entry, noun, reference of the record) the key may read at this moment.

    Both have to be in reach: the entry in the history, and the record under the scope of the key.
    """
    who = principal_of(key, at)
    if who is None:
        return set()
    scopes = {scope.removesuffix(":read") for scope in key.scopes if scope.endswith(":read")}
    nouns = {noun for _a, noun, _r in told if noun in scopes and who.has_area(AREAS.get(noun))}
    wanted = [of for of in told if of[1] in nouns]
    if not wanted:
        return set()
    with acting_as(session, who):
        entries = set(session.scalars(sa.select(Activity.ref).where(Activity.ref.in_({of[0] for of in wanted}))))
        records = {noun: _read(session, noun, {of[2] for of in wanted if of[1] == noun}) for noun in nouns}
    return {entry for entry, noun, record in wanted if entry in entries and record in records[noun]}


def _read(session: Session, noun: str, refs: Collection[str]) -> set[str]:
    model = NOUNS[noun].model
    return set(session.scalars(sa.select(model.ref).where(model.ref.in_(refs))))


def is_awake(key: ApiKey, at: datetime) -> bool:
    return principal_of(key, at) is not None
