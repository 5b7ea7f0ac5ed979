"""What the page of an order offers of ordering again: the way into a draft, the draft itself, and our answer to it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.business_hours.models import vendor_calendar
from portal.clock import now
from portal.languages import money_text, voice
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.page import Section, form_of
from portal.orders.parts import OrderEvent, OrderLine
from portal.orders.words import quantity_text, unit_text
from portal.products.models import in_language
from portal.reorders.drafting import can_be_repeated
from portal.reorders.forms import AnswerForm, DraftForm, RejectionForm, form_for
from portal.reorders.pricing import price_for, prices_of


def may_ask(who: Principal, order: Order) -> bool:
    return order.kind == Kind.SALES and who.may(Action.ORDER_ASK) and is_writable(order, Action.ORDER_ASK)


def may_answer(who: Principal, order: Order) -> bool:
    return order.kind == Kind.SALES and who.may(Action.ORDER_CONFIRM) and is_writable(order, Action.ORDER_CONFIRM)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """`is_todays`: at the price that holds today; else it is that of the order before."""

    position: int
    name: str
    code: str
    unit: str
    price: str
    net: str
    is_todays: bool


@dataclass(frozen=True, slots=True)
class DraftPart:
    ref: str
    version: int
    lines: list[DraftLine]
    total: str
    form: DraftForm
    # What of the order before is sold no longer.
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """`wished_on` and `withdraws` are of what the customer sent; `rejection` is for whoever answers it."""

    ref: str
    version: int
    state: str
    wished_on: date | None
    withdraws: bool
    acceptance: AnswerForm | None
    rejection: RejectionForm | None


def reorder_section(session: Session, who: Principal, order: Order) -> Section | None:
    if order.kind != Kind.SALES:
        return None
    if order.state == State.DRAFT:
        return Section("reorders/_draft.html", _draft(session, who, order))
    if order.state == State.REQUESTED:
        return Section("reorders/_answer.html", _answer(who, order))
    if can_be_repeated(order) and may_ask(who, order):
        return Section("reorders/_again.html", order.ref)
    return None


def _answer(who: Principal, order: Order) -> AnswerPart:
    answers = may_answer(who, order)
    return AnswerPart(
        ref=order.ref,
        version=order.version_for(who),
        state=order.state,
        wished_on=order.details.wished_on,
        withdraws=may_ask(who, order),
        acceptance=form_of("acceptance", AnswerForm, url_for("reorders.create_acceptance", ref=order.ref))
        if answers
        else None,
        rejection=form_of("rejection", RejectionForm, url_for("reorders.create_rejection", ref=order.ref))
        if answers
        else None,
    )


def _draft(session: Session, who: Principal, order: Order) -> DraftPart:
    today, language = vendor_calendar(session).day_of(now()), voice().language
    currency = order.details.currency
    prices = prices_of(session, order.organisation_id, currency, [line.product_id for line in order.lines], today)

    def drawn(line: OrderLine) -> DraftLine:
        price = price_for(prices, line.product_id, line.quantity)
        per = f" / {quantity_text(line.price_per * 1000, line.unit)}" if line.price_per != 1 else ""
        return DraftLine(
            position=line.position,
            name=line.name_in(language),
            code=line.code,
            unit=unit_text(line.unit),
            price=money_text(line.unit_price, currency) + per,
            net=money_text(line.net, currency),
            is_todays=price is not None,
        )

    return DraftPart(
        ref=order.ref,
        version=order.version_for(who),
        lines=[drawn(line) for line in order.lines],
        total=money_text(order.details.total, currency),
        form=form_of("draft", form_for(order, today), url_for("reorders.update_draft", ref=order.ref)),
        left_out=_left_out(session, order, language),
    )


def _left_out(session: Session, order: Order, language: str) -> list[str]:
    asked = sa.select(OrderEvent.params).where(OrderEvent.order_id == order.id, OrderEvent.verb == "reorder")
    params: dict[str, Any] = session.scalars(asked.order_by(OrderEvent.id).limit(1)).first() or {}
    return [in_language(told["descriptions"], language) or told["code"] for told in params.get("left_out", [])]
