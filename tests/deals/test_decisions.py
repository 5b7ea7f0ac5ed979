"""Decisions over HTTP: who may, on which version, and what the partner learns of them."""

import html
import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import undefer

from portal.accounts.models import Membership
from portal.clock import now
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import Deal, DealEvent, Outcome
from portal.deals.review import DealReview
from portal.organisations.models import Organisation, Share
from tests.conftest import SignIn
from tests.deals.helpers import FACTS, DealWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

# Under the deal's own address; what each is sent with.
DECISIONS: dict[str, dict[str, object]] = {
    "review": {},
    "review/ending": {},
    "customer": {"customer": "new"},
    "approval": {},
    "return": {"reason": "Which hall?"},
    "rejection": {"reason": "No.", "outcome": "clear"},
    "duplicate": {"reason": "Taken.", "outcome": "partner"},
    "revocation": {"reason": "Asked for."},
    "extensions/X-00000000/decision": {"grant": "yes"},
}


# The first step of the form.
ASKED = {name: value for name, value in FACTS.items() if name.startswith(("customer", "contact"))}


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def decide(browser: FlaskClient, deals: DealWorld, deal: Deal, what: str, **data: object) -> Any:
    """Send it with the version as it is now, unless another one is given."""
    known = {"version": deals.reload(deal).version, "seen": 1, **DECISIONS.get(what, {})}
    return browser.send(f"/deals/{deal.ref}/{what}", known | data)


def events(world: World, deal: Deal) -> list[DealEvent]:
    with world.session() as session:
        found = sa.select(DealEvent).where(DealEvent.deal_id == deal.id).options(undefer(DealEvent.note))
        return list(session.scalars(found.order_by(DealEvent.id)))


def customer_of(world: World, deal: Deal) -> Organisation | None:
    with world.session() as session:
        review = session.scalars(sa.select(DealReview).where(DealReview.deal_id == deal.id)).one()
        return review.customer


