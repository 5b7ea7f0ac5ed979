"""A receipt as its holder reads, prints and takes it home, and as nobody else does."""

import html
import json
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.access.scope import readable
from portal.accounts.models import AccessLog
from portal.languages import LANGUAGES
from portal.receipts import rules, words
from portal.receipts.checking import check, read_bundle
from portal.receipts.models import Receipt
from portal.receipts.slips import pack, unpack
from tests.conftest import SignIn
from tests.receipts.conftest import CONTENT, Issue, masked
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

READERS = ("partner", "partner-admin", "channel-manager", "auditor")
STRANGERS = ("customer", "supplier", "agent", "buyer", "moderator", "newcomer", "admin")
PLACES = ("/receipts/{}", "/receipts/{}.json", "/receipts/{}/chain.json")


@pytest.fixture
def receipt(issued: Issue) -> Receipt:
    return issued("approved")


@pytest.fixture
def labelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a room fills the registry of labels."""
    labels = {
        "customer": words.Label("Customer"),
        "protected_until": words.Label("Protected until", words.day),
    }
    for name, label in labels.items():
        monkeypatch.setitem(words.LABELS, name, label)


@pytest.mark.usefixtures("labelled")
@pytest.mark.parametrize("hint", READERS)
def test_who_reads_the_deal_reads_its_receipt(sign_in: SignIn, receipt: Receipt, hint: str) -> None:
    page = sign_in(hint).get(f"/receipts/{receipt.ref}").text
    for said in (
        receipt.ref,
        "D-00000001",
        "Approved",
        "2026-11-22T09:30:00Z",
        "Łódź Lamps &lt;b&gt;&amp;",
        "€12,345.00",
    ):
        assert said in page
    assert "February 20, 2027" in page
    assert "<svg" in page
    assert 'class="qr"' in page
    assert audit(page) == []


@pytest.mark.parametrize("hint", STRANGERS)
@pytest.mark.parametrize("place", PLACES)
def test_to_others_it_does_not_exist(sign_in: SignIn, receipt: Receipt, hint: str, place: str) -> None:
    browser = sign_in(hint)
    there, nowhere = browser.get(place.format(receipt.ref)), browser.get(place.format("R-00000000"))
    assert there.status_code == nowhere.status_code == 404
    assert masked(there.text, receipt.ref) == masked(nowhere.text, "R-00000000")


def test_nor_to_another_partner(sign_in: SignIn, issued: Issue) -> None:
    theirs = issued(record=9, company="herons")
    for place in PLACES:
        assert sign_in("partner-admin").get(place.format(theirs.ref)).status_code == 404


@pytest.mark.parametrize("place", PLACES)
def test_signed_out_one_signs_in_first(client: FlaskClient, receipt: Receipt, place: str) -> None:
    response = client.get(place.format(receipt.ref))
    assert response.status_code == 303
    assert response.location.startswith("/sign-in?next=")


def test_a_download_is_checked_without_us(sign_in: SignIn, chain: list[Receipt]) -> None:
    browser = sign_in("partner")
    alone, whole = (browser.get(place.format(chain[1].ref)) for place in PLACES[1:])
    assert f'filename="{chain[1].ref}-receipts.json"' in alone.headers["Content-Disposition"]
    assert alone.headers["Cache-Control"] == "no-store"
    for response, numbers in ((alone, [2]), (whole, [1, 2, 3])):
        verdict = check(read_bundle(response.text))
        assert verdict.is_valid
        assert [said["sequence"] for said in verdict.receipts] == numbers


def test_a_longer_chain_asks_the_database_no_more_often(app: Flask, sign_in: SignIn, issued: Issue) -> None:
    first, counts = issued(), []
    for more in (1, 20):
        for _ in range(more):
            issued("extended")
        browser = sign_in("partner")
        with statements(app) as seen:
            browser.get(f"/receipts/{first.ref}/chain.json")
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_reads_in_every_language(sign_in: SignIn, receipt: Receipt, language: str) -> None:
    browser = sign_in("partner")
    browser.send("/preferences", {"language": language})
    page = browser.get(f"/receipts/{receipt.ref}").text
    assert audit(page) == []
    assert ("Approved" in page) == (language == "en")


def test_what_a_label_no_longer_fits_is_shown_as_it_was_signed(
    sign_in: SignIn, issued: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(words.LABELS, "when", words.Label("When", words.day))
    receipt = issued(
        content={"when": "in spring", "nothing": None, "flag": False, "many": ["a", 2], "unit_price": None}
    )
    page = sign_in("partner").get(f"/receipts/{receipt.ref}").text
    assert all(f"<bdi>{said}</bdi>" in page for said in ("in spring", "–", "No", "a and 2"))


def test_amounts_are_in_the_currency_beside_them(sign_in: SignIn, issued: Issue) -> None:
    receipt = issued("approve", content={"amount": 5000, "currency": "JPY", "lines": [{"unit_price": 700}]})
    page = sign_in("partner").get(f"/receipts/{receipt.ref}").text
    assert all(said in page for said in ("¥5,000", "¥700", "Approved"))


def test_whoever_shares_the_room_of_the_deal_reads_no_receipt(
    world: World, issued: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made out to the partner, and says what others in the room do not see."""
    theirs = issued()
    monkeypatch.setitem(rules._records, "trial", lambda record_id, who: sa.true())
    for hint, read in (("partner", [theirs.ref]), ("customer-admin", []), ("rival-partner", [])):
        who = world.principal(hint)
        with world.session() as session:
            assert session.scalars(sa.select(Receipt.ref).where(readable(Receipt, who))).all() == read


