"""What a partner does with a registration from its page, through HTTP."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from portal.clock import now
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealEvent, Outcome
from portal.organisations.models import Share
from portal.seeds.catalogue import GROWTH
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

SEE_OTHER, UNSOUND, FORBIDDEN = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
CONFLICT, NOT_FOUND, OK = HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.OK
ACTS = ("submission", "withdrawal", "extensions", "place", "line-leaving", "copies", "removal")


def do(client: FlaskClient, deals: DealWorld, deal: Deal, act: str, **typed: Any) -> Any:
    version = deals.reload(deal).public_version
    return client.send(f"/deals/{deal.ref}/{act}", {"version": version, "seen": "1", **typed})


def in_line(deals: DealWorld) -> tuple[Deal, Deal]:
    """An approved registration of the rival's, and one of the partner's that waits behind it."""
    first, second = deals.approved("rival-partner"), deals.under_review()
    with deals.reviewed(second, "channel-manager") as (review, who):
        review.mark_duplicate(who, now(), review.deal.version, reason="Taken.", outcome=Outcome.PARTNER, in_line=True)
    return first, second


def test_a_complete_draft_is_submitted_from_its_page_once(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal, partner = deals.draft(), sign_in("partner")
    assert f'action="/deals/{deal.ref}/submission"' in partner.get(f"/deals/{deal.ref}").text
    version = deal.public_version
    answers = [partner.send(f"/deals/{deal.ref}/submission", {"version": version}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [SEE_OTHER, CONFLICT]
    assert deals.reload(deal).state == State.SUBMITTED
    with world.session() as session:
        assert session.scalars(sa.select(DealEvent.verb)).all() == ["submit"]


def test_what_is_incomplete_is_not(sign_in: SignIn, deals: DealWorld) -> None:
    deal, partner = deals.draft(contact_name=""), sign_in("partner")
    assert "/submission" not in partner.get(f"/deals/{deal.ref}").text
    assert do(partner, deals, deal, "submission").status_code == CONFLICT
    assert deals.reload(deal).state == State.DRAFT


def test_a_question_is_answered_and_submitted_again(sign_in: SignIn, deals: DealWorld) -> None:
    deal, partner = deals.under_review(), sign_in("partner")
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.send_back(who, now(), review.deal.version, reason="Which **hall**?")
    standing = partner.get(f"/deals/{deal.ref}").text.partition('id="standing"')[2].partition("</section>")[0]
    assert "Which <strong>hall</strong>?" in standing
    form = partner.get(f"/deals/{deal.ref}/edit").text
    assert "Which <strong>hall</strong>?" in form
    assert do(partner, deals, deal, "submission").status_code == SEE_OTHER
    assert deals.reload(deal).state == State.RESUBMITTED


# ── Withdrawing ───────────────────────────────────────────────────────────────────────────────────


def test_withdrawing_needs_a_reason(sign_in: SignIn, deals: DealWorld) -> None:
    deal, partner = deals.submitted(), sign_in("partner")
    refused = do(partner, deals, deal, "withdrawal", reason=" \u200b ")
    assert (refused.status_code, 'href="#reason"' in refused.text) == (UNSOUND, True)
    assert do(partner, deals, deal, "withdrawal", reason="They went elsewhere.").status_code == SEE_OTHER
    assert deals.reload(deal).state == State.WITHDRAWN
    assert "They went elsewhere." in sign_in("channel-manager").get(f"/deals/{deal.ref}").text


def test_what_is_approved_is_not_withdrawn(sign_in: SignIn, deals: DealWorld) -> None:
    deal, partner = deals.approved(), sign_in("partner")
    assert "/withdrawal" not in partner.get(f"/deals/{deal.ref}").text
    assert do(partner, deals, deal, "withdrawal", reason="No more.").status_code == CONFLICT


def test_a_stale_act_shows_what_was_typed_and_what_is_now(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    looked_at = deals.reload(deal).public_version
    deals.review(deal, "channel-manager")
    typed = {"version": looked_at, "seen": "1", "reason": "They went elsewhere."}
    answer = sign_in("partner").send(f"/deals/{deal.ref}/withdrawal", typed)
    assert answer.status_code == CONFLICT
    problem = answer.text.partition('id="problem"')[2].partition("</section>")[0]
    assert "began the review" in problem
    assert "They went elsewhere.</textarea>" in answer.text
    assert deals.reload(deal).state == State.UNDER_REVIEW


def test_what_staff_do_among_themselves_makes_nobody_stale(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    deals.review(deal, "channel-manager")
    looked_at = deals.reload(deal).public_version
    deals.name_customer(deal, "channel-manager", "glass")
    typed = {"version": looked_at, "reason": "They went elsewhere."}
    assert sign_in("partner").send(f"/deals/{deal.ref}/withdrawal", typed).status_code == SEE_OTHER


@pytest.mark.parametrize("version", ["", "x", "9" * 400, "-1"])
def test_a_forged_version_changes_nothing(sign_in: SignIn, deals: DealWorld, version: str) -> None:
    deal = deals.submitted()
    data = {"version": version, "seen": "-5", "reason": "Because."}
    answer = sign_in("partner").send(f"/deals/{deal.ref}/withdrawal", data)
    assert answer.status_code in (UNSOUND, CONFLICT)
    assert deals.reload(deal).state == State.SUBMITTED


# ── Extensions and the line ───────────────────────────────────────────────────────────────────────


def test_an_extension_is_asked_for_with_evidence_and_once(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal, partner = deals.approved(), sign_in("partner")
    assert "30 days longer" in partner.get(f"/deals/{deal.ref}").text
    assert do(partner, deals, deal, "extensions", evidence="").status_code == UNSOUND
    assert do(partner, deals, deal, "extensions", evidence="The tender was put off.").status_code == SEE_OTHER
    again = do(partner, deals, deal, "extensions", evidence="Once more.")
    assert (again.status_code, "asked for an extension already" in again.text) == (CONFLICT, True)
    assert f'action="/deals/{deal.ref}/extensions"' not in partner.get(f"/deals/{deal.ref}").text
    with world.session() as session:
        assert session.scalars(sa.select(Extension.evidence)).all() == ["The tender was put off."]


def test_the_page_says_why_no_extension_can_be_asked_for(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved(programme=GROWTH)
    assert "This programme extends no protection." in sign_in("partner").get(f"/deals/{deal.ref}").text


def test_who_waits_in_line_takes_the_place_that_is_offered(sign_in: SignIn, deals: DealWorld) -> None:
    first, second = in_line(deals)
    partner = sign_in("partner")
    assert "waits in line" in partner.get(f"/deals/{second.ref}").text
    assert do(partner, deals, second, "place").status_code == CONFLICT
    with deals.reviewed(first, "channel-manager") as (review, who):
        review.revoke(who, now(), review.deal.version, reason="Not theirs.")
    assert "Take the place" in partner.get(f"/deals/{second.ref}").text
    assert do(partner, deals, second, "place").status_code == SEE_OTHER
    assert deals.reload(second).state == State.SUBMITTED


def test_an_offer_that_is_over_is_taken_no_more(sign_in: SignIn, deals: DealWorld) -> None:
    first, second = in_line(deals)
    with deals.reviewed(first, "channel-manager") as (review, who):
        review.revoke(who, now(), review.deal.version, reason="Not theirs.")
    with time_machine.travel(now() + timedelta(days=15)):
        partner = sign_in("partner")
        assert do(partner, deals, second, "place").status_code == CONFLICT


def test_who_waits_may_leave_the_line(sign_in: SignIn, deals: DealWorld) -> None:
    _first, second = in_line(deals)
    partner = sign_in("partner")
    assert do(partner, deals, second, "line-leaving").status_code == SEE_OTHER
    assert do(partner, deals, second, "line-leaving").status_code == CONFLICT
    assert deals.reload(second).in_line_since is None


# ── Registering again ─────────────────────────────────────────────────────────────────────────────


def test_what_is_over_is_registered_again_as_a_draft(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal, partner = deals.submitted(products=("LN-100", "LN-500")), sign_in("partner")
    assert do(partner, deals, deal, "copies").status_code == CONFLICT
    do(partner, deals, deal, "withdrawal", reason="Later.")
    answer = do(partner, deals, deal, "copies")
    with world.session() as session:
        copy = session.scalars(sa.select(Deal).order_by(Deal.id.desc())).first()
        assert copy is not None
        assert answer.location == f"/deals/{copy.ref}/edit"
        assert (copy.state, copy.customer_name, copy.product_ids) == (State.DRAFT, deal.customer_name, deal.product_ids)
        assert (copy.submitted_at, copy.outcome, copy.close_on) == (None, "", None)


# ── Who may ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["customer-admin", "agent", "account-manager", "auditor", "admin"])
def test_who_writes_no_deals_does_nothing_with_them(sign_in: SignIn, deals: DealWorld, hint: str) -> None:
    deal, browser = deals.submitted(), sign_in(hint)
    for act in ACTS:
        assert do(browser, deals, deal, act, reason="No.", evidence="No.").status_code == FORBIDDEN
    assert deals.reload(deal).state == State.SUBMITTED


def test_a_rival_finds_nothing_to_act_on(sign_in: SignIn, deals: DealWorld) -> None:
    deal, rival = deals.submitted(), sign_in("rival-partner")
    for act in ACTS:
        assert do(rival, deals, deal, act, reason="No.", evidence="No.").status_code == NOT_FOUND


def test_signed_out_means_sign_in(client: FlaskClient, deals: DealWorld) -> None:
    deal = deals.submitted()
    for act in ACTS:
        answer = do(client, deals, deal, act, reason="No.", evidence="No.")
        assert (answer.status_code, "/sign-in" in answer.location) == (SEE_OTHER, True)


def test_a_guest_of_its_room_reads_it_and_does_nothing(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.submitted()
    with world.session() as session:
        herons = world.organisation("herons").id
        session.add(
            Share(
                record_kind="deal",
                record_id=deal.id,
                organisation_id=herons,
                starts_at=datetime(2020, 1, 1, tzinfo=UTC),
                ends_at=now() + timedelta(days=3),
                shared_by_id=world.person_id("partner"),
            )
        )
        session.commit()
    guest = sign_in("rival-partner")
    text = guest.get(f"/deals/{deal.ref}").text
    assert deal.customer_name in text
    assert "/withdrawal" not in text
    assert world.person("partner-admin").name not in text
    for act in ACTS:
        assert do(guest, deals, deal, act, reason="No.", evidence="No.").status_code == FORBIDDEN


def test_a_channel_manager_withdraws_for_the_partner(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    data = {"version": deals.reload(deal).version, "reason": "They rang us."}
    assert sign_in("channel-manager").send(f"/deals/{deal.ref}/withdrawal", data).status_code == SEE_OTHER
    assert deals.reload(deal).state == State.WITHDRAWN
