"""Pictures of every page in each language, width and theme, to be looked at: `make screenshots`.

Starts the demonstration in a folder of its own and ends it again. LANGUAGES="en fa" and PAGES="ticket tickets" take
only some. The pictures go to test-results/screenshots; `--readme` renews the one of the README.
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
THEMES = ("light", "dark")

# Who looks at what; an address may be a pattern, then the first link that matches on `start` is followed.
PAGES: dict[str, tuple[str, str, str]] = {
    "welcome": ("", "/", ""),
    "sign-in": ("", "/sign-in", ""),
    "who-sees-what": ("", "/who-sees-what", ""),
    "start-customer": ("customer", "/", ""),
    "start-agent": ("agent", "/", ""),
    "start-newcomer": ("newcomer", "/", ""),
    "tickets-customer": ("customer", "/tickets", ""),
    "tickets-agent": ("agent", "/tickets", ""),
    "ticket-customer": ("customer", "/tickets", r"/tickets/T-\w+$"),
    "ticket-agent": ("agent", "/tickets", r"/tickets/T-\w+$"),
    "ticket-new": ("customer", "/tickets/new", ""),
    "ticket-states": ("customer", "/tickets/states", ""),
    "search": ("agent", "/search?q=2231", ""),
    "organisations": ("account-manager", "/organisations", ""),
    "organisation": ("account-manager", "/organisations", r"/organisations/O-\w+$"),
    "organisation-own": ("customer-admin", "/organisations", r"/organisations/O-\w+$"),
    "history": ("account-manager", "/organisations", r"/organisations/O-\w+$ /history"),
    "people": ("customer-admin", "/organisations", r"/organisations/O-\w+$ /people"),
    "contact-new": ("agent", "/organisations", r"/organisations/O-\w+$ /contacts/new"),
    "notices": ("customer", "/notices", ""),
    "account": ("customer", "/account", ""),
    "account-sessions": ("customer", "/account/sessions", ""),
    "account-notifications": ("customer", "/account/notifications", ""),
    "settings": ("admin", "/settings", ""),
    "settings-teams": ("admin", "/settings/teams", ""),
    "settings-staff": ("admin", "/settings/staff", ""),
    "not-found": ("customer", "/tickets/T-00000000", ""),
    "mail": ("", "/demo/mail", ""),
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


def find(page: Page, address: str, pattern: str) -> str:
    """The address itself, or that of the first link that matches, with what comes after it."""
    if not pattern:
        return address
    pattern, _, more = pattern.partition(" ")
    page.goto(address)
    if re.search(pattern, page.url):
        return page.url + more
    links = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next(link for link in links if re.search(pattern, link)) + more


def take(browser: Browser, url: str, language: str, names: list[str]) -> int:
    taken = 0
    for hint in sorted({PAGES[name][0] for name in names}):
        context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"/sign-in/demo?login_hint={hint}" if hint else "/")
        set_language(page, language)
        for name in names:
            who, address, pattern = PAGES[name]
            if who != hint:
                continue
            target = find(page, address, pattern)
            for width, height in WIDTHS.items():
                for theme in THEMES:
                    context.add_cookies([{"name": "theme", "value": theme, "url": url}])
                    page.set_viewport_size({"width": width, "height": height})
                    page.goto(target)
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
            page.goto(find(page, "/tickets?q=2231", r"/tickets/T-\w+$"))
            README.parent.mkdir(exist_ok=True)
            page.screenshot(path=README)
        else:
            taken = sum(take(browser, url, language, names) for language in languages)
            print(f"{taken} pictures are in {TARGET.relative_to(ROOT)}.")
        browser.close()


if __name__ == "__main__":
    main()