def test_take_name_and_approve(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal, staff = deals.submitted(), sign_in("channel-manager")
    assert decide(staff, deals, deal, "review").headers["Location"] == f"/deals/{deal.ref}"
    assert decide(staff, deals, deal, "customer", customer="new").status_code == 303
    named = customer_of(world, deal)
    assert named is not None
    assert (named.name, named.country, named.is_customer, named.domain) == (deal.customer_name, "CZ", True, "")
    answer = decide(staff, deals, deal, "approval", reason="Well done.", note="They asked early.")
    assert answer.status_code == 303
    assert deals.reload(deal).state == State.APPROVED
    last = events(world, deal)[-1]
    assert (last.reason, last.note) == ("Well done.", "They asked early.")


@pytest.mark.parametrize(
    ("what", "state"),
    [("return", State.RETURNED), ("rejection", State.REJECTED), ("duplicate", State.DUPLICATE)],
)
def test_other_decisions(sign_in: SignIn, deals: DealWorld, what: str, state: State) -> None:
    deal = deals.under_review()
    assert decide(sign_in("channel-manager"), deals, deal, what).status_code == 303
    assert deals.reload(deal).state == state


def test_a_duplicate_may_wait_in_line(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review()
    decide(sign_in("channel-manager"), deals, deal, "duplicate", outcome="direct-sale", in_line="y")
    found = deals.reload(deal)
    assert found.outcome == Outcome.DIRECT_SALE
    assert found.in_line_since is not None


def test_an_approval_is_revoked(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.approved()
    assert decide(sign_in("channel-manager"), deals, deal, "revocation").status_code == 303
    assert deals.reload(deal).state == State.REVOKED


@pytest.mark.parametrize(("grant", "reason", "status"), [("yes", "", 303), ("no", "", 422), ("no", "Too late.", 303)])
def test_an_extension_is_decided(
    sign_in: SignIn, deals: DealWorld, world: World, grant: str, reason: str, status: int
) -> None:
    deal = deals.approved()
    with deals.held(deal, "partner") as (mine, who):
        asked = Extension.ask(mine, who, mine.activity_at, mine.public_version, "The tender was put off.")
        ref = asked.ref
    answer = decide(sign_in("channel-manager"), deals, deal, f"extensions/{ref}/decision", grant=grant, reason=reason)
    assert answer.status_code == status
    with world.session() as session:
        found = session.scalars(sa.select(Extension)).one()
        assert found.is_granted is {"yes": True, "no": False if reason else None}[grant]


@pytest.mark.parametrize("what", ["return", "rejection", "duplicate"])
def test_a_reason_is_asked_for_and_what_was_typed_stays(sign_in: SignIn, deals: DealWorld, what: str) -> None:
    deal = deals.under_review()
    answer = decide(sign_in("channel-manager"), deals, deal, what, reason=" ", note="Half a thought.")
    assert answer.status_code == 422
    assert "Half a thought." in text(answer)
    assert deals.reload(deal).state == State.UNDER_REVIEW


@pytest.mark.parametrize("hint", ["partner", "partner-admin", "rival-partner", "agent", "account-manager", "auditor"])
@pytest.mark.parametrize("what", DECISIONS)
def test_others_decide_nothing(sign_in: SignIn, deals: DealWorld, hint: str, what: str) -> None:
    deal = deals.under_review()
    version = deals.reload(deal).version
    assert decide(sign_in(hint), deals, deal, what).status_code == 403
    assert deals.reload(deal).version == version


@pytest.mark.parametrize("what", DECISIONS)
def test_signed_out_people_sign_in_first(client: FlaskClient, deals: DealWorld, what: str) -> None:
    answer = decide(client, deals, deals.under_review(), what)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("what", DECISIONS)
def test_what_was_never_issued_is_not_found(sign_in: SignIn, what: str) -> None:
    answer = sign_in("channel-manager").send(f"/deals/D-00000000/{what}", {"version": 1, **DECISIONS[what]})
    assert answer.status_code == 404


def joins(world: World, hint: str, company: str) -> None:
    """Somebody of the staff comes to belong to that company."""
    with world.session() as session:
        company_id = world.organisation(company).id
        session.add(Membership(person_id=world.person_id(hint), organisation_id=company_id, started_at=now()))
        session.commit()


@pytest.mark.parametrize("what", DECISIONS)
def test_who_profits_is_refused_before_the_form_is_looked_at(
    sign_in: SignIn, deals: DealWorld, world: World, what: str
) -> None:
    deal = deals.under_review()
    joins(world, "channel-manager-2", "wolf")
    answer = sign_in("channel-manager-2").send(f"/deals/{deal.ref}/{what}", {"version": "nonsense"})
    assert answer.status_code == 403


def test_who_profits_is_told_why_and_offered_nothing(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review()
    joins(world, "channel-manager-2", "wolf")
    browser = sign_in("channel-manager-2")
    for path in (f"/deals/{deal.ref}", f"/deals/queue/{deal.ref}"):
        page = text(browser.get(path))
        assert "Nobody decides on what they submitted" in page
        assert f"/deals/{deal.ref}/approval" not in page
        assert f"/deals/{deal.ref}/return" not in page


def test_a_guest_company_profits_too(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review()
    with world.session() as session:
        shared_by = world.person_id("partner-admin")
        values = {"record_kind": "deal", "record_id": deal.id, "organisation_id": world.organisation("herons").id}
        session.add(Share(**values, shared_by_id=shared_by, starts_at=now(), ends_at=now() + timedelta(days=3)))
        session.commit()
    joins(world, "channel-manager-2", "herons")
    assert decide(sign_in("channel-manager-2"), deals, deal, "approval").status_code == 403
    assert decide(sign_in("channel-manager"), deals, deal, "approval").status_code == 303


def test_who_submits_it_again_for_the_partner_does_not_decide_on_it(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review()
    first, second = sign_in("channel-manager"), sign_in("channel-manager-2")
    decide(first, deals, deal, "return", reason="Which hall?")
    decide(second, deals, deal, "submission")
    assert deals.reload(deal).state == State.RESUBMITTED
    assert decide(second, deals, deal, "review").status_code == 403
    assert "Nobody decides on what they submitted" in text(second.get(f"/deals/queue/{deal.ref}"))
    decide(first, deals, deal, "review")
    decide(first, deals, deal, "approval")
    assert deals.reload(deal).state == State.APPROVED


def test_a_stale_decision_shows_both_versions_and_what_was_typed(sign_in: SignIn, deals: DealWorld) -> None:
    deal, staff = deals.submitted(), sign_in("channel-manager")
    version = deals.reload(deal).version
    deals.review(deal, "channel-manager-2")
    for back in ("", "queue"):
        answer = decide(
            staff, deals, deal, "return", version=version, seen=1, reason="Which hall?", note="Hm.", back=back
        )
        page = text(answer)
        assert answer.status_code == 409
        assert "Which hall?" in page
        assert "Hm." in page
        assert "When you looked" in page
        assert "Submitted" in page
        assert "Under review" in page
    assert deals.reload(deal).state == State.UNDER_REVIEW


def test_a_rule_that_says_no_keeps_what_was_typed(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.submitted()
    deals.review(deal, "channel-manager")
    answer = decide(sign_in("channel-manager"), deals, deal, "approval", reason="Fine.")
    assert answer.status_code == 409
    assert "Say first which customer this is about." in text(answer)
    assert "Fine." in text(answer)


def test_two_people_approve_and_the_partner_sees_nothing_of_the_first(
    sign_in: SignIn, deals: DealWorld, world: World
) -> None:
    deal, partner = deals.under_review(amount=9_000_000), sign_in("partner")
    before = _masked(text(partner.get(f"/deals/{deal.ref}")))
    first = sign_in("channel-manager")
    decide(first, deals, deal, "approval", reason="Fine for me.", note="Call the second.")
    assert "A second person has to approve" in text(first.get(f"/deals/{deal.ref}"))
    assert f"/deals/{deal.ref}/approval" not in text(first.get(f"/deals/{deal.ref}"))
    assert decide(first, deals, deal, "approval").status_code == 409
    assert _masked(text(partner.get(f"/deals/{deal.ref}"))) == before
    # The partner has not read the first one's words, so that the second is given them to send.
    second = sign_in("channel-manager-2")
    sent = re.search(
        r'<textarea[^>]*id="approval-reason"[^>]*>\s*([^<]*)<', text(second.get(f"/deals/queue/{deal.ref}"))
    )
    assert sent is not None
    assert sent[1] == "Fine for me."
    decide(second, deals, deal, "approval", reason=sent[1])
    assert deals.reload(deal).state == State.APPROVED
    assert "Fine for me." in text(partner.get(f"/deals/{deal.ref}"))


def _masked(page: str) -> str:
    page = re.sub(r"<time[^>]*>[^<]*</time>", "", page)
    return re.sub(r'(nonce|value|content|id)="[^"]*"|[0-9a-f]{16,}', "", page)


def test_the_note_is_nowhere_for_the_partner(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.under_review()
    staff = sign_in("channel-manager")
    decide(staff, deals, deal, "return", reason="Which hall?", note="umbrageous")
    assert "umbrageous" in text(staff.get(f"/deals/{deal.ref}"))
    receipts = re.findall(r'href="(/receipts/[^"]+)"', text(sign_in("partner").get(f"/deals/{deal.ref}")))
    assert len(receipts) >= 2
    elsewhere = [f"/organisations/{world.organisation('wolf').ref}/history", *receipts, f"{receipts[-1]}.json"]
    for hint in ("partner", "partner-admin"):
        browser = sign_in(hint)
        pages = [*elsewhere, f"/deals/{deal.ref}", "/deals", "/deals/export.csv", "/notices", "/", "/deals/board"]
        for path in (*pages, "/deals?q=umbrageous", "/search?q=umbrageous"):
            page = text(browser.get(path))
            assert "umbrageous" not in page.replace("q=umbrageous", "").replace('value="umbrageous"', ""), path
        assert "Which hall?" in text(browser.get(f"/deals/{deal.ref}"))
        assert deal.ref not in text(browser.get("/deals?q=umbrageous"))


def test_a_customer_out_of_reach_cannot_be_named(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.submitted()
    deals.review(deal, "channel-manager")
    for ref in (world.organisation("bakery").ref, "O-00000000", ""):
        assert decide(sign_in("channel-manager"), deals, deal, "customer", customer=ref).status_code == 422
    assert customer_of(world, deal) is None


def test_a_match_can_be_named_though_its_record_is_out_of_reach(
    sign_in: SignIn, deals: DealWorld, world: World
) -> None:
    from tests.matching.helpers import match

    glass = world.organisation("glass")
    deal = deals.submitted(customer_name=glass.name)
    match(world, deal)
    deals.review(deal, "channel-manager")
    browser = sign_in("channel-manager")
    assert glass.ref in text(browser.get(f"/deals/queue/{deal.ref}"))
    assert decide(browser, deals, deal, "customer", customer=glass.ref).status_code == 303
    named = customer_of(world, deal)
    assert named is not None
    assert named.id == glass.id


def at_once(browsers: list[FlaskClient], sent: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """Each browser sends its own at the same time as the others; the statuses, the smallest first."""
    barrier, statuses = Barrier(len(browsers)), list[int]()
    tokens = [browser.csrf_token() for browser in browsers]

    def send(browser: FlaskClient, token: str, url: str, data: dict[str, Any]) -> None:
        barrier.wait()
        statuses.append(browser.post(url, data={**data, "csrf_token": token}).status_code)

    threads = [Thread(target=send, args=(*pair, *it)) for *pair, it in zip(browsers, tokens, sent, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_twenty_approvals_at_once_have_one_winner(sign_in: SignIn, deals: DealWorld) -> None:
    deal = deals.under_review()
    approval = (f"/deals/{deal.ref}/approval", {"version": deals.reload(deal).version})
    assert at_once([sign_in("channel-manager") for _ in range(20)], [approval] * 20) == [303] + [409] * 19
    assert deals.reload(deal).state == State.APPROVED


def test_twenty_approvals_of_two_rivals_at_once_have_one_winner(sign_in: SignIn, deals: DealWorld) -> None:
    pair = [deals.under_review(), deals.under_review("rival-partner")]
    sent = [(f"/deals/{deal.ref}/approval", {"version": deals.reload(deal).version}) for deal in pair]
    assert at_once([sign_in("channel-manager") for _ in range(20)], sent * 10) == [303] + [409] * 19
    assert sorted(deals.reload(deal).state for deal in pair) == [State.APPROVED, State.UNDER_REVIEW]


def test_extensions_asked_for_at_once_are_one(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    deal = deals.approved()
    asked = (
        f"/deals/{deal.ref}/extensions",
        {"version": deals.reload(deal).public_version, "evidence": "The tender is postponed."},
    )
    assert at_once([sign_in("partner") for _ in range(8)], [asked] * 8) == [303] + [409] * 7
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Extension.id))) == 1


def test_nobody_submits_more_a_day_by_submitting_at_once(sign_in: SignIn, deals: DealWorld, app: Flask) -> None:
    """Whoever could would try out name after name."""
    for _ in range(app.extensions["portal_settings"].deals_per_day - 1):
        deals.submitted()
    drafts = [deals.draft(hint) for hint in ("partner", "partner-admin") * 4]
    sent = [
        (f"/deals/{draft.ref}/edit?step=1", {"version": draft.public_version, **ASKED, "press": "submit"})
        for draft in drafts
    ]
    assert at_once([sign_in(hint) for hint in ("partner", "partner-admin") * 4], sent) == [303] + [409] * 7
    assert sum(deals.reload(draft).state == State.SUBMITTED for draft in drafts) == 1
