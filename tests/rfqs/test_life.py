"""What buyers and suppliers may do to a request, and when."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.clock import now
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.files.models import Attachment
from portal.organisations.models import Organisation
from portal.rfqs import answering, buying
from portal.rfqs.invitations import OfferTerms
from portal.rfqs.offers import LineTerms, net_of
from tests.rfqs.helpers import RfqWorld
from tests.world import World

GOOD = OfferTerms({10: LineTerms(500)}, date(2040, 1, 1))


def test_a_supplier_is_invited_once_the_request_is_sent(rfqs: RfqWorld, world: World) -> None:
    rfq = rfqs.draft("looms")
    assert rfqs.invitation(rfq, "looms").answer == "chosen"
    with rfqs.held(rfq) as (held, who):
        buying.send(held, who, now(), held.version)
    invitation = rfqs.invitation(rfq, "looms")
    assert (invitation.answer, rfqs.reload(rfq).state) == ("invited", "open")
    assert invitation.invited_at is not None
    assert invitation.ref != rfq.ref


def test_each_supplier_gets_the_files_under_a_reference_of_its_own(rfqs: RfqWorld, world: World) -> None:
    rfqs.sent("looms", "paper", files=(world.stored("drawing.txt"),))
    with world.as_("supplier") as session:
        looms = {file.ref for file in session.query(Attachment).all() if file.rfq_invitation_id}
        assert not [file for file in session.query(Attachment).all() if file.rfq_id]
    with world.as_("rival-supplier") as session:
        paper = {file.ref for file in session.query(Attachment).all() if file.rfq_invitation_id}
    assert len(looms) == len(paper) == 1
    assert looms.isdisjoint(paper)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"title": ""}, "title"),
        ({"lines": ()}, "lines"),
        ({"closes_at": now() - timedelta(hours=1)}, "closes_on"),
    ],
)
def test_a_request_with_a_gap_is_not_sent(rfqs: RfqWorld, facts: dict[str, Any], named: str) -> None:
    rfq = rfqs.draft("looms", **facts)
    with rfqs.held(rfq) as (held, who):
        assert list(held.missing(now(), chosen=1)) == [named]
        with pytest.raises(RuleBroken):
            buying.send(held, who, now(), held.version)


def test_a_request_is_not_sent_to_nobody(rfqs: RfqWorld) -> None:
    rfq = rfqs.draft()
    with rfqs.held(rfq) as (held, who), pytest.raises(RuleBroken, match="missing"):
        buying.send(held, who, now(), held.version)


def test_suppliers_cannot_answer_until_a_day_off(rfqs: RfqWorld) -> None:
    sunday = rfqs.closing()
    while sunday.weekday() != 6:
        sunday += timedelta(days=1)
    rfq = rfqs.draft("looms", closes_at=sunday)
    with rfqs.held(rfq) as (held, _who):
        assert "working day" in str(held.missing(now(), chosen=1)["closes_on"])


def test_an_offer_is_revised_version_by_version(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms", 500, None)
    rfqs.offered(rfq, "looms", 450, 120)
    first, second = rfqs.offers(rfq, "looms")
    assert (first.number, first.is_current, second.number, second.is_current) == (1, False, 2, True)
    assert [line.unit_price for line in first.lines] == [500, None]
    assert [line.net for line in second.lines] == [90_000, 18_060]


def test_a_price_may_be_finer_than_a_minor_unit() -> None:
    assert net_of(1_000_000, 125, 100) == 1250
    assert net_of(1_500, 1, 1) == 2


def test_a_withdrawn_offer_counts_no_more_and_another_may_follow(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms")
    with rfqs.invited(rfq, "looms") as (invitation, terms, who):
        answering.withdraw(invitation, who, terms, now(), invitation.version)
    assert rfqs.invitation(rfq, "looms").answer == "invited"
    assert rfqs.seen(rfq) == {}
    rfqs.offered(rfq, "looms", 1, 1)
    assert [offer.is_current for offer in rfqs.offers(rfq, "looms")] == [False, True]


def test_who_declined_may_still_offer_while_there_is_time(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    assert rfqs.declined(rfq, "looms").reason == "We are booked out."
    after = rfqs.offered(rfq, "looms")
    assert (after.answer, after.reason) == ("offered", "")


def test_nothing_is_answered_after_the_closing_time(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms")
    over = rfq.terms.closes_at
    assert over is not None
    with rfqs.invited(rfq, "looms") as (invitation, terms, who):
        known = invitation.version
        with pytest.raises(RuleBroken, match="over"):
            answering.offer(invitation, GOOD, who, terms, over, known)
        with pytest.raises(RuleBroken, match="over"):
            answering.withdraw(invitation, who, terms, over, known)
        with pytest.raises(RuleBroken, match="over"):
            answering.decline(invitation, who, terms, over, known, reason="No.")
        with pytest.raises(RuleBroken, match="over"):
            answering.ask(invitation, "May I?", who, terms, over)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (OfferTerms({}, date(2040, 1, 1)), "one line at least"),
        (OfferTerms({10: LineTerms(None)}, date(2040, 1, 1)), "one line at least"),
        (OfferTerms({10: LineTerms(1)}, date(2020, 1, 1)), "valid"),
        (OfferTerms({10: LineTerms(1, delivery_on=date(2020, 1, 1))}, date(2040, 1, 1)), "still to come"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(rfqs: RfqWorld, told: OfferTerms, words: str) -> None:
    rfq = rfqs.sent()
    with rfqs.invited(rfq, "looms") as (invitation, terms, who), pytest.raises(RuleBroken, match=words):
        answering.offer(invitation, told, who, terms, now(), invitation.version)


def test_colleagues_do_not_overwrite_each_other(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    seen = rfqs.invitation(rfq, "looms").version
    rfqs.offered(rfq, "looms")
    with rfqs.invited(rfq, "looms") as (invitation, terms, who), pytest.raises(Stale):
        answering.offer(invitation, GOOD, who, terms, now(), seen)


def test_the_time_is_only_ever_extended(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    closes_at, later = rfq.terms.closes_at, rfqs.closing(20)
    assert closes_at is not None
    with rfqs.held(rfq) as (held, who):
        with pytest.raises(RuleBroken, match="later"):
            buying.extend(held, closes_at - timedelta(days=1), who, now(), held.version)
        buying.extend(held, later, who, now(), held.version)
    assert rfqs.reload(rfq).version > rfq.version


def test_a_request_that_is_over_can_be_opened_once_more(rfqs: RfqWorld) -> None:
    rfq = rfqs.closed(rfqs.sent())
    assert rfq.state == "closed"
    later = rfqs.closing(20)
    with rfqs.held(rfq) as (held, who):
        buying.extend(held, later, who, now(), held.version)
    assert rfqs.offered(rfq, "looms").answer == "offered"


def test_a_supplier_can_be_added_while_it_is_open(rfqs: RfqWorld, world: World) -> None:
    rfq, company_id = rfqs.sent("looms"), world.organisation("paper").id
    before = rfqs.invitation(rfq, "looms")
    with rfqs.held(rfq) as (held, who):
        paper = db.session.get_one(Organisation, company_id)
        buying.invite(held, paper, who, now(), held.version)
        with pytest.raises(RuleBroken, match="already"):
            buying.invite(held, paper, who, now(), held.version)
    assert rfqs.offered(rfq, "paper").answer == "offered"
    after = rfqs.invitation(rfq, "looms")
    assert (after.version, after.invited_at) == (before.version, before.invited_at)


def test_a_cancelled_request_takes_no_offers(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.declined(rfq, "paper")
    with rfqs.held(rfq) as (held, who):
        with pytest.raises(RuleBroken, match="why"):
            buying.cancel(held, who, now(), held.version, reason="")
        buying.cancel(held, who, now(), held.version, reason="The project is put off.")
    assert {rfqs.invitation(rfq, key).answer for key in ("looms", "paper")} == {"cancelled"}
    with pytest.raises(RuleBroken):
        rfqs.offered(rfq, "looms")


def test_lines_are_awarded_to_those_who_offered_them(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent("looms", "paper", "foundry")
    rfqs.offered(rfq, "looms", 500, 130)
    rfqs.offered(rfq, "paper", 550, 110)
    rfqs.declined(rfq, "foundry")
    rfq = rfqs.awarded(rfq, {10: "looms"}, {"paper": "Too late for us this time."})
    assert rfq.state == "awarded"
    answers = {key: rfqs.invitation(rfq, key) for key in ("looms", "paper", "foundry")}
    assert [one.answer for one in answers.values()] == ["won", "not-won", "declined"]
    assert answers["paper"].word == "Too late for us this time."


def test_nothing_is_awarded_before_the_time_is_over(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    winner, seen = rfqs.offered(rfq, "looms"), rfqs.seen(rfq)
    with rfqs.held(rfq) as (held, who), pytest.raises(RuleBroken, match="still change"):
        buying.award(held, {10: winner.ref}, seen, {}, who, now(), held.version)


def test_an_award_needs_the_offers_as_they_were_looked_at(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    rfqs.offered(rfq, "looms")
    seen = rfqs.seen(rfq)
    winner = rfqs.offered(rfq, "looms", 900, 900)
    rfq = rfqs.closed(rfq)
    with rfqs.held(rfq) as (held, who), pytest.raises(Stale, match="offer has changed"):
        buying.award(held, {10: winner.ref}, seen, {}, who, now(), held.version)


def test_a_line_that_was_not_offered_is_not_won(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    winner = rfqs.offered(rfq, "looms", 500, None)
    rfq, seen = rfqs.closed(rfq), rfqs.seen(rfq)
    with rfqs.held(rfq) as (held, who), pytest.raises(RuleBroken, match="only lines"):
        buying.award(held, {20: winner.ref}, seen, {}, who, now(), held.version)


def test_a_request_is_awarded_once(rfqs: RfqWorld) -> None:
    rfq = rfqs.sent()
    winner = rfqs.offered(rfq, "looms")
    rfq = rfqs.awarded(rfq, {10: "looms"})
    with rfqs.held(rfq) as (held, who), pytest.raises(RuleBroken):
        buying.award(held, {10: winner.ref}, {}, {}, who, now(), held.version)
