"""Buyers compare the offers, award the request and note the order that comes of it."""

import io

import openpyxl
import pytest

from tests.conftest import SignIn
from tests.orders.helpers import OrderWorld
from tests.rfqs.filled import HOME, award, compared, text
from tests.rfqs.helpers import RfqWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


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
