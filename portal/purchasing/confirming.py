"""A supplier confirms a purchase order: line by line with a day for each, or whole at the days that were promised."""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.database import session_of
from portal.errors import RuleBroken
from portal.orders.lifecycle import RUNNING, State, Verb
from portal.orders.models import Order
from portal.orders.parts import OrderLine
from portal.purchasing.proposals import Proposal, ProposalState, confirm_when_whole

_NOT_NOW = _l("There is nothing to be confirmed on this order any more.")
_NOTHING = _l("Choose at least one line to confirm.")
_CONFIRMED = _l("A line of these is confirmed already.")
_WAITS = _l("A proposal for one of these lines waits for an answer: that comes first.")
_NO_DAY = _l("A line has no day of delivery yet: say one for it.")
_PAST = _l("A day is over already. Propose another one for that line.")
_LATER = _l("A later day than was promised is a change: propose it, and the buyer decides.")


def open_line_ids(order: Order) -> set[int]:
    """Lines on which one side waits for the other."""
    waiting = sa.select(Proposal.line_id).where(Proposal.order_id == order.id, Proposal.state == ProposalState.OPEN)
    return set(session_of(order).scalars(waiting))


def confirmable(order: Order) -> list[OrderLine]:
    """Lines that nobody has confirmed and on which nothing is proposed."""
    if not order.is_purchase or order.state not in RUNNING:
        return []
    waiting = open_line_ids(order)
    return [line for line in order.lines if line.confirmed_on is None and line.id not in waiting]


def confirm(
    order: Order, who: Principal, at: datetime, version: int | None, days: Mapping[int, date | None] | None = None
) -> None:
    """`days` by position; without them all lines that can be, each at its promised day. Raises Stale and RuleBroken."""
    order.check_version(who, version)
    if not order.is_purchase or order.state not in RUNNING:
        raise RuleBroken(_NOT_NOW)
    free = {line.position: line for line in confirmable(order)}
    if days is None:
        days = {position: line.promised_on for position, line in free.items()}
    if not days:
        raise RuleBroken(_NOTHING)
    known = {line.position: line for line in order.lines}
    today = vendor_calendar(session_of(order)).day_of(at)
    for position, day in days.items():
        if position not in free:
            raise RuleBroken(_CONFIRMED if position in known and known[position].confirmed_on else _WAITS)
        line = free[position]
        line.confirmed_on, line.confirmed_at = _checked(line, day, today), line.confirmed_at or at
    confirm_when_whole(order)
    order.reckon()
    is_whole = order.state != State.ORDERED and len(days) == len(order.lines)
    order.happened(Verb.CONFIRM if is_whole else "confirm-lines", who, at, positions=sorted(days))


def _checked(line: OrderLine, day: date | None, today: date) -> date:
    if day is None:
        raise RuleBroken(_NO_DAY)
    if day < today:
        raise RuleBroken(_PAST)
    if line.promised_on is not None and day > line.promised_on:
        raise RuleBroken(_LATER)
    return day
