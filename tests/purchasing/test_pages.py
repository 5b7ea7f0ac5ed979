"""The supplier's side and the buyer's inboxes through HTTP: who may, what they see, and what becomes of it."""

import html
import io
import re
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.clock import now
from portal.orders.lifecycle import State
from portal.orders.models import Order
from portal.purchasing.invoices import InvoiceState, SupplierInvoice
from portal.purchasing.proposals import Proposal, ProposalState
from tests.conftest import SignIn
from tests.deals.test_decisions import at_once
from tests.orders.helpers import OrderWorld
from tests.purchasing.test_proposals import propose
from tests.purchasing.test_sending import confirmed, invoiced
from tests.statements import statements
from tests.test_pages import audit

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
CONFLICT, NOT_FOUND, OK = HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.OK
TERMS = {"delivery_on": "2030-04-15", "quantity": "8", "unit_price": "125.00", "reason": "The yarn is late."}
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def version_of(orders: OrderWorld, order: Order, *, staff: bool = False) -> int:
    found = orders.reload(order)
    return found.version if staff else found.public_version


def do(client: FlaskClient, orders: OrderWorld, order: Order, act: str, *, staff: bool = False, **typed: Any) -> Any:
    return client.send(f"/orders/{order.ref}/{act}", {"version": version_of(orders, order, staff=staff), **typed})


def state_of(orders: OrderWorld, record: Proposal | SupplierInvoice) -> str:
    with orders.world.session() as session:
        return session.get_one(type(record), record.id).state


def acts_of(order: Order, proposal: Proposal) -> list[str]:
    mine = [f"proposals/{proposal.ref}/{act}" for act in ("acceptance", "refusal", "answer", "withdrawal")]
    return ["confirmation", "lines/10/proposals", "shipments/new", "invoices/new", *mine]


# ── Confirming and proposing ──────────────────────────────────────────────────────────────────────


