"""What waits for somebody to join it stands on their start page, until they join or it is over."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.clock import now
from portal.organisations.models import Share
from tests.conftest import SignIn
from tests.home.test_start import counts, start
from tests.rooms.helpers import join, share, shares, text
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

LINE = "Shared with you, not joined yet"


def test_an_offer_waits_on_the_start_page_until_it_is_taken_up(world: World, sign_in: SignIn) -> None:
    ticket = world.make_ticket("customer", subject="Broken furnace")
    assert LINE not in counts(start(sign_in, "partner"))
    offer = share(world, sign_in, ticket, "customer", "partner")
    assert counts(start(sign_in, "partner"))[LINE] == "1"
    page = text(sign_in("partner").get("/rooms"))
    assert f'href="/rooms/{offer.ref}"' in page
    assert world.person("customer").name in page
    assert world.organisation("glass").name in page
    # What it is about stands on its own page, which asks again whether the sharer may tell it.
    assert "Broken furnace" not in page
    for hint in ("customer", "rival", "partner-admin"):
        assert LINE not in counts(start(sign_in, hint))
        assert offer.ref not in text(sign_in(hint).get("/rooms"))
    join(world, sign_in, offer, "partner")
    assert LINE not in counts(start(sign_in, "partner"))
    assert "Nothing waits for you to join it" in text(sign_in("partner").get("/rooms"))


def test_what_is_over_or_theirs_already_waits_for_nobody(world: World, sign_in: SignIn) -> None:
    ended = share(world, sign_in, world.make_ticket("customer"), "customer", "partner")
    with world.session() as session:
        session.get_one(Share, ended.id).ends_at = now() - timedelta(minutes=1)
        session.commit()
    share(world, sign_in, world.make_ticket("customer"), "customer", "customer-admin")
    for hint in ("partner", "customer-admin"):
        assert LINE not in counts(start(sign_in, hint))


def test_however_many_wait_as_many_statements(app: Flask, world: World, sign_in: SignIn) -> None:
    asked = set()
    for _ in range(3):
        share(world, sign_in, world.make_ticket("customer"), "customer", "partner")
        browser = sign_in("partner")
        browser.get("/")
        with statements(app) as done:
            browser.get("/")
            browser.get("/rooms")
        asked.add(len(done))
    assert len(shares(world)) == 3
    assert len(asked) == 1
