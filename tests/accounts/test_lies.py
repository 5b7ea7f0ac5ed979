"""Whatever a provider lies about: a page that says what to do, no session, one row in the access log."""

import time
from typing import get_args

import pytest

from portal.accounts.oidc.refusals import Reason
from portal.accounts.refusals import WORDS
from tests.misbehaving_provider import ABSENT, by_hand, come_back, rsa_key, settings_for

pytestmark = pytest.mark.usefixtures("in_english")

NOW = int(time.time())

CLAIMS = {
    "another issuer": ({"iss": "https://elsewhere.example.com"}, "wrong_issuer"),
    "no issuer": ({"iss": ABSENT}, "wrong_issuer"),
    "another audience": ({"aud": "somebody-else"}, "wrong_audience"),
    "no audience": ({"aud": ABSENT}, "wrong_audience"),
    "made for another": ({"azp": "somebody-else"}, "wrong_authorized_party"),
    "no subject": ({"sub": ABSENT}, "no_subject"),
    "another nonce": ({"nonce": "x"}, "wrong_nonce"),
    "no nonce": ({"nonce": ABSENT}, "wrong_nonce"),
    "expired": ({"exp": NOW - 600}, "expired"),
    "no expiry": ({"exp": ABSENT}, "expired"),
    "issued tomorrow": ({"iat": NOW + 86400}, "not_yet_valid"),
    "hash of another access token": ({"at_hash": "x" * 22}, "wrong_token_hash"),
}


@pytest.fixture
def refused(client, go_through, sessions, log):
    """Sign in, and expect all that a refusal is; the reason."""

    def refused() -> str:
        return reason_of(go_through(client))

    def reason_of(response) -> str:
        assert response.status_code in (400, 403)
        assert "<h1>" in response.text
        assert "What you can do" in response.text
        assert "Traceback" not in response.text
        assert sessions() == []
        (entry,) = log()
        assert (entry.kind, entry.person_id, entry.path) == ("sign-in-refused", None, "/sign-in/liar/callback")
        assert client.get("/account").status_code == 303
        return entry.details["reason"]

    refused.reason_of = reason_of
    return refused


@pytest.mark.parametrize(("lies", "reason"), CLAIMS.values(), ids=CLAIMS)
def test_a_lie_in_the_token(liar, refused, lies, reason) -> None:
    liar.claims = lies
    assert refused() == reason


def test_no_id_token(liar, refused) -> None:
    liar.token_answer = {"id_token": ABSENT}
    assert refused() == "no_id_token"


def test_an_unsigned_token(liar, refused) -> None:
    liar.sign = lambda claims: by_hand({"alg": "none"}, claims, lambda message: b"")
    assert refused() == "unsigned_token"


def test_a_key_that_was_never_published(liar, refused) -> None:
    liar.published = [rsa_key("first").as_dict(private=False)]
    liar.key = rsa_key("stranger")
    assert refused() == "unknown_key"


def test_a_rotated_key_is_found(liar, client, go_through) -> None:
    go_through(client)
    liar.rotate()
    assert go_through(client).status_code == 303


def test_userinfo_about_somebody_else(liar, refused) -> None:
    liar.userinfo = {"sub": "another"}
    assert refused() == "wrong_userinfo_subject"


def test_an_answer_that_names_another_issuer(liar, refused) -> None:
    liar.answer = {"iss": "https://elsewhere.example.com"}
    assert refused() == "wrong_issuer_in_answer"


def test_a_state_that_nobody_gave_out(liar, refused) -> None:
    liar.answer = {"state": "made-up"}
    assert refused() == "unknown_state"


def test_a_code_that_is_not_one(liar, refused) -> None:
    liar.answer = {"code": "made-up"}
    assert refused() == "code_refused"


def test_an_answer_brought_to_another_providers_door(app, liar, client, refused) -> None:
    before = app.extensions["portal_settings"]
    other = settings_for(liar.issuer, "other")
    app.extensions["portal_settings"] = before.model_copy(update={"providers": (*before.providers, other)})
    try:
        away = client.get("/sign-in/other").location
        response = come_back(client, away, through="/sign-in/liar/callback")
        assert refused.reason_of(response) == "wrong_provider"
    finally:
        app.extensions["portal_settings"] = before


def test_discovery_of_another_issuer(liar, client, sessions, log) -> None:
    liar.metadata = {"issuer": "https://elsewhere.example.com"}
    response = client.get("/sign-in/liar")
    assert response.status_code == 400
    assert sessions() == []
    assert log()[0].details["reason"] == "wrong_issuer_in_metadata"


def test_a_refusal_leaves_whoever_was_signed_in_alone(liar, sign_in, go_through, sessions) -> None:
    client = sign_in("customer")
    liar.claims = {"aud": "somebody-else"}
    assert go_through(client).status_code == 400
    assert client.get("/account").status_code == 200
    assert [row.ended_at for row in sessions()] == [None]


def test_every_reason_has_words() -> None:
    assert set(get_args(Reason)) <= set(WORDS)
    for words in WORDS.values():
        assert words.status in (400, 403)
        assert words.steps


def test_what_the_provider_says_is_never_shown(liar, client, go_through) -> None:
    liar.answer = {"error": "server_error", "error_description": "<script>alert(1)</script>"}
    page = go_through(client).text
    assert "<script>alert(1)" not in page
    told = page.partition("<main")[2]
    assert "alert(1)" not in told
    assert "server_error" not in told
