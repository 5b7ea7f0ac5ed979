"""A key hears of what it may read, asked when the event is told and once more when it is sent."""

from datetime import timedelta
from typing import Any

import pytest

from portal.access import Role
from portal.accounts.models import Membership
from portal.api.models import ApiKey
from portal.clock import now
from portal.jobs.models import Job
from portal.organisations.models import PartnerLink
from portal.webhooks.models import WebhookEndpoint
from tests.deals.helpers import DealWorld
from tests.orders.helpers import OrderWorld
from tests.webhooks.conftest import Hooks, MakeProgram, Receiver, told
from tests.world import World

pytestmark = pytest.mark.usefixtures("lan")


def _revoke(hooks: Hooks, key: ApiKey) -> None:
    hooks.change(ApiKey, revoked_at=now())


def _let_expire(hooks: Hooks, key: ApiKey) -> None:
    hooks.change(ApiKey, expires_at=now())


def _demote(hooks: Hooks, key: ApiKey) -> None:
    hooks.change(Membership, Membership.person_id == key.person_id, level="member")


def _take_area(hooks: Hooks, key: ApiKey) -> None:
    hooks.change(Membership, Membership.person_id == key.person_id, in_orders=False)


def _take_scope(hooks: Hooks, key: ApiKey) -> None:
    hooks.change(ApiKey, scopes=["tickets:read"])


LOSSES = [_revoke, _let_expire, _demote, _take_area, _take_scope]


@pytest.mark.parametrize("lose", LOSSES)
def test_who_lost_the_right_hears_nothing_more(
    hooks: Hooks, endpoint: WebhookEndpoint, key: ApiKey, orders: OrderWorld, receiver: Receiver, lose: Any
) -> None:
    lose(hooks, key)
    orders.sales("glass")
    hooks.work()
    assert hooks.deliveries == []
    assert receiver.taken == []


@pytest.mark.parametrize("lose", LOSSES)
def test_rights_are_asked_once_more_when_it_is_sent(
    hooks: Hooks, endpoint: WebhookEndpoint, key: ApiKey, orders: OrderWorld, receiver: Receiver, lose: Any
) -> None:
    orders.sales("glass")
    receiver.answers.append((500, {}, b""))
    hooks.work()
    assert len(receiver.taken) == 1
    lose(hooks, key)
    hooks.work(now() + timedelta(minutes=10))
    assert len(receiver.taken) == 1
    assert {state for _type, state in hooks.states} == {"withheld"}


def test_what_went_out_of_reach_is_withheld(
    hooks: Hooks, endpoint: WebhookEndpoint, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    from portal.orders.models import Order

    orders.sales("glass")
    receiver.answers.append((500, {}, b""))
    hooks.work()
    hooks.change(Order, organisation_id=world.organisation("bakery").id)
    hooks.work(now() + timedelta(minutes=10))
    assert len(receiver.taken) == 1
    assert {state for _type, state in hooks.states} == {"withheld"}


def test_an_unconfirmed_or_paused_endpoint_hears_nothing(
    hooks: Hooks, key: ApiKey, orders: OrderWorld, receiver: Receiver
) -> None:
    hooks.endpoint(key, receiver.url, confirmed_at=None)
    hooks.endpoint(key, receiver.url, paused_at=now(), pause="wished")
    hooks.endpoint(key, receiver.url, removed_at=now())
    orders.sales("glass")
    hooks.work()
    assert [job for job in hooks.rows(Job) if job.kind.startswith("webhooks.t")] == []
    assert receiver.taken == []


def test_only_what_was_asked_for_is_told(
    hooks: Hooks, key: ApiKey, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    hooks.endpoint(key, receiver.url, ("ticket.replied",))
    orders.sales("glass")
    ticket = world.make_ticket("customer")
    world.reply(ticket, "agent")
    hooks.work()
    assert told(receiver) == [("ticket.replied", ticket.ref)]


def test_what_staff_note_is_told_to_staff_alone(
    hooks: Hooks,
    endpoint: WebhookEndpoint,
    program: MakeProgram,
    world: World,
    receiver: Receiver,
    other_receiver: Receiver,
) -> None:
    hooks.endpoint(program(roles=(Role.AGENT,)).key, other_receiver.url)
    ticket = world.make_ticket("customer")
    hooks.work()
    del receiver.taken[:], other_receiver.taken[:]
    world.note(ticket, "agent")
    hooks.work()
    assert told(receiver) == []
    assert ("ticket.noted", ticket.ref) in told(other_receiver)


def test_an_integration_hears_what_its_roles_read(
    hooks: Hooks, program: MakeProgram, orders: OrderWorld, receiver: Receiver, other_receiver: Receiver
) -> None:
    hooks.endpoint(program(roles=(Role.BUYER,)).key, receiver.url)
    hooks.endpoint(program(roles=(Role.ACCOUNT_MANAGER,)).key, other_receiver.url)
    sale, purchase = orders.sales("glass"), orders.purchase("looms")
    hooks.work()
    assert {ref for _type, ref in told(receiver)} == {purchase.ref}
    assert sale.ref in {ref for _type, ref in told(other_receiver)}
    assert purchase.ref not in {ref for _type, ref in told(other_receiver)}


def test_a_linked_partner_is_not_told_of_its_customers_orders(
    hooks: Hooks, program: MakeProgram, orders: OrderWorld, world: World, receiver: Receiver
) -> None:
    hooks.endpoint(program("partner-admin").key, receiver.url)
    links = [(link.partner_id, link.customer_id) for link in hooks.rows(PartnerLink)]
    assert (world.organisation("wolf").id, world.organisation("glass").id) in links
    order = orders.sales("glass")
    hooks.work()
    assert receiver.taken == []
    assert program("partner-admin").get(f"orders/{order.ref}").status_code == 200, "states and dates it may read"


def test_a_partner_hears_of_its_deals_but_not_of_what_is_internal(
    hooks: Hooks, program: MakeProgram, world: World, receiver: Receiver, other_receiver: Receiver
) -> None:
    hooks.endpoint(program("partner-admin").key, receiver.url)
    hooks.endpoint(program("rival-partner").key, other_receiver.url)
    deal = DealWorld(world).approved()
    hooks.work()
    assert {("deal.submitted", deal.ref), ("deal.approved", deal.ref)} <= set(told(receiver))
    assert other_receiver.taken == []


def test_a_reseller_hears_of_what_it_resells(
    hooks: Hooks, program: MakeProgram, orders: OrderWorld, receiver: Receiver, other_receiver: Receiver
) -> None:
    hooks.endpoint(program("partner-admin").key, receiver.url)
    hooks.endpoint(program("rival-partner").key, other_receiver.url)
    order = orders.sales("glass", reseller="wolf")
    hooks.work()
    assert told(receiver) == [("order.placed", order.ref)]
    assert other_receiver.taken == []
