"""The opening story, as a newcomer would live it: a ticket with a picture, an answer, a note that nobody else sees."""

import io
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Live, NewPage, axe, set_language

SECRET = "Aldebaran-4711"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "#aa5533").save(buffer, "PNG")
    path = tmp_path / "crack.png"
    path.write_bytes(buffer.getvalue())
    return path


def texts_of(mail: EmailMessage) -> str:
    return "\n".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")


def mails_to(mails: list[EmailMessage], address: str) -> list[EmailMessage]:
    return [mail for mail in mails if address in str(mail["To"])]


def open_ticket(page: Page, picture: Path) -> str:
    """Through the form; the address of the new ticket."""
    page.goto("/tickets")
    page.get_by_role("link", name="New ticket").first.click()
    page.locator("label", has_text="Problem").first.click()
    page.get_by_label("Subject").fill("A crack in the glass")
    page.get_by_label("Description").fill("Six of **twenty** sheets came cracked.")
    page.locator("input[type=file]").first.set_input_files(picture)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile(r"/tickets/T-\w{8}$"))
    return page.url


def expect_picture(image: Locator) -> None:
    """It arrives, now or in a moment, and it is one that can be shown."""
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    expect(image).not_to_have_js_property("naturalWidth", 0)


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
def test_a_ticket_is_opened_answered_and_noted(new_page: NewPage, live: Live, picture: Path, scripts: bool) -> None:
    customer = new_page("customer", java_script_enabled=scripts)
    set_language(customer, "en")
    url = open_ticket(customer, picture)
    expect(customer.get_by_role("heading", level=1)).to_have_text("A crack in the glass")
    expect(customer.locator("strong", has_text="twenty")).to_have_count(1)
    expect_picture(customer.locator("img[src*=thumbnail]"))

    # The same record at the same address, for somebody who works on problems.
    agent = new_page("agent-2", java_script_enabled=scripts)
    set_language(agent, "en")
    agent.goto(url)
    agent.get_by_role("button", name="Take it").click()
    agent.get_by_text("Assigned to").first.wait_for()
    agent.goto(url)
    agent.get_by_label("Reply", exact=True).fill("New sheets leave today.")
    agent.get_by_role("button", name="Send", exact=True).click()
    agent.get_by_text("New sheets leave today.").first.wait_for()
    agent.locator("#note summary").click()
    agent.locator("#note textarea").fill(f"Ask the carrier about {SECRET}.")
    agent.get_by_role("button", name="Add internal note").click()
    agent.get_by_text(SECRET).first.wait_for()

    # The customer sees the answer, and never sees, counts, finds, exports or infers the note.
    customer.goto(url)
    assert customer.get_by_text("New sheets leave today.").count() >= 1
    assert SECRET not in customer.content()
    assert "nternal note" not in customer.content()
    for address in ("/", "/tickets", f"/tickets?q={SECRET}", f"/search?q={SECRET}", "/notices"):
        customer.goto(address)
        answer = customer.locator("main").inner_text()
        assert "nternal note" not in answer
        assert "carrier" not in answer
    assert SECRET not in customer.request.get("/tickets/export.csv").text()

    # Both hear by mail: the customer in Czech, their own language at first, or the one they chose since.
    mails = live.deliver()
    to_customer = mails_to(mails, "bozena.ticha@")
    assert any("New sheets leave today." in texts_of(mail) and url in texts_of(mail) for mail in to_customer)
    assert not any(SECRET in texts_of(mail) for mail in mails_to(mails, "mesicni-lipa.example.com"))
    for mail in to_customer:
        assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}


def test_the_mail_speaks_the_readers_language(new_page: NewPage, live: Live, picture: Path) -> None:
    customer = new_page("customer", java_script_enabled=False)
    customer.goto("/tickets/new")
    customer.locator("input[name=category][value=problem]").check(force=True)
    customer.locator("input[name=subject]").fill("Prasklina ve skle")
    customer.locator("textarea[name=body]").fill("Šest tabulí je prasklých.")
    customer.locator("form.record button[type=submit], form.record button:not([type])").first.click()
    customer.wait_for_url(re.compile(r"/tickets/T-\w{8}$"))
    agent = new_page("agent-2", java_script_enabled=False)
    set_language(agent, "en")
    agent.goto(customer.url)
    agent.get_by_label("Reply", exact=True).fill("Zítra přijdou nové.")
    agent.get_by_role("button", name="Send", exact=True).click()
    mail = next(m for m in mails_to(live.deliver(), "bozena.ticha@") if "Zítra přijdou nové." in texts_of(m))
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    assert 'lang="cs"' in html
    assert mail["Auto-Submitted"] == "auto-generated"
    assert customer.url in texts_of(mail)


