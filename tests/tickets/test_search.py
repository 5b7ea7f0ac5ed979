"""Search: every word as a beginning, in six languages, and never in what its reader may not read."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.organisations.models import Share
from portal.text import clean_line
from portal.tickets.messages import SearchEntry
from portal.tickets.models import Ticket
from portal.tickets.search import MOST_MATCHES, asked_words
from tests.conftest import SignIn
from tests.tickets.test_list import refs, text
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
LANGUAGES = {
    "Příliš žluťoučký kůň úpěl": ["prilis", "ŽLUŤ", "kun upel", "kůň"],
    "Zażółć gęślą jaźń w Łodzi": ["zazolc", "lodz", "ŁÓDŹ gesla"],
    "Замовлення м’яча з Ґречани": ["замовл", "м'яч", "мяч", "гречан", "ЗАМОВЛЕННЯ мяча"],
    "Įlinkdama fechtuotojo špaga": ["ilinkdama", "ŠPAGA", "spag fecht"],
    "می‌خواهم کتاب ۱۲۳۴ را بخوانم": ["كتاب", "1234", "۱۲", "ميخواهم", "می‌خواهم", "بخوانم کتاب"],
    "The 20% discount_code isn't C++": ["20%", "discount code", "isnt", "discount c++", "discount_code"],
}


def found(browser: object, question: str) -> list[str]:
    return refs(browser.get("/tickets", query_string={"q": question}))


@pytest.mark.parametrize("subject", LANGUAGES)
def test_words_are_found_however_they_are_typed(sign_in: SignIn, world: World, subject: str) -> None:
    by_subject = world.make_ticket("customer", subject=subject, body="Something else.")
    by_body = world.make_ticket("customer", subject="Something else", body=f"Once more: **{subject}**, please.")
    # Found by its reference too, which must not begin like one of the words.
    world.make_ticket("customer", subject="Neither", body="nor", ref="T-ZZZZZZZZ")
    browser = sign_in("customer")
    for question in LANGUAGES[subject]:
        assert set(found(browser, question)) == {by_subject.ref, by_body.ref}, question


def test_all_words_and_each_from_its_beginning(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", subject="Broken lamp", body="It flickers every evening.")
    browser = sign_in("customer")
    for question in ("brok lam", "lamp flick", "FLICKERS, broken!", "e e e ev"):
        assert found(browser, question) == [ticket.ref], question
    for question in (
        "amp",
        "lamp chair",
        "rok",
        "%",
        "_",
        "l_mp",
        "l%p",
        "%lamp_ chair",
        "👍",
        "-",
        "٪",
        "*",
        '"',
        "'",
    ):
        assert found(browser, question) == [], question


def test_percent_and_underscore_mean_themselves(sign_in: SignIn, world: World) -> None:
    subjects = ("100% cotton", "100 cottons", "axb and error-code", "a_b in error_code_7", "تخفیف ٪۲۰", "____")
    refs = {subject: world.make_ticket("customer", subject=subject, body="x").ref for subject in subjects}
    browser = sign_in("customer")
    for question, hits in {
        "100%": ["100% cotton"],
        "100% cott": ["100% cotton"],
        "100": ["100% cotton", "100 cottons"],
        "%": ["100% cotton", "تخفیف ٪۲۰"],
        "%20": ["تخفیف ٪۲۰"],
        "٪۲۰": ["تخفیف ٪۲۰"],
        "20%": [],
        "a_b": ["a_b in error_code_7"],
        "a%b": [],
        "error_c": ["a_b in error_code_7"],
        "_code": ["a_b in error_code_7"],
        "code": ["axb and error-code", "a_b in error_code_7"],
        "_": ["a_b in error_code_7", "____"],
        "%%": [],
        "__": ["____"],
    }.items():
        assert set(found(browser, question)) == {refs[subject] for subject in hits}, question


@pytest.mark.parametrize(
    "question",
    ["lamp OR chair", "lamp NOT broken", "lamp AND AND", "NEAR(lamp broken)", "lamp NEAR chair", "words:lamp",
     "tokens:lamp", "lamp | chair", "lamp & !broken", "!lamp", "lamp <-> chair", "(lamp", "lamp)", "lamp:*A", "^lamp x",
     'lamp" OR "chair', "lamp' OR 'chair", "lamp\\", "{lamp} : chair", "lamp;drop table ticket"],
)  # fmt: skip
def test_operators_are_words_like_others(sign_in: SignIn, world: World, question: str) -> None:
    lamp = world.make_ticket("customer", subject="Broken lamp", body="x")
    world.make_ticket("customer", subject="Chair", body="x")
    assert found(sign_in("customer"), question) in ([], [lamp.ref])
    literal = world.make_ticket("customer", subject=question, body="x")
    assert literal.ref in found(sign_in("customer"), question)
    assert len(found(sign_in("customer"), question)) <= 2


def test_a_reference_finds_its_ticket_in_any_spelling(sign_in: SignIn, world: World) -> None:
    ticket, other = world.make_ticket(ref="T-7F3KQ92D"), world.make_ticket(ref="T-ABCDEFGH")
    browser = sign_in("customer")
    for question in ("T-7F3KQ92D", "t-7f3kq92d", " T - 7F3K Q92D ", "T7F3KQ92D", "T–7F3KQ92D", "7f3kq", "t 7f3kq92d"):
        assert found(browser, question) == [ticket.ref], question
    assert found(browser, "T-ABCDEFGH") == [other.ref]
    assert found(sign_in("rival"), "T-7F3KQ92D") == []
    assert ticket.ref in text(browser.get("/search?q=t-7f3kq92d"))
    assert asked_words("telephone") == ["telephone"]
    assert asked_words("T-oil00000") == ["01100000"]


def test_no_hit_reveals_a_note(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    world.note(ticket, "agent", "umbrageous suspicion")
    for hint in ("customer", "customer-admin", "rival", "partner", "supplier"):
        assert found(sign_in(hint), "umbrageous") == []
        assert ticket.ref not in text(sign_in(hint).get("/search?q=umbrageous"))
    for hint in ("agent", "agent-2", "auditor", "account-manager"):
        assert found(sign_in(hint), "umbrageous") == [ticket.ref]


def test_a_message_is_found_by_those_that_it_is_addressed_to(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("partner", organisation="glass", subject="Lamp")
    world.reply(ticket, "agent", "penumbra for the customer", audience=["glass"])
    world.reply(ticket, "agent", "antumbra for both", audience=["glass", "wolf"])
    assert found(sign_in("customer-admin"), "penumbra") == found(sign_in("partner"), "antumbra") == [ticket.ref]
    assert found(sign_in("partner"), "penumbra") == []
    assert found(sign_in("partner"), "lamp") == [ticket.ref]


@pytest.mark.parametrize("verb", ["withdraw", "redact"])
def test_words_that_are_gone_find_nothing(sign_in: SignIn, world: World, verb: str) -> None:
    author = "customer" if verb == "withdraw" else "account-manager"
    ticket = world.make_ticket("customer", subject="Lamp")
    message = world.reply(ticket, "customer", "regrettable words")
    assert found(sign_in("customer"), "regrettable") == [ticket.ref]
    with world.as_(author) as session:
        getattr(session.get_one(type(message), message.id), verb)(session.info["principal"], now())
        session.commit()
    for hint in ("customer", "agent", "auditor"):
        assert found(sign_in(hint), "regrettable") == []
        assert found(sign_in(hint), "lamp") == [ticket.ref]


def test_what_is_shared_is_searched_too(sign_in: SignIn, world: World) -> None:
    shared, other = world.make_ticket("rival", subject="Lamp one"), world.make_ticket("rival", subject="Lamp two")
    own = world.make_ticket("partner", subject="Lamp three")
    with world.session() as session:
        session.add(
            Share(
                record_kind="ticket",
                record_id=shared.id,
                organisation_id=world.organisation("wolf").id,
                shared_by_id=world.person_id("rival"),
                starts_at=now() - timedelta(hours=1),
            )
        )
        session.commit()
    assert set(found(sign_in("partner"), "lamp")) == {shared.ref, own.ref}
    assert found(sign_in("partner"), "two") == []
    assert found(sign_in("rival"), "two") == [other.ref]


def test_a_company_is_no_word(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer")
    with world.session() as session:
        tokens = session.scalars(sa.select(SearchEntry.tokens).where(SearchEntry.ticket_id == ticket.id)).first()
    assert tokens
    assert found(sign_in("agent"), tokens) == found(sign_in("agent"), tokens[1:]) == []


def test_a_search_is_narrowed_and_paged_like_the_list(sign_in: SignIn, world: World) -> None:
    at = now() - timedelta(days=2)
    made = [world.make_ticket(subject=f"Lamp {n}", at=at + timedelta(minutes=n)) for n in range(27)]
    solved = world.make_ticket(subject="Lamp solved", state="resolved")
    browser = sign_in("customer")
    first = browser.get("/tickets?q=lamp&state=unfinished")
    assert refs(first) == [ticket.ref for ticket in made[:1:-1]]
    assert "q=lamp" in text(first).split('rel="next" href="')[1].split('"')[0]
    assert refs(browser.get("/tickets?q=lamp&state=solved")) == [solved.ref]
    assert refs(browser.get("/tickets?q=lamp&state=waiting-for-you")) == []


def test_the_cap_counts_what_the_reader_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newer matches out of reach take no place from those within."""
    monkeypatch.setattr("portal.tickets.search.MOST_MATCHES", 2)
    mine = world.make_ticket("customer", subject="Lamp")
    for _ in range(3):
        world.make_ticket("rival", subject="Lamp")
        world.note(mine, "agent", "lamp lamp")
    from portal.tickets.listing import Filters, list_tickets

    with world.as_("customer") as session:
        lines = list_tickets(session, session.info["principal"], Filters(q="lamp")).rows
    assert [line.ref for line in lines] == [mine.ref]
    assert MOST_MATCHES == 2000


