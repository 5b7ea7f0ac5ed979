"""The pages of requests for quotation, for buyers and for suppliers."""

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership
from portal.clock import now
from portal.rfqs.models import Rfq, RfqTerms
from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.rfqs.helpers import RfqWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")
HOME = "/requests-for-quotation"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def typed(rfqs: RfqWorld, world: World, *suppliers: str, **fields: Any) -> dict[str, Any]:
    """The form of a request as a buyer fills it in."""
    day = rfqs.closing()
    return {
        "version": "",
        "title": "Shades",
        "description": "For *spring*.",
        "closes_on": day.date().isoformat(),
        "closes_time": "12:00",
        "currency": "CZK",
        "lines-0-product": "",
        "lines-0-description": "Glass shades",
        "lines-0-quantity": "200",
        "lines-0-unit": "C62",
        "lines-0-wished_on": "",
        "suppliers": [world.organisation(key).ref for key in suppliers or ("looms", "paper")],
        "press": "ready",
        **fields,
    }


def offer(version: int, *prices: str, **fields: Any) -> dict[str, Any]:
    """The form of an offer as a supplier fills it in; an empty price for a line that cannot be delivered."""
    told: dict[str, Any] = {"version": version, "valid_until": "2040-01-01", "remark": "", **fields}
    for place, price in enumerate(prices):
        line = {"position": 10 * (place + 1), "unit_price": price, "price_per": "1", "lead_days": "14"}
        told |= {f"lines-{place}-{name}": value for name, value in line.items()}
        if not price:
            told[f"lines-{place}-cannot"] = "y"
    return told


# ── Writing a request ─────────────────────────────────────────────────────────────────────────────


