"""What follows from a step: notices and mail, the clock's own work, the contact history."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.access import Principal
from portal.accounts.models import Person
from portal.deals.extensions import Extension
from portal.deals.lifecycle import State
from portal.deals.models import DealEvent
from portal.deals.review import DealReview
from portal.errors import RuleBroken
from portal.jobs.outbox import drain
from portal.notices.models import Notice
from portal.opportunities.models import REASONS, Opportunity, Status
from portal.organisations.models import Activity, ActivityOrganisation
from portal.seeds.catalogue import GROWTH
from tests.deals.helpers import DealWorld
from tests.deals.test_lifecycle import MONDAY
from tests.postbox import Postbox, open_postbox
from tests.world import World


@pytest.fixture(autouse=True)
def postbox(app: Flask) -> Iterator[Postbox]:
    """Somebody takes the mails."""
    with open_postbox(app) as box:
        yield box


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(world: World, hint: str, kind: str) -> list[str]:
    """The steps that this person was told of, in order."""
    person_id = world.person_id(hint)
    with world.as_(hint) as session:
        found = sa.select(Notice.params).where(Notice.kind == kind, Notice.person_id == person_id)
        return [params["verb"] for params in session.scalars(found.order_by(Notice.id))]


def let_pass(world: World, at: datetime) -> None:
    with world.app.app_context():
        drain(at)


def test_the_channel_hears_of_a_submission_and_the_partner_of_the_decision(deals: DealWorld, world: World) -> None:
    deals.approved(at=MONDAY)
    assert told(world, "channel-manager", "deal-submitted") == ["submit"]
    assert told(world, "channel-manager-2", "deal-submitted") == ["submit"]
    assert told(world, "partner", "deal-decided") == ["approve"]
    for hint in ("rival-partner", "agent", "customer-admin", "account-manager"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(Notice).where(Notice.deal_id.is_not(None))).all() == [], hint


def test_administrators_hear_of_it_where_the_author_has_left(deals: DealWorld, world: World) -> None:
    from portal.accounts.models import Membership

    deal = deals.under_review(at=MONDAY)
    with world.session() as session:
        theirs = Membership.person_id == world.person_id("partner")
        session.execute(sa.update(Membership).where(theirs).values(ended_at=MONDAY))
        session.commit()
    deals.approve(deal, at=MONDAY)
    assert told(world, "partner-admin", "deal-decided") == ["approve"]


def test_a_late_decision_goes_to_a_second_person_once(deals: DealWorld, world: World) -> None:
    deal = deals.under_review(at=MONDAY)
    due = deals.reload(deal).due_at
    assert due is not None
    public = deals.reload(deal).public_version
    let_pass(world, due - HOUR)
    assert told(world, "channel-manager-2", "deal-late") == []
    let_pass(world, due + HOUR)
    let_pass(world, due + DAY)
    second = world.person_id("channel-manager-2")
    with world.session() as session:
        assert session.scalars(sa.select(DealReview.escalated_to_id)).all() == [second]
    assert told(world, "channel-manager-2", "deal-late") == ["late"]
    # It is no affair of the partner's, who sees the clock itself.
    assert deals.reload(deal).public_version == public
    with world.as_("partner") as session:
        assert "late" not in session.scalars(sa.select(DealEvent.verb)).all()


def test_a_protection_ends_by_itself_and_the_partner_is_reminded_before_and_after(
    deals: DealWorld, world: World
) -> None:
    deal = deals.approved(at=MONDAY)
    until = deals.reload(deal).protected_until
    assert until is not None
    let_pass(world, until - 15 * DAY)
    assert told(world, "partner", "deal-ending") == []
    let_pass(world, until - 14 * DAY + HOUR)
    let_pass(world, until - 3 * DAY + HOUR)
    assert told(world, "partner", "deal-ending") == ["remind", "remind"]
    let_pass(world, until + HOUR)
    assert deals.reload(deal).state == State.EXPIRED
    let_pass(world, until + 8 * DAY)
    assert told(world, "partner", "deal-ending") == ["remind", "remind", "expire", "remind"]


def test_after_an_extension_every_reminder_comes_again(deals: DealWorld, world: World) -> None:
    """Also where it falls on the very day of one that was promised for the end as it was before."""
    days = 21
    with world.session() as session:
        deals.programme(session).extension_days = days
        session.commit()
    deal = deals.approved(at=MONDAY)
    until = deals.reload(deal).protected_until
    assert until is not None
    let_pass(world, MONDAY)
    with deals.held(deal, "partner") as (mine, who):
        asked = Extension.ask(mine, who, MONDAY, mine.public_version, "The tender is postponed.")
    with world.as_("channel-manager") as session:
        pending = session.scalars(sa.select(Extension).where(Extension.ref == asked.ref)).one()
        who = session.info["principal"]
        pending.decide(who, MONDAY, pending.deal.version, grant=True, reason="")
        session.commit()
    for day in (-14, -3, 7, days - 3, days, days + 7):
        let_pass(world, until + day * DAY + HOUR)
    assert told(world, "partner", "deal-ending") == ["remind", "remind", "expire", "remind"]


def test_an_offer_that_nobody_takes_goes_to_the_next_in_line(deals: DealWorld, world: World) -> None:
    from portal.deals.models import Outcome

    first = deals.approved(at=MONDAY)
    waiting = [deals.under_review(hint, at=MONDAY) for hint in ("rival-partner", "partner-admin")]
    for deal in waiting:
        with deals.reviewed(deal, "channel-manager") as (review, who):
            review.mark_duplicate(
                who, MONDAY, review.deal.version, reason="Taken.", outcome=Outcome.PARTNER, in_line=True
            )
    with deals.reviewed(first, "channel-manager") as (review, who):
        review.revoke(who, MONDAY, review.deal.version, reason="Asked for.")
    assert [deals.reload(deal).offered_until is not None for deal in waiting] == [True, False]
    let_pass(world, MONDAY + 15 * DAY)
    assert [deals.reload(deal).offered_until is not None for deal in waiting] == [False, True]


def test_it_stands_in_the_history_of_the_partner_and_of_the_customer(deals: DealWorld, world: World) -> None:
    deal = deals.approved(at=MONDAY)
    customer = world.organisation("glass")

    def kinds(hint: str, organisation_id: int) -> list[str]:
        with world.as_(hint) as session:
            mine = sa.select(ActivityOrganisation.kind).where(
                ActivityOrganisation.organisation_id == organisation_id,
                ActivityOrganisation.kind.like("deal-%"),
            )
            return list(session.scalars(mine.order_by(ActivityOrganisation.id)))

    assert kinds("partner", deal.organisation_id) == ["deal-submit", "deal-take", "deal-approve"]
    # Whoever looks after the customer reads it in the customer's history; its own people and agents do not.
    assert kinds("account-manager", customer.id) == ["deal-name-customer", "deal-approve"]
    for hint in ("customer-admin", "agent"):
        assert kinds(hint, customer.id) == []


@pytest.mark.usefixtures("in_english")
def test_the_mail_says_what_was_decided_and_why_in_the_readers_language(deals: DealWorld, world: World) -> None:
    from portal.accounts.models import Person
    from portal.mail.compose import notice_mail

    deal = deals.under_review(at=MONDAY)
    with deals.reviewed(deal, "channel-manager") as (review, who):
        review.send_back(who, MONDAY, review.deal.version, reason="Which hall is it?", note="Odd.")
    with world.session() as session:
        ref = session.scalar(sa.select(Notice.ref).where(Notice.kind == "deal-decided"))
        assert ref is not None
        mail = notice_mail(session, ref)
        session.execute(sa.update(Person).values(language="fa"))
        persian = notice_mail(session, ref)
    assert mail is not None
    assert persian is not None
    text = mail.get_body(("plain",)).get_content()
    assert "ثبت معامله با یک پرسش بازگردانده شد" in persian.get_body(("plain",)).get_content()
    assert 'dir="rtl"' in persian.get_body(("html",)).get_content()
    assert "Registration returned with a question" in text
    assert "Which hall is it?" in text
    assert "Odd." not in text
    assert f"/deals/{deal.ref}" in text


def test_nobody_who_lost_the_right_is_mailed(deals: DealWorld, world: World) -> None:
    from portal.accounts.models import Membership
    from portal.mail.compose import notice_mail

    deal = deals.under_review(at=MONDAY)
    deals.approve(deal, at=MONDAY)
    with world.session() as session:
        theirs = Membership.person_id == world.person_id("partner")
        session.execute(sa.update(Membership).where(theirs).values(in_deals=False))
        session.commit()
        ref = session.scalar(sa.select(Notice.ref).where(Notice.kind == "deal-decided"))
        assert ref is not None
        assert notice_mail(session, ref) is None


def test_every_step_has_a_name() -> None:
    from portal.deals.following import RECEIPTED, TOLD_TO_CHANNEL, TOLD_TO_PARTNER
    from portal.deals.lifecycle import Verb
    from portal.deals.steps import STEPS

    assert {str(verb) for verb in Verb} | RECEIPTED | TOLD_TO_CHANNEL | TOLD_TO_PARTNER <= STEPS.keys()


def test_activities_are_told_in_words(deals: DealWorld, world: World) -> None:
    from portal.organisations.sentences import TELLINGS

    deals.approved(at=MONDAY)
    with world.session() as session:
        kinds = set(session.scalars(sa.select(Activity.kind)))
        assert isinstance(session.info["principal"], Principal)
    assert kinds <= TELLINGS.keys()


def test_work_keeps_a_protection_alive(deals: DealWorld, world: World) -> None:
    """Growth protects for 60 days, and for 30 without logged work; a week before that the partner is warned."""
    deal = deals.approved(programme=GROWTH, at=MONDAY)
    let_pass(world, MONDAY + 24 * DAY)
    assert told(world, "partner", "deal-ending") == ["warn-idle"]
    with deals.held(deal, "partner") as (mine, who):
        mine.log_work(who, MONDAY + 25 * DAY, mine.public_version, "We showed them two samples.")
    let_pass(world, MONDAY + 40 * DAY)
    assert deals.reload(deal).state == State.APPROVED


def test_a_protection_without_work_ends_early_after_a_warning(deals: DealWorld, world: World) -> None:
    deal = deals.approved(programme=GROWTH, at=MONDAY)
    let_pass(world, MONDAY + 24 * DAY)
    let_pass(world, MONDAY + 32 * DAY)
    assert deals.reload(deal).state == State.EXPIRED
    assert told(world, "partner", "deal-ending") == ["warn-idle", "shorten", "expire"]


def test_a_programme_without_such_a_term_protects_to_the_end(deals: DealWorld, world: World) -> None:
    deal = deals.approved(at=MONDAY)
    let_pass(world, MONDAY + 70 * DAY)
    assert deals.reload(deal).state == State.APPROVED


def test_a_partner_has_so_many_open_registrations(deals: DealWorld, world: World) -> None:
    for _ in range(10):
        first = deals.submitted(programme=GROWTH, at=MONDAY)
    with pytest.raises(RuleBroken):
        deals.submitted(programme=GROWTH, at=MONDAY)
    deals.submitted("rival-partner", programme=GROWTH, at=MONDAY)
    with deals.held(first, "partner") as (mine, who):
        mine.withdraw(who, MONDAY, mine.public_version, "Not this year.")
    deals.submitted(programme=GROWTH, at=MONDAY)


def test_the_partner_hears_how_the_opportunity_was_closed(deals: DealWorld, world: World) -> None:
    deal = deals.approved(at=MONDAY)
    with deals.reviewed(deal, "channel-manager") as (review, who):
        found = Opportunity.convert(review, who, MONDAY, review.deal.version)
        found.close(who, MONDAY, found.version, status=Status.WON, reason=str(next(iter(REASONS[Status.WON]))))
    assert told(world, "partner", "deal-decided") == ["approve", "convert", "opportunity-won"]


def test_a_move_to_another_time_zone_keeps_no_protection_alive(deals: DealWorld, world: World) -> None:
    """The days end elsewhere by now, before the warning and once more after it: it is warned of, and ends, just so."""
    deal = deals.approved(programme=GROWTH, at=MONDAY)
    for zone, days, heard in (("Asia/Tehran", 24, ["warn-idle"]), ("Pacific/Honolulu", 30.8, ["warn-idle"])):
        with world.session() as session:
            session.get_one(Person, deal.author_id).time_zone = zone
            session.commit()
        let_pass(world, MONDAY + days * DAY)
        assert told(world, "partner", "deal-ending") == heard
    let_pass(world, MONDAY + 32 * DAY)
    assert deals.reload(deal).state == State.EXPIRED
