"""Signing in through honest providers: what is sent, what is believed, what is kept and for how long."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import session
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OKPKey

from portal.accounts import oidc
from portal.clock import now
from portal.config import ProviderSettings
from tests.misbehaving_provider import (
    ABSENT,
    CLIENT_ID,
    CLIENT_SECRET,
    MisbehavingProvider,
    by_hand,
    come_back,
    ec_key,
    leave,
    misbehaving_provider,
    refusal,
    relying_app,
    rsa_key,
    settings_for,
    signed_in,
)


@pytest.fixture
def provider() -> Iterator[MisbehavingProvider]:
    with misbehaving_provider() as honest:
        yield honest


@pytest.fixture
def client(provider: MisbehavingProvider) -> FlaskClient:
    return relying_app(settings_for(provider.issuer)).test_client()


def asked_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def test_a_sign_in_brings_claims_and_what_was_kept(provider, client) -> None:
    provider.claims = {
        "locale": "cs-CZ",
        "zoneinfo": "Europe/Prague",
        "sid": "s1",
        "auth_time": 1_700_000_000,
    }
    response = come_back(client, leave(client, next="/tickets/T-7F3KQ92D"))
    claims = response.json["claims"]
    assert response.json["about"] == {"next": "/tickets/T-7F3KQ92D", "extra": {"colour": "blue"}}
    assert claims.pop("id_token").count(".") == 2
    assert claims == {
        "provider": "liar",
        "issuer": provider.issuer,
        "subject": "248289761001",
        "email": "jana@example.com",
        "email_verified": True,
        "name": "Jana Nováková",
        "locale": "cs-CZ",
        "zoneinfo": "Europe/Prague",
        "sid": "s1",
        "auth_time": 1_700_000_000,
    }


def test_every_sign_in_has_its_own_state_nonce_and_challenge(provider, client) -> None:
    first, second = asked_of(leave(client, login_hint="jana")), asked_of(leave(client))
    assert first["code_challenge_method"] == "S256"
    assert first["login_hint"] == "jana"
    assert "login_hint" not in second
    assert first["response_type"] == "code"
    assert set(first["scope"].split()) == {"openid", "email", "profile"}
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 20
        assert first[name] != second[name]


def test_the_secret_goes_as_the_provider_asks(provider, client) -> None:
    signed_in(client)
    assert provider.token_requests[-1]["authorization"].startswith("Basic ")
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    client = relying_app(settings_for(provider.issuer)).test_client()
    signed_in(client)
    assert provider.token_requests[-1]["client_secret"] == CLIENT_SECRET
    assert provider.token_requests[-1]["authorization"] == ""


def test_a_provider_without_userinfo_is_enough(provider, client) -> None:
    provider.metadata = {"userinfo_endpoint": ABSENT}
    provider.claims = {"email": "jana@example.com"}
    assert signed_in(client)["email"] == "jana@example.com"
    assert "/userinfo" not in provider.asked


def test_rotated_keys_work_at_once(provider, client) -> None:
    signed_in(client)
    provider.rotate()
    assert signed_in(client)["subject"] == "248289761001"
    assert provider.asked.count("/keys") == 2


def test_keys_and_metadata_are_not_fetched_for_each_sign_in(provider, client) -> None:
    for _ in range(3):
        signed_in(client)
    assert provider.asked.count("/keys") == 1
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_a_withdrawn_key_is_forgotten_after_a_while(provider, client, monkeypatch) -> None:
    signed_in(client)
    provider.published = [rsa_key("second").as_dict(private=False)]
    monkeypatch.setattr("portal.accounts.oidc.discovery.SECONDS_KEPT", 0)
    assert refusal(client) == "unknown_key"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_pinned_algorithm_works(provider, client, algorithm) -> None:
    provider.algorithm = algorithm
    if algorithm == "ES256":
        provider.key = ec_key("curve")
    elif algorithm == "EdDSA":
        private = Ed25519PrivateKey.generate()
        provider.key = OKPKey.import_key(private, {"kid": "edwards"})
        provider.claims = {"at_hash": ABSENT}
        provider.sign = lambda claims: by_hand({"alg": "EdDSA", "kid": "edwards"}, claims, private.sign)
    assert signed_in(client)["subject"] == "248289761001"


def test_a_token_without_a_key_name_finds_its_key(provider, client) -> None:
    key = rsa_key("first")
    anonymous = {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}
    provider.published = [
        rsa_key("other").as_dict(private=False),
        ec_key("curve").as_dict(private=False),
        anonymous,
    ]
    provider.sign = lambda claims: jwt.encode({"alg": "RS256"}, claims, key)
    assert signed_in(client)["subject"] == "248289761001"


@pytest.mark.parametrize(
    ("trust", "claim", "verified"),
    [
        ("claim", True, True),
        ("claim", "true", True),
        ("claim", False, False),
        ("claim", "false", False),
        ("claim", 1, False),
        ("claim", ABSENT, False),
        ("always", ABSENT, True),
        ("always", False, True),
        ("never", True, False),
    ],
)
def test_whether_an_address_is_believed(provider, trust, claim, verified) -> None:
    provider.userinfo = {"email_verified": claim}
    client = relying_app(settings_for(provider.issuer, email_trust=trust)).test_client()
    assert signed_in(client)["email_verified"] is verified


def test_an_address_is_not_verified_by_what_is_said_of_another(provider, client) -> None:
    provider.claims = {"email": "director@example.com"}
    claims = signed_in(client)
    assert (claims["email"], claims["email_verified"]) == ("director@example.com", False)


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", 5, ["a@example.com"], "a b@example.com", "x" * 300 + "@a.b"])
def test_an_impossible_address_is_none(provider, email) -> None:
    provider.userinfo = {"email": email}
    client = relying_app(settings_for(provider.issuer, email_trust="always")).test_client()
    claims = signed_in(client)
    assert (claims["email"], claims["email_verified"]) == (None, False)


def test_names_are_one_line_of_text(provider, client) -> None:
    provider.userinfo = {"name": " سارا\u200cدخت \u202e evil\r\nX: y ", "locale": ["cs"]}
    claims = signed_in(client)
    assert claims["name"] == "سارا\u200cدخت evil X: y"
    assert claims["locale"] is None


@pytest.fixture
def tenants_client(provider: MisbehavingProvider) -> FlaskClient:
    """As Microsoft does it: metadata at a shared place, naming an issuer with a gap for the tenant."""
    shared = provider.issuer + "/{tenantid}"
    provider.metadata = {"issuer": shared}
    provider.claims = {"iss": f"{provider.issuer}/ours", "tid": "ours"}
    return relying_app(settings_for(shared, tenants=("ours", "friends"))).test_client()


def test_an_allowed_tenant_is_an_issuer_of_its_own(provider, tenants_client) -> None:
    assert signed_in(tenants_client)["issuer"] == f"{provider.issuer}/ours"


@pytest.mark.parametrize(
    ("lies", "reason"),
    [
        ({"tid": "strangers"}, "tenant_not_allowed"),
        ({"tid": ABSENT}, "tenant_not_allowed"),
        ({"tid": ["ours"]}, "tenant_not_allowed"),
        ({"tid": "friends"}, "wrong_issuer"),
        ({"iss": "{tenantid}"}, "wrong_issuer"),
    ],
)
def test_other_tenants_are_refused(provider, tenants_client, lies, reason) -> None:
    provider.claims |= lies
    assert refusal(tenants_client) == reason


def test_one_shared_place_written_as_such_works_too(provider, tenants_client) -> None:
    wanted = settings_for(provider.issuer + "/organizations/", tenants=("ours",))
    provider.metadata = {"issuer": provider.issuer + "/{tenantid}/"}
    provider.claims |= {"iss": f"{provider.issuer}/ours/"}
    assert signed_in(relying_app(wanted).test_client())["issuer"] == f"{provider.issuer}/ours/"


@pytest.fixture
def plain(provider: MisbehavingProvider) -> ProviderSettings:
    """A provider of GitHub's kind: no discovery, no ID token, a number for an id."""
    provider.token_answer = {"id_token": ABSENT}
    return ProviderSettings(
        name="liar",
        label="Plain",
        kind="oauth2",
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_url=f"{provider.issuer}/authorize",
        token_url=f"{provider.issuer}/token",
        userinfo_url=f"{provider.issuer}/userinfo",
    )


