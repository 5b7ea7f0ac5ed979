"""Signing in over a real round trip: who comes in as whom, and what is left in browser and database."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Identity, Person
from portal.extensions import limiter
from tests.conftest import Browser, make_app
from tests.databases import dispose
from tests.misbehaving_provider import come_back

pytestmark = pytest.mark.usefixtures("in_english")


def test_the_cast_signs_in_through_the_demonstrations_provider(demo, client, go_through, sessions, log) -> None:
    response = go_through(client, "demo", login_hint="customer", next="/account")
    assert (response.status_code, response.location) == (303, "/account")
    page = client.get("/account")
    assert page.status_code == 200
    assert "bozena.ticha@mesicni-lipa.example.com" in page.text
    (row,) = sessions()
    assert (row.provider, row.address, row.ended_at) == ("demo", "127.0.0.1", None)
    assert row.id_token
    assert row.user_agent.startswith("Werkzeug")
    assert [(entry.kind, entry.person_id) for entry in log()] == [("sign-in", row.person_id)]


def test_the_page_offers_every_provider_and_keeps_the_way_back(demo, client) -> None:
    page = client.get("/sign-in?next=/account")
    assert page.status_code == 200
    assert 'href="/sign-in/demo?next=/account"' in page.text
    assert "Sign in with" in page.text


def test_who_is_signed_in_already_goes_on(sign_in) -> None:
    response = sign_in("customer").get("/sign-in?next=/account")
    assert (response.status_code, response.location) == (303, "/account")


def test_without_providers_the_page_says_so(client) -> None:
    assert "No way to sign in is set up yet" in client.get("/sign-in").text


def test_next_leads_nowhere_else(demo, browser, go_through) -> None:
    for target in (
        "https://elsewhere.example.com/",
        "//elsewhere.example.com/",
        "/\\elsewhere.example.com",
        "\\\\elsewhere.example.com",
        "javascript:alert(1)",
        "/\t/elsewhere.example.com",
        "http:/elsewhere.example.com",
        "account",
        "/sign-out",
        "/acting-for?membership=1",
        "/sign-in/demo",
        "/sign-in/demo/callback?state=x",
    ):
        assert 'href="/sign-in/demo"' in browser().get("/sign-in", query_string={"next": target}).text
        response = go_through(browser(), "demo", login_hint="customer", next=target)
        assert (response.status_code, response.location) == (303, "/"), target


def test_next_leads_to_what_does_not_exist_and_is_told_so(demo, client, go_through) -> None:
    assert go_through(client, "demo", login_hint="customer", next="/nowhere?x=1").location == "/nowhere?x=1"


def test_somebody_unknown_becomes_a_newcomer(liar, client, go_through, world) -> None:
    liar.userinfo = {"locale": "cs-CZ", "zoneinfo": "Europe/Prague"}
    response = go_through(client)
    assert response.location == "/account/request"
    with world.session() as session:
        identity = session.scalars(sa.select(Identity).where(Identity.issuer == liar.issuer)).one()
        person = session.scalars(
            sa.select(Person).where(Person.id == identity.person_id).options(sa.orm.undefer_group("contact"))
        ).one()
    assert (identity.subject, identity.email, identity.email_verified) == ("248289761001", "jana@example.com", True)
    assert (person.name, person.email, person.language, person.time_zone) == (
        "Jana Nováková",
        "jana@example.com",
        "cs",
        "Europe/Prague",
    )
    assert client.get("/account/request").status_code == 200
    assert client.get("/organisations").status_code == 403


def test_an_address_never_links_to_somebody_who_has_it(liar, client, go_through, world) -> None:
    known = world.person("customer")
    for verified in (True, False):
        liar.userinfo = {"email": known.email, "email_verified": verified, "sub": f"another-{verified}"}
        liar.claims = {"sub": f"another-{verified}"}
        assert go_through(client).location == "/account/request"
        with world.session() as session:
            identity = session.scalars(sa.select(Identity).where(Identity.subject == f"another-{verified}")).one()
        assert identity.person_id != known.id


def test_an_address_that_nobody_vouches_for_is_nobodys_mailbox(liar, client, go_through, world) -> None:
    liar.userinfo = {"email_verified": False}
    go_through(client)
    with world.session() as session:
        assert session.scalars(sa.select(Person.email).where(Person.name == "Jana Nováková")).one() == ""


def test_coming_again_is_the_same_person(liar, browser, go_through, world) -> None:
    for _ in range(2):
        go_through(browser())
    with world.session() as session:
        assert len(session.scalars(sa.select(Person).where(Person.name == "Jana Nováková")).all()) == 1


def test_a_language_that_was_settled_is_kept(demo, client, go_through, world) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).language = "pl"
        session.commit()
    go_through(client, "demo", login_hint="customer")
    assert world.person("customer").language == "pl"


def test_the_providers_locale_is_taken_where_nothing_was_settled(demo, client, go_through, world) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).language = None
        session.commit()
    go_through(client, "demo", login_hint="customer")
    assert world.person("customer").language == "cs"
    assert '<html lang="cs"' in client.get("/account").text


def test_the_browsers_language_is_taken_where_the_provider_names_none(liar, browser, go_through, world) -> None:
    for language in ("uk", "pl"):
        client = browser()
        client.set_cookie("language", language)
        go_through(client)
        assert '<html lang="uk"' in client.get("/account").text
    with world.session() as session:
        assert session.scalars(sa.select(Person.language).where(Person.name == "Jana Nováková")).one() == "uk"


def test_whoever_settled_on_no_language_is_spoken_to_as_the_browser_asks(sign_in, world) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("customer")).language = None
        session.commit()
    page = sign_in("customer").get("/account", headers={"Accept-Language": "lt-LT,lt;q=0.9"})
    assert '<html lang="lt"' in page.text


def test_every_sign_in_is_a_new_session_and_ends_the_old_one(demo, client, go_through, sessions) -> None:
    go_through(client, "demo", login_hint="customer")
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
        cookie["planted"] = "by somebody else"
    go_through(client, "demo", login_hint="rival")
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first
        assert "planted" not in cookie
    old, new = sessions()
    assert old.ended_at is not None
    assert old.id_token == ""
    assert new.ended_at is None


def test_a_session_id_that_somebody_planted_is_worth_nothing(demo, client, go_through, sessions) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "a token that the attacker knows"
    go_through(client, "demo", login_hint="customer")
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "a token that the attacker knows"
    assert len(sessions()) == 1


def test_an_answer_serves_once(demo, client, go_through, sessions) -> None:
    away = client.get("/sign-in/demo?login_hint=customer").location
    assert come_back(client, away).status_code == 303
    again = come_back(client, away)
    assert again.status_code == 400
    assert "no longer open" in again.text
    assert len(sessions()) == 1


def test_an_answer_belongs_to_the_browser_that_asked(demo, client, browser, sessions) -> None:
    away = client.get("/sign-in/demo?login_hint=customer").location
    assert come_back(browser(), away).status_code == 400
    assert sessions() == []


def test_a_disabled_person_is_told_and_not_let_in(demo, client, go_through, world, sessions, log) -> None:
    with world.session() as session:
        person = session.get_one(Person, world.person_id("customer"))
        person.disable(None, person.created_at)
        session.commit()
    response = go_through(client, "demo", login_hint="customer")
    assert response.status_code == 403
    assert "switched off" in response.text
    assert sessions() == []
    (entry,) = log()
    assert (entry.kind, entry.person_id, entry.details["reason"]) == (
        "sign-in-refused",
        world.person_id("customer"),
        "disabled",
    )


def test_cancelling_at_the_provider_is_a_refusal(liar, client, go_through, sessions, log) -> None:
    liar.answer = {"error": "access_denied"}
    response = go_through(client)
    assert response.status_code == 403
    assert "You were not signed in" in response.text
    assert sessions() == []
    assert [(entry.kind, entry.details["reason"]) for entry in log()] == [("sign-in-refused", "access_denied")]


def test_a_provider_that_is_not_there_is_a_page(client, log) -> None:
    response = client.get("/sign-in/nobody")
    assert response.status_code == 400
    assert "not set up" in response.text
    assert log()[0].details["reason"] == "unknown_provider"


def test_signing_in_is_rate_limited(app, database, tmp_path) -> None:
    limited = make_app(database, tmp_path, rate_sign_in="2 per minute")
    limited.config["RATELIMIT_ENABLED"] = limiter.enabled = True
    limiter.init_app(limited)
    try:
        browser = Browser(limited, limited.response_class)
        assert [browser.get("/sign-in/nobody").status_code for _ in range(3)] == [400, 400, 429]
        assert browser.get("/sign-in").status_code == 200
    finally:
        limiter.enabled = False
        dispose(limited)
