"""Whatever a provider lies about, nobody is signed in, and the refusal says why."""

import time
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask.testing import FlaskClient
from joserfc.jwk import OctKey
from joserfc.util import int_to_base64

from tests.misbehaving_provider import (
    ABSENT,
    CLIENT_ID,
    CLIENT_SECRET,
    MisbehavingProvider,
    by_hand,
    come_back,
    hmac_with,
    leave,
    misbehaving_provider,
    refusal,
    relying_app,
    rsa_key,
    settings_for,
    signed_in,
)

NOW = int(time.time())


@pytest.fixture
def liar() -> Iterator[MisbehavingProvider]:
    with misbehaving_provider() as provider:
        yield provider


@pytest.fixture
def client(liar: MisbehavingProvider) -> FlaskClient:
    return relying_app(settings_for(liar.issuer)).test_client()


CLAIM_LIES = {
    "another issuer": ({"iss": "https://elsewhere.example.com"}, "wrong_issuer"),
    "no issuer": ({"iss": ABSENT}, "wrong_issuer"),
    "issuer in a list": ({"iss": ["https://elsewhere.example.com"]}, "wrong_issuer"),
    "another audience": ({"aud": "somebody-else"}, "wrong_audience"),
    "another audience, although made for us": ({"aud": "x", "azp": CLIENT_ID}, "wrong_audience"),
    "no audience": ({"aud": ABSENT}, "wrong_audience"),
    "empty audience": ({"aud": []}, "wrong_audience"),
    "audience that only contains our name": ({"aud": f"{CLIENT_ID}-2"}, "wrong_audience"),
    "audience as an object": ({"aud": {CLIENT_ID: 1}}, "wrong_audience"),
    "several audiences, made for nobody": ({"aud": [CLIENT_ID, "x"]}, "wrong_authorized_party"),
    "several audiences, made for another": ({"aud": [CLIENT_ID, "x"], "azp": "x"}, "wrong_authorized_party"),
    "our audience, made for another": ({"azp": "x"}, "wrong_authorized_party"),
    "no subject": ({"sub": ABSENT}, "no_subject"),
    "empty subject": ({"sub": ""}, "no_subject"),
    "blank subject": ({"sub": "  "}, "no_subject"),
    "subject as a number": ({"sub": 42}, "no_subject"),
    "endless subject": ({"sub": "x" * 256}, "no_subject"),
    "another nonce": ({"nonce": "x"}, "wrong_nonce"),
    "no nonce": ({"nonce": ABSENT}, "wrong_nonce"),
    "empty nonce": ({"nonce": ""}, "wrong_nonce"),
    "nonce as a list": ({"nonce": ["x"]}, "wrong_nonce"),
    "expired": ({"exp": NOW - 120}, "expired"),
    "no expiry": ({"exp": ABSENT}, "expired"),
    "expiry in words": ({"exp": "tomorrow"}, "expired"),
    "expiry that is true": ({"exp": True}, "expired"),
    "expiry that is no number": ({"exp": float("nan")}, "expired"),
    "expiry that never comes": ({"exp": float("inf")}, "expired"),
    "issued tomorrow": ({"iat": NOW + 86400}, "not_yet_valid"),
    "issued at true": ({"iat": True}, "not_yet_valid"),
    "never issued": ({"iat": ABSENT}, "not_yet_valid"),
    "not to be used before tomorrow": ({"nbf": NOW + 86400}, "not_yet_valid"),
    "hash of another access token": ({"at_hash": "x" * 22}, "wrong_token_hash"),
    "hash that is no text": ({"at_hash": None}, "wrong_token_hash"),
}


@pytest.mark.parametrize(("lies", "reason"), CLAIM_LIES.values(), ids=CLAIM_LIES)
def test_a_lie_in_the_id_token_is_refused(liar, client, lies, reason) -> None:
    liar.claims = lies
    assert refusal(client) == reason


def test_a_clock_that_is_a_little_off_is_forgiven(liar, client) -> None:
    liar.claims = {"exp": int(time.time()) - 30, "iat": int(time.time()) + 30}
    assert signed_in(client)["subject"] == "248289761001"


def test_several_audiences_are_fine_when_made_for_us(liar, client) -> None:
    liar.claims = {"aud": ["x", CLIENT_ID], "azp": CLIENT_ID}
    assert signed_in(client)["subject"] == "248289761001"


