"""Every page as its readers open it: axe finds nothing, nothing overflows, no script is refused by the policy."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Live, NewPage, axe, set_language
from tests.world import World

# Who looks at what; {ticket} and {organisation} stand for those of the customer.
PAGES = {
    "": ["/", "/sign-in", "/who-sees-what", "/demo/mail"],
    "newcomer": ["/", "/account/request"],
    "customer": [
        "/",
        "/tickets",
        "/tickets?q=nothing",
        "/tickets/{ticket}",
        "/tickets/new",
        "/tickets/states",
        "/tickets/T-00000000",
        "/search?q=glass",
        "/notices",
        "/account",
        "/account/sessions",
        "/account/identities",
        "/account/notifications",
    ],
    "customer-admin": [
        "/organisations/{organisation}",
        "/organisations/{organisation}/edit",
        "/organisations/{organisation}/history",
        "/organisations/{organisation}/people",
        "/organisations/{organisation}/people/invitations",
        "/organisations/{organisation}/access-log",
        "/requests",
    ],
    "agent": ["/", "/tickets", "/tickets/{ticket}", "/tickets/new", "/organisations/{organisation}/contacts/new"],
    "account-manager": ["/", "/organisations", "/organisations/{organisation}", "/organisations/new"],
    "auditor": ["/settings/access-log", "/settings/break-glass"],
    "admin": ["/", "/settings", "/settings/teams", "/settings/teams/new", "/settings/staff", "/settings/break-glass"],
}


def watch(page: Page, faults: list[str]) -> None:
    """Note what the policy refuses and what scripts stumble over."""
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("fa", "dark", 390)])
def test_every_page_is_fit_for_everybody(new_page: NewPage, live: Live, language: str, theme: str, width: int) -> None:
    world = World(live.app)
    ticket = world.make_ticket("customer", subject="Glass", body="Some **words**.")
    world.reply(ticket, "agent", "An answer.")
    world.note(ticket, "agent", "A note.")
    known = {"ticket": ticket.ref, "organisation": world.organisation("glass").ref}
    faults: list[str] = []
    for hint, addresses in PAGES.items():
        page = new_page(hint, viewport={"width": width, "height": 900})
        if not hint:
            page.goto("/")
        set_language(page, language)
        page.context.add_cookies([{"name": "theme", "value": theme, "url": live.url}])
        watch(page, faults)
        for address in addresses:
            response = page.goto(address.format(**known))
            assert response is not None
            if response.status >= 500 or (response.status == 404 and "T-0000" not in address):
                faults.append(f"{hint} {address}: {response.status}")
                continue
            faults += [f"{hint} {fault}" for fault in axe(page)]
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                faults.append(f"{hint} {address} is {over} px too wide in {language}")
    assert "\n".join(faults) == ""
