"""Whom to tell of what happens to orders, in its transaction: many of them at once, as a feed brings them.

Partners whom a customer is linked with are never told: they look where an order stands when they want to know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal, Role
from portal.access.scope import unscoped
from portal.accounts.models import Membership, Person, StaffRole
from portal.notices.notify import Telling, notify_all

if TYPE_CHECKING:
    from portal.orders.models import Order

_person, _role, _member = Person.__table__.c, StaffRole.__table__.c, Membership.__table__.c
_IN_CAPACITY = {capacity: _member[f"is_{capacity}"] for capacity in Capacity}
# As many as go into one statement on every database.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class News:
    """One step of an order, told to its company (and whoever resells it), or to those who work on it here."""

    order: "Order"
    kind: str
    verb: str
    to_staff: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)


def tell_of_orders(session: Session, news: Iterable[News], who: Principal, at: datetime) -> int:
    """A few statements, however much there is to tell; returns how many notices that were."""
    news = list(news)
    if not news:
        return 0
    colleagues = _colleagues(session, {one.order.organisation_id for one in news} | _resellers(news))
    roles = {_role_for(one.order) for one in news if one.to_staff}
    staff = {role: people_in_role(session, role) for role in sorted(roles)}
    by_kind: dict[str, list[Telling]] = {}
    for one in news:
        people = staff[_role_for(one.order)] if one.to_staff else _outside(one.order, colleagues)
        event = f"order:{one.order.id}:{one.verb}:{at.timestamp():.6f}"[:64]
        told = {"verb": one.verb, "order_kind": one.order.kind, **one.params}
        by_kind.setdefault(one.kind, []).append(Telling(people, event, told, order_id=one.order.id))
    return sum(notify_all(kind, tellings, at=at, actor_id=who.person_id) for kind, tellings in by_kind.items())


def tell_of_request(
    session: Session,
    order: "Order",
    verb: str,
    who: Principal,
    at: datetime,
    *,
    people: Iterable[int | None] | None = None,
    to_staff: bool = False,
    **params: Any,
) -> int:
    """Of a reorder, a return or a quotation: these people or, where none are named, the company or its staff."""
    if people is None:
        return tell_of_orders(session, [News(order, "order-request", verb, to_staff, params)], who, at)
    event = f"order:{order.id}:{verb}:{at.timestamp():.6f}"[:64]
    told = {"verb": verb, "order_kind": order.kind, **params}
    telling = Telling([person for person in people if person is not None], event, told, order_id=order.id)
    return notify_all("order-request", [telling], at=at, actor_id=who.person_id)


def people_in_role(session: Session, role: Role) -> list[int]:
    statement = (
        sa.select(_person.id)
        .select_from(Person.__table__.join(StaffRole.__table__, _role.person_id == _person.id))
        .where(_role.role == role, _role.confirmed_at.is_not(None))
        .where(_person.is_staff, _person.disabled_at.is_(None))
        .order_by(_person.id)
    )
    with unscoped("who works on orders"):
        return list(session.connection().execute(statement).scalars())


def _role_for(order: "Order") -> Role:
    return Role.BUYER if order.is_purchase else Role.ACCOUNT_MANAGER


def _resellers(news: Iterable[News]) -> set[int]:
    return {one.order.reseller_id for one in news if one.order.reseller_id is not None}


# People with the area, by the organisation and capacity in which they have it.
_Colleagues = dict[tuple[int, str], list[int]]


def _colleagues(session: Session, organisations: set[int]) -> _Colleagues:
    found: _Colleagues = {}
    ids = sorted(organisations)
    for start in range(0, len(ids), _AT_ONCE):
        statement = (
            sa.select(_member.organisation_id, _person.id, *_IN_CAPACITY.values())
            .select_from(Person.__table__.join(Membership.__table__, _member.person_id == _person.id))
            .where(
                _member.organisation_id.in_(ids[start : start + _AT_ONCE]),
                _member.ended_at.is_(None),
                _member.in_orders,
                _person.disabled_at.is_(None),
                _person.is_staff.is_(False),
            )
        )
        with unscoped("who hears of an order"):
            rows = session.connection().execute(statement).all()
        for organisation_id, person_id, *capacities in rows:
            for capacity, is_held in zip(_IN_CAPACITY, capacities, strict=True):
                if is_held:
                    found.setdefault((organisation_id, capacity), []).append(person_id)
    return found


def _outside(order: "Order", colleagues: _Colleagues) -> list[int]:
    """Whoever put it together or, of what the ERP has brought, everybody there with the area."""
    own = colleagues.get((order.organisation_id, order.capacity), [])
    told = [person for person in own if person == order.author_id] or own
    if order.reseller_id not in (None, order.organisation_id):
        told = told + colleagues.get((order.reseller_id, Capacity.PARTNER), [])
    return told
