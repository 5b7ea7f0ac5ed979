"""The switches in the head of every page: language and appearance, and back to the same page."""

import re

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.world import World

HERE = re.compile(r'name="next" value="([^"]*)"')


def switches(page: str) -> set[str]:
    return set(HERE.findall(page))


@pytest.mark.parametrize("address", ["/", "/sign-in", "/who-sees-what", "/nothing-here?a=1"])
def test_a_visitor_stays_on_the_page(client: FlaskClient, address: str) -> None:
    assert switches(client.get(address).text) == {address}
    answer = client.send("/preferences", {"language": "fa", "next": address})
    assert answer.location == address
    page = client.get(address)
    assert '<html lang="fa" dir="rtl"' in page.text


def test_a_persons_language_is_kept_with_the_person(sign_in: SignIn, world: World) -> None:
    sign_in("customer").send("/preferences", {"language": "lt", "next": "/tickets?state=unfinished"})
    assert '<html lang="lt"' in sign_in("customer").get("/tickets").text


def test_a_refused_form_leads_back_to_where_it_was_filled_in(sign_in: SignIn) -> None:
    browser = sign_in("customer")
    refused = browser.send("/tickets", {}, headers={"Referer": "http://localhost/tickets/new?follows="})
    assert refused.status_code == 422
    assert switches(refused.text) == {"/tickets/new?follows="}


def test_another_site_is_no_page_to_go_back_to(sign_in: SignIn) -> None:
    refused = sign_in("customer").send("/tickets", {}, headers={"Referer": "http://elsewhere.example/tickets/new"})
    assert switches(refused.text) == {""}


def test_the_appearance_is_chosen_in_the_browser(client: FlaskClient) -> None:
    client.send("/preferences", {"theme": "dark", "next": "/"})
    assert 'data-bs-theme="dark"' in client.get("/").text
    client.send("/preferences", {"theme": "neon", "next": "/"})
    assert 'data-bs-theme="dark"' in client.get("/").text
