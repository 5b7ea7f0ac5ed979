"""The fair deal as a channel manager lives it: registrations come in, and the queue is worked through by keyboard."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from portal.clock import now
from tests.browser.conftest import Live, NewPage, set_language
from tests.deals.helpers import DealWorld
from tests.world import World


def register(page: Page) -> str:
    """Through the three steps of the form; the reference of the registration."""
    page.goto("/deals/new")
    page.get_by_label("Name of the customer").fill("Sklárny Jitřní Rosa s.r.o.")
    page.get_by_label("Web domain").fill("jitrni-rosa.example.com")
    page.get_by_label("Country").select_option("CZ")
    page.get_by_label("Name of the contact").fill("Alžběta Rosická")
    page.get_by_label("E-mail").fill("alzbeta.rosicka@jitrni-rosa.example.com")
    page.get_by_role("button", name="Next").click()
    page.locator("label", has_text="Standard").first.click()
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Size of the deal").fill("12,500")
    page.get_by_label("Expected close date").fill("2030-06-30")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("The registration is submitted.")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def press(page: Page, *keys: str) -> None:
    # The button is shown by the script that reads the keys.
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    for key in keys:
        page.keyboard.press(key)


def test_the_queue_is_worked_through_by_keyboard_alone(new_page: NewPage, live: Live) -> None:
    partner = new_page("partner")
    set_language(partner, "en")
    first = register(partner)
    second = DealWorld(World(live.app)).submitted("rival-partner", at=now(), customer_name="Nový Úsvit").ref
    live.deliver()

    staff = new_page("channel-manager")
    set_language(staff, "en")
    staff.goto(f"/deals/queue/{first}")
    press(staff, "t")
    expect(staff.get_by_text("You are reviewing this registration.")).to_be_visible()
    press(staff, "c", "Control+Enter")
    expect(staff.get_by_text("The customer is named.")).to_be_visible()
    # The form of the approval opens with the cursor in it, where letters are letters; nothing is decided yet.
    press(staff, "a")
    expect(staff.get_by_label("Message to the partner")).to_be_focused()
    staff.keyboard.type("Well prepared, take heart.")
    expect(staff).to_have_url(re.compile(first))
    press(staff, "Control+Enter")

    # The next one follows by itself.
    expect(staff).to_have_url(re.compile(rf"/deals/queue/{second}$"))
    expect(staff.get_by_text("The registration is approved.")).to_be_visible()
    press(staff, "t")
    expect(staff.get_by_text("You are reviewing this registration.")).to_be_visible()
    press(staff, "r")
    staff.keyboard.type("Which hall?")
    press(staff, "Control+Enter")
    expect(staff.get_by_text("The registration is returned to the partner.")).to_be_visible()
    expect(staff).not_to_have_url(re.compile(second))

    partner.reload()
    expect(partner.get_by_text("Well prepared, take heart.")).to_be_visible()
    expect(partner.get_by_text(re.compile("^Protected until .* left"))).to_be_visible()


def test_the_keys_are_shown_and_can_be_turned_off(new_page: NewPage, live: Live) -> None:
    deals = DealWorld(World(live.app))
    first, second = (deals.submitted(at=now() - timedelta(days=days)).ref for days in (14, 7))
    page = new_page("channel-manager")
    set_language(page, "en")
    page.goto(f"/deals/queue/{first}")
    press(page, "j")
    expect(page).to_have_url(re.compile(second))
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keys of the queue")
    keys.get_by_label("Turn these keys off in this browser").check()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    for _again in range(2):
        # Nothing opens that would take the cursor, here and on every page from now on.
        press(page, "r", "k")
        expect(page.locator("#decide-return[open]")).to_have_count(0)
        expect(page).to_have_url(re.compile(second))
        page.reload()
