"""The contact history: who reads what of it, in which order, in which words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from portal import paths
from portal.access import Capacity
from portal.accounts.models import Person, Team
from portal.clock import now
from portal.database import session_of
from portal.organisations.models import Channel
from portal.organisations.sentences import TELLINGS
from portal.tickets.lifecycle import Verb
from portal.tickets.models import Category, Priority
from tests.conftest import SignIn
from tests.organisations.helpers import contact, link_of, text
from tests.statements import statements
from tests.world import World


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    with world.session() as session:
        for person in session.query(Person):
            person.language = "en"
        session.commit()


def history(sign_in: SignIn, world: World, hint: str, key: str, query: str = "", acting: str = "") -> str:
    answer = sign_in(hint, acting=acting).get(f"/organisations/{world.organisation(key).ref}/history{query}")
    assert answer.status_code == 200
    return text(answer)


def subjects(page: str) -> list[str]:
    return re.findall(r'<strong dir="auto">([^<]+)</strong>', page)


def test_the_company_reads_what_is_shared_with_it(sign_in: SignIn, world: World) -> None:
    contact(world, "glass", "Shared words", shared=True, note="And **bold** ones")
    contact(world, "glass", "Among us", note="Nobody outside")
    for hint in ("customer", "customer-admin"):
        page = history(sign_in, world, hint, "glass")
        assert subjects(page) == ["Shared words"]
        assert "<strong>bold</strong>" in page
        assert "Nobody outside" not in page
        assert "Staff only" not in page
    assert set(subjects(history(sign_in, world, "agent", "glass"))) == {"Shared words", "Among us"}
    assert "Nobody outside" in history(sign_in, world, "auditor", "glass")


def test_staff_read_what_their_scope_reaches(sign_in: SignIn, world: World) -> None:
    contact(world, "foundry", "As a customer", capacity=Capacity.CUSTOMER)
    contact(world, "foundry", "As a supplier", capacity=Capacity.SUPPLIER)
    assert subjects(history(sign_in, world, "buyer", "foundry")) == ["As a supplier"]
    assert len(subjects(history(sign_in, world, "account-manager", "foundry"))) == 2
    ref = world.organisation("foundry").ref
    for hint in ("admin", "moderator", "newcomer"):
        assert sign_in(hint).get(f"/organisations/{ref}/history").status_code == 403
    assert sign_in("channel-manager").get(f"/organisations/{ref}/history").status_code == 404
    assert sign_in("rival").get(f"/organisations/{ref}/history").status_code == 404


def test_each_capacity_reads_its_own(sign_in: SignIn, world: World) -> None:
    contact(world, "foundry", "As a customer", capacity=Capacity.CUSTOMER, shared=True)
    contact(world, "foundry", "As a supplier", capacity=Capacity.SUPPLIER, shared=True)
    assert subjects(history(sign_in, world, "many", "foundry", acting="foundry.supplier")) == ["As a supplier"]
    assert subjects(history(sign_in, world, "many", "foundry", acting="foundry.customer")) == ["As a customer"]


def test_a_partner_has_no_history_of_a_linked_customer(sign_in: SignIn, world: World) -> None:
    assert sign_in("partner").get(f"/organisations/{world.organisation('glass').ref}/history").status_code == 403


def test_signed_out_people_are_sent_to_sign_in(client, world: World) -> None:
    assert client.get(f"/organisations/{world.organisation('glass').ref}/history").location.startswith("/sign-in")


def test_no_note_shows_in_the_history_of_its_company(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", subject="The visible ticket")
    world.note(ticket, "agent", "Unspeakable")
    with world.ticket_as(ticket, "agent") as (found, who):
        found.change_state(who, Verb.HOLD, at=now(), version=found.version_for(who))
    mine = history(sign_in, world, "customer", "glass")
    assert "The visible ticket" in mine
    assert "note" not in mine.lower().replace("notices", "").replace("noted", "")
    assert "On hold" not in mine
    theirs = history(sign_in, world, "agent", "glass")
    assert "Internal note:" in theirs
    assert "On hold" in theirs
    assert "Unspeakable" not in theirs
    # A colleague who cannot read the ticket reads nothing of it either.
    world.make_ticket("customer-admin", subject="Of the admin alone")
    assert "Of the admin alone" not in history(sign_in, world, "customer", "glass")


def test_what_happened_earlier_stands_further_down(sign_in: SignIn, world: World) -> None:
    contact(world, "glass", "Noted first, happened last")
    contact(world, "glass", "Noted last, happened first", at=now() - timedelta(days=9))
    assert subjects(history(sign_in, world, "agent", "glass")) == [
        "Noted first, happened last",
        "Noted last, happened first",
    ]


def test_channels_and_kinds_narrow_it(sign_in: SignIn, world: World) -> None:
    contact(world, "glass", "By phone", channel=Channel.PHONE)
    contact(world, "glass", "By fax", channel=Channel.FAX)
    world.make_ticket("customer", subject="By ticket")
    assert subjects(history(sign_in, world, "agent", "glass", "?channel=fax")) == ["By fax"]
    by_kind = history(sign_in, world, "agent", "glass", "?kind=ticket-opened")
    assert "By ticket" in by_kind
    assert subjects(by_kind) == []
    assert "Nothing of this kind" in history(sign_in, world, "agent", "glass", "?channel=shop")
    answer = sign_in("agent").htmx(f"/organisations/{world.organisation('glass').ref}/history")
    assert text(answer).lstrip().startswith('<div id="history"')


@pytest.mark.parametrize(
    ("hint", "query"),
    [("agent", "kind=nonsense"), ("agent", "channel=pigeon"), ("customer", "kind=note"), ("agent", "after=x")],
)
def test_what_one_may_not_ask_is_refused(sign_in: SignIn, world: World, hint: str, query: str) -> None:
    ref = world.organisation("glass").ref
    assert sign_in(hint).get(f"/organisations/{ref}/history?{query}").status_code == 400


def test_pages_go_on_and_back(sign_in: SignIn, world: World) -> None:
    at = now() - timedelta(days=1)
    for place in range(60):
        # Many at the same moment: the reference decides.
        contact(world, "glass", f"S{place}", at=at - timedelta(hours=place // 10))
    browser = sign_in("agent")
    url, seen, pages, page = f"/organisations/{world.organisation('glass').ref}/history", [], [], ""
    while url:
        page = text(browser.get(url))
        pages.append(subjects(page))
        seen += pages[-1]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following[1] if following else ""
    assert sorted(seen) == sorted(f"S{place}" for place in range(60))
    assert len(pages) == 3
    previous = re.search(r'rel="prev" href="([^"]+)"', page)
    assert previous is not None
    assert subjects(text(browser.get(previous[1]))) == pages[1]


def test_of_one_moment_what_was_written_last_comes_first(sign_in: SignIn, world: World) -> None:
    at = now()
    for place in range(9):
        contact(world, "glass", f"S{place}", at=at)
    assert subjects(history(sign_in, world, "agent", "glass")) == [f"S{place}" for place in reversed(range(9))]


def test_history_asks_as_much_for_many_as_for_few(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    for hint in ("agent", "customer-admin"):
        browser = sign_in(hint)
        contact(world, "glass", "One", shared=True, person_id=world.person_id("customer"))
        browser.get(f"/organisations/{ref}/history")
        with statements(world.app) as few:
            browser.get(f"/organisations/{ref}/history")
        for _ in range(25):
            contact(world, "glass", "More", shared=True, person_id=world.person_id("customer-admin"))
        with statements(world.app) as many:
            browser.get(f"/organisations/{ref}/history")
        assert len(few) == len(many) <= 6


def test_a_stranger_is_not_named_by_a_contact_with_them(sign_in: SignIn, world: World) -> None:
    """Somebody of another company, should a parameter ever name them, stays unknown."""
    contact(world, "glass", "Odd", shared=True, person_id=world.person_id("rival"))
    page = history(sign_in, world, "customer", "glass")
    assert world.person("rival").name not in page
    assert "somebody" in page


def test_staff_who_never_wrote_to_us_are_not_named(sign_in: SignIn, world: World) -> None:
    contact(world, "glass", "Visit", shared=True, actor="account-manager")
    assert world.person("account-manager").name not in history(sign_in, world, "customer", "glass")
    assert world.person("account-manager").name in history(sign_in, world, "agent", "glass")


def test_every_kind_that_is_recorded_can_be_told() -> None:
    modules = [path for path in Path(paths.__file__).parent.rglob("*.py") if path.name != "sentences.py"]
    everything = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    recorded = set(re.findall(r'(?:record_activity|\b_?record)\(\s*"([a-z-]+)"', everything))
    assert recorded - TELLINGS.keys() == set()
    # The steps of a deal, a direct sale, an order and a request for quotation are recorded with their verbs.
    named = {kind: re.sub("^(deal|opportunity|order|rfq)-", "", kind) for kind in TELLINGS}
    assert [kind for kind, word in named.items() if f'"{word}"' not in everything] == []


def test_names_in_a_sentence_are_those_that_the_reader_knows(sign_in: SignIn, world: World) -> None:
    glass, link = world.organisation("glass"), link_of(world, "wolf", "glass")
    contact(world, "glass", "With a colleague", shared=True, person_id=world.person_id("customer-admin"))
    sign_in("customer-admin").send(f"/organisations/{glass.ref}/partners/{link}/consent/withdrawal")
    wolf = world.organisation("wolf").name
    mine = history(sign_in, world, "customer", "glass")
    assert world.person("customer-admin").name in mine
    assert "the partner of record may no longer open tickets for" in re.sub(r"<[^>]+>", "", mine)
    assert wolf not in mine
    assert wolf in history(sign_in, world, "agent", "glass")
    assert glass.name in history(sign_in, world, "partner", "wolf")


@pytest.mark.parametrize("hint", ["agent", "customer-admin"])
def test_everything_that_happens_to_a_ticket_is_told(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer", subject="Retold", copies=["customer-admin"])
    team_id = world.team("technical").id
    with world.ticket_as(ticket, "agent") as (found, who):
        agent = session_of(found).get_one(Person, who.person_id)
        found.assign(who, agent, at=now(), version=found.version_for(who))
        found.classify(who, category=Category.CLAIM, priority=Priority.HIGH, at=now(), version=found.version_for(who))
        found.change_state(who, Verb.RESOLVE, at=now(), version=found.version_for(who))
        team = session_of(found).get_one(Team, team_id)
        found.hand_on(who, team, at=now(), version=found.version_for(who))
    page = re.sub(r"<[^>]+>", "", history(sign_in, world, hint, "glass"))
    told = ["Ticket opened: Retold", "was copied into Retold", "is now “Claim”", "is now “High”"]
    told += ["to “Resolved”", "handed on: Technical support"] if hint == "agent" else ["to “Solved”"]
    assert [sentence for sentence in told if sentence not in page] == []
    assert ("handed on" in page) == (hint == "agent")
