"""What of orders needs a person now."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access import Action, Capacity, Principal
from portal.aftersales import deciding
from portal.home.task import Task
from portal.orders.lifecycle import Kind, State
from portal.orders.listing import Filters, conditions, today_of
from portal.orders.models import Order
from portal.orders.requests import OrderRequest

Waiting = Callable[[Filters], sa.Select[Any]]


def order_tasks(session: Session, who: Principal) -> Iterator[Task]:
    """In the order of their weight; what is late is told of only where something is."""
    today = today_of(session)

    def waiting(filters: Filters) -> sa.Select[Any]:
        return sa.select(Order.id).where(*conditions(who, filters, today))

    if who.may(Action.PURCHASE_CHECK):
        yield from _of_buyer(waiting)
    if who.may(Action.ORDER_CONFIRM):
        yield from _of_account_manager(who, waiting)
    if who.capacity == Capacity.SUPPLIER:
        yield from _of_supplier(who, waiting)
    elif not who.is_staff:
        yield from _of_customer(who, waiting)


def _task(title: str, hint: str, filters: Filters, waiting: Waiting, **kind: bool) -> Task:
    return Task(title, hint, filters.url(), waiting(filters), **kind)


def _of_customer(who: Principal, waiting: Waiting) -> Iterator[Task]:
    """Partners see of the customers whom they look after too where orders stand."""
    if who.may(Action.QUOTATION_DECIDE):
        offered = Filters(kind=Kind.QUOTATION, state=State.OFFERED)
        title, hint = _("Quotations waiting for your decision"), _("Accept or decline them while they are valid.")
        yield _task(title, hint, offered, waiting)
    if who.may(Action.ORDER_ASK):
        title, hint = _("Drafts of orders"), _("Not sent yet: nobody but your company sees them.")
        yield _task(title, hint, Filters(state=State.DRAFT), waiting, is_rare=True)
    late, running = Filters(late="1", sort="due"), Filters(state="running")
    title, hint = _("Orders that are late"), _("Something should have been delivered by now.")
    yield _task(title, hint, late, waiting, is_quiet=True, is_rare=True)
    title, hint = _("Orders on their way"), _("Ordered, and not all of it delivered yet.")
    yield _task(title, hint, running, waiting, is_quiet=True, is_rare=True)


def _of_supplier(who: Principal, waiting: Waiting) -> Iterator[Task]:
    if who.may(Action.PURCHASE_ANSWER):
        ordered = Filters(kind=Kind.PURCHASE, state=State.ORDERED)
        title, hint = _("Purchase orders to confirm"), _("We plan with what you confirm.")
        yield _task(title, hint, ordered, waiting)
    late = Filters(late="1", sort="due")
    title, hint = _("Purchase orders that are late"), _("Something should have been delivered by now.")
    yield _task(title, hint, late, waiting, is_rare=True)


def _of_buyer(waiting: Waiting) -> Iterator[Task]:
    late = Filters(kind=Kind.PURCHASE, late="1", sort="due")
    ordered = Filters(kind=Kind.PURCHASE, state=State.ORDERED)
    title, hint = _("Purchase orders that are late"), _("Something should have been delivered by now.")
    yield _task(title, hint, late, waiting)
    title, hint = _("Purchase orders that nobody has confirmed"), _("The supplier has not answered yet.")
    yield _task(title, hint, ordered, waiting, is_quiet=True)


def _of_account_manager(who: Principal, waiting: Waiting) -> Iterator[Task]:
    requested = Filters(state=State.REQUESTED, mine="1")
    late = Filters(late="1", mine="1", sort="due")
    title, hint = _("Orders waiting for your confirmation"), _("Customers of your portfolio have put them together.")
    yield _task(title, hint, requested, waiting)
    returns = deciding.waiting(who).with_only_columns(OrderRequest.id)
    title, hint = _("Returns waiting for a decision"), _("Customers ask whether they may send something back.")
    yield Task(title, hint, url_for("aftersales.returns"), returns)
    title, hint = _("Late orders in your portfolio"), _("Something should have been delivered by now.")
    yield _task(title, hint, late, waiting, is_quiet=True, is_rare=True)