def test_an_absent_token_hash_is_allowed(liar, client) -> None:
    liar.claims = {"at_hash": ABSENT}
    assert signed_in(client)["subject"] == "248289761001"


def test_a_missing_id_token_is_refused(liar, client) -> None:
    for value in (ABSENT, "", None, 5):
        liar.token_answer = {"id_token": value}
        assert refusal(client) == "no_id_token"


SIGNATURES: dict[str, tuple[Callable, str]] = {
    "unsigned": (lambda claims: by_hand({"alg": "none"}, claims, lambda _: b""), "unsigned_token"),
    "unsigned in disguise": (
        lambda claims: by_hand({"alg": "nOnE"}, claims, lambda _: b""),
        "unsigned_token",
    ),
    "no algorithm": (lambda claims: by_hand({"typ": "JWT"}, claims, lambda _: b""), "malformed_token"),
    "signed with our own secret": (
        lambda claims: by_hand({"alg": "HS256"}, claims, hmac_with(CLIENT_SECRET.encode())),
        "wrong_algorithm",
    ),
    "public key taken for a secret": (
        lambda claims: by_hand({"alg": "HS256", "kid": "first"}, claims, hmac_with(rsa_key("first").as_pem(False))),
        "wrong_algorithm",
    ),
    "signature cut off": (
        lambda claims: by_hand({"alg": "RS256", "kid": "first"}, claims, lambda _: b""),
        "bad_signature",
    ),
    "not a token": (lambda claims: "hello", "malformed_token"),
    "an encrypted token": (lambda claims: "a.b.c.d.e", "malformed_token"),
    "an access token": (
        lambda claims: by_hand({"alg": "RS256", "typ": "at+jwt"}, claims, lambda _: b""),
        "malformed_token",
    ),
    "critical header that we do not know": (
        lambda claims: by_hand({"alg": "RS256", "crit": ["moon"], "moon": 1}, claims, lambda _: b""),
        "malformed_token",
    ),
}


@pytest.mark.parametrize(("sign", "reason"), SIGNATURES.values(), ids=SIGNATURES)
def test_a_token_that_the_provider_did_not_sign_is_refused(liar, client, sign, reason) -> None:
    liar.sign = sign
    assert refusal(client) == reason


def test_a_token_of_an_unknown_key_is_refused(liar, client) -> None:
    liar.published = [rsa_key("first").as_dict(private=False)]
    liar.rotate("unpublished")
    assert refusal(client) == "unknown_key"


def test_another_key_under_the_same_name_is_refused(liar, client) -> None:
    liar.published = [{**rsa_key("other").as_dict(private=False), "kid": "first"}]
    assert refusal(client) == "bad_signature"


def test_a_published_secret_is_no_key(liar, client) -> None:
    secret = OctKey.generate_key(256, {"kid": "first"})
    liar.published = [secret.as_dict(private=True)]
    liar.sign = lambda claims: by_hand({"alg": "HS256", "kid": "first"}, claims, hmac_with(secret.raw_value))
    assert refusal(client) == "wrong_algorithm"


@pytest.mark.parametrize("lie", [{"use": "enc"}, {"alg": "RS512"}, {"n": "AQAB"}, {"kty": "EC"}, {"n": "?"}])
def test_a_key_that_is_not_for_this_is_not_used(liar, client, lie) -> None:
    liar.published = [{**rsa_key("first").as_dict(private=False), **lie}]
    assert refusal(client) == "unknown_key"


def test_a_key_that_can_be_broken_is_not_used(liar, client) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    numbers = weak.public_key().public_numbers()
    liar.published = [{"kty": "RSA", "kid": "weak", "n": int_to_base64(numbers.n), "e": int_to_base64(numbers.e)}]
    liar.sign = lambda claims: by_hand(
        {"alg": "RS256", "kid": "weak"},
        claims,
        lambda message: weak.sign(message, padding.PKCS1v15(), hashes.SHA256()),
    )
    assert refusal(client) == "unknown_key"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/userinfo"])
def test_a_redirection_is_not_followed(liar, client, path) -> None:
    # To a place where the honest answer would be found.
    liar.broken[path] = lambda: ("", 302, {"Location": f"{liar.issuer}/moved{path}"})
    response = client.get("/sign-in/liar")
    if response.status_code == 302:
        response = come_back(client, response.location)
    assert (response.status_code, response.json["reason"]) == (403, "provider_unreachable")
    assert f"/moved{path}" not in liar.asked


