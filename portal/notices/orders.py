"""Whom to tell of what happens to orders, in its transaction: many of them at once, as a feed brings them.

Partners whom a customer is linked with are never told: they look where an order stands when they want to know.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal, Role
from portal.access.scope import unscoped
from portal.accounts.models import Membership, Person, Portfolio
from portal.notices.notify import Telling, notify_all
from portal.notices.people import in_role, people_in_role

if TYPE_CHECKING:
    from portal.orders.models import Order

_person, _member = Person.__table__.c, Membership.__table__.c
_portfolio = Portfolio.__table__.c
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
    # Of something asked of the order: its own author alone.
    author_id: int | None = None
    # Whoever has been told of this event already is not told again.
    event: str = ""


def tell_of_orders(session: Session, news: Iterable[News], who: Principal, at: datetime) -> int:
    """A few statements, however much there is to tell; returns how many notices that were."""
    news = list(news)
    if not news:
        return 0
    colleagues = _colleagues(session, {one.order.organisation_id for one in news} | _resellers(news))
    staff = _staff(session, [one.order for one in news if one.to_staff])
    by_kind: dict[str, list[Telling]] = {}
    for one in news:
        people = staff(one.order) if one.to_staff else _outside(one, colleagues)
        event = one.event or f"order:{one.order.id}:{one.verb}:{at.timestamp():.6f}"[:64]
        told = {"verb": one.verb, "order_kind": one.order.kind, **one.params}
        by_kind.setdefault(one.kind, []).append(Telling(people, event, told, order_id=one.order.id))
    return sum(notify_all(kind, tellings, at=at, actor_id=who.person_id) for kind, tellings in by_kind.items())


def _managers(session: Session, organisations: set[int]) -> dict[int, list[int]]:
    """The account managers in whose portfolio each of these is."""
    found: dict[int, list[int]] = {}
    ids = sorted(organisations)
    for start in range(0, len(ids), _AT_ONCE):
        asked = in_role(sa.select(_portfolio.organisation_id, _person.id), Role.ACCOUNT_MANAGER).where(
            _portfolio.person_id == _person.id, _portfolio.organisation_id.in_(ids[start : start + _AT_ONCE])
        )
        with unscoped("who looks after the companies of orders"):
            for organisation_id, person_id in session.connection().execute(asked):
                found.setdefault(organisation_id, []).append(person_id)
    return found


def _staff(session: Session, orders: Sequence["Order"]) -> Callable[["Order"], list[int]]:
    """Who works on each of these here: buyers on purchase orders, on the rest whoever looks after the company."""
    buyers = people_in_role(session, Role.BUYER) if any(order.is_purchase for order in orders) else []
    managers = _managers(session, {order.organisation_id for order in orders if not order.is_purchase})
    is_unowned = any(not order.is_purchase and order.organisation_id not in managers for order in orders)
    # Where nobody looks after a company everybody hears of it: one of them takes it up.
    everybody = people_in_role(session, Role.ACCOUNT_MANAGER) if is_unowned else []
    return lambda order: buyers if order.is_purchase else managers.get(order.organisation_id, everybody)


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


def _outside(one: News, colleagues: _Colleagues) -> list[int]:
    """Whoever put it together or, of what the ERP has brought, everybody there with the area."""
    order = one.order
    own, resellers = colleagues.get((order.organisation_id, order.capacity), []), []
    if order.reseller_id not in (None, order.organisation_id):
        resellers = colleagues.get((order.reseller_id, Capacity.PARTNER), [])
    if one.author_id is not None:
        return [person for person in own + resellers if person == one.author_id]
    return ([person for person in own if person == order.author_id] or own) + resellers
