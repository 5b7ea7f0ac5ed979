"""Proposals below HTTP: who asks, who answers, and what the line becomes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from portal.access import Principal
from portal.access.scope import OutOfScope
from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.purchasing.confirming import confirm
from portal.purchasing.proposals import Proposal, ProposalState, Terms
from tests.orders.helpers import NET, TOTAL, OrderWorld

LATER, EARLIER, PAST = date(2030, 4, 15), date(2030, 3, 1), date(2020, 1, 1)


def propose(orders: OrderWorld, order: Order, hint: str = "supplier", place: int = 0, **terms: Any) -> Proposal:
    """By default a later day for the first line; detached."""
    with orders.held(order, hint) as (held, who):
        line = held.lines[place]
        wanted = replace(Terms.of(line), **(terms or {"delivery_on": LATER}))
        return Proposal.propose(line, wanted, who, now(), held.version_for(who), reason="The **yarn** is late.")


def answer(
    orders: OrderWorld, proposal: Proposal, hint: str, act: Callable[[Proposal, Principal, int], object]
) -> Order:
    with orders.world.session() as session:
        order = session.get_one(Order, proposal.order_id)
    with orders.held(order, hint) as (held, who):
        found = who_holds(held, proposal)
        act(found, who, held.version_for(who))
    return orders.reload(order)


def who_holds(order: Order, proposal: Proposal) -> Proposal:
    session = sa.orm.object_session(order)
    assert session is not None
    return session.scalars(sa.select(Proposal).where(Proposal.ref == proposal.ref)).one()


def state_of(orders: OrderWorld, proposal: Proposal) -> str:
    with orders.world.session() as session:
        return session.get_one(Proposal, proposal.id).state


def test_the_buyer_accepts_and_the_line_is_confirmed_at_the_new_day(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase(), delivery_on=LATER, quantity=8_000, unit_price=13_000)
    order = answer(orders, proposal, "buyer", lambda it, who, version: it.accept(who, now(), version))
    line = order.lines[0]
    assert (line.confirmed_on, line.quantity, line.unit_price) == (LATER, 8_000, 13_000)
    assert (line.promised_on, order.state) == (date(2030, 3, 15), State.ORDERED)
    # 8 × 130.00 − 10 % = 936.00, and 1,922.00 as before.
    assert order.details.net == 93_600 + 192_200
    assert state_of(orders, proposal) == ProposalState.ACCEPTED


def test_the_last_word_on_the_last_line_confirms_the_order(orders: OrderWorld) -> None:
    order = orders.purchase()
    proposal = propose(orders, order)
    with orders.held(order, "supplier") as (held, who):
        confirm(held, who, now(), held.public_version)
    assert orders.reload(order).state == State.ORDERED
    order = answer(orders, proposal, "buyer", lambda it, who, version: it.accept(who, now(), version))
    assert (order.state, order.confirmed_on) == (State.CONFIRMED, LATER)


def test_the_supplier_accepts_what_the_buyer_proposes(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase(), "buyer", delivery_on=EARLIER, quantity=20_000)
    order = answer(orders, proposal, "supplier", lambda it, who, version: it.accept(who, now(), version))
    line = order.lines[0]
    assert (line.promised_on, line.confirmed_on, line.quantity) == (EARLIER, EARLIER, 20_000)
    assert order.details.total > TOTAL


def test_declined_it_stays_as_it_was(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase())
    with pytest.raises(RuleBroken, match="Say why"):
        answer(orders, proposal, "buyer", lambda it, who, version: it.decline(who, now(), version, reason=""))
    order = answer(orders, proposal, "buyer", lambda it, who, version: it.decline(who, now(), version, reason="No."))
    assert (order.lines[0].confirmed_on, order.details.net) == (None, NET)
    assert state_of(orders, proposal) == ProposalState.DECLINED
    assert propose(orders, order).number == 2


def test_one_answers_the_other_version_after_version(orders: OrderWorld) -> None:
    first, middle = propose(orders, orders.purchase()), date(2030, 4, 1)
    terms = Terms(middle, 10_000, 12_500)
    answer(orders, first, "buyer", lambda it, who, version: it.counter(terms, who, now(), version))
    with orders.world.session() as session:
        second = session.scalars(sa.select(Proposal).where(Proposal.number == 2)).one()
    assert (second.is_by_staff, state_of(orders, first)) == (True, ProposalState.ANSWERED)
    with pytest.raises(RuleBroken, match="accept it"):
        answer(orders, second, "supplier", lambda it, who, version: it.counter(terms, who, now(), version))
    order = answer(orders, second, "supplier", lambda it, who, version: it.accept(who, now(), version))
    assert order.lines[0].confirmed_on == middle


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"quantity": 10_000}, "changes nothing"),
        ({"delivery_on": PAST}, "over already"),
        ({"delivery_on": None}, "day of delivery"),
        ({"quantity": 0}, "more than nothing"),
        ({"quantity": -1_000}, "more than nothing"),
        ({"quantity": 2_000}, "sent or delivered"),
        ({"unit_price": -1}, "negative"),
    ],
)
def test_what_cannot_be_is_refused_in_words(orders: OrderWorld, terms: dict[str, Any], words: str) -> None:
    order = orders.purchase()
    lines = [{**line, "delivered": "3"} for line in orders.shape()["lines"]]
    orders.feed({**orders.shape("looms"), "external_id": "X00001", "kind": "purchase", "lines": lines})
    with pytest.raises(RuleBroken, match=words):
        propose(orders, order, **terms)


def test_one_waits_on_a_line_at_a_time(orders: OrderWorld) -> None:
    order = orders.purchase()
    propose(orders, order)
    for hint in ("supplier", "buyer"):
        with pytest.raises(RuleBroken, match="waits for an answer"):
            propose(orders, order, hint, quantity=5_000)
    assert propose(orders, order, "buyer", 1, quantity=5_000).number == 1


def test_nobody_answers_their_own_proposal_and_nobody_else_withdraws_it(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase())
    with pytest.raises(RuleBroken, match="other side"):
        answer(orders, proposal, "supplier", lambda it, who, version: it.accept(who, now(), version))
    with pytest.raises(RuleBroken, match="take it back"):
        answer(orders, proposal, "buyer", lambda it, who, version: it.withdraw(who, now(), version))
    answer(orders, proposal, "supplier", lambda it, who, version: it.withdraw(who, now(), version))
    assert state_of(orders, proposal) == ProposalState.WITHDRAWN


@pytest.mark.parametrize("state", ["delivered", "closed", "cancelled"])
def test_nothing_is_agreed_on_what_is_over(orders: OrderWorld, state: str) -> None:
    with pytest.raises(RuleBroken, match="not on its way"):
        propose(orders, orders.purchase(state=state))


def test_a_stale_decision_is_none(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase())
    with pytest.raises(Stale):
        answer(orders, proposal, "buyer", lambda it, who, version: it.accept(who, now(), version - 1))
    answer(orders, proposal, "buyer", lambda it, who, version: it.decline(who, now(), version, reason="No."))
    with pytest.raises(RuleBroken):
        answer(orders, proposal, "buyer", lambda it, who, version: it.accept(who, now(), version))


def test_what_the_erp_says_meanwhile_overtakes_it(orders: OrderWorld) -> None:
    order = orders.purchase()
    proposal = propose(orders, order)
    lines = [{**line, "quantity": "12"} for line in orders.shape()["lines"]]
    shape = {**orders.shape("looms"), "external_id": "X00001", "kind": "purchase", "state": "ordered", "lines": lines}
    orders.feed(shape)
    assert state_of(orders, proposal) == ProposalState.OVERTAKEN


def test_a_supplier_writes_no_more_of_an_order_than_was_agreed(orders: OrderWorld) -> None:
    order = orders.purchase()
    for field, value in (("quantity", 1_000), ("unit_price", 99_900), ("promised_on", LATER)):
        with pytest.raises(OutOfScope), orders.held(order, "supplier") as (held, _who):
            setattr(held.lines[0], field, value)
    with pytest.raises(OutOfScope), orders.held(order, "supplier") as (held, _who):
        held.details.total = 1
    proposal = propose(orders, order, "buyer", quantity=20_000)

    def accept_more(it: Proposal, who: Principal, version: int) -> None:
        it.quantity = 90_000
        it.accept(who, now(), version)

    def accept_and_ask_more(it: Proposal, who: Principal, version: int) -> None:
        it.accept(who, now(), version)
        it.line.unit_price = 99_900

    for act in (accept_more, accept_and_ask_more):
        with pytest.raises(OutOfScope):
            answer(orders, proposal, "supplier", act)


def test_every_step_is_written_down(orders: OrderWorld) -> None:
    proposal = propose(orders, orders.purchase())
    answer(orders, proposal, "buyer", lambda it, who, version: it.decline(who, now(), version, reason="No."))
    with orders.world.session() as session:
        events = session.scalars(sa.select(OrderEvent).order_by(OrderEvent.id)).all()
    assert [(event.verb, event.side, event.reason) for event in events[1:]] == [
        ("propose", "supplier", "The **yarn** is late."),
        ("decline-proposal", "staff", "No."),
    ]
