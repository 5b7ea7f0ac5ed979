"""The list of organisations and its export."""

import csv
import io

import pytest

from portal.access import Capacity
from portal.organisations.models import Organisation
from tests.conftest import SignIn
from tests.organisations.helpers import enrich, many_organisations, text
from tests.statements import statements
from tests.world import World


def names(answer) -> list[str]:
    lines = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert next(lines)[0] == "Reference"
    return [line[1] for line in lines]


def export(browser, query: str = "") -> list[str]:
    return names(browser.get(f"/organisations/export.csv{query}", headers={"Accept-Language": "en"}))


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    """Everybody reads English here, so that headings are the same."""
    from portal.accounts.models import Person

    with world.session() as session:
        for person in session.query(Person):
            person.language = "en"
        session.commit()


def test_each_sees_what_is_within_reach(sign_in: SignIn, world: World) -> None:
    cast = {key: world.organisation(key).name for key in ("glass", "looms", "paper", "foundry", "wolf", "herons")}
    assert export(sign_in("customer")) == [cast["glass"]]
    assert export(sign_in("supplier")) == [cast["looms"]]
    assert set(export(sign_in("partner"))) == {cast["wolf"], cast["glass"]}
    assert set(export(sign_in("buyer"))) == {cast["looms"], cast["paper"], cast["foundry"]}
    assert set(export(sign_in("channel-manager"))) == {cast["wolf"], cast["herons"]}
    assert len(export(sign_in("agent"))) == len(export(sign_in("auditor"))) == len(export(sign_in("admin"))) == 8


def test_the_page_shows_what_the_export_has(sign_in: SignIn, world: World) -> None:
    page = text(sign_in("agent").get("/organisations"))
    names = export(sign_in("agent"))
    assert names
    assert all(name in page for name in names)
    assert page.count("<h1") == 1


def test_a_former_partner_sees_the_customer_no_longer(sign_in: SignIn, world: World) -> None:
    assert world.organisation("glass").name not in export(sign_in("rival-partner"))


def test_each_capacity_of_one_person_reaches_its_own(sign_in: SignIn, world: World) -> None:
    bakery, foundry = world.organisation("bakery").name, world.organisation("foundry").name
    assert set(export(sign_in("many", acting="herons"))) == {world.organisation("herons").name, bakery}
    assert export(sign_in("many", acting="foundry.supplier")) == [foundry]


def test_the_fragment_is_the_list_alone(sign_in: SignIn) -> None:
    answer = sign_in("agent").htmx("/organisations")
    assert text(answer).lstrip().startswith('<div id="organisations"')


def test_moderators_and_newcomers_have_no_list(sign_in: SignIn) -> None:
    assert sign_in("moderator").get("/organisations").status_code == 403
    assert sign_in("newcomer").get("/organisations").status_code == 403
    assert sign_in("moderator").get("/organisations/export.csv").status_code == 403


def test_signed_out_people_are_sent_to_sign_in(client) -> None:
    assert client.get("/organisations").location.startswith("/sign-in")
    assert client.get("/organisations/export.csv").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("sklarny", "glass"),
        ("MĚSÍČNÍ lípa", "glass"),
        ("сьомий", "bakery"),
        ("باران", "carpets"),
        ("debesu", "looms"),
        ("lis", "foundry"),
        ("latarnia i wilk", "wolf"),
    ],
)
def test_names_are_found_however_they_are_typed(sign_in: SignIn, world: World, asked: str, key: str) -> None:
    assert export(sign_in("agent"), f"?q={asked}") == [world.organisation(key).name]


def test_a_reference_finds_its_organisation(sign_in: SignIn, world: World) -> None:
    glass = world.organisation("glass")
    assert export(sign_in("agent"), f"?q={glass.ref.lower()}") == [glass.name]
    assert export(sign_in("supplier"), f"?q={glass.ref}") == []


@pytest.mark.parametrize(("asked", "found"), [("%", ["100% Cotton"]), ("_", ["a_b Ltd"]), ("100%", ["100% Cotton"])])
def test_signs_are_literal(sign_in: SignIn, world: World, asked: str, found: list[str]) -> None:
    from portal.clock import now

    with world.session() as session:
        session.add_all(Organisation(name=name, created_at=now()) for name in ("100% Cotton", "100 Looms", "a_b Ltd"))
        session.commit()
    browser = sign_in("agent")
    answer = browser.get("/organisations/export.csv", query_string={"q": asked})
    assert names(answer) == found