def test_a_buyer_writes_a_request_and_sends_it(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    buyer = sign_in("buyer")
    answer = buyer.send(f"{HOME}/new", typed(rfqs, world))
    assert answer.status_code == 303
    url = answer.headers["Location"]
    page = text(buyer.get(url))
    assert all(
        words in page for words in ("Shades", "Glass shades", "200 pcs", "Not invited yet", "Send to the suppliers")
    )
    assert "<em>spring</em>" in page
    assert buyer.send(f"{url}/sending", {"version": 0}).status_code == 409
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert buyer.send(f"{url}/sending", {"version": version[1]}).headers["Location"] == url
    assert "Open for answers" in text(buyer.get(url))


def test_a_draft_may_be_incomplete_and_says_what_is_missing(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    buyer = sign_in("buyer")
    given = typed(rfqs, world, title="", suppliers=[], closes_on="", closes_time="")
    answer = buyer.send(f"{HOME}/new", given)
    assert "missing=1" in answer.headers["Location"]
    page = text(buyer.get(answer.headers["Location"]))
    assert "Give the request a title." in page
    assert "Choose at least one supplier." in page


def test_a_buyer_adds_and_removes_lines_and_files(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    buyer = sign_in("buyer")
    files = {"files": (io.BytesIO(b"Some words."), "notes.txt")}
    answer = buyer.send(f"{HOME}/new", {**typed(rfqs, world, press="add-line"), **files})
    url = answer.headers["Location"].partition("?")[0]
    page = text(buyer.get(answer.headers["Location"]))
    assert "lines-1-description" in page
    file = re.search(r"remove-file-(F-\w+)", page)
    version = re.search(r'name="version" type="hidden" value="(\d+)"', page)
    assert file
    assert version
    given = typed(rfqs, world, press=f"remove-file-{file[1]}", version=version[1])
    assert buyer.send(url, given).status_code == 303
    assert "notes.txt" not in text(buyer.get(url))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lines-0-quantity", "-1", "more than nothing"),
        ("lines-0-quantity", "", "how much"),
        ("lines-0-description", "", "describe"),
        ("closes_on", "soon", "date such as"),
        ("suppliers", ["O-00000000"], "choice"),
    ],
)
def test_what_cannot_be_read_is_shown_again(
    sign_in: SignIn, rfqs: RfqWorld, world: World, field: str, value: Any, words: str
) -> None:
    answer = sign_in("buyer").send(f"{HOME}/new", typed(rfqs, world, **{field: value}))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Shades" in text(answer)


def test_what_another_buyer_changed_is_not_overwritten(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.draft("looms")
    answer = sign_in("buyer").send(f"{HOME}/{rfq.ref}/edit", typed(rfqs, world, version=0, title="Mine"))
    assert answer.status_code == 409
    assert "Mine" in text(answer)


def test_a_draft_can_be_deleted_and_a_sent_one_cannot(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    buyer, rfq, sent = sign_in("buyer"), rfqs.draft("looms", files=(world.stored(),)), rfqs.sent()
    assert buyer.send(f"{HOME}/{rfq.ref}/removal").status_code == 303
    assert buyer.get(f"{HOME}/{rfq.ref}").status_code == 404
    assert buyer.send(f"{HOME}/{sent.ref}/removal").status_code == 409


# ── The supplier ──────────────────────────────────────────────────────────────────────────────────


def test_a_supplier_reads_its_invitation_and_answers_it(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    invitation, supplier = rfqs.invitation(rfq, "looms"), sign_in("supplier")
    url = f"{HOME}/{invitation.ref}"
    assert all(words in text(supplier.get(url)) for words in ("Shades for the spring", "150.5 m", "Make an offer"))
    assert invitation.ref in text(supplier.get(HOME))
    assert "Copper wire" in text(supplier.get(f"{url}/offer"))
    answer = supplier.send(f"{url}/offers", offer(invitation.version, "5.00", ""))
    assert answer.headers["Location"] == url
    page = text(supplier.get(url))
    assert all(words in page for words in ("€1,000.00", "Not offered", "14 days from the order", "Change the offer"))


def test_a_supplier_changes_its_offer_with_its_files(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    invitation, supplier = rfqs.invitation(rfq, "looms"), sign_in("supplier")
    url = f"{HOME}/{invitation.ref}"
    files = {"files": (io.BytesIO(b"Some words."), "terms.txt")}
    supplier.send(f"{url}/offers", {**offer(invitation.version, "5.00", "1.20"), **files})
    again = text(supplier.get(f"{url}/offer"))
    assert 'value="5"' in again
    kept = re.search(r'name="kept"[^>]* value="([^"]+)"', again)
    version = re.search(r'name="version" value="(\d+)"', again)
    assert kept
    assert version
    supplier.send(f"{url}/offers", {**offer(int(version[1]), "4.50", "1.20"), "kept": kept[1]})
    page = text(supplier.get(url))
    assert "€900.00" in page
    assert page.count("terms.txt") == 2
    assert "Earlier versions" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lines-0-unit_price", "", "Enter a price"),
        ("lines-0-unit_price", "5.001", "fewer decimals"),
        ("lines-0-unit_price", "-1", "negative"),
        ("lines-0-price_per", "0", "from one to a million"),
        ("lines-0-lead_days", "", "when you deliver"),
        ("lines-0-delivery_on", "2039-01-01", "either a day"),
        ("valid_until", "", "required"),
    ],
)
def test_an_offer_that_cannot_be_read_is_shown_again(
    sign_in: SignIn, rfqs: RfqWorld, field: str, value: str, words: str
) -> None:
    invitation = rfqs.invitation(rfqs.sent(), "looms")
    given = offer(invitation.version, "5.00", "1.20") | {field: value, "remark": "As ever."}
    answer = sign_in("supplier").send(f"{HOME}/{invitation.ref}/offers", given)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "As ever." in text(answer)


def test_an_offer_that_comes_too_late_is_kept_in_the_form(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    invitation = rfqs.invitation(rfq, "looms")
    rfqs.closed(rfq)
    given = offer(invitation.version, "5.00", "1.23", remark="Typed for hours.")
    answer = sign_in("supplier").send(f"{HOME}/{invitation.ref}/offers", given)
    assert answer.status_code == 409
    assert all(words in text(answer) for words in ("time to answer is over", "Typed for hours.", "1.23"))
    assert rfqs.offers(rfq, "looms") == []


def test_an_offer_on_what_a_colleague_has_changed_is_not_sent(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    seen = rfqs.invitation(rfq, "looms").version
    ref = rfqs.offered(rfq, "looms").ref
    answer = sign_in("supplier-admin").send(f"{HOME}/{ref}/offers", offer(seen, "9.87", "1"))
    assert answer.status_code == 409
    assert "9.87" in text(answer)


def test_a_supplier_withdraws_declines_and_asks(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    invitation, supplier = rfqs.offered(rfq, "looms"), sign_in("supplier")
    url = f"{HOME}/{invitation.ref}"
    assert supplier.send(f"{url}/questions", {"body": ""}).status_code == 422
    assert supplier.send(f"{url}/questions", {"body": "Which thread?"}).status_code == 303
    assert "Which thread?" in text(supplier.get(url))
    assert supplier.send(f"{url}/withdrawal", {"version": 0}).status_code == 409
    assert supplier.send(f"{url}/withdrawal", {"version": invitation.version}).status_code == 303
    version = rfqs.invitation(rfq, "looms").version
    assert supplier.send(f"{url}/declining", {"version": version, "reason": ""}).status_code == 422
    assert supplier.send(f"{url}/declining", {"version": version, "reason": "No glass."}).status_code == 303
    assert rfqs.invitation(rfq, "looms").answer == "declined"
    assert "No glass." in text(sign_in("buyer").get(f"{HOME}/{rfq.ref}"))


# ── What buyers do while it is open ───────────────────────────────────────────────────────────────


def test_an_answer_goes_to_all_and_names_nobody(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent()
    rfqs.asked(rfq, "looms", "Which thread do we of the Debesų looms need?")
    buyer, url = sign_in("buyer"), f"{HOME}/{rfq.ref}"
    asked = re.search(r'name="asked" value="(QQ-\w+)"', text(buyer.get(url)))
    assert asked
    given = {"version": rfqs.reload(rfq).version, "asked": asked[1], "question": "Which thread?", "answer": "E27."}
    assert buyer.send(f"{url}/clarifications", {**given, "answer": ""}).status_code == 422
    assert buyer.send(f"{url}/clarifications", given).headers["Location"] == url
    for hint, key in (("supplier", "looms"), ("rival-supplier", "paper")):
        page = text(sign_in(hint).get(f"{HOME}/{rfqs.invitation(rfq, key).ref}"))
        assert "Which thread?" in page
        assert "E27." in page
        assert ("Debesų" in page.partition("<main")[2]) == (key == "looms")


def test_a_buyer_extends_adds_a_supplier_and_cancels(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.sent("looms")
    buyer, url = sign_in("buyer"), f"{HOME}/{rfq.ref}"
    day = rfqs.closing(20).date().isoformat()
    given = {"version": rfq.version, "closes_on": day, "closes_time": "10:00"}
    assert buyer.send(f"{url}/extensions", {**given, "closes_on": "2020-01-02"}).status_code == 409
    assert buyer.send(f"{url}/extensions", {**given, "closes_time": ""}).status_code == 422
    assert buyer.send(f"{url}/extensions", given).status_code == 303
    known = rfqs.reload(rfq).version
    stranger = {"version": known, "supplier": world.organisation("glass").ref}
    assert buyer.send(f"{url}/invitations", stranger).status_code == 422
    assert (
        buyer.send(f"{url}/invitations", {**stranger, "supplier": world.organisation("paper").ref}).status_code == 303
    )
    known = rfqs.reload(rfq).version
    assert buyer.send(f"{url}/cancellation", {"version": known, "reason": ""}).status_code == 422
    assert buyer.send(f"{url}/cancellation", {"version": 1, "reason": "No."}).status_code == 409
    assert buyer.send(f"{url}/cancellation", {"version": known, "reason": "Put off."}).status_code == 303
    invitation = rfqs.invitation(rfq, "paper")
    assert "Put off." in text(sign_in("rival-supplier").get(f"{HOME}/{invitation.ref}"))


def test_staff_who_are_given_an_invitation_are_led_to_the_request(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    answer = sign_in("buyer").get(f"{HOME}/{rfqs.invitation(rfq, 'looms').ref}")
    assert answer.headers["Location"] == f"{HOME}/{rfq.ref}"


# ── Comparing and awarding ────────────────────────────────────────────────────────────────────────


def compared(rfqs: RfqWorld) -> Rfq:
    """Looms are cheaper in the first line and alone in the whole, paper is in the second."""
    rfq = rfqs.sent("looms", "paper", "foundry")
    rfqs.offered(rfq, "looms", 500, 130)
    rfqs.offered(rfq, "paper", None, 110)
    rfqs.declined(rfq, "foundry")
    return rfq


def award(rfqs: RfqWorld, rfq: Rfq, **fields: Any) -> dict[str, Any]:
    seen = {f"seen-{ref}": number for ref, number in rfqs.seen(rfq).items()}
    return {"version": rfqs.reload(rfq).version, **seen, **fields}


def test_a_buyer_compares_the_offers(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = compared(rfqs)
    page = text(sign_in("buyer").get(f"{HOME}/{rfq.ref}/comparison"))
    # One supplier alone has no best price.
    assert page.count("Best price") == 1
    assert page.count("Not offered") == 1
    assert all(words in page for words in ("€1,000.00", "€165.55", "1 of 2 lines", "Lowest whole offer"))
    assert "Who wins" not in page


def test_a_comparison_is_taken_along_as_a_table(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = compared(rfqs)
    buyer, url = sign_in("buyer"), f"{HOME}/{rfq.ref}/comparison"
    table = text(buyer.get(f"{url}.csv")).splitlines()
    assert len(table) == 5
    assert "Debesų staklės,5.00,1,1000.00,EUR" in table[1]
    sheet = openpyxl.load_workbook(io.BytesIO(buyer.get(f"{url}.xlsx").get_data())).active
    assert sheet is not None
    assert sheet.max_row == 5
    assert sign_in("auditor").get(f"{url}.csv").status_code == 403


def test_a_buyer_awards_line_by_line(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.closed(compared(rfqs))
    looms, paper = (rfqs.invitation(rfq, key) for key in ("looms", "paper"))
    buyer, url = sign_in("buyer"), f"{HOME}/{rfq.ref}"
    chosen = {"line-10": looms.ref, "line-20": paper.ref, f"word-{paper.ref}": "Well priced."}
    assert buyer.send(f"{url}/award", award(rfqs, rfq)).status_code == 409
    stale = buyer.send(f"{url}/award", award(rfqs, rfq, **chosen) | {f"seen-{looms.ref}": 7})
    assert stale.status_code == 409
    assert "Well priced." in text(stale)
    assert f'value="{paper.ref}" selected' in text(stale)
    assert buyer.send(f"{url}/award", award(rfqs, rfq, **chosen)).headers["Location"] == url
    page = text(sign_in("rival-supplier").get(f"{HOME}/{paper.ref}"))
    assert page.count("Awarded to you") == 1
    assert "Well priced." in page


def test_a_buyer_awards_the_whole(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.closed(compared(rfqs))
    looms, paper = (rfqs.invitation(rfq, key) for key in ("looms", "paper"))
    answer = sign_in("buyer").send(f"{HOME}/{rfq.ref}/award", award(rfqs, rfq, whole=looms.ref))
    assert answer.status_code == 303
    assert text(sign_in("supplier").get(f"{HOME}/{looms.ref}")).count("Awarded to you") == 2
    loser = text(sign_in("rival-supplier").get(f"{HOME}/{paper.ref}"))
    assert "not awarded to you" in loser


def test_a_buyer_notes_the_purchase_order_and_it_is_linked_once_it_is_there(
    sign_in: SignIn, rfqs: RfqWorld, world: World
) -> None:
    rfq = rfqs.awarded(compared(rfqs), {10: "looms"})
    invitation, buyer = rfqs.invitation(rfq, "looms"), sign_in("buyer")
    url = f"{HOME}/{rfq.ref}/suppliers/{invitation.ref}"
    given = {"version": invitation.version, "order_number": "PO-77"}
    assert buyer.send(f"{url}/order-number", {**given, "version": 0}).status_code == 409
    assert buyer.send(f"{url}/order-number", given).headers["Location"] == url
    supplier = sign_in("supplier")
    assert "PO-77" in text(supplier.get(f"{HOME}/{invitation.ref}"))
    order = OrderWorld(world).purchase("looms", number="PO-77")
    for page in (text(buyer.get(url)), text(supplier.get(f"{HOME}/{invitation.ref}"))):
        assert f"/orders/{order.ref}" in page


def test_a_buyer_reads_every_version_of_an_offer(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = compared(rfqs)
    rfqs.offered(rfq, "looms", 400, 130)
    url = f"{HOME}/{rfq.ref}/suppliers/{rfqs.invitation(rfq, 'looms').ref}"
    page = text(sign_in("auditor").get(url))
    assert all(words in page for words in ("€800.00", "€1,000.00", "Version 2"))
    assert "order-number" not in page


# ── Who may come here ─────────────────────────────────────────────────────────────────────────────

READS = ("", "/comparison", "/suppliers/QI-00000000", "/edit", "/offer")


@pytest.mark.parametrize(
    "hint", ["customer-admin", "partner-admin", "agent", "account-manager", "channel-manager", "admin"]
)
def test_nobody_else_may_come_here(sign_in: SignIn, rfqs: RfqWorld, hint: str) -> None:
    rfq, browser = rfqs.sent(), sign_in(hint)
    for url in (HOME, f"{HOME}/new", f"{HOME}/export.csv", f"{HOME}/states", *(f"{HOME}/{rfq.ref}{u}" for u in READS)):
        assert browser.get(url).status_code == 403, url


def test_who_is_signed_out_is_sent_to_sign_in(client: Any, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    for url in (HOME, f"{HOME}/{rfq.ref}"):
        assert client.get(url).headers["Location"].startswith("/sign-in")
    assert client.send(f"{HOME}/{rfq.ref}/sending", {"version": 1}).headers["Location"].startswith("/sign-in")


def test_a_supplier_without_orders_may_not_come_here(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    rfqs.sent()
    with world.session() as session:
        session.execute(
            sa.update(Membership).where(Membership.person_id == world.person("supplier").id).values(in_orders=False)
        )
        session.commit()
    assert sign_in("supplier").get(HOME).status_code == 403


def test_an_auditor_reads_and_changes_nothing(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq, auditor = rfqs.closed(compared(rfqs)), sign_in("auditor")
    assert auditor.get(f"{HOME}/{rfq.ref}").status_code == 200
    assert "<form method" not in text(auditor.get(f"{HOME}/{rfq.ref}")).partition("<main")[2].partition("</main")[0]
    assert auditor.send(f"{HOME}/{rfq.ref}/award", award(rfqs, rfq)).status_code == 403


def test_htmx_gets_the_list_alone(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfqs.sent()
    answer = sign_in("supplier").htmx(HOME)
    assert text(answer).lstrip().startswith('<div id="list"')
    assert sign_in("supplier").get(f"{HOME}?state=chosen").status_code == 400
    assert "Shades" in text(sign_in("buyer").htmx(f"{HOME}?q=shades&state=open"))
    assert "No request matches" in text(sign_in("buyer").htmx(f"{HOME}?q=nothing"))


def test_a_list_asks_the_same_however_long_it_is(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    asked = []
    for _round in range(2):
        for _ in range(3):
            rfqs.sent()
        for hint in ("buyer", "supplier"):
            browser = sign_in(hint)
            with statements(world.app) as seen:
                browser.get(HOME)
            asked.append(len(seen))
    assert asked[:2] == asked[2:]


def test_the_clock_of_a_page_is_that_of_the_moment(sign_in: SignIn, rfqs: RfqWorld, world: World) -> None:
    """The time is over though the job of the clock has not run."""
    rfq = rfqs.sent()
    with world.session() as session:
        session.execute(
            sa.update(RfqTerms).where(RfqTerms.rfq_id == rfq.id).values(closes_at=now() - timedelta(minutes=1))
        )
        session.commit()
    assert "Waiting for the decision" in text(sign_in("buyer").get(f"{HOME}/{rfq.ref}"))
    page = text(sign_in("supplier").get(f"{HOME}/{rfqs.invitation(rfq, 'looms').ref}"))
    assert "The time to answer is over." in page
    assert "Make an offer" not in page
