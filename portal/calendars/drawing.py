"""Promised deliveries as iCalendar (RFC 5545): one whole day for each order and day on which something is owed."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.config import settings
from portal.languages import number_text
from portal.orders.lifecycle import Kind
from portal.orders.models import Order, moved_for
from portal.orders.parts import OrderDetails, OrderLine
from portal.organisations.models import Organisation

# The next ones; what is later moves up.
MOST_ORDERS = 500
# How often a calendar should ask again.
REFRESH = timedelta(hours=4)


def calendar_of(session: Session, who: Principal) -> bytes:
    """What is owed in the orders within reach, in the language that is spoken; the session serves that person."""
    calendar = Calendar()
    calendar.add("prodid", "-//Portal//Promised deliveries//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = _("Promised deliveries")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    orders = _orders(session, who)
    days = _days(session, [row.id for row in orders])
    for row in orders:
        # Who does not read the lines is told the first day alone.
        for day, count in days.get(row.id, {row.due_on: 0}).items():
            calendar.add_component(_event(row, who, day, count))
    return bytes(calendar.to_ical())


def _orders(session: Session, who: Principal) -> list[Any]:
    statement = (
        sa.select(
            *(Order.id, Order.ref, Order.kind, Order.due_on),
            moved_for(who).label("moved_at"),
            OrderDetails.number,
            Organisation.name.label("organisation"),
        )
        .outerjoin(OrderDetails, OrderDetails.order_id == Order.id)
        .outerjoin(Organisation, Organisation.id == Order.organisation_id)
        .where(Order.due_on.is_not(None))
        .order_by(Order.due_on, Order.ref)
        .limit(MOST_ORDERS)
    )
    return list(session.execute(statement))


def _days(session: Session, ids: list[int]) -> dict[int, dict[date, int]]:
    """By order, the days on which something is owed and how many lines of it."""
    day = sa.func.coalesce(OrderLine.confirmed_on, OrderLine.promised_on)
    statement = (
        sa.select(OrderLine.order_id, day.label("day"), sa.func.count().label("lines"))
        .where(OrderLine.order_id.in_(ids), OrderLine.delivered < OrderLine.quantity, day.is_not(None))
        .group_by(OrderLine.order_id, day)
        .order_by(OrderLine.order_id, day)
    )
    found: dict[int, dict[date, int]] = {}
    for row in session.execute(statement):
        found.setdefault(row.order_id, {})[row.day] = row.lines
    return found


def _event(row: Any, who: Principal, day: date, lines: int) -> Event:
    event = Event()
    # The same one for ever, so that a calendar moves it instead of showing it twice.
    event.add("uid", f"{row.ref}-{day:%Y%m%d}@{urlsplit(settings().base_url).hostname}")
    event.add("dtstamp", row.moved_at)
    event.add("last-modified", row.moved_at)
    # Grows with every move that the reader can see.
    event.add("sequence", int(row.moved_at.timestamp()))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(row, who))
    if lines:
        count = number_text(lines)
        event.add("description", ngettext("%(count)s line is due.", "%(count)s lines are due.", lines, count=count))
    event.add("url", f"{settings().base_url}/orders/{row.ref}")
    return event


def _summary(row: Any, who: Principal) -> str:
    number = row.number or row.ref
    if row.organisation and (who.is_staff or not row.number):
        # Staff, and partners of their customers.
        return str(_("%(number)s is due: %(organisation)s", number=number, organisation=row.organisation))
    if row.kind == Kind.PURCHASE:
        return str(_("You deliver %(number)s", number=number))
    return str(_("We deliver %(number)s", number=number))