def test_unknown_keys_do_not_make_us_ask_again_and_again(liar, client) -> None:
    liar.published = [rsa_key("first").as_dict(private=False)]
    liar.rotate("unpublished")
    for _ in range(4):
        assert refusal(client) == "unknown_key"
    assert liar.asked.count("/keys") == 2


METADATA_LIES = {
    "another issuer": ({"issuer": "https://elsewhere.example.com"}, "wrong_issuer_in_metadata"),
    "no issuer": ({"issuer": ABSENT}, "wrong_issuer_in_metadata"),
    "tokens over plain HTTP": ({"token_endpoint": "http://elsewhere.example.com/token"}, "bad_metadata"),
    "keys over plain HTTP": ({"jwks_uri": "http://elsewhere.example.com/keys"}, "bad_metadata"),
    "keys in a file": ({"jwks_uri": "file:///etc/passwd"}, "bad_metadata"),
    "no token endpoint": ({"token_endpoint": ABSENT}, "bad_metadata"),
    "script for an address": ({"authorization_endpoint": "javascript:alert(1)"}, "bad_metadata"),
}


@pytest.mark.parametrize(("lies", "reason"), METADATA_LIES.values(), ids=METADATA_LIES)
def test_a_lie_in_the_metadata_is_refused_before_leaving(liar, client, lies, reason) -> None:
    liar.metadata = lies
    response = client.get("/sign-in/liar")
    assert (response.status_code, response.json["reason"]) == (403, reason)


@pytest.mark.parametrize("lie", [{"sub": "somebody-else"}, {"sub": ABSENT}, {"sub": None}])
def test_userinfo_about_somebody_else_is_refused(liar, client, lie) -> None:
    liar.userinfo = lie
    assert refusal(client) == "wrong_userinfo_subject"


def test_an_empty_userinfo_answer_vouches_for_nobody(liar, client) -> None:
    liar.broken["/userinfo"] = dict
    assert refusal(client) == "wrong_userinfo_subject"


ANSWER_LIES = {
    "another issuer answers": ({"iss": "https://elsewhere.example.com"}, "wrong_issuer_in_answer"),
    "an empty issuer answers": ({"iss": ""}, "wrong_issuer_in_answer"),
    "a made-up state": ({"state": "x"}, "unknown_state"),
    "no state": ({"state": ABSENT}, "unknown_state"),
    "two states": ({"state": ["a", "b"]}, "malformed_answer"),
    "no code": ({"code": ABSENT}, "no_code"),
    "two codes": ({"code": ["a", "b"]}, "malformed_answer"),
    "a made-up code": ({"code": "x"}, "code_refused"),
    "an endless code": ({"code": "x" * 5000}, "malformed_answer"),
    "the person said no": ({"code": ABSENT, "error": "access_denied"}, "access_denied"),
    "the provider gave up": ({"error": "server_error\nfake line"}, "provider_error"),
}


@pytest.mark.parametrize(("lies", "reason"), ANSWER_LIES.values(), ids=ANSWER_LIES)
def test_a_lie_in_the_browsers_answer_is_refused(liar, client, lies, reason) -> None:
    liar.answer = lies
    response = come_back(client, leave(client))
    assert (response.status_code, response.json["reason"]) == (403, reason)
    assert "\n" not in response.json["detail"]


def test_a_promised_issuer_must_be_in_the_answer(liar, client) -> None:
    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    assert refusal(client) == "missing_issuer_in_answer"
    liar.answer = {"iss": liar.issuer}
    assert signed_in(client)["issuer"] == liar.issuer


def test_a_state_serves_once(liar, client) -> None:
    there = leave(client)
    assert come_back(client, there).status_code == 200
    assert come_back(client, there).json["reason"] == "unknown_state"


def test_a_state_is_gone_after_a_refusal_too(liar, client) -> None:
    there = leave(client)
    liar.claims = {"nonce": "x"}
    assert come_back(client, there).json["reason"] == "wrong_nonce"
    liar.claims = {}
    assert come_back(client, there).json["reason"] == "unknown_state"


def test_a_state_belongs_to_the_browser_that_started(liar, client) -> None:
    stranger = client.application.test_client()
    assert come_back(stranger, leave(client)).json["reason"] == "unknown_state"


def test_a_replayed_code_is_refused(liar, client) -> None:
    liar.answer = {"code": "stolen"}
    liar.codes["stolen"] = {"code_challenge": "of another sign-in"}
    assert refusal(client) == "code_refused"