def test_a_ticket_is_opened_and_answered_from_the_keyboard_alone(new_page: NewPage) -> None:
    page = new_page("customer")
    set_language(page, "en")
    page.goto("/tickets/new")

    def tab_to(name: str) -> None:
        for _press in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(() => { const e = document.activeElement;"
                " return ((e.labels && e.labels[0] && e.labels[0].innerText) || e.innerText || '').trim() })()"
            )
            if focused.split("\n")[0].startswith(name):
                return
        raise AssertionError(f"no way by keyboard to {name}")

    tab_to("Question")
    page.keyboard.press("Space")
    tab_to("Subject")
    page.keyboard.type("Opening hours")
    tab_to("Description")
    page.keyboard.type("Are you open on Saturday?")
    tab_to("Send")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tickets/T-\w{8}$"))
    tab_to("Reply")
    page.keyboard.type("In the morning, I mean.")
    tab_to("Send")
    page.keyboard.press("Enter")
    expect(page.locator("#conversation").get_by_text("In the morning, I mean.").first).to_be_visible()


def test_in_persian_on_a_phone(new_page: NewPage, picture: Path) -> None:
    page = new_page("customer-admin", viewport={"width": 390, "height": 844}, has_touch=True, locale="fa-IR")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.goto("/tickets/new")
    page.locator("input[name=category][value=question]").check(force=True)
    page.locator("input[name=subject]").fill("ساعت کار انبار")
    page.locator("textarea[name=body]").fill("آیا پنج‌شنبه‌ها باز هستید؟")
    page.locator("input[type=file]").first.set_input_files(picture)
    page.get_by_role("button", name="فرستادن").click()
    page.wait_for_url(re.compile(r"/tickets/T-\w{8}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("ساعت کار انبار")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert wide is False
    # Persian digits and the Jalali calendar, where nobody chose otherwise.
    exact = page.locator("main time").first.get_attribute("title") or ""
    assert re.search("[۰-۹]", exact)
    assert re.search("۱[۴۵][۰-۹]{2}", exact)
    assert axe(page) == []


def test_a_new_message_appears_in_an_open_page(new_page: NewPage, picture: Path) -> None:
    customer = new_page("customer")
    set_language(customer, "en")
    url = open_ticket(customer, picture)
    agent = new_page("agent-2")
    set_language(agent, "en")
    agent.goto(url)
    agent.get_by_label("Reply", exact=True).fill("Coming tomorrow.")
    agent.get_by_role("button", name="Send", exact=True).click()
    expect(customer.get_by_text("Coming tomorrow.").first).to_be_visible(timeout=60_000)


def test_what_is_half_typed_outlives_a_decision(new_page: NewPage, picture: Path) -> None:
    customer = new_page("customer")
    set_language(customer, "en")
    url = open_ticket(customer, picture)
    agent = new_page("agent-2")
    set_language(agent, "en")
    agent.goto(url)
    reply = agent.get_by_label("Reply", exact=True)
    reply.fill("Half a reply")
    agent.locator("#reply input[type=file]").set_input_files(picture)
    agent.locator("#note summary").click()
    agent.locator("#note textarea").fill("Half a note")
    agent.get_by_role("button", name="Take it").click()
    expect(agent.get_by_role("button", name="Take it")).to_have_count(0)
    expect(reply).to_have_value("Half a reply")
    expect(agent.locator("#note textarea")).to_have_value("Half a note")
    agent.get_by_role("button", name="Add internal note").click()
    expect(agent.locator("#messages").get_by_text("Half a note")).to_be_visible()
    expect(agent.locator("#note textarea")).to_have_value("")
    agent.get_by_role("button", name="Send", exact=True).click()
    expect(agent.locator("#messages").get_by_text("Half a reply")).to_be_visible()
    expect(agent.locator("#messages .attachments")).to_have_count(2)
    expect(reply).to_have_value("")
