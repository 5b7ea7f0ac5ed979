"""A real browser against the real portal: served over HTTP, signed in through its provider, with a mail server."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal import paths
from portal.accounts.models import Identity
from portal.clock import now
from portal.config import ProviderSettings
from portal.demo.app import create
from portal.demo.sink import start_sink
from portal.jobs import outbox
from tests.conftest import make_settings
from tests.databases import Database, dispose
from tests.services import require
from tests.world import World

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = paths.ROOT / "node_modules" / "axe-core" / "axe.min.js"


@dataclass
class Live:
    """The served portal."""

    app: Flask
    url: str
    mail: Path

    def deliver(self) -> list[EmailMessage]:
        """Do the promised work; what the mail server has received so far, oldest first."""
        with self.app.app_context():
            outbox.drain(now())
        files = sorted(self.mail.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def free_port() -> int:
    server = make_server("127.0.0.1", 0, lambda environ, start: [])
    port: int = server.server_port
    server.server_close()
    return port


@pytest.fixture
def live(session_app: Flask, database: Database, tmp_path: Path) -> Iterator[Live]:
    """The portal on a free port, with its provider under a path and a mail server beside it."""
    dispose(session_app)
    database.refresh()
    port, smtp_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    provider = ProviderSettings(
        name="demo", label="Lanternfield ID", issuer=f"{url}/demo/idp", client_id="portal", client_secret="s" * 40
    )
    settings = make_settings(
        database,
        tmp_path / "files",
        base_url=url,
        providers=[provider],
        smtp_url=f"smtp://127.0.0.1:{smtp_port}",
        mail_reply_to="reply@example.com",
    )
    app = create(settings)
    app.config["RATELIMIT_ENABLED"] = False
    with World(app).session() as session:
        for identity in session.scalars(sa.select(Identity)):
            identity.issuer = provider.issuer
        session.commit()
    stop_sink = start_sink(tmp_path / "mail", "127.0.0.1", smtp_port)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(app, url, tmp_path / "mail")
    server.shutdown()
    server.server_close()
    thread.join()
    stop_sink()
    dispose(app)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require("Chromium"), args=list(FLAGS))
        yield browser
        browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(chromium: Browser, live: Live) -> Iterator[NewPage]:
    """`new_page("customer", java_script_enabled=False)`: a browser of one's own, signed in through the provider."""
    contexts: list[BrowserContext] = []

    def new_page(hint: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=live.url, **{"locale": "en-GB", **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if hint:
            page.goto(f"/sign-in/demo?login_hint={hint}")
            page.wait_for_url(f"{live.url}/**")
        return page

    yield new_page
    for context in contexts:
        context.close()


def set_language(page: Page, code: str) -> None:
    """Through the switch in the frame, which works without scripts."""
    page.locator("button[popovertarget=menu-language]").click()
    with page.expect_navigation():
        page.locator(f"button[name=language][value={code}]").click()


STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def axe(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on this page, a line each; the contrast of colours in both themes."""
    # A colour that is on its way to another has no contrast to speak of.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = _violations(page, *STANDARD)
    theme = page.evaluate("document.documentElement.dataset.bsTheme")
    _paint(page, "light" if theme == "dark" else "dark")
    found += _violations(page, "color-contrast")
    _paint(page, theme)
    return found


def _paint(page: Page, theme: str) -> None:
    page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)


def _violations(page: Page, *asked: str) -> list[str]:
    found = page.evaluate("asked => axe.run(document, {runOnly: asked, resultTypes: ['violations']})", list(asked))
    return [
        f"{page.url} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