def test_the_answer_of_one_provider_is_refused_at_the_door_of_another(liar) -> None:
    with misbehaving_provider() as honest:
        client = relying_app(settings_for(liar.issuer), settings_for(honest.issuer, "honest")).test_client()
        there = leave(client, "liar")
        response = come_back(client, there, through="/sign-in/honest/callback")
        assert response.json["reason"] == "wrong_provider"
        # The code of one has not been handed to the other, and the state is spent.
        assert honest.token_requests == []
        assert come_back(client, there).json["reason"] == "unknown_state"


def test_a_token_of_one_provider_is_worth_nothing_at_another(liar) -> None:
    with misbehaving_provider() as honest:
        liar.key, liar.claims = rsa_key("first"), {"iss": honest.issuer}
        client = relying_app(settings_for(liar.issuer), settings_for(honest.issuer, "honest")).test_client()
        assert refusal(client, "liar") == "wrong_issuer"


BROKEN = {
    "metadata gone": ("/.well-known/openid-configuration", lambda: ("", 500), "provider_unreachable"),
    "metadata moved": (
        "/.well-known/openid-configuration",
        lambda: ("", 302, {"Location": "https://elsewhere.example.com"}),
        "provider_unreachable",
    ),
    "metadata in prose": ("/.well-known/openid-configuration", lambda: "<p>Hello", "malformed_answer"),
    "metadata as a list": ("/.well-known/openid-configuration", lambda: "[]", "malformed_answer"),
    "endless metadata": ("/.well-known/openid-configuration", lambda: "x" * 600_000, "provider_unreachable"),
    "tokens gone": ("/token", lambda: ("", 503), "provider_unreachable"),
    "tokens moved": (
        "/token",
        lambda: ("", 307, {"Location": "https://elsewhere.example.com"}),
        "malformed_answer",
    ),
    "tokens in prose": ("/token", lambda: "<p>Hello", "malformed_answer"),
    "tokens as a list": ("/token", lambda: "[]", "malformed_answer"),
    "no access token": ("/token", lambda: {"token_type": "Bearer"}, "malformed_answer"),
    "endless tokens": ("/token", lambda: "x" * 600_000, "provider_unreachable"),
    "our secret is wrong": ("/token", lambda: ({"error": "invalid_client"}, 401), "code_refused"),
    "keys gone": ("/keys", lambda: ("", 404), "provider_unreachable"),
    "keys in prose": ("/keys", lambda: {"keys": "none"}, "bad_metadata"),
    "keys that are none": ("/keys", lambda: {"keys": ["a", 5, {}]}, "unknown_key"),
    "userinfo gone": ("/userinfo", lambda: ("", 401), "provider_unreachable"),
    "userinfo in prose": ("/userinfo", lambda: "<p>Hello", "malformed_answer"),
}


@pytest.mark.parametrize(("path", "answer", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_provider_is_refused(liar, client, path, answer, reason) -> None:
    liar.broken[path] = answer
    response = client.get("/sign-in/liar")
    if response.status_code == 302:
        response = come_back(client, response.location)
    assert (response.status_code, response.json["reason"]) == (403, reason)


def test_a_provider_that_does_not_answer_is_not_waited_for_long(liar, client, monkeypatch) -> None:
    monkeypatch.setattr("portal.accounts.oidc.discovery.SECONDS_TO_ANSWER", 0.2)
    liar.broken["/.well-known/openid-configuration"] = lambda: time.sleep(1) or ""
    started = time.monotonic()
    assert client.get("/sign-in/liar").json["reason"] == "provider_unreachable"
    assert time.monotonic() - started < 0.9


def test_a_provider_that_is_not_there(client) -> None:
    with misbehaving_provider() as gone:
        pass
    client = relying_app(settings_for(gone.issuer)).test_client()
    assert client.get("/sign-in/liar").json["reason"] == "provider_unreachable"


def test_an_unknown_provider(client) -> None:
    assert client.get("/sign-in/nobody").json["reason"] == "unknown_provider"
    assert client.get("/sign-in/nobody/callback").json["reason"] == "unknown_provider"


def test_plain_http_to_another_machine_is_refused_unasked() -> None:
    client = relying_app(settings_for("http://elsewhere.example.com")).test_client()
    assert client.get("/sign-in/liar").json["reason"] == "misconfigured"
