"""What has happened to an order, as far as its reader may know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import FieldGroup, Principal
from portal.access.scope import keep
from portal.accounts.models import Person
from portal.languages.formats import own_digits
from portal.orders.models import Order
from portal.orders.parts import OrderEvent, OrderLine
from portal.orders.sentences import ICONS, changed, tell, tell_outside

# The latest: an order that the ERP brings up to date every night has many.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Event:
    """A step of its life: the reason is for the other side too, the note for staff alone."""

    verb: str
    at: datetime
    sentence: str
    icon: str
    # Of the line that it is about.
    position_text: str
    changes: list[str]
    reason: str
    note: str
    is_public: bool
    # The version, as this reader sees them, on which it came: who had looked at that or an earlier one has not seen it.
    on: int


_COLUMNS = (
    *(OrderEvent.verb, OrderEvent.at, OrderEvent.side, OrderEvent.reason, OrderEvent.params, OrderEvent.is_public),
    *(Person.name, OrderLine.position),
)


def _asked(*more: Any) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS, *more)
        .outerjoin(Person, Person.id == OrderEvent.actor_id)
        .outerjoin(OrderLine, OrderLine.id == OrderEvent.line_id)
        .where(OrderEvent.order_id == sa.bindparam("order_id"))
        .order_by(OrderEvent.id.desc())
        .limit(MOST_SHOWN)
    )


_EVENTS, _EVENTS_WITH_NOTES = keep(_asked()), keep(_asked(OrderEvent.note))


def events_of(session: Session, who: Principal, order: Order) -> list[Event]:
    """In the order in which they happened."""
    reads_notes = who.is_staff and who.sees(FieldGroup.INTERNAL_NOTES)
    rows = session.execute(_EVENTS_WITH_NOTES if reads_notes else _EVENTS, {"order_id": order.id}).all()
    return [_event(row, row.note if reads_notes else "", _sentence(row, who, order), who) for row in reversed(rows)]


def _sentence(row: Any, who: Principal, order: Order) -> str:
    if who.is_staff:
        return tell(row.verb, row.name, row.side)
    return tell_outside(row.verb, row.name, row.side, is_purchase=order.is_purchase)


def _event(row: Any, note: str, sentence: str, who: Principal) -> Event:
    return Event(
        verb=row.verb,
        at=row.at,
        sentence=sentence,
        icon=ICONS.get(row.verb, "history"),
        position_text=own_digits(str(row.position)) if row.position else "",
        # The sentence says where it went.
        changes=changed(name for name in row.params.get("fields", ()) if name != "state"),
        reason=row.reason,
        note=note,
        is_public=row.is_public,
        on=row.params.get("on", (0, 0))[0 if who.is_staff else 1],
    )


def news_of(session: Session, who: Principal, order: Order, version: int | None) -> list[Event]:
    """What has happened since they looked at this version, as far as they may know."""
    return [event for event in events_of(session, who, order) if event.on >= version] if version else []
