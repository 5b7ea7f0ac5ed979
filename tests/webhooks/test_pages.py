"""Whoever looks after a key sets up its webhooks, sees what was sent and taken, and nobody else does."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Principal, Role
from portal.access.scope import acting_as
from portal.accounts.models import AccessLog, StaffRole
from portal.api.models import ApiKey
from portal.clock import now
from portal.extensions import db
from portal.mail.compose import notice_mail
from portal.notices.models import Notice
from portal.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSource
from tests.conftest import SignIn
from tests.statements import statements
from tests.webhooks.conftest import SINK, Hooks, MakeProgram, Receiver, trial
from tests.webhooks.test_receiving import TICKET, Sender, upsert
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english", "lan")
NEW = {"url": "https://erp.example.com/hooks", "description": "Our ERP", "types": ["order.confirmed"]}


@pytest.fixture
def second_admin(world: World, sign_in: SignIn) -> FlaskClient:
    with world.session() as session:
        session.add(
            StaffRole(person_id=world.person_id("moderator"), role="admin", granted_at=now(), confirmed_at=now())
        )
        session.commit()
    return sign_in("moderator")


def secret_in(page: str) -> str:
    found = re.search(r'id="new-secret"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_company_admin_sets_up_an_endpoint_and_sees_its_secret_once(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, world: World
) -> None:
    browser = sign_in("customer-admin")
    assert "order.confirmed" in browser.get(f"/api-keys/{key.ref}/webhooks/new").text
    page = browser.send(f"/api-keys/{key.ref}/webhooks", NEW).text
    (endpoint,) = hooks.rows(WebhookEndpoint)
    assert secret_in(page) == hooks.secret(endpoint)
    assert secret_in(page).startswith("whsec_")
    for address in ("/webhooks", f"/webhooks/{endpoint.ref}"):
        found = browser.get(address)
        assert found.status_code == 200
        assert "https://erp.example.com/hooks" in found.text
        assert "whsec_" not in found.text
    assert endpoint.is_live
    with world.session() as session:
        rows = str(session.execute(sa.select(WebhookEndpoint.__table__)).all())
        assert secret_in(page).removeprefix("whsec_") not in rows
        assert session.scalar(sa.select(AccessLog.reference).where(AccessLog.kind == "webhook-made")) == endpoint.ref


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": ""},
        {"url": "erp.example.com"},
        {"url": "https://user:word@erp.example.com/"},
        {"url": "https://erp.example.com:22/"},
        {"url": "https://10.0.0.1/"},
        {"url": "https://[::ffff:10.0.0.1]/"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "https://0x0a000001/"},
        {"types": []},
        {"types": ["no.such"]},
        {"description": "x" * 101},
    ],
)
def test_what_cannot_be_is_refused_and_stays_as_it_was_typed(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, wrong: dict[str, object]
) -> None:
    answer = sign_in("customer-admin").send(f"/api-keys/{key.ref}/webhooks", {**NEW, **wrong})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text or "error-summary" in answer.text
    assert str({**NEW, **wrong}["url"]) in answer.text
    assert hooks.rows(WebhookEndpoint) == []


def test_only_events_of_what_the_key_reads_are_offered(sign_in: SignIn, program: MakeProgram) -> None:
    key = program("customer-admin", scopes=["tickets:read"]).key
    browser = sign_in("customer-admin")
    page = browser.get(f"/api-keys/{key.ref}/webhooks/new").text
    assert "ticket.opened" in page
    assert "order.confirmed" not in page
    assert browser.send(f"/api-keys/{key.ref}/webhooks", NEW).status_code == 422


def test_a_revoked_key_gets_none(sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    hooks.change(ApiKey, revoked_at=now())
    assert sign_in("customer-admin").send(f"/api-keys/{key.ref}/webhooks", NEW).status_code == 409
    assert sign_in("customer-admin").send(f"/api-keys/{key.ref}/webhook-sources", {"name": "erp"}).status_code == 409


def places(hooks: Hooks, key: ApiKey) -> tuple[list[str], list[str]]:
    """Addresses of one webhook of each kind: those that are read and those that forms are sent to."""
    endpoint, source = hooks.endpoint(key), hooks.source(key)
    trial(hooks, endpoint)
    (delivery,) = hooks.deliveries
    one, other = f"/webhooks/{endpoint.ref}", f"/webhook-sources/{source.ref}"
    reads = [one, other, f"/api-keys/{key.ref}/webhooks/new", f"/api-keys/{key.ref}/webhook-sources/new"]
    verbs = ("confirmation", "rotation", "pause", "resumption", "removal", "trials", "redelivery")
    writes = [f"{one}/{verb}" for verb in verbs] + [f"{one}/deliveries/{delivery.ref}/redelivery"]
    writes += [f"{other}/{verb}" for verb in ("confirmation", "rotation", "removal")]
    return reads, [*writes, f"/api-keys/{key.ref}/webhooks", f"/api-keys/{key.ref}/webhook-sources"]


@pytest.mark.parametrize("hint", ["rival", "supplier-admin", "partner-admin", "admin"])
def test_who_does_not_look_after_the_key_finds_nothing(sign_in: SignIn, key: ApiKey, hooks: Hooks, hint: str) -> None:
    reads, writes = places(hooks, key)
    browser = sign_in(hint)
    assert {browser.get(address).status_code for address in reads} == {404}
    assert {browser.send(address, {"days": "1", **NEW}).status_code for address in writes} == {404}
    assert hooks.rows(WebhookEndpoint)[0].ref not in browser.get("/webhooks").text


@pytest.mark.parametrize("hint", ["customer", "agent", "auditor", "moderator", "newcomer"])
def test_whose_role_makes_no_keys_is_refused(sign_in: SignIn, key: ApiKey, hooks: Hooks, hint: str) -> None:
    reads, writes = places(hooks, key)
    browser = sign_in(hint)
    assert {browser.get(address).status_code for address in ["/webhooks", *reads]} == {403}
    assert {browser.send(address).status_code for address in writes} == {403}


def test_a_company_admin_finds_none_of_an_integration(sign_in: SignIn, program: MakeProgram, hooks: Hooks) -> None:
    reads, writes = places(hooks, program(roles=(Role.AGENT,)).key)
    browser = sign_in("customer-admin")
    assert {browser.get(address).status_code for address in reads} == {404}
    assert {browser.send(address).status_code for address in writes} == {404}


def test_signed_out_there_is_a_way_to_sign_in(client: FlaskClient, key: ApiKey, hooks: Hooks) -> None:
    reads, _writes = places(hooks, key)
    for address in ["/webhooks", *reads]:
        assert client.get(address).headers["Location"].startswith("/sign-in")


def test_a_delivery_of_another_endpoint_is_not_sent_from_here(sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    first, second = hooks.endpoint(key), hooks.endpoint(key)
    trial(hooks, first)
    hooks.change(WebhookDelivery, state="dead")
    (delivery,) = hooks.deliveries
    path = f"/webhooks/{second.ref}/deliveries/{delivery.ref}/redelivery"
    assert sign_in("customer-admin").send(path).status_code == 404
    assert hooks.states == [("webhook.test", "dead")]


# ── Of integrations a second administrator agrees ─────────────────────────────────────────────────


@pytest.mark.parametrize(("place", "form"), [("webhooks", NEW), ("webhook-sources", {"name": "erp"})])
def test_of_an_integration_it_sleeps_until_a_second_admin_confirms(
    sign_in: SignIn, second_admin: FlaskClient, program: MakeProgram, hooks: Hooks, place: str, form: dict[str, object]
) -> None:
    key = program(roles=(Role.ACCOUNT_MANAGER,)).key
    first = sign_in("admin")
    page = first.send(f"/api-keys/{key.ref}/{place}", form)
    assert "sleeps until a second administrator" in page.text
    model = WebhookEndpoint if place == "webhooks" else WebhookSource
    (row,) = hooks.rows(model)
    assert not row.is_live
    assert first.send(f"/{place}/{row.ref}/confirmation").status_code == 409
    assert second_admin.send(f"/{place}/{row.ref}/confirmation").status_code == 303
    assert hooks.reload(row).is_live
    assert second_admin.send(f"/{place}/{row.ref}/confirmation").status_code == 409


def test_whoever_makes_a_new_secret_of_an_integrations_source_does_not_confirm_it(
    app: Flask, sign_in: SignIn, second_admin: FlaskClient, program: MakeProgram, hooks: Hooks
) -> None:
    source = hooks.source(program(roles=(Role.ACCOUNT_MANAGER,)).key)
    secret = secret_in(second_admin.send(f"/webhook-sources/{source.ref}/rotation").text)
    lamp = {"external_id": "P-1", "code": "XX-900", "names": {"en": "Lamp"}, "unit": "C62"}
    assert Sender(app, source, secret).send(upsert(lamp)).status_code == 401
    assert second_admin.send(f"/webhook-sources/{source.ref}/confirmation").status_code == 409
    assert sign_in("admin").send(f"/webhook-sources/{source.ref}/confirmation").status_code == 303
    assert Sender(app, source, secret).send(upsert(lamp)).status_code == 200


# ── What one does with it ─────────────────────────────────────────────────────────────────────────


def test_a_test_event_goes_out_and_is_in_the_log(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, receiver: Receiver
) -> None:
    endpoint, browser = hooks.endpoint(key, receiver.url), sign_in("customer-admin")
    assert browser.send(f"/webhooks/{endpoint.ref}/trials").status_code == 303
    receiver.answers.append((500, {}, b"<b>Out of order</b>"))
    hooks.work()
    page = browser.get(f"/webhooks/{endpoint.ref}").text
    assert "webhook.test" in page
    assert "The receiver did not take it." in page
    assert "&lt;b&gt;Out of order&lt;/b&gt;" in page
    hooks.work(now() + timedelta(minutes=1))
    assert "Delivered" in browser.get(f"/webhooks/{endpoint.ref}?state=delivered").text
    assert browser.get(f"/webhooks/{endpoint.ref}?state=no-such").status_code == 400


def test_whoever_set_it_up_reads_that_it_was_paused(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, receiver: Receiver
) -> None:
    endpoint, browser = hooks.endpoint(key, receiver.url), sign_in("customer-admin")
    trial(hooks, endpoint)
    receiver.answers.append((410, {}, b""))
    hooks.work()
    page = browser.get("/notices").text
    assert "A webhook was paused: its receiver said that it is gone for good" in page
    assert 'href="/webhooks"' in page
    assert "gone for good (410)" in browser.get(f"/webhooks/{endpoint.ref}").text
    with hooks.app.app_context(), acting_as(db.session(), Principal.system("test")):
        (ref,) = db.session.scalars(sa.select(Notice.ref))
        mail = notice_mail(db.session(), ref)
    assert mail is not None
    assert "gone for good" in str(mail["Subject"])


def test_a_pause_sends_nothing_and_keeps_nothing(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, receiver: Receiver, world: World
) -> None:
    endpoint, browser = hooks.endpoint(key, receiver.url), sign_in("customer-admin")
    trial(hooks, endpoint)
    assert browser.send(f"/webhooks/{endpoint.ref}/pause").status_code == 303
    world.make_ticket("customer")
    hooks.work()
    assert (receiver.taken, hooks.states) == ([], [("webhook.test", "dead")])
    assert browser.send(f"/webhooks/{endpoint.ref}/trials").status_code == 409
    assert browser.send(f"/webhooks/{endpoint.ref}/resumption").status_code == 303
    world.make_ticket("customer")
    hooks.work()
    assert [kind for kind, _state in hooks.states] == ["webhook.test", "ticket.opened"]


def test_what_was_given_up_is_sent_once_more_under_its_id(
    sign_in: SignIn, key: ApiKey, hooks: Hooks, receiver: Receiver
) -> None:
    endpoint, browser = hooks.endpoint(key, receiver.url), sign_in("customer-admin")
    trial(hooks, endpoint, 3)
    hooks.change(WebhookDelivery, state="dead", attempts=10)
    first, second, third = hooks.deliveries
    hooks.change(WebhookDelivery, WebhookDelivery.id == third.id, created_at=now() - timedelta(days=3))
    assert browser.send(f"/webhooks/{endpoint.ref}/deliveries/{first.ref}/redelivery").status_code == 303
    assert browser.send(f"/webhooks/{endpoint.ref}/deliveries/{first.ref}/redelivery").status_code == 409
    hooks.work()
    assert receiver.ids == [first.ref]
    assert browser.send(f"/webhooks/{endpoint.ref}/redelivery", {"days": "1"}).status_code == 303
    hooks.work()
    assert receiver.ids == [first.ref, second.ref]
    assert browser.send(f"/webhooks/{endpoint.ref}/redelivery", {"days": "7"}).status_code == 303
    hooks.work()
    assert receiver.ids == [first.ref, second.ref, third.ref]
    assert browser.send(f"/webhooks/{endpoint.ref}/redelivery", {"days": "x"}).status_code == 400


def test_a_new_secret_signs_beside_the_old_one(sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    endpoint, browser = hooks.endpoint(key), sign_in("customer-admin")
    old = hooks.secret(endpoint)
    new = secret_in(browser.send(f"/webhooks/{endpoint.ref}/rotation").text)
    found = hooks.reload(endpoint)
    assert (new != old, hooks.secret(found)) == (True, new)
    with hooks.app.app_context():
        assert len(found.secrets(now())) == 2
        assert len(found.secrets(now() + timedelta(hours=25))) == 1


def test_what_is_removed_is_gone(sign_in: SignIn, key: ApiKey, hooks: Hooks, receiver: Receiver) -> None:
    endpoint, source, browser = hooks.endpoint(key, receiver.url), hooks.source(key), sign_in("customer-admin")
    trial(hooks, endpoint)
    assert browser.send(f"/webhooks/{endpoint.ref}/removal").status_code == 303
    assert browser.send(f"/webhook-sources/{source.ref}/removal").status_code == 303
    hooks.work()
    assert receiver.taken == []
    assert browser.get(f"/webhooks/{endpoint.ref}").status_code == 404
    assert browser.get(f"/webhook-sources/{source.ref}").status_code == 404
    assert endpoint.ref not in browser.get("/webhooks").text


def test_there_is_a_bound_to_how_many(sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    for _ in range(10):
        hooks.endpoint(key)
        hooks.source(key)
    browser = sign_in("customer-admin")
    assert browser.send(f"/api-keys/{key.ref}/webhooks", NEW).status_code == 409
    assert browser.send(f"/api-keys/{key.ref}/webhook-sources", {"name": "erp"}).status_code == 409


def test_a_source_is_set_up_and_shows_what_came_in(app: Flask, sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    browser = sign_in("customer-admin")
    page = browser.send(f"/api-keys/{key.ref}/webhook-sources", {"name": "helpdesk", "description": "Ours"}).text
    (source,) = hooks.rows(WebhookSource)
    assert f"/api/v1/webhooks/{source.ref}" in page
    sender = Sender(app, source, secret_in(page))
    assert sender.send(upsert(TICKET, noun="tickets")).status_code == 200
    assert sender.send(upsert({**TICKET, "category": "no such"}, noun="tickets"), "msg-2").status_code == 422
    found = browser.get(f"/webhook-sources/{source.ref}").text
    assert "msg-1" in found
    assert "msg-2" in found
    assert "/data/0/category" in found
    assert "whsec_" not in found


@pytest.mark.parametrize("name", ["", "two words", "x" * 41, "řeka", "a/b"])
def test_a_source_needs_a_plain_name(sign_in: SignIn, key: ApiKey, hooks: Hooks, name: str) -> None:
    answer = sign_in("customer-admin").send(f"/api-keys/{key.ref}/webhook-sources", {"name": name})
    assert answer.status_code == 422
    assert hooks.rows(WebhookSource) == []


def test_what_was_withheld_is_listed_without_its_record(sign_in: SignIn, key: ApiKey, hooks: Hooks) -> None:
    endpoint = hooks.endpoint(key)
    trial(hooks, endpoint)
    hooks.change(WebhookDelivery, state="withheld", record_ref="SO-SECRET99", body='{"ref":"SO-SECRET99"}')
    page = sign_in("customer-admin").get(f"/webhooks/{endpoint.ref}").text
    assert "Withheld" in page
    assert "SECRET99" not in page


def test_the_log_is_paged_and_asks_as_much_for_few_as_for_many(
    app: Flask, sign_in: SignIn, key: ApiKey, hooks: Hooks
) -> None:
    endpoint, browser = hooks.endpoint(key, SINK), sign_in("customer-admin")
    path = f"/webhooks/{endpoint.ref}"
    trial(hooks, endpoint, 2)
    browser.get(path)
    with statements(app) as few:
        browser.get(path)
    trial(hooks, endpoint, 60)
    with hooks.world.session() as session:
        session.add_all(
            WebhookAttempt(delivery_id=row.id, at=now(), status=200, milliseconds=3, error="", answer="")
            for row in hooks_rows(session)
        )
        session.commit()
    with statements(app) as many:
        first = browser.get(path)
    assert len(many) == len(few)
    assert browser.htmx(path).text.lstrip().startswith("<div id=")
    seen = set(re.findall(r"WD-[0-9A-Z]{8}", first.text))
    following = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = browser.get((following[1] or following[2]).replace("&amp;", "&"))
    assert not seen & set(re.findall(r"WD-[0-9A-Z]{8}", second.text))


def hooks_rows(session: sa.orm.Session) -> list[WebhookDelivery]:
    return list(session.scalars(sa.select(WebhookDelivery)))
