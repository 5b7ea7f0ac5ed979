"""How far an order has come, as a line of steps; a part that is done is told in numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_pgettext, ngettext

from portal.languages import date_text, number_text, percent
from portal.orders.lifecycle import Kind, State
from portal.orders.lines import Line
from portal.orders.models import Order
from portal.orders.money import THOUSAND
from portal.orders.words import STATES, quantity_text


class Status(StrEnum):
    DONE = "done"
    PART = "part"
    # What comes next, and what comes later.
    NEXT = "next"
    LATER = "later"
    # It went no further than here.
    STOPPED = "stopped"


STATUSES: Mapping[Status, Any] = {
    Status.DONE: lazy_pgettext("step", "Done"),
    Status.PART: lazy_pgettext("step", "In part"),
    Status.NEXT: lazy_pgettext("step", "Comes next"),
    Status.LATER: lazy_pgettext("step", "Not yet"),
    Status.STOPPED: lazy_pgettext("step", "It went no further"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`share` is of a hundred; `details` and `warning` are short texts."""

    label: str
    status: Status
    share: int
    details: tuple[str, ...] = ()
    warning: str = ""

    @property
    def status_text(self) -> str:
        return str(STATUSES[self.status])


# How far each state has come, whatever the quantities say that another system may not tell.
_REACHED: Mapping[str, int] = {
    State.ORDERED: 1,
    State.CONFIRMED: 2,
    State.SHIPPED: 3,
    State.DELIVERED: 4,
    State.CLOSED: 5,
}
_STOPS = (State.CANCELLED, State.REFUSED, State.WITHDRAWN, State.DECLINED, State.EXPIRED)
_BEFORE = (State.DRAFT, State.REQUESTED, State.REFUSED, State.WITHDRAWN)


def steps_of(order: Order, lines: Sequence[Line], day: date) -> list[Step]:
    """`lines` are there for whoever reads it whole; `day` is today."""
    steps = _quoted(order) if order.kind == Kind.QUOTATION else _delivered(order, lines, day)
    if order.state in _STOPS:
        kept = [step for step in steps if step.status in (Status.DONE, Status.PART)]
        return [*kept, Step(str(STATES[order.state]), Status.STOPPED, 0)]
    return _with_next(steps)


def _with_next(steps: list[Step]) -> list[Step]:
    """The first that has not begun comes next."""
    for number, step in enumerate(steps):
        if step.status == Status.LATER:
            steps[number] = replace(step, status=Status.NEXT)
            break
        if step.status == Status.PART:
            break
    return steps


def _step(label: Any, share: int, *details: str) -> Step:
    status = Status.DONE if share >= 100 else Status.PART if share > 0 else Status.LATER
    return Step(str(label), status, share, tuple(filter(None, details)))


def _day(day: date | None) -> str:
    return date_text(day) if day else ""


# ── A quotation ───────────────────────────────────────────────────────────────────────────────────


def _quoted(order: Order) -> list[Step]:
    is_accepted = order.state in (State.ACCEPTED, State.ORDERED)
    until = order.valid_until if order.state in (State.OFFERED, State.EXPIRED) else None
    return [
        _step(STATES[State.OFFERED], 100, _("valid until %(day)s", day=date_text(until)) if until else ""),
        _step(STATES[State.ACCEPTED], 100 if is_accepted else 0),
        _step(STATES[State.ORDERED], 100 if order.state == State.ORDERED else 0),
    ]


# ── An order ──────────────────────────────────────────────────────────────────────────────────────

_INVOICED = lazy_pgettext("order", "Invoiced")


def _delivered(order: Order, lines: Sequence[Line], day: date) -> list[Step]:
    reached = _REACHED.get(order.state, 0)
    delivered = order.delivered_percent or (100 if reached >= 4 else 0)
    shipped = max(order.shipped_percent, delivered) or (100 if reached >= 3 else 0)
    invoiced = order.invoiced_percent or (100 if order.invoiced_on else 0)
    has_begun = order.state not in _BEFORE
    steps = [] if has_begun and order.author_id is None else [_sent(order)]
    return [
        *steps,
        _step(STATES[State.ORDERED], 100 if has_begun else 0, _day(order.ordered_on) if has_begun else ""),
        _confirmed(order, lines, reached, is_under_way=shipped > 0),
        _step(STATES[State.SHIPPED], shipped, *_told(shipped, order.shipped_on, lines, _sent_off)),
        _due(
            order,
            _step(
                STATES[State.DELIVERED],
                delivered,
                *_told(delivered, order.delivered_on, lines, attrgetter("delivered")),
            ),
            day,
        ),
        _step(_INVOICED, invoiced, *_told(invoiced, order.invoiced_on, lines, attrgetter("invoiced"))),
    ]


def _sent_off(line: Line) -> int:
    """What has arrived was sent, whether we were told of it or not."""
    return max(line.shipped, line.delivered)


def _sent(order: Order) -> Step:
    return _step(lazy_pgettext("order", "Sent to us"), 0 if order.state == State.DRAFT else 100)


def _confirmed(order: Order, lines: Sequence[Line], reached: int, *, is_under_way: bool) -> Step:
    for_day = _("for %(day)s", day=date_text(order.confirmed_on)) if order.confirmed_on else ""
    if reached >= 2 or is_under_way:
        return _step(STATES[State.CONFIRMED], 100, for_day)
    confirmed = sum(line.is_confirmed for line in lines)
    if not confirmed:
        return _step(STATES[State.CONFIRMED], 0)
    share = max(1, min(99, confirmed * 100 // len(lines)))
    return _step(STATES[State.CONFIRMED], share, _of_lines(confirmed, len(lines)))


def _of_lines(part: int, whole: int) -> str:
    text: str = ngettext(
        "%(part)s of %(count)s line",
        "%(part)s of %(count)s lines",
        whole,
        part=number_text(part),
        count=number_text(whole),
    )
    return text


def _told(share: int, on: date | None, lines: Sequence[Line], done: Callable[[Line], int]) -> tuple[str, ...]:
    """The day; and of a part how much, in the unit that all lines share or, else, of how many lines it is the whole."""
    if share in (0, 100):
        return (_day(on) if share else "",)
    if not lines:
        return (percent(Decimal(share) / 100), _day(on))
    whole = [line for line in lines if line.quantity]
    if len({line.unit for line in whole}) == 1:
        part = sum(min(done(line), line.quantity) for line in whole)
        if part:
            of = quantity_text(sum(line.quantity for line in whole), whole[0].unit)
            number = number_text(Decimal(part) / THOUSAND)
            return (_("%(part)s of %(whole)s", part=number, whole=of), _day(on))
    full = sum(done(line) >= line.quantity for line in whole)
    return (percent(Decimal(share) / 100), _of_lines(full, len(whole)), _day(on))


def _due(order: Order, step: Step, day: date) -> Step:
    """With the day on which the next of it is owed."""
    if order.due_on is None or step.status == Status.DONE:
        return step
    due = date_text(order.due_on)
    if order.is_late(day):
        return replace(step, warning=str(_("late: was due on %(day)s", day=due)))
    return replace(step, details=(*step.details, str(_("due on %(day)s", day=due))))
