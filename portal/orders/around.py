"""Who and what stands around an order, as far as its reader knows them, and who sees it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session, aliased

from portal.access import Capacity, Principal
from portal.access.scope import keep
from portal.accounts.models import Membership, Person
from portal.deals.models import Deal
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.parts import OrderDetails
from portal.orders.rules import UNTOLD
from portal.orders.words import STATE_TONES, STATES
from portal.organisations.models import Organisation
from portal.organisations.rules import link_rows, today
from portal.tickets.audience import Group

MOST_MADE = 20
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Named:
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Around:
    """None for what is not there, or not within reach."""

    organisation: Named | None
    reseller: Named | None
    author: Named | None
    deal: Named | None
    # The quotation that it came from, or the order that it repeats.
    source: Named | None


_RESELLER, _SOURCE = aliased(Organisation), aliased(Order)
_NAMES: dict[str, tuple[Any, Any]] = {
    "organisation": (Organisation.ref, Organisation.name),
    "reseller": (_RESELLER.ref, _RESELLER.name),
    "author": (Person.ref, Person.name),
    "deal": (Deal.ref, Deal.customer_name),
    "source": (_SOURCE.ref, _SOURCE.kind),
}
_AROUND = keep(
    sa.select(*(column.label(f"{key}_{n}") for key, pair in _NAMES.items() for n, column in enumerate(pair)))
    .select_from(Order)
    .outerjoin(Organisation, Organisation.id == Order.organisation_id)
    .outerjoin(_RESELLER, _RESELLER.id == Order.reseller_id)
    .outerjoin(Person, Person.id == Order.author_id)
    .outerjoin(OrderDetails, OrderDetails.order_id == Order.id)
    .outerjoin(Deal, Deal.id == OrderDetails.deal_id)
    .outerjoin(_SOURCE, _SOURCE.id == OrderDetails.source_id)
    .where(Order.id == sa.bindparam("order_id"))
)


def around_of(session: Session, order: Order) -> Around:
    """In one statement."""
    row = session.execute(_AROUND, {"order_id": order.id}).one()
    found = {key: (getattr(row, f"{key}_0"), getattr(row, f"{key}_1")) for key in _NAMES}
    return Around(**{key: Named(ref, name or "") if ref else None for key, (ref, name) in found.items()})


@dataclass(frozen=True, slots=True)
class Made:
    """An order that came from this one."""

    ref: str
    number: str
    state: tuple[str, str]


_MADE = keep(
    sa.select(Order.ref, OrderDetails.number, Order.state)
    .join(OrderDetails, OrderDetails.order_id == Order.id)
    .where(OrderDetails.source_id == sa.bindparam("order_id"))
    .order_by(Order.id.desc())
    .limit(MOST_MADE)
)


def made_from(session: Session, order: Order) -> list[Made]:
    """Those within reach, the latest first."""
    rows = session.execute(_MADE, {"order_id": order.id})
    return [Made(row.ref, row.number or row.ref, (str(STATES[row.state]), STATE_TONES[row.state])) for row in rows]


# ── Who sees this ─────────────────────────────────────────────────────────────────────────────────


def readers_of(session: Session, who: Principal, order: Order, around: Around) -> list[Group]:
    """Of companies the people, by name where they are of the reader's own; of the staff the roles."""
    parties = {order.organisation_id: (around.organisation, Capacity(order.capacity))}
    if order.reseller_id is not None and order.state != State.DRAFT:
        parties.setdefault(order.reseller_id, (around.reseller, Capacity.PARTNER))
    named = [key for key in parties if who.is_staff or key == who.organisation_id]
    names = _names(session, {key: parties[key][1] for key in named})
    groups = [
        Group(party.name if party else _("Another company"), names.get(key) or [_("those of this company with orders")])
        for key, (party, _capacity) in parties.items()
    ]
    return groups + _linked(session, who, order) + _staff(order)


def _linked(session: Session, who: Principal, order: Order) -> list[Group]:
    """Partners of record, who read of the state and the dates alone; none is told of another."""
    is_told = order.kind == Kind.SALES and order.capacity == Capacity.CUSTOMER and order.state not in UNTOLD
    if not is_told or not (who.is_staff or who.organisation_id == order.organisation_id):
        return []
    day = today()
    rows = session.execute(link_rows(order.organisation_id)).all()
    names = [
        row.partner_name
        for row in rows
        if row.customer_id == order.organisation_id and row.partner_id != order.reseller_id and row.starts_on <= day
    ]
    return [Group(name, [_("state and dates alone")]) for name in names[:MOST_NAMED]]


def _names(session: Session, companies: dict[int, Capacity]) -> dict[int, list[str]]:
    """Who has the area at these companies; beyond a dozen, that there are more."""
    if not companies:
        return {}
    at = [
        sa.and_(Membership.organisation_id == key, getattr(Membership, f"is_{capacity}"))
        for key, capacity in companies.items()
    ]
    people = session.execute(
        sa.select(Membership.organisation_id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            sa.or_(*at),
            Membership.in_orders,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
            Person.is_staff.is_(False),
        )
        .order_by(Person.name_key, Person.id)
        .limit(200)
    ).all()
    found: dict[int, list[str]] = {}
    for row in people:
        found.setdefault(row.organisation_id, []).append(row.name)
    return {
        key: names[:MOST_NAMED] + [pgettext("people", "others")] * (len(names) > MOST_NAMED)
        for key, names in found.items()
    }


def _staff(order: Order) -> list[Group]:
    if order.state == State.DRAFT:
        return []
    if order.is_purchase:
        return [Group(_("Our staff"), [_("buyers"), _("auditors")])]
    roles = [_("agents"), _("account managers"), _("auditors")]
    if order.reseller_id is not None:
        roles.insert(2, _("channel managers"))
    return [Group(_("Our staff"), roles)]
