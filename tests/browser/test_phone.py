"""What a phone shows otherwise than a wide screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.mark.parametrize("address", ["/tickets", "/organisations"])
def test_filters_fold_on_a_phone_without_scripts(new_page: NewPage, address: str) -> None:
    page = new_page("agent", viewport=PHONE, java_script_enabled=False)
    page.goto(address)
    order = page.get_by_label("Order")
    expect(order).not_to_be_visible()
    page.get_by_text("Filters", exact=True).click()
    expect(order).to_be_visible()
    order.select_option(index=1)
    page.locator("main form[role=search] button[type=submit]").click()
    expect(order).to_be_visible()
    assert "sort=" in page.url


@pytest.mark.parametrize("address", ["/tickets", "/organisations"])
def test_filters_stand_in_one_row_on_a_wide_screen(new_page: NewPage, address: str) -> None:
    page = new_page("agent", viewport=WIDE)
    page.goto(address)
    expect(page.get_by_label("Order")).to_be_visible()
    form = page.locator("main form[role=search]").bounding_box()
    assert form is not None
    assert form["height"] < 90


def test_header_leads_to_the_search(new_page: NewPage) -> None:
    page = new_page("agent", viewport=PHONE)
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("heading", name="Search", level=1)).to_be_visible()
    page.set_viewport_size(WIDE)
    page.goto("/tickets")
    page.get_by_label("Find in the portal").fill("bakery")
    page.get_by_label("Find in the portal").press("Enter")
    page.wait_for_url("**/search?q=bakery")
