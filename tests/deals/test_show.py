"""The page of one registration, through HTTP: what each of its readers is told."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from portal.accounts.models import AccessLog
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealLine, Outcome
from portal.products.models import Product
from portal.seeds.catalogue import REFERRAL
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND = HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)


def page(client: FlaskClient, deal: Deal) -> str:
    answer = client.get(f"/deals/{deal.ref}")
    assert answer.status_code == OK
    return answer.text


def test_partner_and_staff_read_the_same_page(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    for hint in ("partner", "partner-admin", "channel-manager", "auditor"):
        text = page(sign_in(hint), deal)
        for told in (deal.customer_name, "jitrni-rosa.example.com", "Alžběta Rosická", "€12,500.00", "€1,250.00"):
            assert told in text, (hint, told)
        assert audit(text) == []


@pytest.mark.parametrize("hint", ["customer", "supplier", "agent", "buyer", "moderator", "admin"])
def test_who_reads_no_deals_is_refused(sign_in: SignIn, deals: DealWorld, hint: str) -> None:
    assert sign_in(hint).get(f"/deals/{deals.submitted().ref}").status_code == FORBIDDEN


def test_a_rival_finds_nothing_there_as_where_nothing_is(sign_in: SignIn, deals: DealWorld) -> None:
    rival = sign_in("rival-partner")
    assert rival.get(f"/deals/{deals.approved().ref}").status_code == NOT_FOUND
    assert rival.get("/deals/D-00000000").status_code == NOT_FOUND


def test_signed_out_means_sign_in(client: FlaskClient, deals: DealWorld) -> None:
    answer = client.get(f"/deals/{deals.submitted().ref}")
    assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)


# ── Where it stands ───────────────────────────────────────────────────────────────────────────────


def test_the_partner_sees_the_clock_of_the_vendor(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted(at=MONDAY)
    due = deals.reload(deal).due_at
    assert due is not None
    with time_machine.travel(MONDAY, tick=False):
        assert "A decision is due by" in page(sign_in("partner"), deal)
    with time_machine.travel(due + timedelta(hours=2, minutes=30), tick=False):
        late = page(sign_in("partner"), deal)
    assert "We are late." in late
    assert "2 hours so far" in late


def test_the_outcome_is_told_with_the_decision_and_never_before(
    sign_in: SignIn, deals: DealWorld, world: World
) -> None:
    deals.approved("rival-partner")
    deal = deals.under_review()
    partner = sign_in("partner")
    assert "Outcome of the review" not in page(partner, deal)
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.mark_duplicate(who, MONDAY, review.deal.version, reason="Taken.", outcome=Outcome.PARTNER)
    text = page(partner, deal)
    assert "Conflict with another partner" in text
    for rival in (world.organisation("herons"), world.person("rival-partner")):
        assert rival.name not in text
        assert rival.ref not in text


def test_the_days_that_are_left_are_told(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved(at=MONDAY)
    with time_machine.travel(MONDAY + timedelta(days=80, hours=-1), tick=False):
        assert "10 days left" in page(sign_in("partner"), deal)
    free = deals.approved(at=MONDAY, programme=REFERRAL, products=("LN-300",))
    with time_machine.travel(MONDAY, tick=False):
        assert "Its programme gives no protection" in page(sign_in("partner"), free)


# ── What is whose ─────────────────────────────────────────────────────────────────────────────────


def test_the_reason_is_for_the_partner_and_the_note_for_staff(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review()
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.send_back(who, MONDAY, review.deal.version, reason="Which hall?", note="They always ask twice.")
    partner = page(sign_in("partner"), deal)
    assert "Which hall?" in partner
    assert "They always ask twice." not in partner
    assert world.person("channel-manager").name not in partner
    assert "Our staff" in partner
    for hint in ("channel-manager-2", "auditor"):
        staff = page(sign_in(hint), deal)
        assert "They always ask twice." in staff
        assert world.person("channel-manager").name in staff


def test_an_internal_step_is_for_staff(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review(amount=5_000_001)
    deals.approve(deal)
    assert "first of two" in page(sign_in("channel-manager-2"), deal)
    partner = page(sign_in("partner"), deal)
    assert "first of two" not in partner
    assert "named the customer" not in partner


def test_who_sees_this_is_said_truly(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    draft = page(sign_in("partner"), deals.draft())
    who = draft.partition('id="who-sees"')[2].partition("</ul>")[0]
    assert world.person("partner").name in who
    assert world.person("partner-admin").name in who
    assert "channel managers" not in who
    submitted = page(sign_in("partner"), deals.submitted())
    assert "channel managers" in submitted.partition('id="who-sees"')[2]
    # A colleague who is no administrator reads their own alone.
    of_admin = page(sign_in("partner-admin"), deals.draft("partner-admin"))
    assert world.person("partner").name not in of_admin.partition('id="who-sees"')[2]


def test_an_auditor_who_reads_is_written_down(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.submitted()
    page(sign_in("channel-manager"), deal)
    page(sign_in("auditor"), deal)
    auditor = world.person_id("auditor")
    with world.session() as session:
        reads = sa.select(AccessLog.person_id).where(AccessLog.kind == "read", AccessLog.reference == deal.ref)
        assert session.scalars(reads).all() == [auditor]


def test_what_people_wrote_is_no_markup(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted(customer_name="<b>Bold</b> & Sons", description="<script>alert(1)</script>")
    text = page(sign_in("partner"), deal)
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Sons" in text
    assert "<script>alert" not in text


def test_the_statements_of_the_page_are_constant(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    few = deals.approved(products=("LN-100",))
    many = deals.under_review(products=("LN-200", "LN-300"))
    with world.session() as session:
        product = session.scalars(sa.select(Product.id).where(Product.code == "LN-300")).one()
        for n in range(40):
            session.add(DealLine(deal_id=many.id, position=n + 2, product_id=product, quantity=1))
        session.commit()
    for _ in range(4):
        with deals.reviewed(many, "channel-manager") as (review, who):
            review.send_back(who, MONDAY, review.deal.version, reason="Why?")
        with deals.held(many, "partner") as (mine, who):
            mine.submit(who, MONDAY, mine.public_version)
        deals.review(many, "channel-manager")
    deals.approve(many)
    # Staff have the review and what they may decide beside it.
    for hint, most in (("partner", 16), ("channel-manager", 22)):
        browser, counts = sign_in(hint), []
        page(browser, few)
        for deal in (few, many):
            with statements(world.app) as seen:
                page(browser, deal)
            counts.append(len(seen))
        assert counts[0] == counts[1] <= most, hint


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_sentence(sign_in: SignIn, deals: DealWorld, world: World, state: State) -> None:
    deal = deals.submitted()
    with world.session() as session:
        session.get_one(Deal, deal.id).state = state
        session.commit()
    for hint in ("partner", "auditor"):
        if state != State.DRAFT or hint == "partner":
            assert 'class="standing-lead"' in page(sign_in(hint), deal)
