"""Protection against forged requests is always on: these tests send no token unless they say so."""

import pytest

pytestmark = pytest.mark.usefixtures("in_english")

POSTS = ("/account", "/acting-for", "/sign-out", "/account/sessions/endings", "/account/identities", "/account/request")
PROFILE = {"name": "Forged", "language": "en", "time_zone": "UTC", "calendar": "", "digits": ""}


@pytest.mark.parametrize("path", POSTS)
def test_without_a_token_nothing_is_changed(sign_in, world, path) -> None:
    client = sign_in("many")
    response = client.post(path, data=PROFILE)
    assert response.status_code == 400
    assert "open for too long" in response.text
    assert client.get("/account").status_code == 200
    assert world.person("many").name != "Forged"


def test_a_token_of_another_session_is_none(sign_in, world) -> None:
    token = sign_in("rival").csrf_token()
    assert sign_in("customer").post("/account", data={**PROFILE, "csrf_token": token}).status_code == 400
    assert world.person("customer").name != "Forged"


@pytest.mark.parametrize("path", POSTS)
def test_signed_out_one_is_sent_to_sign_in_first(client, path) -> None:
    response = client.post(path, data=PROFILE)
    assert response.status_code == 303
    assert response.location.startswith("/sign-in?next=")


def test_signed_out_htmx_is_sent_whole(client) -> None:
    response = client.post("/account", data=PROFILE, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert response.text == ""


def test_accepting_an_invitation_needs_one_too(client) -> None:
    assert client.post("/invitations/made-up/acceptance", data={"provider": "liar"}).status_code == 400


def test_the_token_of_the_old_session_does_not_outlive_signing_in(demo, client, go_through) -> None:
    token = client.csrf_token()
    go_through(client, "demo", login_hint="customer")
    assert client.post("/account", data={**PROFILE, "csrf_token": token}).status_code == 400