@pytest.mark.parametrize(
    "question", ["x" * 5000, "a " * 300, "ü" * 199, "\x00a", "a\u202eb", "😀" * 50, "t-" + "a" * 8]
)
def test_odd_questions_are_answered(sign_in: SignIn, world: World, question: str) -> None:
    world.make_ticket(subject=clean_line(question[:100]) or "Nothing")
    for path in ("/tickets", "/search", "/tickets/export.csv"):
        assert sign_in("agent").get(path, query_string={"q": question}).status_code == 200


def test_everything_within_reach_is_searched_at_once(sign_in: SignIn, world: World) -> None:
    ticket = world.make_ticket("customer", subject="Glass from the Moon")
    staff, customer = sign_in("agent"), sign_in("customer")
    glass, person = world.organisation("glass"), world.person("customer")
    assert ticket.subject in text(staff.get("/search?q=moon"))
    for question in ("sklarny", "MESICNI", "Sklárny Měs"):
        assert glass.name in text(staff.get("/search", query_string={"q": question}))
        assert glass.name in text(customer.get("/search", query_string={"q": question}))
    assert person.name in text(staff.get("/search?q=bozena"))
    rival = world.person("rival")
    assert rival.name in text(staff.get("/search", query_string={"q": "остап"}))
    page = text(customer.get("/search", query_string={"q": "остап"}))
    assert rival.name not in page
    assert "Nothing matches" in page
    assert f'href="/tickets/{ticket.ref}"' not in text(sign_in("rival").get("/search?q=moon"))


@pytest.mark.parametrize("hint", ["moderator", "admin", "newcomer"])
def test_who_has_no_tickets_finds_none(sign_in: SignIn, world: World, hint: str) -> None:
    ticket = world.make_ticket("customer", subject="Moonstruck")
    answer = sign_in(hint).get("/search?q=moonstruck")
    assert answer.status_code == 200
    assert ticket.ref not in text(answer)


def test_signed_out_people_sign_in_before_they_search(client) -> None:
    assert client.get("/search?q=a").headers["Location"].startswith("/sign-in?next=/search")


def test_the_same_answer_for_what_is_not_there_and_what_is_not_theirs(sign_in: SignIn, world: World) -> None:
    hidden = world.make_ticket("rival", subject="Noctilucent")
    browser = sign_in("customer")
    there = text(browser.get("/tickets?q=noctilucent")).replace("noctilucent", "?")
    nowhere = text(browser.get("/tickets?q=crepuscular")).replace("crepuscular", "?")
    assert hidden.ref not in there
    assert there.split("<main")[1].split("</main")[0] == nowhere.split("<main")[1].split("</main")[0]
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Ticket.id))) == 1
