"""Signing in and out in a real browser."""

from tests.browser.conftest import NewPage, axe


def test_a_customer_signs_in_through_the_provider_and_out_again(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("link", name="Lanternfield ID").first.click()
    page.get_by_role("button", name="Božena Tichá").click()
    page.wait_for_url("**/")
    assert "Sklárny Měsíční Lípa" in page.content()
    assert axe(page) == []