def test_filters_narrow_the_list(sign_in: SignIn, world: World) -> None:
    agent = sign_in("agent")
    assert set(export(agent, "?capacity=partner")) == {
        world.organisation("wolf").name,
        world.organisation("herons").name,
    }
    assert export(agent, "?country=LT") == [world.organisation("looms").name]
    enrich(world, "glass")
    assert export(agent, "?phase=leaving") == [world.organisation("glass").name]
    assert export(sign_in("account-manager"), "?abc_class=A") == [world.organisation("glass").name]


def test_an_account_manager_lists_those_in_their_care(sign_in: SignIn, world: World) -> None:
    assert set(export(sign_in("account-manager"), "?mine=1")) == {
        world.organisation(key).name for key in ("glass", "foundry", "carpets")
    }


@pytest.mark.parametrize(
    ("hint", "query"),
    [
        ("agent", "abc_class=A"),
        ("agent", "segment=x"),
        ("agent", "sort=phase"),
        ("agent", "mine=1"),
        ("buyer", "phase=loyal"),
        ("partner", "capacity=customer"),
        ("partner", "phase=loyal"),
        ("customer", "phase=loyal"),
        ("agent", "capacity=king"),
        ("agent", "after=nonsense"),
    ],
)
def test_what_one_may_not_ask_is_refused(sign_in: SignIn, hint: str, query: str) -> None:
    assert sign_in(hint).get(f"/organisations?{query}").status_code == 400


def test_the_lens_of_a_row_decides_on_its_columns(sign_in: SignIn, world: World) -> None:
    """A channel manager reads the phase of partners, and of a supplier that they also look after, nothing."""
    enrich(world, "wolf")
    enrich(world, "looms")
    browser = sign_in("channel-manager")
    assert "Leaving" in text(browser.get("/organisations?q=latarnia"))
    assert "segment-umbra" in text(browser.get("/organisations?q=latarnia"))
    assert "segment-umbra" not in text(sign_in("agent").get("/organisations"))
    assert "segment-umbra" not in text(sign_in("partner").get("/organisations"))
    assert "segment-umbra" not in text(sign_in("agent").get("/organisations/export.csv"))


def test_pages_go_on_and_back_in_both_orders(sign_in: SignIn, world: World) -> None:
    import re

    many_organisations(world, 60)
    browser = sign_in("agent")
    for sort in ("name", "-name"):
        everybody = export(browser, f"?sort={sort}&q=Firm")
        url, seen, pages = f"/organisations?sort={sort}&q=Firm", [], []
        while url:
            page = text(browser.get(url))
            pages.append(re.findall(r"Firm \d{4}", page))
            seen += pages[-1]
            following = re.search(r'rel="next" href="([^"]+)"', page)
            previous = re.search(r'rel="prev" href="([^"]+)"', page)
            url = following[1] if following else ""
        assert seen == everybody == sorted(everybody, reverse=sort == "-name")
        assert previous is not None
        assert re.findall(r"Firm \d{4}", text(browser.get(previous[1]))) == pages[-2]


def test_the_list_asks_as_much_for_three_as_for_three_hundred(sign_in: SignIn, world: World) -> None:
    for hint in ("agent", "channel-manager", "account-manager"):
        browser = sign_in(hint)
        browser.get("/organisations")
        with statements(world.app) as few:
            browser.get("/organisations?q=i")
        if hint == "agent":
            many_organisations(world, 300, capacity=Capacity.PARTNER)
        with statements(world.app) as many:
            assert browser.get("/organisations").status_code == 200
        assert len(few) == len(many) <= 6


def test_empty_lists_say_what_to_do(sign_in: SignIn) -> None:
    assert "No organisation matches" in text(sign_in("agent").get("/organisations?q=nowhere-at-all"))


def test_no_cell_of_the_export_is_a_formula(sign_in: SignIn, world: World) -> None:
    from portal.clock import now

    with world.session() as session:
        session.add(Organisation(name="=HYPERLINK(1)", created_at=now()))
        session.commit()
    assert "'=HYPERLINK(1)" in export(sign_in("agent"))


def test_a_long_export_is_whole(sign_in: SignIn, world: World) -> None:
    many_organisations(world, 1200)
    assert len(export(sign_in("agent"), "?q=Firm")) == 1200


def test_logging_a_contact_begins_with_choosing_the_organisation(sign_in: SignIn, world: World) -> None:
    page = text(sign_in("agent").get("/organisations?then=contact&q=debesu"))
    assert f"/organisations/{world.organisation('looms').ref}/contacts/new" in page
