"""Pictures of every page in each language, width and theme, to be looked at: `make screenshots`.

Starts the demonstration in a folder of its own and ends it again. LANGUAGES="en fa", PAGES="ticket tickets" and
THEMES="light" take only some. The pictures go to test-results/screenshots; `--readme` renews the one of the README.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS, free_port, set_language
from tests.services import require

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "test-results" / "screenshots"
README = ROOT / "tests" / "pictures" / "ticket.png"
LANGUAGES = ("en", "cs", "uk", "pl", "lt", "fa")
WIDTHS = {1280: 900, 390: 844}
THEMES = tuple(os.environ.get("THEMES", "light dark").split())

# Who looks at what: a hint, an address and steps from there. A step is a pattern of a link to follow, a piece to add to
# the address reached (it begins with a slash), or ! to send the form that stands there as it is.
ORGANISATION, TICKET = r"/organisations/O-\w+$", r"/tickets/T-\w+$"
PAGES: dict[str, tuple[str, str, str]] = {
    "welcome": ("", "/", ""),
    "sign-in": ("", "/sign-in", ""),
    "provider": ("", "/sign-in/demo", ""),
    "invitation-gone": ("", "/invitations/no-such-invitation", ""),
    "who-sees-what": ("", "/who-sees-what", ""),
    "start-customer": ("customer", "/", ""),
    "start-supplier": ("supplier", "/", ""),
    "start-partner": ("partner", "/", ""),
    "start-agent": ("agent", "/", ""),
    "start-account-manager": ("account-manager", "/", ""),
    "start-admin": ("admin", "/", ""),
    "start-many": ("many", "/", ""),
    "start-newcomer": ("newcomer", "/", ""),
    "request": ("newcomer", "/account/request", ""),
    "requests": ("customer-admin", "/requests", ""),
    "tickets-customer": ("customer", "/tickets", ""),
    "tickets-agent": ("agent", "/tickets", ""),
    "tickets-none": ("agent", "/tickets?q=nothing&state=new", ""),
    "ticket-customer": ("customer", "/tickets?q=2231", TICKET),
    "ticket-agent": ("agent", "/tickets?q=2231", TICKET),
    "ticket-partner": ("partner", "/tickets?category=problem", TICKET),
    "ticket-new": ("customer", "/tickets/new", ""),
    "ticket-new-wrong": ("customer", "/tickets/new", "!"),
    "ticket-choose": ("agent", "/tickets/new", ""),
    "ticket-states": ("customer", "/tickets/states", ""),
    "deal-new": ("partner", "/deals/new", ""),
    "deal-new-whole": ("partner", "/deals/new?step=all", ""),
    "deal-partner": ("partner", "/deals", r"/deals/D-\w+$"),
    "deal-manager": ("channel-manager", "/deals", r"/deals/D-\w+$"),
    "leads": ("channel-manager", "/leads", ""),
    "lead-new": ("channel-manager", "/leads/new", ""),
    "lead-ranking": ("channel-manager", "/leads?state=draft", r"/leads/LD-\w+$"),
    "lead-handed-out": ("channel-manager", "/leads?state=offered", r"/leads/LD-\w+$"),
    "lead-offered": ("partner", "/leads", r"/leads/LD-\w+$"),
    "lead-accepted": ("rival-partner", "/leads", r"/leads/LD-\w+$"),
    "deal-choose": ("channel-manager", "/deals/new?find=wilk", ""),
    "search": ("agent", "/search?q=la", ""),
    "organisations": ("account-manager", "/organisations", ""),
    "organisation": ("account-manager", "/organisations?q=sklarny", ORGANISATION),
    "organisation-own": ("customer-admin", "/organisations", ORGANISATION),
    "organisation-partner": ("partner", "/organisations?q=sklarny", ORGANISATION),
    "organisation-edit": ("account-manager", "/organisations?q=sklarny", f"{ORGANISATION} /edit"),
    "organisation-new": ("account-manager", "/organisations/new", ""),
    "organisation-new-wrong": ("account-manager", "/organisations/new", "!"),
    "history": ("account-manager", "/organisations?q=sklarny", f"{ORGANISATION} /history"),
    "people": ("customer-admin", "/organisations", f"{ORGANISATION} /people"),
    "member": ("customer-admin", "/organisations", rf"{ORGANISATION} /people ^/organisations/.*/people/P-\w+$"),
    "invitations": ("customer-admin", "/organisations", f"{ORGANISATION} /people/invitations"),
    "invitations-wrong": ("customer-admin", "/organisations", f"{ORGANISATION} /people/invitations !"),
    "access-log-own": ("customer-admin", "/organisations", f"{ORGANISATION} /access-log"),
    "partner-new": ("account-manager", "/organisations?q=sklarny", f"{ORGANISATION} /partners/new"),
    "person": ("account-manager", "/organisations?q=sklarny", rf"{ORGANISATION} ^/people/P-\w+$"),
    "contact-new": ("agent", "/organisations", f"{ORGANISATION} /contacts/new"),
    "contact-new-wrong": ("agent", "/organisations", f"{ORGANISATION} /contacts/new !"),
    "notices": ("customer-admin", "/notices", ""),
    "notices-agent": ("agent", "/notices", ""),
    "account": ("customer", "/account", ""),
    "account-sessions": ("customer", "/account/sessions", ""),
    "account-identities": ("customer", "/account/identities", ""),
    "account-notifications": ("customer", "/account/notifications", ""),
    "settings": ("admin", "/settings", ""),
    "settings-teams": ("admin", "/settings/teams", ""),
    "settings-team": ("admin", "/settings/teams", r"/settings/teams/\w+-\w+$"),
    "settings-business-hours": ("admin", "/settings/business-hours", ""),
    "settings-business-hours-wrong": ("admin", "/settings/business-hours", "!"),
    "settings-staff": ("admin", "/settings/staff", ""),
    "settings-staff-wrong": ("admin", "/settings/staff", "!"),
    "settings-staff-person": ("admin", "/settings/staff", r"/settings/staff/\w+-\w+$"),
    "settings-portfolio": ("admin", "/settings/staff", r"/settings/staff/\w+-\w+$ /portfolio"),
    "access-log": ("auditor", "/settings/access-log", ""),
    "break-glass": ("admin", "/settings/break-glass", ""),
    "settings-break-glass": ("admin", "/settings/break-glass", ""),
    "not-found": ("customer", "/tickets/T-00000000", ""),
    "forbidden": ("customer", "/settings/staff", ""),
    "mail": ("", "/demo/mail", ""),
    "letter": ("", "/demo/mail", r"/demo/mail/"),
}


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a demonstration of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as instance:
        environment = {**os.environ, "PORTAL_INSTANCE": instance, "PORT": str(port)}
        process = subprocess.Popen([sys.executable, "-m", "portal.cli", "demo"], env=environment)
        try:
            for _attempt in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def follow(page: Page, address: str, steps: str) -> None:
    """Open the address and take the steps."""
    page.goto(address)
    for step in steps.split():
        if step == "!":
            with page.expect_navigation():
                page.locator("main form[method=post]").last.evaluate("form => form.submit()")
        elif step.startswith("/") and not re.search(r"[\\$]", step):
            page.goto(page.url.partition("?")[0] + step)
        elif not re.search(step, page.url):
            links = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
            page.goto(next(link for link in links if re.search(step, link)))


def take(browser: Browser, url: str, language: str, names: list[str]) -> int:
    taken = 0
    for hint in sorted({PAGES[name][0] for name in names}):
        context = browser.new_context(base_url=url)
        page = context.new_page()
        page.goto(f"/sign-in/demo?login_hint={hint}" if hint else "/")
        set_language(page, language)
        for name in names:
            who, address, steps = PAGES[name]
            if who != hint:
                continue
            follow(page, address, steps)
            for width, height in WIDTHS.items():
                for theme in THEMES:
                    page.set_viewport_size({"width": width, "height": height})
                    page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
                    page.screenshot(path=TARGET / f"{name}-{language}-{width}-{theme}.png", full_page=True)
                    taken += 1
        context.close()
    return taken


def main() -> None:
    languages = os.environ.get("LANGUAGES", " ".join(LANGUAGES)).split()
    names = os.environ.get("PAGES", " ".join(PAGES)).split()
    TARGET.mkdir(parents=True, exist_ok=True)
    with demonstration() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require("Chromium"), args=list(FLAGS))
        if "--readme" in sys.argv:
            page = browser.new_context(base_url=url, viewport={"width": 1280, "height": 860}).new_page()
            page.goto("/sign-in/demo?login_hint=agent")
            follow(page, "/tickets?q=2231", TICKET)
            README.parent.mkdir(exist_ok=True)
            page.screenshot(path=README)
        else:
            taken = sum(take(browser, url, language, names) for language in languages)
            print(f"{taken} pictures are in {TARGET.relative_to(ROOT)}.")
        browser.close()


if __name__ == "__main__":
    main()
