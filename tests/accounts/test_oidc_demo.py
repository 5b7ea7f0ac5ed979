"""The demonstration's provider over real HTTP: the whole round trip, and what it does not let pass."""

import importlib
import re
import secrets
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal.accounts import oidc
from portal.config import LANGUAGES
from portal.demo.cast import CAST, COMPANIES, LINKS, TEAMS, company_of, person_of
from portal.demo.provider import create_provider
from portal.demo.provider_store import Client, Code, Store, Token
from tests.misbehaving_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    come_back,
    leave,
    relying_app,
    served,
    settings_for,
    signed_in,
)

CALLBACK = "http://localhost/sign-in/demo/callback"
VERIFIER = secrets.token_urlsafe(32)
REGISTERED = Client(CLIENT_ID, CLIENT_SECRET, (CALLBACK,), ("http://localhost/",))


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state_dir = tmp_path_factory.mktemp("provider")

    def at(address: str) -> Flask:
        provider = create_provider(f"{address}/demo/idp", clients=[REGISTERED], state_dir=state_dir, environment="test")
        root = Flask("root")
        root.wsgi_app = DispatcherMiddleware(root.wsgi_app, {"/demo/idp": provider})
        return root

    with served(at) as address:
        yield f"{address}/demo/idp"


@pytest.fixture
def client(issuer: str) -> FlaskClient:
    return relying_app(settings_for(issuer, "demo")).test_client()


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def ask(browser: requests.Session, issuer: str, **changes: str | None) -> requests.Response:
    """An authorization request by hand."""
    wanted = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "openid profile email offline_access",
        "state": "s1",
        "nonce": secrets.token_urlsafe(8),
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        "login_hint": "customer",
    }
    asked = {key: value for key, value in {**wanted, **changes}.items() if value is not None}
    return browser.get(f"{issuer}/authorize", params=asked, allow_redirects=False, timeout=5)


