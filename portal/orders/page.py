"""The page of one order: everything that its templates draw, through the lens of whoever looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.access.gate import principal
from portal.accounts.kept import refill
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.extensions import db
from portal.forms import PortalForm
from portal.orders.around import Around, Made, around_of, made_from, readers_of
from portal.orders.credit import Credit, credit_of
from portal.orders.events import Event, events_of
from portal.orders.lifecycle import PLACED, Kind, State
from portal.orders.lines import Line, Sums, lines_of, sums_of
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, PaymentState
from portal.orders.progress import Step, steps_of
from portal.orders.words import KINDS, PAYMENT_STATES, STATE_TONES, STATES
from portal.text import isolate
from portal.tickets.audience import Group

F = TypeVar("F", bound=PortalForm)

_TITLES: Mapping[str, Any] = {
    Kind.SALES: _l("Order %(number)s"),
    Kind.QUOTATION: _l("Quotation %(number)s"),
    Kind.PURCHASE: _l("Purchase order %(number)s"),
}
_UNPAID = (PaymentState.OPEN, PaymentState.PART)


@dataclass(frozen=True, slots=True)
class Section:
    """What a room shows on the page of an order: a fragment, which draws `part`. See `portal.orders.sections`."""

    template: str
    part: Any
    # Drawn for each line as well, with `line`, at its end.
    of_line: str = ""


def form_of(name: str, form: type[F], action: str) -> F:
    """The form of a section by its name: the one that was refused in this request, else a fresh one.

    `action` is where it is sent to; what was typed when a session ended is filled in again.
    """
    refused: F | None = g.get("order_forms", {}).pop(name, None)
    if refused is not None:
        return refused
    fresh = form(formdata=None)
    return refill(fresh, action) if "kept" in request.args else fresh


class OrderPage:
    """Read once for a request. A linked partner reads where it stands and when: `details` is None for them."""

    def __init__(self, order: Order, session: Session | None = None) -> None:
        self.session = session or db.session()
        self.who: Principal = principal()
        self.order = order
        self.day = vendor_calendar(self.session).day_of(now())
        self.details = self.session.scalars(sa.select(OrderDetails).where(OrderDetails.order_id == order.id)).first()
        self.around: Around = around_of(self.session, order)
        self.lines: Sequence[Line] = ()
        self.sums: Sums | None = None
        self.events: Sequence[Event] = ()
        self.made: Sequence[Made] = ()
        self.credit: Credit | None = None
        self.readers: Sequence[Group] = ()
        self.sections: Sequence[Section] = ()
        if self.details is not None:
            self._read_whole(self.details)

    def _read_whole(self, details: OrderDetails) -> None:
        self.lines = lines_of(self.session, self.who, self.order, details, self.day)
        self.sums = sums_of(self.lines, details)
        self.events = events_of(self.session, self.who, self.order)
        self.made = made_from(self.session, self.order)
        self.credit = credit_of(self.session, self.who, self.order)
        self.readers = readers_of(self.session, self.who, self.order, self.around)

    @property
    def is_staff(self) -> bool:
        return self.who.is_staff

    @property
    def is_draft(self) -> bool:
        return self.order.state == State.DRAFT

    @property
    def is_whole(self) -> bool:
        return self.details is not None

    @property
    def version(self) -> int:
        return self.order.version_for(self.who)

    @property
    def number(self) -> str:
        """The ERP's, as soon as it has one."""
        return (self.details.number if self.details else "") or self.order.ref

    @property
    def title(self) -> str:
        return str(_TITLES[self.order.kind] % {"number": isolate(self.number)})

    @property
    def heading(self) -> Markup:
        # The sentence is escaped here, the number by `%`.
        sentence = Markup(escape(str(_TITLES[self.order.kind])))  # noqa: S704  # as said above
        return sentence % {"number": Markup("<bdi>%s</bdi>") % self.number}

    @property
    def kind(self) -> str:
        return str(KINDS[self.order.kind])

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the tone of the badge."""
        return str(STATES[self.order.state]), STATE_TONES[self.order.state]

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.order, self.lines, self.day)

    @property
    def is_late(self) -> bool:
        return self.order.is_late(self.day)

    @property
    def shows_progress(self) -> bool:
        """A draft and a quotation are not delivered."""
        return self.order.kind != Kind.QUOTATION and self.order.state in (*PLACED, State.CANCELLED)

    @property
    def labels(self) -> dict[str, str]:
        """What each line says again, looked up once."""
        return {
            "line": pgettext("order", "Line"),
            "product": _("Product"),
            "quantity": _("Quantity"),
            "price": _("Unit price"),
            "tax": _("Tax"),
            "net": _("Without tax"),
            "delivery": _("Delivery"),
            "late": pgettext("order", "Late"),
        }

    @property
    def customer_isolated(self) -> Markup:
        return Markup("<bdi>%s</bdi>") % (self.around.organisation.name if self.around.organisation else "")

    @property
    def payment_state(self) -> str:
        return str(PAYMENT_STATES[self.details.payment_state]) if self.details else ""

    @property
    def is_overdue(self) -> bool:
        details = self.details
        if details is None or details.payment_due_on is None:
            return False
        return details.payment_state in _UNPAID and details.payment_due_on < self.day
