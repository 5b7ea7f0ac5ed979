"""Reading the contact history of one organisation, page by page, as its reader may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.accounts.models import Person, Team
from portal.deals.models import Deal
from portal.opportunities.models import Opportunity
from portal.orders.models import Order
from portal.organisations.models import Activity, ActivityOrganisation, Audience, Channel, Organisation
from portal.paging import Page
from portal.rfqs.models import Rfq, RfqInvitation, RfqTerms
from portal.tickets.models import Ticket

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something that an entry speaks of, as far as its reader knows it."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, with what its sentence needs."""

    ref: str
    at: datetime
    kind: str
    channel: str
    audience: str
    params: Mapping[str, Any]
    # Nobody where the portal itself acted, or where the reader does not know them.
    actor: Named | None
    is_by_staff: bool
    ticket: Named | None
    deal: Named | None = None
    order: Named | None = None
    rfq: Named | None = None
    names: Mapping[tuple[str, int], Named] = field(default_factory=dict)

    @property
    def is_internal(self) -> bool:
        return self.audience == Audience.STAFF

    def named(self, noun: str, param: str) -> Named | None:
        """The person, organisation or team whose id is this parameter; None where the reader does not know it."""
        return self.names.get((noun, self.params.get(param) or 0))


# Parameters that hold ids, and what they are ids of. History keeps ids: names change, and are forgotten on request.
_PARAMS = {
    "person_id": "person",
    "partner_id": "organisation",
    "customer_id": "organisation",
    "organisation_id": "organisation",
    "team_id": "team",
    "sale_id": "opportunity",
}
_NOUNS: Mapping[str, Any] = {"person": Person, "organisation": Organisation, "team": Team, "opportunity": Opportunity}
# Of what happened in one moment, the order in which it was written counts.
_KEY = (ActivityOrganisation.at, ActivityOrganisation.activity_id)


def history_page(
    session: Session,
    who: Principal,
    organisation_id: int,
    *,
    channel: Channel | None = None,
    kind: str | None = None,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page:
    """Entries, the latest first by when they happened; whom they speak of takes one more statement.

    Raises ValueError for a place that is none in this list.
    """
    statement = (
        sa.select(
            Activity.ref,
            ActivityOrganisation.at,
            ActivityOrganisation.kind,
            ActivityOrganisation.channel,
            Activity.audience,
            Activity.params,
            Person.ref.label("actor_ref"),
            Person.name.label("actor_name"),
            Person.is_staff.label("actor_is_staff"),
            Ticket.ref.label("ticket_ref"),
            Ticket.subject,
            Deal.ref.label("deal_ref"),
            Deal.customer_name,
            Order.ref.label("order_ref"),
            # Suppliers do not read the request itself, so they are led to their invitation.
            sa.func.coalesce(Rfq.ref, RfqInvitation.ref).label("rfq_ref"),
            RfqTerms.title.label("rfq_title"),
        )
        .join(Activity, Activity.id == ActivityOrganisation.activity_id)
        .outerjoin(Person, Person.id == Activity.actor_id)
        .outerjoin(Ticket, Ticket.id == Activity.ticket_id)
        .outerjoin(Deal, Deal.id == Activity.deal_id)
        .outerjoin(Order, Order.id == Activity.order_id)
        .outerjoin(RfqInvitation, RfqInvitation.id == Activity.rfq_invitation_id)
        .outerjoin(Rfq, Rfq.id == RfqInvitation.rfq_id)
        .outerjoin(RfqTerms, RfqTerms.rfq_id == RfqInvitation.rfq_id)
        .where(ActivityOrganisation.organisation_id == organisation_id)
    )
    if channel is not None:
        statement = statement.where(ActivityOrganisation.channel == channel)
    if kind is not None:
        statement = statement.where(ActivityOrganisation.kind == kind)
    page = _fetch(session, statement, organisation_id, size, after, before)
    names = _names(session, page.rows)
    entries = [_entry(row, who, names) for row in page.rows]
    return Page(entries, page.next_cursor, page.previous_cursor)


def _fetch(
    session: Session, statement: sa.Select[Any], organisation_id: int, size: int, after: str, before: str
) -> Page:
    """The page after an entry, before it, or the first one; entries go by their references, as ids stay inside."""
    if not after and not before:
        return _cut(session, statement, size)
    key = session.execute(
        sa.select(*_KEY)
        .join(Activity, Activity.id == ActivityOrganisation.activity_id)
        .where(ActivityOrganisation.organisation_id == organisation_id, Activity.ref == (after or before))
    ).one_or_none()
    if key is None:
        raise ValueError("no entry of this history")
    if after:
        page = _cut(session, statement.where(sa.tuple_(*_KEY) < tuple(key)), size)
        return Page(page.rows, page.next_cursor, page.rows[0].ref if page.rows else after)
    newer = statement.where(sa.tuple_(*_KEY) > tuple(key)).order_by(*(column.asc() for column in _KEY))
    rows = session.execute(newer.limit(size + 1)).all()
    if len(rows) < size:
        return _cut(session, statement, size)
    shown = rows[size - 1 :: -1]
    return Page(shown, shown[-1].ref, shown[0].ref if len(rows) > size else None)


def _cut(session: Session, statement: sa.Select[Any], size: int) -> Page:
    rows = session.execute(statement.order_by(*(column.desc() for column in _KEY)).limit(size + 1)).all()
    return Page(rows[:size], rows[size - 1].ref if len(rows) > size else None)


def _names(session: Session, entries: Iterable[Any]) -> dict[tuple[str, int], Named]:
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for param, noun in _PARAMS.items():
            if found := entry.params.get(param):
                wanted.setdefault(noun, set()).add(found)
    if not wanted:
        return {}
    parts = [
        sa.select(sa.literal(noun).label("noun"), model.id, model.ref, model.name.label("name")).where(
            model.id.in_(sorted(ids))
        )
        for noun, ids in wanted.items()
        for model in (_NOUNS[noun],)
    ]
    rows = session.execute(sa.union_all(*parts))
    return {(row.noun, row.id): Named(row.ref, row.name) for row in rows}


def _entry(row: Any, who: Principal, names: Mapping[tuple[str, int], Named]) -> Entry:
    is_by_staff = bool(row.actor_is_staff)
    # Who may not see staff as named people sees that it was staff.
    hides_actor = row.actor_ref is None or (is_by_staff and not who.sees(FieldGroup.STAFF_NAMES))
    return Entry(
        ref=row.ref,
        at=row.at,
        kind=row.kind,
        channel=row.channel,
        audience=row.audience,
        params=row.params,
        actor=None if hides_actor else Named(row.actor_ref, row.actor_name),
        is_by_staff=is_by_staff,
        ticket=Named(row.ticket_ref, row.subject) if row.ticket_ref else None,
        deal=Named(row.deal_ref, row.customer_name) if row.deal_ref else None,
        # An order goes by its reference: its numbers are for whoever reads it whole.
        order=Named(row.order_ref, row.order_ref) if row.order_ref else None,
        rfq=Named(row.rfq_ref, row.rfq_title) if row.rfq_ref else None,
        names=names,
    )