def answer(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def trade(issuer: str, secret: str = CLIENT_SECRET, **form: str) -> requests.Response:
    """A token request by hand."""
    return requests.post(f"{issuer}/token", data=form, auth=(CLIENT_ID, secret), timeout=5)


def trade_code(issuer: str, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return trade(issuer, **{**form, **changes})


def about(issuer: str, access_token: str) -> requests.Response:
    return requests.get(f"{issuer}/userinfo", headers={"Authorization": f"Bearer {access_token}"}, timeout=5)


@pytest.fixture
def new_code(browser: requests.Session, issuer: str) -> Callable[[], str]:
    return lambda: answer(ask(browser, issuer))["code"]


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.hint)
def test_a_hint_signs_each_of_the_cast_straight_in(issuer, client, person) -> None:
    claims = signed_in(client, "demo", login_hint=person.hint)
    assert claims["issuer"] == issuer
    assert claims["subject"] == person.subject
    assert (claims["email"], claims["email_verified"]) == (person.email, True)
    assert (claims["name"], claims["locale"], claims["zoneinfo"]) == (
        person.name,
        person.locale,
        person.time_zone,
    )
    assert claims["sid"]
    assert claims["auth_time"]


def test_a_choice_from_the_list_signs_in(client, browser) -> None:
    address = leave(client, "demo")
    page = browser.get(address, timeout=5)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    values = re.findall(r'<button [^>]*name="person" value="([^"]*)"', page.text)
    assert values == [*sorted_as_shown(), ""]
    chosen = browser.post(address, data={"person": "demo-agent"}, allow_redirects=False, timeout=5)
    response = client.get("/sign-in/demo/callback", query_string=answer_of(chosen))
    assert response.json["claims"]["subject"] == "demo-agent"


def test_anybody_signs_in_with_an_address_of_their_own(client, browser) -> None:
    """So that whoever is invited in the demonstration can come."""
    address = leave(client, "demo", login_hint="Petr.Novy@Example.org")
    page = browser.get(address, timeout=5)
    assert 'value="petr.novy@example.org"' in page.text
    chosen = browser.post(address, data={"address": "Petr.Novy@Example.org"}, allow_redirects=False, timeout=5)
    claims = client.get("/sign-in/demo/callback", query_string=answer_of(chosen)).json["claims"]
    assert (claims["subject"], claims["name"]) == ("guest:petr.novy@example.org", "Petr Novy")
    assert (claims["email"], claims["email_verified"], claims["locale"]) == ("petr.novy@example.org", True, None)
    again = browser.get(leave(client, "demo"), allow_redirects=False, timeout=5)
    assert client.get("/sign-in/demo/callback", query_string=answer_of(again)).json["claims"] == {
        **claims,
        "id_token": ANY,
    }


def test_an_address_of_the_cast_is_that_person(client, browser) -> None:
    address = leave(client, "demo")
    chosen = browser.post(
        address, data={"address": "Bozena.Ticha@mesicni-lipa.example.com"}, allow_redirects=False, timeout=5
    )
    response = client.get("/sign-in/demo/callback", query_string=answer_of(chosen))
    assert response.json["claims"]["subject"] == "demo-customer"


@pytest.mark.parametrize("address", ["", "nobody", "a@b c.example", "<x>@example.com"])
def test_what_is_no_address_shows_the_list_again(client, browser, address) -> None:
    refused = browser.post(leave(client, "demo"), data={"address": address}, allow_redirects=False, timeout=5)
    assert refused.status_code == 422
    assert "This is no e-mail address." in refused.text


def sorted_as_shown() -> list[str]:
    order = ["customer", "supplier", "partner"]

    def place(person: Any) -> int:
        kinds = {capacity for membership in person.memberships for capacity in membership.capacities}
        return 3 if person.is_staff else order.index(*kinds) if len(kinds) == 1 else 4

    return [person.subject for person in sorted(CAST, key=place)]


def answer_of(response: requests.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def test_cancelling_is_a_refusal(client, browser) -> None:
    address = leave(client, "demo")
    cancelled = browser.post(address, data={"person": ""}, allow_redirects=False, timeout=5)
    response = client.get("/sign-in/demo/callback", query_string=answer_of(cancelled))
    assert response.json["reason"] == "access_denied"


def test_who_is_signed_in_is_not_asked_again(browser, issuer) -> None:
    assert ask(browser, issuer, login_hint=None).status_code == 200
    ask(browser, issuer)
    assert "code" in answer(ask(browser, issuer, login_hint=None))
    for prompt in ("login", "select_account"):
        assert ask(browser, issuer, prompt=prompt).status_code == 200


def test_prompt_none_shows_nothing(browser, issuer) -> None:
    assert answer(ask(browser, issuer, prompt="none"))["error"] == "login_required"
    ask(browser, issuer)
    assert "code" in answer(ask(browser, issuer, prompt="none"))
    assert answer(ask(browser, issuer, prompt="none", login_hint="rival"))["error"] == "login_required"


@pytest.mark.parametrize("hint", ["nobody", "", "demo-customer'--"])
def test_an_unknown_hint_shows_the_list(browser, issuer, hint) -> None:
    assert ask(browser, issuer, login_hint=hint).status_code == 200


def test_each_answer_names_the_issuer(browser, issuer) -> None:
    assert answer(ask(browser, issuer))["iss"] == issuer
    assert answer(ask(browser, issuer, response_mode="query", nonce=None))["iss"] == issuer


PKCE = {
    "none": {"code_challenge": None, "code_challenge_method": None},
    "plain": {"code_challenge_method": "plain"},
    "no method, which means plain": {"code_challenge_method": None},
    "no challenge": {"code_challenge": None},
    "too short": {"code_challenge": "short"},
}


@pytest.mark.parametrize("changes", PKCE.values(), ids=PKCE)
def test_missing_or_weak_pkce_is_refused(browser, issuer, changes) -> None:
    refused = answer(ask(browser, issuer, **changes))
    assert refused["error"] == "invalid_request"
    assert refused["state"] == "s1"
    assert "code" not in refused


def test_a_missing_nonce_is_refused(browser, issuer) -> None:
    assert answer(ask(browser, issuer, nonce=None))["error"] == "invalid_request"


def test_other_flows_are_refused(browser, issuer) -> None:
    for response_type in ("token", "id_token", "code id_token"):
        assert answer(ask(browser, issuer, response_type=response_type))["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://elsewhere.example.com/"},
        {"redirect_uri": CALLBACK + "/more"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(browser, issuer, changes) -> None:
    response = ask(browser, issuer, **changes)
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_code_is_worth_tokens_once(issuer, new_code) -> None:
    code = new_code()
    tokens = trade_code(issuer, code).json()
    assert about(issuer, tokens["access_token"]).json()["sub"] == "demo-customer"
    assert trade_code(issuer, code).json()["error"] == "invalid_grant"
    # The thief and the owner cannot be told apart: what the first one got is gone too.
    assert about(issuer, tokens["access_token"]).status_code == 401
    refreshed = trade(issuer, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


def test_a_wrong_verifier_is_refused_and_spends_the_code(issuer, new_code) -> None:
    code = new_code()
    assert trade_code(issuer, code, code_verifier=secrets.token_urlsafe(32)).json()["error"] == "invalid_grant"
    assert trade_code(issuer, code).json()["error"] == "invalid_grant"


def test_a_missing_verifier_is_refused(issuer, new_code) -> None:
    form = {"grant_type": "authorization_code", "code": new_code(), "redirect_uri": CALLBACK}
    assert trade(issuer, **form).json()["error"] == "invalid_request"


def test_a_code_is_bound_to_its_address_and_client(issuer, new_code) -> None:
    assert trade_code(issuer, new_code(), redirect_uri="http://localhost/").json()["error"] == "invalid_grant"
    assert trade_code(issuer, "made-up").json()["error"] == "invalid_grant"
    code = new_code()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    assert trade(issuer, "wrong secret", **form).status_code == 401
    unauthenticated = requests.post(f"{issuer}/token", data={**form, "client_id": CLIENT_ID}, timeout=5)
    assert unauthenticated.status_code == 401
    assert trade_code(issuer, code).status_code == 200


def test_refresh_tokens_rotate_and_reuse_ends_the_family(issuer, new_code) -> None:
    first = trade_code(issuer, new_code()).json()
    second = trade(issuer, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert about(issuer, second["access_token"]).status_code == 200
    reused = trade(issuer, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert reused.json()["error"] == "invalid_grant"
    assert about(issuer, second["access_token"]).status_code == 401
    ended = trade(issuer, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert ended.json()["error"] == "invalid_grant"


def test_refresh_tokens_are_for_those_who_ask(browser, issuer) -> None:
    code = answer(ask(browser, issuer, scope="openid profile"))["code"]
    tokens = trade_code(issuer, code).json()
    assert "refresh_token" not in tokens
    told = about(issuer, tokens["access_token"]).json()
    assert told["name"] == person_of("customer").name
    assert "email" not in told


def test_userinfo_needs_a_token(issuer) -> None:
    assert requests.get(f"{issuer}/userinfo", timeout=5).status_code == 401
    assert about(issuer, "made-up").status_code == 401


def test_signing_out_ends_the_session_and_leads_back(browser, issuer, client) -> None:
    ask(browser, issuer)
    id_token = signed_in(client, "demo", login_hint="customer")["id_token"]
    with client.application.test_request_context():
        address = oidc.logout_url("demo", id_token, "http://localhost/", "s9")
    response = browser.get(address, allow_redirects=False, timeout=5)
    assert (response.status_code, response.headers["Location"]) == (302, "http://localhost/?state=s9")
    assert ask(browser, issuer, login_hint=None).status_code == 200


def test_signing_out_leads_to_registered_addresses_only(browser, issuer, client) -> None:
    id_token = signed_in(client, "demo", login_hint="customer")["id_token"]
    for hint in (id_token, id_token[:-8] + "AAAAAAAA", "a.b.c", None):
        asked = {"id_token_hint": hint, "post_logout_redirect_uri": "https://elsewhere.example.com/"}
        response = browser.get(f"{issuer}/end-session", params=asked, allow_redirects=False, timeout=5)
        assert "Location" not in response.headers


def test_a_link_alone_signs_nobody_out(browser, issuer) -> None:
    ask(browser, issuer)
    assert browser.get(f"{issuer}/end-session", timeout=5).status_code == 200
    assert "code" in answer(ask(browser, issuer, login_hint=None))
    assert browser.post(f"{issuer}/end-session", timeout=5).status_code == 200
    assert ask(browser, issuer, login_hint=None).status_code == 200


def test_other_names_of_this_machine_lead_to_the_issuers(browser, issuer) -> None:
    parts = urlsplit(issuer)
    other = issuer.replace("127.0.0.1", "localhost") + "/authorize?state=s1"
    response = browser.get(other, allow_redirects=False, timeout=5)
    assert response.status_code == 307
    assert response.headers["Location"] == f"{parts.scheme}://{parts.netloc}/demo/idp/authorize?state=s1"
    forged = browser.get(f"{issuer}/keys", headers={"Host": "elsewhere.example.com"}, timeout=5)
    assert forged.status_code == 400


def test_the_cookie_is_of_the_providers_own_name_and_path(browser, issuer) -> None:
    ask(browser, issuer)
    (cookie,) = browser.cookies
    assert (cookie.name, cookie.path) == ("demo_idp", "/demo/idp")
    assert cookie.has_nonstandard_attr("HttpOnly")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_speaks_the_language_that_is_asked_for(browser, issuer, language) -> None:
    direction = "rtl" if language == "fa" else "ltr"
    frame = f'<html lang="{language}" dir="{direction}">'
    assert frame in ask(browser, issuer, login_hint=None, ui_locales=f"xx {language}-ZZ en").text
    browser.headers["Accept-Language"] = f"{language};q=0.9, en;q=0.5"
    assert frame in ask(browser, issuer, login_hint=None).text


def test_only_the_public_half_of_the_key_is_shown(issuer) -> None:
    (key,) = requests.get(f"{issuer}/keys", timeout=5).json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


def test_several_workers_are_one_provider(tmp_path: Path) -> None:
    made = [create_provider("http://127.0.0.1/x", clients=[], state_dir=tmp_path, environment="demo") for _ in "12"]
    first, second = (app.test_client().get("/keys", headers={"Host": "127.0.0.1"}).json for app in made)
    assert first == second
    assert made[0].secret_key == made[1].secret_key
    assert (tmp_path / "signing-key.json").stat().st_mode & 0o077 == 0


def test_only_one_of_many_at_once_gets_the_code(tmp_path: Path) -> None:
    code = Code("family", CLIENT_ID, "demo-customer", "openid", CALLBACK, None, "sid", 1, "challenge", "S256")
    Store(tmp_path / "store").add_code("the code", code)
    taken: list[Code | None] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        taken.append(Store(tmp_path / "store").take_code("the code", CLIENT_ID))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(map(bool, taken)) == {True: 1, False: 7}


def test_what_has_expired_is_worth_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "store")
    store.add_token("refresh", "old", Token("family", CLIENT_ID, "demo-customer", "openid", 1))
    assert store.take_refresh_token("old", CLIENT_ID) is None
    monkeypatch.setattr("portal.demo.provider_store.CODE_SECONDS", -1)
    store.add_code("late", Code("f", CLIENT_ID, "demo-customer", "openid", CALLBACK, None, "s", 1, "c", "S256"))
    assert store.take_code("late", CLIENT_ID) is None


@pytest.mark.parametrize("environment", ["production", "development", ""])
def test_it_is_not_made_outside_the_demonstration(tmp_path: Path, environment: str) -> None:
    with pytest.raises(RuntimeError):
        create_provider("http://127.0.0.1", clients=[], state_dir=tmp_path, environment=environment)


def test_it_cannot_even_be_imported_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "production")
    monkeypatch.delitem(sys.modules, "portal.demo.provider")
    with pytest.raises(ImportError):
        importlib.import_module("portal.demo.provider")


def test_the_cast_fits_together() -> None:
    assert len({person.hint for person in CAST}) == len({person.subject for person in CAST}) == len(CAST)
    assert {person.locale for person in CAST} == set(LANGUAGES)
    for person in CAST:
        assert re.search(r"@([a-z-]+\.)+example\.(com|org|net)$", person.email)
        for membership in person.memberships:
            assert membership.capacities <= company_of(membership.company).capacities
        assert person.teams <= {team.key for team in TEAMS}
        assert person.portfolio <= {company.key for company in COMPANIES}
        assert not (person.is_staff and person.memberships)
    many = person_of("many").memberships
    assert len(many) == 3
    assert {"customer", "supplier"} in [set(membership.capacities) for membership in many]
    assert sorted(category for team in TEAMS for category in team.categories) == [
        "claim",
        "complaint",
        "problem",
        "question",
        "request",
    ]
    for link in LINKS:
        assert "partner" in company_of(link.partner).capacities
        assert "customer" in company_of(link.customer).capacities


def test_the_answer_of_the_demo_serves_once(client) -> None:
    address = leave(client, "demo", login_hint="customer")
    assert come_back(client, address).status_code == 200
    assert come_back(client, address).json["reason"] == "unknown_state"
