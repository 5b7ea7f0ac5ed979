"""Buyers write a request, send it, explain it, extend it and cancel it."""

import io
import re
from typing import Any

import pytest

from tests.conftest import SignIn
from tests.rfqs.filled import HOME, text, typed
from tests.rfqs.helpers import RfqWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


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
