"""Sessions end: when they are idle, when they are old, by sign-out, by disabling; and rights are read each time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.access import Role
from portal.accounts.models import Membership, Person, SignInSession, StaffRole
from portal.clock import now

pytestmark = pytest.mark.usefixtures("in_english")

LANDING = "http://localhost/signed-out"


def is_in(client) -> bool:
    response = client.get("/account")
    assert response.status_code in (200, 303)
    if response.status_code == 303:
        assert response.location.startswith("/sign-in?next=")
    return response.status_code == 200


def test_an_idle_session_ends(sign_in) -> None:
    client = sign_in("customer")
    start = now()
    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        assert is_in(client)
    with time_machine.travel(start + timedelta(minutes=118), tick=False):
        assert is_in(client)
    with time_machine.travel(start + timedelta(minutes=179), tick=False):
        assert not is_in(client)


def test_a_session_in_use_lasts_however_short_idling_may_be(app, sign_in, monkeypatch) -> None:
    settings = app.extensions["portal_settings"].model_copy(update={"session_idle_minutes": 1})
    monkeypatch.setitem(app.extensions, "portal_settings", settings)
    client = sign_in("customer")
    start = now()
    for seconds in range(20, 181, 20):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert is_in(client), seconds
    with time_machine.travel(start + timedelta(seconds=240), tick=False):
        assert not is_in(client)


def test_a_session_in_use_ends_in_the_end(sign_in) -> None:
    client = sign_in("customer")
    start = now()
    for minutes in range(30, 12 * 60, 30):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert is_in(client), minutes
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        assert not is_in(client)


def test_signing_out_kills_a_copied_cookie(demo, client, browser, go_through, sessions, log) -> None:
    go_through(client, "demo", login_hint="customer")
    thief = browser()
    with client.session_transaction() as mine, thief.session_transaction() as theirs:
        theirs.update(mine)
    assert is_in(thief)
    away = client.send("/sign-out")
    assert away.status_code == 303
    assert away.location.startswith(f"{demo}/end-session?")
    assert not is_in(client)
    assert not is_in(thief)
    (row,) = sessions()
    assert row.ended_at is not None
    assert row.id_token == ""
    assert [entry.kind for entry in log()] == ["sign-in", "sign-out"]


def test_the_provider_is_left_too_and_leads_back(demo, client, go_through) -> None:
    import requests

    go_through(client, "demo", login_hint="customer")
    away = client.send("/sign-out").location
    back = requests.get(away, allow_redirects=False, timeout=5)
    assert back.headers["Location"].startswith(LANDING)
    page = client.get("/signed-out")
    assert page.status_code == 200
    assert "You are signed out" in page.text


def test_without_a_provider_to_leave_one_lands_here(sign_in) -> None:
    response = sign_in("customer").send("/sign-out")
    assert (response.status_code, response.location) == (303, "/signed-out")


def test_signing_out_is_no_link(sign_in) -> None:
    client = sign_in("customer")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert is_in(client)


def test_signing_out_twice_is_no_mistake(client) -> None:
    response = client.send("/sign-out")
    assert response.status_code == 303
    assert response.location.startswith("/sign-in")


def test_a_disabled_person_is_out_at_once(sign_in, world) -> None:
    client = sign_in("customer")
    assert is_in(client)
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).disable(None, now())
        session.commit()
    assert not is_in(client)


def test_a_lost_role_is_lost_on_the_next_request(sign_in, world) -> None:
    client = sign_in("admin")
    assert client.get("/settings/teams").status_code == 200
    with world.session() as session:
        role = session.scalars(sa.select(StaffRole).where(StaffRole.person_id == world.person_id("admin"))).one()
        role.role = Role.MODERATOR
        session.commit()
    assert client.get("/settings/teams").status_code == 403


def test_an_ended_membership_is_over_on_the_next_request(sign_in, world) -> None:
    client = sign_in("customer")
    ref = world.organisation("glass").ref
    assert client.get(f"/organisations/{ref}/people").status_code == 200
    with world.session() as session:
        found = sa.select(Membership).where(Membership.person_id == world.person_id("customer"))
        session.scalars(found).one().ended_at = now()
        session.commit()
    assert client.get(f"/organisations/{ref}/people").status_code == 403


def test_a_role_that_waits_for_confirmation_grants_nothing(sign_in, world) -> None:
    with world.session() as session:
        role = session.scalars(sa.select(StaffRole).where(StaffRole.person_id == world.person_id("auditor"))).one()
        role.confirmed_at = None
        session.commit()
    assert sign_in("auditor").get("/settings/access-log").status_code == 403


# ── My devices ────────────────────────────────────────────────────────────────────────────────────


def test_my_devices_are_mine_alone(sign_in) -> None:
    mine, other = sign_in("customer"), sign_in("customer")
    sign_in("rival")
    page = mine.get("/account/sessions")
    assert page.status_code == 200
    assert page.text.count('class="todo"') == 2
    assert page.text.count("This device") == 1
    assert is_in(other)


def test_one_device_is_signed_out(sign_in, sessions) -> None:
    mine, other = sign_in("customer"), sign_in("customer")
    response = mine.send(f"/account/sessions/{sessions()[1].ref}/ending")
    assert (response.status_code, response.location) == (303, "/account/sessions")
    assert not is_in(other)
    assert is_in(mine)


def test_all_others_are_signed_out(sign_in) -> None:
    mine, *others = [sign_in("customer") for _ in range(3)]
    stranger = sign_in("rival")
    assert mine.send("/account/sessions/endings").status_code == 303
    assert is_in(mine)
    assert not any(is_in(other) for other in others)
    assert is_in(stranger)


def test_nobody_signs_out_somebody_else(sign_in, sessions) -> None:
    victim, attacker = sign_in("customer"), sign_in("rival")
    assert attacker.send(f"/account/sessions/{sessions()[0].ref}/ending").status_code == 404
    assert is_in(victim)


def test_ended_and_expired_sessions_are_not_listed(sign_in, world) -> None:
    mine = sign_in("customer")
    sign_in("customer")
    with world.session() as session:
        session.scalars(sa.select(SignInSession).order_by(SignInSession.id.desc())).first().ended_at = now()
        session.commit()
    assert mine.get("/account/sessions").text.count('class="todo"') == 1


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", ("Firefox", "Linux")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 "
            "Safari/537.36 Edg/126.0",
            ("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Werkzeug/3.1", ("", "")),
    ],
)
def test_a_device_is_called_what_people_call_it(user_agent, expected) -> None:
    from portal.accounts.pages.devices import device_of

    assert device_of(user_agent) == expected
