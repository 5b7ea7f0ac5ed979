"""The sample world of the demonstration, planted into an empty database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from portal.access import Principal
from portal.access.scope import acting_as, unscoped
from portal.accounts.models import Membership, Person
from portal.business_hours import vendor_calendar
from portal.clock import now
from portal.config import ProviderSettings
from portal.deals.lifecycle import State
from portal.deals.models import Deal
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.outbox import drain
from portal.notices.models import Notice
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderEvent, OrderLine
from portal.orders.requests import OrderRequest
from portal.organisations.models import Organisation, OrganisationFinance, PartnerTier, Phase, Share
from portal.purchasing.models import Proposal, SupplierInvoice
from portal.seeds.collisions import ONE_CUSTOMER
from portal.seeds.rooms import ROOM_STORIES
from portal.seeds.stories import STORIES
from portal.seeds.world import plant_world
from portal.tickets.models import Ticket
from portal.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookReceipt
from tests.conftest import make_app
from tests.databases import SqliteDatabase, dispose


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("world")
    provider = ProviderSettings(
        name="demo", label="ID", issuer="http://localhost/demo/idp", client_id="portal", client_secret="s" * 40
    )
    app = make_app(SqliteDatabase(Path(folder)), folder / "files", providers=[provider])
    with app.app_context():
        upgrade()
        assert plant_world(app)
    yield app
    dispose(app)


def all_of(app: Flask, *columns: sa.ColumnElement[object]) -> list[tuple[object, ...]]:
    with app.app_context(), unscoped("test"), db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns))]


def test_a_second_planting_does_nothing(planted: Flask) -> None:
    with planted.app_context():
        assert not plant_world(planted)


def test_every_story_is_told(planted: Flask) -> None:
    asked = {ticket for (ticket,) in all_of(planted, OrderRequest.ticket_id)}
    told = {subject for ticket, subject in all_of(planted, Ticket.id, Ticket.subject) if ticket not in asked}
    assert told == {story.subject for story in STORIES}


def test_the_vendor_keeps_english_hours_and_holidays(planted: Flask) -> None:
    with planted.app_context(), acting_as(db.session(), Principal.system("test")):
        calendar = vendor_calendar(db.session())
    christmas_eve = datetime(2026, 12, 24, 16, tzinfo=ZoneInfo("Europe/London"))
    # An hour and a half of Thursday, then Christmas, a weekend and Boxing Day in its place.
    assert calendar.add(christmas_eve, 120) == datetime(2026, 12, 29, 9, 30, tzinfo=UTC)


def test_companies_people_and_tickets_are_of_all_languages(planted: Flask) -> None:
    everyone = {"en", "cs", "uk", "pl", "lt", "fa"}
    assert {language for (language,) in all_of(planted, Organisation.language)} == everyone
    assert {language for (language,) in all_of(planted, Person.language)} == everyone


def test_every_company_has_what_staff_know_of_it(planted: Flask) -> None:
    o = Organisation.__table__.c
    # Of prospects that partners told us of we know no more than that.
    told_of = {customer.name for group in ONE_CUSTOMER for customer in group}
    rows = all_of(planted, o.name, o.phone, o.address, o.segment, o.abc_class)
    rows = [row for row in rows if row[0] not in told_of]
    assert rows
    assert [row for row in rows if not all(row)] == []
    customers = all_of(planted, o.phase, o.is_customer)
    assert {phase for phase, is_customer in customers if is_customer} == set(Phase)
    tiers = all_of(planted, o.partner_tier, o.is_partner)
    assert {tier for tier, is_partner in tiers if is_partner} == set(PartnerTier)
    assert all_of(planted, OrganisationFinance.credit_limit)


def test_what_is_recent_waits_at_the_bell_and_no_mail_goes_out(planted: Flask) -> None:
    unread = all_of(planted, Notice.person_id, Notice.created_at, Notice.read_at)
    assert 0 < len([row for row in unread if row[2] is None]) < len(unread)
    assert [kind for (kind,) in all_of(planted, Job.kind) if kind.startswith("mail.")] == []


def test_there_are_registrations_in_every_state(planted: Flask) -> None:
    with planted.app_context():
        drain(now())
    assert {state for (state,) in all_of(planted, Deal.state)} >= set(State)
    # Their ends of protection lie ahead: the clock finds nothing to end that the stories have not ended.
    ends = all_of(planted, Deal.state, Deal.protected_until)
    assert all(end is None or end > now() for state, end in ends if state == State.APPROVED)


def test_rooms_are_offered_joined_and_over(planted: Flask) -> None:
    """Tickets and deals, with people and with companies, to one of the cast and to an address that nobody has."""
    s = Share.__table__.c
    rows = all_of(planted, s.record_kind, s.organisation_id, s.person_id, s.ends_at, s.address)
    assert len(rows) == len(ROOM_STORIES)
    told = {
        (kind, "open" if company is None else "over" if ends and ends <= now() else "person" if person else "company")
        for kind, company, person, ends, _ in rows
    }
    assert told == {(kind, how) for kind in ("ticket", "deal") for how in ("open", "over", "person", "company")}
    addresses = {email for (email,) in all_of(planted, Person.email)}
    offered = {address for kind, company, *_, address in rows if company is None}
    assert len(offered & addresses) == len(offered - addresses) == 1


def test_every_company_has_a_year_of_orders(planted: Flask) -> None:
    # Those with people of their own; prospects of deals have not bought yet.
    members = {company for (company,) in all_of(planted, Membership.organisation_id)}
    companies = all_of(planted, Organisation.id, Organisation.is_customer, Organisation.is_supplier)
    kinds: dict[object, set[object]] = {}
    for company, kind in all_of(planted, Order.organisation_id, Order.kind):
        kinds.setdefault(company, set()).add(kind)
    for company, is_customer, is_supplier in companies:
        if company not in members:
            continue
        assert (not is_customer) or {"sales", "quotation"} <= kinds[company]
        assert (not is_supplier) or "purchase" in kinds[company]
        assert kinds[company]
    days = [day for (day,) in all_of(planted, Order.ordered_on) if day is not None]
    assert max(days) - min(days) > timedelta(days=300)
    assert len(set(all_of(planted, OrderDetails.currency))) >= 5


def test_orders_are_late_partial_and_returned(planted: Flask) -> None:
    rows = all_of(planted, Order.due_on, Order.delivered_percent, Order.state)
    today = now().date()
    assert [due for due, _part, _state in rows if due is not None and due < today]  # type: ignore[operator]
    assert [part for _due, part, _state in rows if 0 < part < 100]  # type: ignore[operator]
    assert [back for (back,) in all_of(planted, OrderLine.returned) if back]
    assert {state for _due, _part, state in rows} >= {"ordered", "confirmed", "shipped", "delivered", "closed"}


def test_orders_are_paid_with_what_they_come_to(planted: Flask) -> None:
    payments = all_of(planted, OrderDetails.payment_state, OrderDetails.paid, OrderDetails.total)
    assert {state for state, _paid, _total in payments} >= {"open", "part", "paid"}
    assert all(paid == total for state, paid, total in payments if state == "paid")
    assert all(0 < paid < total for state, paid, total in payments if state == "part")  # type: ignore[operator]


def test_some_deliveries_are_short(planted: Flask) -> None:
    lines = all_of(planted, OrderLine.order_id, OrderLine.shipped, OrderLine.delivered, OrderLine.quantity)
    over = {order for order, state in all_of(planted, Order.id, Order.state) if state == "closed"}
    short = [(shipped, done) for order, shipped, done, whole in lines if order in over and done < whole]  # type: ignore[operator]
    assert short
    assert all(shipped == done > 0 for shipped, done in short)  # type: ignore[operator]


def test_suppliers_and_the_buyer_have_talked(planted: Flask) -> None:
    p = Proposal.__table__.c
    proposals = all_of(planted, p.state, p.is_by_staff, p.number)
    assert {state for state, _by_staff, _number in proposals} == {"open", "accepted", "answered"}
    # Each side has something to answer, and one line is at its second version.
    assert {by_staff for state, by_staff, _number in proposals if state == "open"} == {True, False}
    assert ("open", True, 2) in proposals
    i = SupplierInvoice.__table__.c
    invoices = all_of(planted, i.state, i.reason)
    assert sorted(str(state) for state, _reason in invoices) == ["accepted", "received", "rejected"]
    assert all(bool(reason) == (state == "rejected") for state, reason in invoices)
    verbs = all_of(planted, OrderEvent.verb, OrderEvent.side)
    assert {verb for verb, side in verbs if side == "supplier"} >= {"confirm", "confirm-lines", "ship", "send-invoice"}


def test_customers_have_asked_decided_and_ordered_again(planted: Flask) -> None:
    r = OrderRequest.__table__.c
    requests = all_of(planted, r.kind, r.decision, r.line_id)
    assert {(kind, decision) for kind, decision, _line in requests} == {
        ("claim", ""),
        ("return", ""),
        ("return", "confirmed"),
    }
    assert all(line for _kind, _decision, line in requests)
    states = [state for state, author in all_of(planted, Order.state, Order.author_id) if author]
    assert sorted(str(state) for state in states) == ["draft", "requested", "requested"]
    verbs = all_of(planted, OrderEvent.verb, OrderEvent.side, OrderEvent.params)
    given = [params for verb, side, params in verbs if (verb, side) == ("accept", "customer")]
    assert [params["name"] for params in given if isinstance(params, dict)] == ["لاله بهرامی"]
    assert ("decline", "customer") in {(verb, side) for verb, side, _params in verbs}


def test_nothing_happens_before_it_has_happened(planted: Flask) -> None:
    assert max(at for (at,) in all_of(planted, OrderEvent.at)) <= now()  # type: ignore[type-var]
    by_order: dict[object, list[object]] = {}
    for order, at in all_of(planted, OrderEvent.order_id, OrderEvent.at):
        by_order.setdefault(order, []).append(at)
    assert all(times == sorted(times) for times in by_order.values())  # type: ignore[type-var]


def test_a_webhook_has_a_log_and_sends_nothing(planted: Flask) -> None:
    assert all_of(planted, WebhookEndpoint.pause) == [("wished",)]
    assert set(all_of(planted, WebhookDelivery.state)) == {("delivered",), ("dead",), ("withheld",)}
    assert set(all_of(planted, WebhookReceipt.status)) == {(200,), (422,)}
