"""Break-glass access in a browser: opened and ended without scripts, and fit for everybody while it is open."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, NewPage, axe, set_language
from tests.world import World


@pytest.mark.parametrize(
    ("database", "language", "theme", "width"),
    [("sqlite", "en", "light", 1280), ("postgresql", "fa", "dark", 390)],
    indirect=["database"],
)
def test_it_is_opened_and_ended_without_scripts(
    new_page: NewPage, live: Live, language: str, theme: str, width: int
) -> None:
    ticket = World(live.app).make_ticket("customer", subject="Glass", body="Some words.")
    page = new_page("admin", viewport={"width": width, "height": 844}, java_script_enabled=False)
    set_language(page, language)
    assert page.goto(f"/tickets/{ticket.ref}").status == 403
    page.goto("/settings/break-glass")
    page.locator("textarea[name=reason]").fill("Somebody has to look at this one.")
    page.locator("form[action='/settings/break-glass'] button[type=submit]").click()
    expect(page.locator(".glass")).to_be_visible()
    # The same administrator in a browser with scripts, which looks at what the page is made of.
    seen = new_page("admin", viewport={"width": width, "height": 844})
    seen.context.add_cookies([{"name": "theme", "value": theme, "url": live.url}])
    faults = []
    for address in ("/", "/settings/break-glass", f"/tickets/{ticket.ref}", "/tickets", "/tickets/T-00000000"):
        seen.goto(address)
        assert seen.locator(".glass").is_visible(), address
        faults += axe(seen)
        over = seen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{address} is {over} px too wide"] if over > 0 else []
    assert faults == []
    assert page.goto(f"/tickets/{ticket.ref}").status == 200
    page.locator(".glass button").click()
    page.wait_for_url(re.compile("/settings/break-glass$"))
    assert page.locator(".glass").count() == 0
    assert page.goto(f"/tickets/{ticket.ref}").status == 403