def test_plain_oauth2_identity_is_issuer_and_immutable_id(provider, plain) -> None:
    claims = signed_in(relying_app(plain).test_client())
    assert (claims["issuer"], claims["subject"]) == (provider.issuer, "583231")
    assert (claims["email"], claims["name"], claims["id_token"]) == (
        "jana@example.com",
        "Jana Nováková",
        None,
    )
    assert "/.well-known/openid-configuration" not in provider.asked
    # PKCE is sent all the same, and the secret in the body, which all of this kind read.
    assert provider.token_requests[0]["code_verifier"]
    assert provider.token_requests[0]["client_secret"] == CLIENT_SECRET


@pytest.mark.parametrize("value", [ABSENT, None, "", " ", True, 5.5, {"id": 1}, "x" * 256])
def test_plain_oauth2_without_an_id_is_refused(provider, plain, value) -> None:
    provider.userinfo = {"id": value}
    assert refusal(relying_app(plain).test_client()) == "no_subject"


def test_plain_oauth2_errors_are_refusals(provider, plain) -> None:
    client = relying_app(plain).test_client()
    # GitHub's kind reports errors with status 200.
    provider.broken["/token"] = lambda: {"error": "bad_verification_code"}
    assert refusal(client) == "code_refused"
    provider.broken = {}
    provider.answer = {"iss": "https://elsewhere.example.com"}
    assert refusal(client) == "wrong_issuer_in_answer"


