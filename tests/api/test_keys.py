"""Keys: who makes them, and when they let in."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts.models import AccessLog, Membership, Person, StaffRole
from portal.api.models import ApiKey
from portal.api.rules import prune_answers
from portal.clock import now
from tests.api.conftest import Programs
from tests.conftest import SignIn, make_app
from tests.databases import Database, dispose
from tests.orders.helpers import OrderWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
COMPANY = {"label": "Warehouse", "scopes": ["orders:read"], "days": "90"}
INTEGRATION = {**COMPANY, "roles": ["account-manager"]}


def token_in(page: str) -> str:
    found = re.search(r'id="new-key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def second_admin(world: World, sign_in: SignIn) -> FlaskClient:
    """The moderator is made an administrator too."""
    with world.session() as session:
        session.add(
            StaffRole(person_id=world.person_id("moderator"), role="admin", granted_at=now(), confirmed_at=now())
        )
        session.commit()
    return sign_in("moderator")


def asked(app: Flask, token: str, path: str = "/api/v1/orders") -> int:
    client = FlaskClient(app, app.response_class)
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize(
    ("hint", "url", "form"),
    [
        ("customer-admin", "/account/api-keys", COMPANY),
        ("admin", "/settings/api-keys", INTEGRATION),
    ],
)
def test_the_statements_of_the_list_are_constant(
    app: Flask, sign_in: SignIn, hint: str, url: str, form: dict[str, object]
) -> None:
    browser, counts = sign_in(hint), []
    for more in (2, 9):
        for _ in range(more):
            assert browser.send(url, form).status_code == 200
        with statements(app) as seen:
            browser.get(url)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_company_admin_makes_a_key_that_is_shown_once(
    app: Flask, sign_in: SignIn, world: World, orders: OrderWorld
) -> None:
    orders.sales("glass")
    browser = sign_in("customer-admin")
    token = token_in(browser.send("/account/api-keys", COMPANY).text)
    page = browser.get("/account/api-keys").text
    assert token not in page
    assert "Warehouse" in page
    assert asked(app, token) == 200
    with world.session() as session:
        assert token.partition(".")[2] not in str(session.execute(sa.select(ApiKey.__table__)).all())


def test_a_made_key_can_be_revoked(app: Flask, sign_in: SignIn, world: World) -> None:
    browser = sign_in("customer-admin")
    token = token_in(browser.send("/account/api-keys", COMPANY).text)
    ref = token.partition(".")[0]
    assert browser.send(f"/account/api-keys/{ref}/revocation").status_code == 303
    assert asked(app, token) == 401
    assert "Revoked" in browser.get("/account/api-keys").text


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"scopes": []}, {"scopes": ["orders:write"]}, {"days": "9"}, {"scopes": ["deals:read"]}]
)
def test_a_malformed_key_is_refused(sign_in: SignIn, wrong: dict[str, object]) -> None:
    answer = sign_in("customer-admin").send("/account/api-keys", {**COMPANY, **wrong})
    assert answer.status_code == 422
    assert 'id="new-key"' not in answer.text


def test_nobody_reaches_the_keys_of_another_company(sign_in: SignIn, program: Programs) -> None:
    key = program("customer-admin").key
    assert sign_in("rival").send(f"/account/api-keys/{key.ref}/revocation").status_code == 404
    assert sign_in("supplier-admin").get("/account/api-keys").text.count(key.ref) == 0
    assert sign_in("admin").send(f"/settings/api-keys/{key.ref}/revocation").status_code == 404


@pytest.mark.parametrize("hint", ["customer", "agent", "admin", "auditor"])
def test_others_make_no_keys_of_a_company(sign_in: SignIn, hint: str) -> None:
    assert sign_in(hint).get("/account/api-keys").status_code == 403
    assert sign_in(hint).send("/account/api-keys", COMPANY).status_code == 403


@pytest.mark.parametrize("hint", ["customer-admin", "agent", "auditor"])
def test_others_make_no_keys_of_integrations(sign_in: SignIn, hint: str) -> None:
    assert sign_in(hint).get("/settings/api-keys").status_code == 403
    assert sign_in(hint).send("/settings/api-keys", INTEGRATION).status_code == 403


def test_signed_out_there_is_a_way_to_sign_in(client: FlaskClient) -> None:
    for path in ("/account/api-keys", "/settings/api-keys"):
        assert client.get(path).headers["Location"].startswith("/sign-in")


def test_an_integration_sleeps_until_a_second_admin_confirms(
    app: Flask, sign_in: SignIn, second_admin: FlaskClient
) -> None:
    first, second = sign_in("admin"), second_admin
    token = token_in(first.send("/settings/api-keys", INTEGRATION).text)
    path = f"/settings/api-keys/{token.partition('.')[0]}/confirmation"
    assert asked(app, token) == 401
    assert first.send(path).status_code == 409
    assert second.send(path).status_code == 303
    assert asked(app, token) == 200


def test_no_integration_holds_the_role_of_an_admin(sign_in: SignIn) -> None:
    wrong = {**INTEGRATION, "roles": ["admin"]}
    assert sign_in("admin").send("/settings/api-keys", wrong).status_code == 422


def test_a_key_rests_when_its_person_is_no_admin_any_more(program: Programs, world: World, sign_in: SignIn) -> None:
    reader = program("customer-admin")
    with world.session() as session:
        session.execute(
            sa.update(Membership).where(Membership.person_id == reader.key.person_id).values(level="member")
        )
        session.commit()
    assert reader.get("orders").status_code == 401


def test_a_key_rests_when_its_membership_ends_or_its_person_is_disabled(program: Programs, world: World) -> None:
    first, second = program("customer-admin"), program("supplier-admin")
    with world.session() as session:
        session.execute(sa.update(Membership).where(Membership.person_id == first.key.person_id).values(ended_at=now()))
        session.execute(sa.update(Person).where(Person.id == second.key.person_id).values(disabled_at=now()))
        session.commit()
    assert first.get("orders").status_code == second.get("orders").status_code == 401


def test_an_integration_rests_when_its_admin_loses_the_role(program: Programs, world: World) -> None:
    reader = program(roles=(Role.AGENT,))
    with world.session() as session:
        session.execute(sa.delete(StaffRole).where(StaffRole.person_id == reader.key.person_id))
        session.commit()
    assert reader.get("orders").status_code == 401


def test_a_lost_area_is_lost_to_the_key_too(program: Programs, world: World, orders: OrderWorld) -> None:
    orders.sales("glass")
    reader = program("customer-admin")
    with world.session() as session:
        session.execute(
            sa.update(Membership).where(Membership.person_id == reader.key.person_id).values(in_orders=False)
        )
        session.commit()
    assert reader.get("orders").status_code == 403
    assert reader.get("tickets").status_code == 200


def test_a_key_ends_on_its_day(program: Programs) -> None:
    reader = program("customer-admin")
    with time_machine.travel(now() + timedelta(days=29)):
        assert reader.get("orders").status_code == 200
    with time_machine.travel(now() + timedelta(days=31)):
        answer = reader.get("orders")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_missing_scope_is_refused(program: Programs) -> None:
    reader = program("customer-admin", scopes=["tickets:read"])
    assert reader.get("tickets").status_code == 200
    assert reader.get("orders").status_code == 403
    assert reader.post("tickets", {"subject": "A", "body": "B"}).status_code == 403


def test_neither_cookie_nor_address_lets_a_program_in(sign_in: SignIn, program: Programs, client: FlaskClient) -> None:
    token = program("customer-admin").token
    assert sign_in("customer-admin").get("/api/v1/orders").status_code == 401
    for path in (f"/api/v1/orders?token={token}", f"/api/v1/orders?access_token={token}"):
        assert client.get(path).status_code == 401
    for header in ("Bearer", "Bearer x", f"Basic {token}", f"Bearer {token}x", "Bearer " + "x" * 500):
        assert client.get("/api/v1/orders", headers={"Authorization": header}).status_code == 401


def test_a_key_opens_no_page(program: Programs) -> None:
    assert program("customer-admin").send("GET", "/tickets").status_code == 303


def test_a_program_needs_no_token_against_forged_forms(program: Programs) -> None:
    assert program("customer-admin").post("tickets", {"subject": "A", "body": "B"}).status_code == 201


def test_refusals_are_in_the_access_log(program: Programs, client: FlaskClient, world: World) -> None:
    client.get("/api/v1/orders", headers={"Authorization": "Bearer guessed"})
    program("customer-admin", revoked_at=now()).get("orders")
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).where(AccessLog.kind == "key-refused")) == 2


def test_whoever_guesses_keys_is_stopped(database: Database, tmp_path: Path, app: Flask) -> None:
    limited = make_app(database, tmp_path, rate_sign_in="3 per minute")
    limited.config["RATELIMIT_ENABLED"] = True
    from portal.extensions import limiter

    limiter.enabled = True
    limiter.init_app(limited)
    try:
        client = FlaskClient(limited, limited.response_class)
        headers = {"Authorization": "Bearer guessed"}
        answers = [client.get("/api/v1/orders", headers=headers) for _ in range(5)]
    finally:
        limiter.enabled = False
        dispose(limited)
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_an_unknown_address_is_a_problem_too(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    answer = client.delete("/api/v1/orders")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_old_answers_are_forgotten(world: World, program: Programs) -> None:
    writer = program("customer-admin")
    writer.post("tickets", {"subject": "A", "body": "B"}, headers={"Idempotency-Key": "one"})
    with world.session() as session:
        assert prune_answers(now()) == 0
        assert prune_answers(now() + timedelta(hours=25)) == 1
        session.commit()