def test_the_code_holds_the_whole_receipt(receipt: Receipt) -> None:
    slip = pack(receipt.jws)
    assert slip is not None
    assert unpack(slip) == receipt.jws
    assert re.fullmatch(r"[\w.-]+", slip)


def test_one_too_long_for_a_code_is_sent_as_a_file(sign_in: SignIn, issued: Issue) -> None:
    noise = [f"{n * 7919:x}" * 3 for n in range(900)]
    receipt = issued(content={**CONTENT, "noise": noise})
    assert pack(receipt.jws) is None
    page = sign_in("partner").get(f"/receipts/{receipt.ref}").text
    assert "Scan the code and send the downloaded file" in page
    assert 'class="qr"' in page


def test_the_code_is_dark_on_white_whatever_the_theme(sign_in: SignIn, receipt: Receipt) -> None:
    browser = sign_in("partner")
    browser.set_cookie("theme", "dark")
    code = re.search(r'<svg[^>]*class="qr".*?</svg>', browser.get(f"/receipts/{receipt.ref}").text, re.DOTALL)
    assert code is not None
    assert 'fill="#fff"' in code[0]
    assert 'stroke="#000"' in code[0]
    assert "style=" not in code[0]


def test_the_json_below_is_what_was_signed(sign_in: SignIn, receipt: Receipt) -> None:
    page = sign_in("partner").get(f"/receipts/{receipt.ref}").text
    raw = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert raw is not None
    assert json.loads(html.unescape(raw[1]))["content"] == CONTENT
    assert "چراغ" in raw[1]


def test_staff_who_break_the_glass_are_written_down(sign_in: SignIn, world: World, receipt: Receipt) -> None:
    world.break_glass()
    assert sign_in("admin").get(f"/receipts/{receipt.ref}").status_code == 200
    with world.session() as session:
        assert "D-00000001" in {row.reference for row in session.query(AccessLog)}


def test_rooms_say_who_reads_theirs(world: World, issued: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, who = issued(kind="order", record=3), world.principal("buyer")

    def read() -> list[str]:
        with world.session() as session:
            return list(session.scalars(sa.select(Receipt.ref).where(readable(Receipt, who))))

    assert read() == []
    monkeypatch.setitem(rules._records, "order", lambda record_id, who: record_id == 3)
    assert read() == [theirs.ref]