def test_plain_oauth2_over_plain_http_is_refused_unasked(plain) -> None:
    unsafe = plain.model_copy(update={"token_url": "http://elsewhere.example.com/token"})
    response = relying_app(unsafe).test_client().get("/sign-in/liar")
    assert response.json["reason"] == "misconfigured"


@pytest.mark.parametrize(("length", "survivors"), [(20, 5), (1000, 2)])
def test_abandoned_sign_ins_never_overflow_the_cookie(client, length, survivors) -> None:
    # Random, so that it does not shrink.
    addresses = [leave(client, next=secrets.token_hex(length)[:length]) for _ in range(22)]
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert len(cookie.value) < 3500
    assert come_back(client, addresses[0]).json["reason"] == "unknown_state"
    assert come_back(client, addresses[-survivors - 1]).json["reason"] == "unknown_state"
    for address in addresses[-survivors:]:
        assert come_back(client, address).status_code == 200


def test_an_endless_next_is_forgotten_and_the_sign_in_goes_on(client) -> None:
    response = come_back(client, leave(client, next="/" + "x" * 1000))
    assert response.status_code == 200
    assert response.json["about"]["next"] is None


def test_a_sign_in_is_forgotten_after_ten_minutes(client) -> None:
    address = leave(client)
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        assert come_back(client, address).json["reason"] == "unknown_state"


def test_nothing_stays_in_the_session_afterwards(client) -> None:
    with client:
        address = leave(client)
        assert "sign_ins" in session
        come_back(client, address)
        assert "sign_ins" not in session


def test_the_way_out_leads_through_the_provider(provider, client) -> None:
    with client.application.test_request_context():
        address = oidc.logout_url("liar", "a.b.c", "http://localhost/", "s1")
    assert address is not None
    assert address.startswith(f"{provider.issuer}/end?")
    assert parse_qs(urlsplit(address).query) == {
        "kind": ["session"],
        "client_id": [CLIENT_ID],
        "id_token_hint": ["a.b.c"],
        "post_logout_redirect_uri": ["http://localhost/"],
        "state": ["s1"],
    }


def test_signing_out_does_not_need_the_provider(provider, plain) -> None:
    provider.metadata = {"end_session_endpoint": ABSENT}
    gone = settings_for("http://127.0.0.1:9", "gone")
    app = relying_app(plain, gone, settings_for(provider.issuer, "silent"))
    with app.test_request_context():
        for name in ("liar", "gone", "silent", "nobody"):
            assert oidc.logout_url(name, "a.b.c", "http://localhost/", "s1") is None
