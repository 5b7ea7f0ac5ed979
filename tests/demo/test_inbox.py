"""The demonstration's mail server keeps every mail, and its inbox shows and answers them without harm."""

import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.clock import now
from portal.config import load_settings
from portal.demo.inbox import bp
from portal.demo.sink import start_sink
from portal.jobs.outbox import drain
from portal.mail.incoming import receive, reply_address
from portal.notices.notify import notify
from tests.conftest import Browser
from tests.postbox import free_port
from tests.world import World

REPLY_TO = "reply@lanternfield.example.com"


@pytest.fixture
def demo(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The portal as in the demonstration, with its sink, on the database of the test."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path))
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "demo")
    port = free_port()
    settings = load_settings(
        database_url=app.extensions["portal_settings"].database_url,
        base_url="http://localhost",
        smtp_url=f"smtp://127.0.0.1:{port}",
        mail_from="portal@lanternfield.example.com",
        mail_reply_to=REPLY_TO,
        storage_url="memory:",
    )
    portal = create_app(settings, RATELIMIT_ENABLED=False)
    portal.register_blueprint(bp)
    stop = start_sink(
        tmp_path / "demo-mail",
        "127.0.0.1",
        port,
        lambda sender, data: receive(portal, sender, data),
        reply_address=reply_address(settings),
    )
    yield portal
    stop()
    with portal.app_context():
        from portal.extensions import db

        db.engine.dispose()
    bell = portal.extensions.get("portal_bell")
    if bell is not None and bell._queue is not None:
        bell._queue.storage.close()


@pytest.fixture
def browser(demo: Flask) -> Browser:
    return Browser(demo, demo.response_class)


def send(demo: Flask, to: str, subject: str, html: str = "", sender: str = "someone@example.org") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Reply-To"] = sender, to, subject, REPLY_TO
    mail["Message-ID"] = "<notice.N-00000000@localhost>"
    mail.set_content("In plain text: https://example.com/a")
    if html:
        mail.add_alternative(html, subtype="html")
    smtp = demo.extensions["portal_settings"].smtp
    with smtplib.SMTP(smtp.host, smtp.port, timeout=30) as server:
        server.send_message(mail, from_addr=sender, to_addrs=[to])


def links(page: str) -> list[str]:
    return re.findall(r'href="(/demo/mail/[^"?]+)"', page)


def test_every_mail_is_kept_and_listed_newest_first(demo: Flask, browser: Browser) -> None:
    for number in range(3):
        send(demo, f"p{number}@example.com", f"Mail {number}")
    page = browser.get("/demo/mail").text
    assert re.findall(r">(Mail \d)<", page) == ["Mail 2", "Mail 1", "Mail 0"]
    assert re.findall(r">(Mail \d)<", browser.get("/demo/mail?to=P1@example.com").text) == ["Mail 1"]
    assert len(list((Path(demo.instance_path) / "demo-mail").glob("*.eml"))) == 3


def test_the_empty_inbox_says_what_to_do(browser: Browser) -> None:
    assert "No mail yet" in browser.get("/demo/mail").text


def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(demo: Flask, browser: Browser) -> None:
    send(
        demo, "p@example.com", "A <b>mail</b>", "<html><head></head><body><script>alert(1)</script>Hello</body></html>"
    )
    [url] = links(browser.get("/demo/mail").text)
    page = browser.get(url)
    assert "A &lt;b&gt;mail&lt;/b&gt;" in page.text
    assert 'href="https://example.com/a"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    framed = browser.get(f"{url}/html")
    assert "Hello" in framed.text
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize("name", ["x", "..%2f..%2fportal", "%2e%2e", "*"])
def test_nothing_but_mail_is_ever_opened(browser: Browser, name: str) -> None:
    assert browser.get(f"/demo/mail/{name}").status_code == 404
    assert browser.get(f"/demo/mail/{name}/html").status_code == 404


def test_a_reply_written_in_the_inbox_is_answered(demo: Flask, browser: Browser, world: World) -> None:
    ticket, people = world.make_ticket("customer"), [world.person_id("customer")]
    address = world.person("customer").email
    with demo.app_context():
        with world.session() as session:
            notify(people, kind="copied", event="copied:1", at=now(), ticket_id=ticket.id)
            session.commit()
        assert drain(now()) == {"done": 1}
    [url] = links(browser.get("/demo/mail").text)
    empty = browser.send(f"{url}/replies", {"body": ""})
    assert empty.status_code == 422
    assert browser.send(f"{url}/replies", {"body": "Thank you!"}).status_code == 303
    with demo.app_context():
        assert drain(now()) == {"done": 1}
    newest = links(browser.get(f"/demo/mail?to={address}").text)[0]
    page = browser.get(newest).text
    assert "auto-replied" in page
    assert f"http://localhost/tickets/{ticket.ref}" in page


def test_a_mail_that_nobody_may_answer_offers_no_reply(demo: Flask, browser: Browser) -> None:
    smtp = demo.extensions["portal_settings"].smtp
    with smtplib.SMTP(smtp.host, smtp.port, timeout=30) as server:
        server.sendmail("a@example.com", ["b@example.com"], b"Subject: \xff broken\r\nDate: never\r\n\r\nText")
    [url] = links(browser.get("/demo/mail").text)
    assert 'name="body"' not in browser.get(url).text
    assert browser.send(f"{url}/replies", {"body": "x"}).status_code == 404
    assert browser.get(f"{url}/html").status_code == 404
