"""Who may come to these pages, and what the lists show them."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership
from portal.clock import now
from portal.rfqs.models import RfqTerms
from tests.conftest import SignIn
from tests.rfqs.filled import HOME, award, compared, text
from tests.rfqs.helpers import RfqWorld
from tests.statements import statements
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


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


def test_the_start_page_and_the_search_tell_of_what_waits(sign_in: SignIn, rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.asked(rfq, "looms")
    for hint, words in (("supplier", "Requests for quotation to answer"), ("buyer", "Questions about requests")):
        browser = sign_in(hint)
        assert words in text(browser.get("/"))
        assert "Shades for the spring" in text(browser.get("/search?q=shades"))
    rfqs.closed(rfq)
    assert "Requests for quotation to decide on" in text(sign_in("buyer").get("/"))
    assert "Shades for the spring" not in text(sign_in("account-manager").get("/search?q=shades"))