def test_a_supplier_confirms_the_whole_order_from_its_page(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = orders.purchase(), sign_in("supplier")
    page = supplier.get(f"/orders/{order.ref}")
    assert "Confirm the order" in text(page)
    assert audit(page.text) == []
    assert do(supplier, orders, order, "confirmation", press="all").status_code == SEE_OTHER
    assert orders.reload(order).state == State.CONFIRMED
    assert "Confirm the order" not in text(supplier.get(f"/orders/{order.ref}"))
    assert "confirmed the order" in text(sign_in("buyer").get(f"/orders/{order.ref}"))


def test_or_some_lines_each_for_a_day(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = orders.purchase(), sign_in("supplier")
    typed = {"press": "chosen", "lines-0-position": "10", "lines-0-day": "2030-03-15", "lines-1-position": "20"}
    refused = do(supplier, orders, order, "confirmation", **typed)
    assert (refused.status_code, "at least one line" in text(refused)) == (CONFLICT, True)
    typed |= {"lines-1-chosen": "y", "lines-1-day": "2030-03-20"}
    assert do(supplier, orders, order, "confirmation", **typed).status_code == SEE_OTHER
    assert [line.confirmed_on for line in orders.reload(order).lines] == [None, date(2030, 3, 20)]
    typed |= {"lines-1-day": "tomorrow"}
    wrong = do(supplier, orders, order, "confirmation", **typed)
    assert (wrong.status_code, 'value="tomorrow"' in wrong.text) == (UNSOUND, True)


def test_a_change_is_proposed_and_accepted(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = orders.purchase(), sign_in("supplier")
    assert f"/orders/{order.ref}/lines/10/proposals/new" in supplier.get(f"/orders/{order.ref}").text
    form = supplier.get(f"/orders/{order.ref}/lines/10/proposals/new")
    assert 'value="125.00"' in form.text or 'value="125"' in form.text
    assert audit(form.text) == []
    assert do(supplier, orders, order, "lines/10/proposals", **TERMS).status_code == SEE_OTHER
    page = supplier.get(f"/orders/{order.ref}")
    assert audit(page.text) == []
    assert "Withdraw the proposal" in text(page)
    buyer = sign_in("buyer")
    inbox = buyer.get("/purchasing/proposals")
    for told in ("Meadow garden lantern", "Apr 15, 2030", "8 pcs", "10 pcs", "The yarn is late.", "24-00001"):
        assert told in text(inbox), told
    assert audit(inbox.text) == []
    assert audit(buyer.get(f"/orders/{order.ref}").text) == []
    ref = next(iter(re.findall(r"/proposals/(CP-\w{8})/acceptance", inbox.text)))
    answer = do(buyer, orders, order, f"proposals/{ref}/acceptance", staff=True, back="inbox")
    assert (answer.status_code, answer.location) == (SEE_OTHER, "/purchasing/proposals")
    assert orders.reload(order).lines[0].quantity == 8_000
    assert "Nothing waits for you" in text(buyer.get("/purchasing/proposals"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"delivery_on": ""}, "required"),
        ({"quantity": "8.12345"}, "too many decimals"),
        ({"unit_price": "1.005"}, "too many decimals"),
        ({"quantity": "10000000"}, "too large"),
        ({"delivery_on": "9999-01-01"}, "too far away"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again(
    sign_in: SignIn, orders: OrderWorld, typed: dict[str, str], words: str
) -> None:
    answer = do(sign_in("supplier"), orders, orders.purchase(), "lines/10/proposals", **{**TERMS, **typed})
    assert (answer.status_code, words in text(answer)) == (UNSOUND, True)
    assert "The yarn is late." in text(answer)


def test_what_the_model_refuses_keeps_what_was_typed(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = orders.purchase(), sign_in("supplier")
    answer = do(supplier, orders, order, "lines/10/proposals", **{**TERMS, "delivery_on": "2020-01-01"})
    assert (answer.status_code, "over already" in text(answer), "The yarn is late." in text(answer)) == (
        CONFLICT,
        True,
        True,
    )
    assert do(supplier, orders, order, "lines/99/proposals", **TERMS).status_code == NOT_FOUND
    assert supplier.get(f"/orders/{order.ref}/lines/99/proposals/new").status_code == NOT_FOUND


def test_one_answers_the_other_in_the_inbox(sign_in: SignIn, orders: OrderWorld) -> None:
    order, buyer = orders.purchase(), sign_in("buyer")
    proposal = propose(orders, order)
    path = f"proposals/{proposal.ref}"
    refused = do(buyer, orders, order, f"{path}/refusal", staff=True, back="inbox", reason="")
    assert (refused.status_code, f'href="#decline-{proposal.ref}-reason"' in refused.text) == (UNSOUND, True)
    assert audit(refused.text) == []
    typed = {**TERMS, "delivery_on": "2030-04-01", "quantity": "10"}
    assert do(buyer, orders, order, f"{path}/answer", staff=True, back="inbox", **typed).status_code == SEE_OTHER
    assert state_of(orders, proposal) == ProposalState.ANSWERED
    supplier = sign_in("supplier")
    inbox = supplier.get("/purchasing/proposals")
    assert "Version 2" in text(inbox)
    assert audit(inbox.text) == []


def test_a_stale_answer_changes_nothing(sign_in: SignIn, orders: OrderWorld) -> None:
    order, buyer = orders.purchase(), sign_in("buyer")
    proposal = propose(orders, order)
    for back in ("", "inbox"):
        data = {"version": version_of(orders, order, staff=True) - 1, "reason": "Too late.", "back": back}
        answer = buyer.send(f"/orders/{order.ref}/proposals/{proposal.ref}/refusal", data)
        assert (answer.status_code, "Too late." in text(answer)) == (CONFLICT, True)
    assert state_of(orders, proposal) == ProposalState.OPEN


def test_acceptances_and_withdrawals_at_once_settle_to_one(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    proposal = propose(orders, order)
    found = orders.reload(order)
    path = f"/orders/{order.ref}/proposals/{proposal.ref}"
    buys = (f"{path}/acceptance", {"version": found.version})
    declines = (f"{path}/refusal", {"version": found.version, "reason": "No."})
    takes = (f"{path}/withdrawal", {"version": found.public_version})
    browsers = [sign_in(hint) for hint in ("buyer", "buyer", "supplier", "supplier-admin") * 2]
    assert at_once(browsers, [buys, declines, takes, takes] * 2) == [303] + [409] * 7
    outcome, line = state_of(orders, proposal), orders.reload(order).lines[0]
    assert (line.confirmed_on is not None) == (outcome == ProposalState.ACCEPTED)


def test_proposals_for_a_line_at_once_are_one(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    found = orders.reload(order)
    path = f"/orders/{order.ref}/lines/10/proposals"
    sent = [(path, {**TERMS, "version": found.public_version}), (path, {**TERMS, "version": found.version})]
    browsers = [sign_in(hint) for hint in ("supplier", "buyer") * 3]
    assert at_once(browsers, sent * 3) == [303] + [409] * 5
    with orders.world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Proposal.id))) == 1


# ── Shipping ──────────────────────────────────────────────────────────────────────────────────────


def test_a_shipment_is_announced(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = confirmed(orders, orders.purchase()), sign_in("supplier")
    form = supplier.get(f"/orders/{order.ref}/shipments/new")
    assert audit(form.text) == []
    typed = {
        "lines-0-position": "10",
        "lines-0-quantity": "2.5",
        "shipped_on": now().date().isoformat(),
        "carrier": "Swift & Sons",
        "tracking_number": "SW123",
        "tracking_url": "http://track.example.com/SW123",
        "parcels": "P1\nP2",
    }
    wrong = do(supplier, orders, order, "shipments/new", **typed)
    assert (wrong.status_code, "https://" in text(wrong), "Swift & Sons" in text(wrong)) == (UNSOUND, True, True)
    typed["tracking_url"] = "https://track.example.com/SW123"
    too_much = do(supplier, orders, order, "shipments/new", **{**typed, "lines-0-quantity": "11"})
    assert (too_much.status_code, "still open" in text(too_much)) == (CONFLICT, True)
    assert do(supplier, orders, order, "shipments/new", **typed).status_code == SEE_OTHER
    found = orders.reload(order)
    assert (found.state, found.lines[0].shipped) == (State.SHIPPED, 2_500)


# ── Invoices ──────────────────────────────────────────────────────────────────────────────────────


def send_invoice(client: FlaskClient, orders: OrderWorld, order: Order, content: bytes = PDF, **typed: str) -> Any:
    data: dict[str, Any] = {
        "version": version_of(orders, order),
        "number": "FV 7",
        "issued_on": now().date().isoformat(),
        "due_on": "2030-01-01",
        "currency": "EUR",
        "total": "3,686.87",
        "files": (io.BytesIO(content), "invoice.pdf"),
        **typed,
    }
    return client.send(f"/orders/{order.ref}/invoices/new", data, content_type="multipart/form-data")


def test_an_invoice_comes_in_and_is_rejected_with_a_reason(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier, buyer = orders.purchase(), sign_in("supplier"), sign_in("buyer")
    assert audit(supplier.get(f"/orders/{order.ref}/invoices/new").text) == []
    assert send_invoice(supplier, orders, order).status_code == SEE_OTHER
    again = send_invoice(supplier, orders, order)
    assert (again.status_code, "with this number already" in text(again)) == (CONFLICT, True)
    inbox = buyer.get("/purchasing/invoices?state=received")
    (ref,) = re.findall(r"/purchasing/invoices/(IN-\w{8})", inbox.text)
    assert "€3,686.87" in text(inbox)
    assert audit(inbox.text) == []
    page = buyer.get(f"/purchasing/invoices/{ref}")
    assert "What has been delivered comes to €0.00." in text(page)
    assert audit(page.text) == []
    path = f"/purchasing/invoices/{ref}/rejection"
    assert buyer.send(path, {"version": "1", "reason": " "}).status_code == UNSOUND
    assert buyer.send(path, {"version": "2", "reason": "Twice."}).status_code == CONFLICT
    assert buyer.send(path, {"version": "1", "reason": "Nothing has come."}).status_code == SEE_OTHER
    assert buyer.send(path, {"version": "2", "reason": "Again."}).status_code == CONFLICT
    for told in (f"/orders/{order.ref}", "/purchasing/invoices"):
        assert "Rejected" in text(supplier.get(told))
    assert "Nothing has come." in text(supplier.get(f"/orders/{order.ref}"))
    assert send_invoice(supplier, orders, order).status_code == SEE_OTHER
    hints = text(
        buyer.get(buyer.get("/purchasing/invoices?state=received").text.partition('row-link" href="')[2].split('"')[0])
    )
    assert "used this number before" in hints


def test_its_file_is_read_by_the_parties_alone(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    send_invoice(sign_in("supplier"), orders, order)
    page = sign_in("supplier").get(f"/orders/{order.ref}").text
    (path,) = set(re.findall(r"/files/F-\w{8}", page))
    for hint in ("supplier", "supplier-admin", "buyer", "auditor"):
        assert sign_in(hint).get(path).data == PDF, hint
    for hint in ("rival-supplier", "customer-admin", "partner-admin", "agent", "account-manager"):
        assert sign_in(hint).get(path).status_code == NOT_FOUND, hint


def test_what_is_no_pdf_is_no_invoice(sign_in: SignIn, orders: OrderWorld) -> None:
    order, supplier = orders.purchase(), sign_in("supplier")
    answer = send_invoice(supplier, orders, order, files=(io.BytesIO(b"hello"), "invoice.txt"))  # type: ignore[arg-type]
    assert (answer.status_code, "as a PDF" in text(answer)) == (UNSOUND, True)
    for total in ("0", "-1", "1.005", "x"):
        assert send_invoice(supplier, orders, order, total=total).status_code == UNSOUND


def test_accepted_it_leaves_the_inbox(sign_in: SignIn, orders: OrderWorld) -> None:
    invoice, buyer = invoiced(orders, orders.purchase()), sign_in("buyer")
    assert buyer.send(f"/purchasing/invoices/{invoice.ref}/acceptance", {"version": "1"}).status_code == SEE_OTHER
    assert state_of(orders, invoice) == InvoiceState.ACCEPTED
    assert invoice.ref not in buyer.get("/purchasing/invoices?state=received").text


def test_checks_at_once_have_one_outcome(sign_in: SignIn, orders: OrderWorld) -> None:
    invoice = invoiced(orders, orders.purchase())
    path = f"/purchasing/invoices/{invoice.ref}"
    sent = [(f"{path}/acceptance", {"version": 1}), (f"{path}/rejection", {"version": 1, "reason": "No."})]
    assert at_once([sign_in("buyer") for _ in range(6)], sent * 3) == [303] + [409] * 5


def test_the_inbox_is_filtered_and_exported(sign_in: SignIn, orders: OrderWorld) -> None:
    for number in range(30):
        invoiced(orders, orders.purchase(), f"FV-{number:02}")
    buyer, path, found = sign_in("buyer"), "/purchasing/invoices", list[str]()
    while path:
        page = buyer.get(path)
        found += re.findall(r"<bdi>(FV-\d\d)</bdi>", page.text)
        path = html.unescape(next(iter(re.findall(r'rel="next" href="([^"]+)"', page.text)), ""))
    assert len(found) == len(set(found)) == 30
    table = buyer.get("/purchasing/invoices/export.csv?state=received").get_data(as_text=True)
    assert table.count("FV-") == 30
    assert buyer.get("/purchasing/invoices/export.xlsx").status_code == OK
    assert buyer.get("/purchasing/invoices?state=nonsense").status_code == HTTPStatus.BAD_REQUEST


# ── Who may ───────────────────────────────────────────────────────────────────────────────────────

LISTS = ("/purchasing/proposals", "/purchasing/invoices", "/purchasing/invoices/export.csv")


@pytest.mark.parametrize(
    "hint", ["customer", "customer-admin", "partner", "agent", "account-manager", "channel-manager", "auditor", "admin"]
)
def test_others_do_nothing(sign_in: SignIn, orders: OrderWorld, hint: str) -> None:
    order = orders.purchase()
    proposal, browser = propose(orders, order), sign_in(hint)
    for act in acts_of(order, proposal):
        assert do(browser, orders, order, act, **TERMS).status_code == FORBIDDEN, act
    for path in LISTS:
        assert browser.get(path).status_code == FORBIDDEN
    assert state_of(orders, proposal) == ProposalState.OPEN


def test_a_rival_finds_nothing_as_where_nothing_is(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    proposal, invoice, rival = propose(orders, order), invoiced(orders, order), sign_in("rival-supplier")
    for act in acts_of(order, proposal):
        real = do(rival, orders, order, act, **TERMS)
        none = rival.send(f"/orders/PO-00000000/{act}", {"version": 1, **TERMS})
        assert (real.status_code, none.status_code) == (NOT_FOUND, NOT_FOUND), act
    for page in ("lines/10/proposals/new", "shipments/new", "invoices/new"):
        assert rival.get(f"/orders/{order.ref}/{page}").status_code == NOT_FOUND
    for path in LISTS:
        answer = text(rival.get(path))
        for secret in (order.ref, proposal.ref, invoice.ref, "FV-1", "24-00001", "Looms"):
            assert secret not in answer, (path, secret)


def test_a_proposal_is_found_at_its_own_order_alone(sign_in: SignIn, orders: OrderWorld) -> None:
    order, other = orders.purchase(), orders.purchase()
    proposal, supplier = propose(orders, order), sign_in("supplier")
    assert do(supplier, orders, other, f"proposals/{proposal.ref}/withdrawal").status_code == NOT_FOUND


def test_each_side_does_its_own(sign_in: SignIn, orders: OrderWorld) -> None:
    order, buyer, supplier = orders.purchase(), sign_in("buyer"), sign_in("supplier")
    for act in ("confirmation", "shipments/new", "invoices/new"):
        assert do(buyer, orders, order, act, staff=True).status_code == FORBIDDEN
    invoice = invoiced(orders, order)
    for act in ("acceptance", "rejection"):
        path = f"/purchasing/invoices/{invoice.ref}/{act}"
        assert supplier.send(path, {"version": "1", "reason": "Mine."}).status_code == FORBIDDEN
    assert supplier.get(f"/purchasing/invoices/{invoice.ref}").status_code == FORBIDDEN
    assert state_of(orders, invoice) == InvoiceState.RECEIVED


def test_a_sales_order_has_none_of_it(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.sales()
    for hint in ("supplier", "buyer"):
        for act in ("confirmation", "lines/10/proposals", "shipments/new"):
            answer = do(sign_in(hint), orders, order, act, **TERMS)
            assert answer.status_code in (NOT_FOUND, FORBIDDEN)
    assert "proposals/new" not in sign_in("customer").get(f"/orders/{order.ref}").text


def test_an_auditor_reads_and_is_offered_nothing(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    propose(orders, order)
    page = sign_in("auditor").get(f"/orders/{order.ref}")
    assert "As proposed" in text(page)
    assert not re.search(r'action="/orders/', page.text)
    assert "proposals/new" not in page.text


def test_signed_out_means_sign_in(client: FlaskClient, orders: OrderWorld) -> None:
    order = orders.purchase()
    for act in acts_of(order, propose(orders, order)):
        answer = client.send(f"/orders/{order.ref}/{act}", TERMS)
        assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)
    for path in LISTS:
        assert client.get(path).status_code == SEE_OTHER


# ── What needs them now, and how much is asked for it ─────────────────────────────────────────────


def test_the_start_page_tells_what_waits(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    propose(orders, order)
    invoiced(orders, order)
    start = text(sign_in("buyer").get("/"))
    assert "Changes that suppliers propose" in start
    assert "Invoices of suppliers to check" in start
    assert "Purchase orders to confirm" in text(sign_in("supplier").get("/"))


def test_the_pages_ask_as_often_for_few_as_for_many(sign_in: SignIn, orders: OrderWorld, app: Flask) -> None:
    buyer, counts = sign_in("buyer"), list[list[int]]()
    for size in (1, 6):
        for _ in range(size):
            order = orders.purchase()
            propose(orders, order)
            propose(orders, order, place=1, quantity=3_000)
            invoiced(orders, order, f"FV-{order.ref}")
        asked = []
        for path in (*LISTS[:2], f"/orders/{order.ref}"):
            buyer.get(path)
            with statements(app) as found:
                assert buyer.get(path).status_code == OK
            asked.append(len(found))
        counts.append(asked)
    assert counts[0] == counts[1]


# ── What has happened since ───────────────────────────────────────────────────────────────────────


def test_a_stale_answer_of_the_supplier_tells_what_the_buyer_did(sign_in: SignIn, orders: OrderWorld) -> None:
    order = orders.purchase()
    proposal = propose(orders, order)
    supplier, buyer = sign_in("supplier"), sign_in("buyer")
    looked_at = version_of(orders, order)
    act = f"proposals/{proposal.ref}/acceptance"
    assert do(buyer, orders, order, act, staff=True).status_code == SEE_OTHER
    stale = supplier.send(f"/orders/{order.ref}/proposals/{proposal.ref}/withdrawal", {"version": looked_at})
    assert stale.status_code == CONFLICT
    told = text(stale).split('id="problem"')[1].split("</section>")[0]
    assert "accepted" in told
    assert "was placed" not in told
    new = {**TERMS, "version": looked_at}
    stale = supplier.send(f"/orders/{order.ref}/lines/20/proposals", new)
    assert (stale.status_code, "accepted" in text(stale).split('id="problem"')[1]) == (CONFLICT, True)


def test_nothing_is_proposed_of_what_is_on_its_way(sign_in: SignIn, orders: OrderWorld) -> None:
    shape = orders.shape("looms", kind="purchase", state="shipped")
    for line in shape["lines"]:
        line.pop("cost", None)
    shape["lines"][0]["shipped"] = shape["lines"][0]["quantity"]
    orders.feed(shape)
    with orders.world.session() as session:
        order = session.scalars(sa.select(Order).order_by(Order.id.desc())).first()
        assert order is not None
    supplier = sign_in("supplier")
    page = text(supplier.get(f"/orders/{order.ref}"))
    assert f"/orders/{order.ref}/lines/20/proposals/new" in page
    assert f"/orders/{order.ref}/lines/10/proposals/new" not in page
    refused = do(supplier, orders, order, "lines/10/proposals", **TERMS)
    assert refused.status_code == CONFLICT
    assert "on its way" in text(refused)
