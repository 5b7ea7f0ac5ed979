"""A supplier reads its invitation and answers it."""

import io
import re

import pytest

from tests.conftest import SignIn
from tests.rfqs.filled import HOME, offer, text
from tests.rfqs.helpers import RfqWorld

pytestmark = pytest.mark.usefixtures("in_english")


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
