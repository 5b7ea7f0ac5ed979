"""Leads go from one partner to the next, and nobody sees who declined."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from portal.access.finding import find
from portal.access.scope import OutOfScope
from portal.clock import now
from portal.deals.models import Deal
from portal.errors import RuleBroken, Stale
from portal.extensions import db
from portal.jobs.outbox import drain
from portal.leads.answering import accept, offer_to
from portal.leads.lifecycle import State
from portal.leads.models import Lead, LeadCandidate, LeadCustomer, LeadOffer
from portal.leads.ranking import Candidate, Ranked
from portal.leads.rules import passed
from portal.notices.models import Notice
from portal.organisations.models import Activity
from tests.leads.helpers import CUSTOMER, MONDAY, LeadWorld
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(world: World, hint: str) -> list[str]:
    person_id = world.person_id(hint)
    with world.session() as session:
        mine = sa.select(Notice.params).where(Notice.person_id == person_id, Notice.kind.like("lead-%"))
        return [params["verb"] for params in session.scalars(mine.order_by(Notice.id))]


def test_it_is_offered_to_the_first_alone(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    wolf = world.organisation("wolf").name
    assert leads.offers(lead) == [(wolf, "offered")]
    assert leads.reload(lead).state == State.OFFERED
    for hint in ("partner", "partner-admin"):
        assert leads.sees(hint, lead)
        assert told(world, hint) == ["offer"]
    assert told(world, "rival-partner") == []


def test_who_declines_sees_it_no_more_and_the_next_one_is_asked(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    leads.decline(lead)
    assert [state for _name, state in leads.offers(lead)] == ["passed", "offered"]
    assert not leads.sees("partner", lead)
    assert not leads.sees("partner-admin", lead)
    assert leads.sees("rival-partner", lead)


def test_whose_time_lapses_sees_it_no_more_and_the_next_one_is_asked(leads: LeadWorld) -> None:
    lead = leads.offered("wolf", "herons")
    until = leads.answer_by(lead)
    leads.let_pass(until - HOUR)
    assert leads.sees("partner", lead)
    leads.clock.move_to(until)
    # At once, whether or not the clock has been heard.
    assert not leads.sees("partner", lead)
    leads.let_pass(until)
    assert leads.sees("rival-partner", lead)


def test_the_time_to_answer_is_counted_in_business_hours(leads: LeadWorld) -> None:
    """Eight of them from ten in the morning, of a day that ends at six: until ten of the next day."""
    lead = leads.offered("wolf")
    assert leads.answer_by(lead).replace(microsecond=0) == MONDAY + DAY


def test_a_declined_and_a_lapsed_offer_leave_the_same_behind(leads: LeadWorld, world: World) -> None:
    declined, lapsed = leads.offered("wolf"), leads.offered("wolf")
    leads.decline(declined)
    leads.let_pass(leads.answer_by(lapsed))

    def rest(lead: Lead) -> tuple[object, ...]:
        mine = leads.reload(lead)
        with world.session() as session:
            row = session.scalars(sa.select(LeadOffer).where(LeadOffer.lead_id == lead.id)).one()
            return (row.state, row.answer_by - row.offered_at, row.answered_by_id, mine.state, mine.version)

    assert rest(declined) == rest(lapsed)
    with world.session() as session:
        assert session.scalars(sa.select(Activity).where(Activity.kind.like("lead-%"))).all() == []


def test_staff_learn_no_sooner_of_a_no_than_of_a_time_that_lapsed(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    before = leads.reload(lead)
    until = leads.answer_by(lead)
    leads.decline(lead)
    after = leads.reload(lead)
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert told(world, "channel-manager") == []
    with world.as_("channel-manager") as session:
        assert passed(session, lead.id, until - HOUR) == 0
        assert passed(session, lead.id, until) == 1


def test_staff_read_no_offers(leads: LeadWorld, world: World) -> None:
    leads.decline(leads.offered("wolf", "herons"))
    for hint in ("channel-manager", "channel-manager-2", "auditor"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(LeadOffer)).all() == []
            assert len(session.scalars(sa.select(LeadCandidate)).all()) == 2


def test_the_last_no_is_known_when_the_time_would_be_over(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf")
    until = leads.answer_by(lead)
    leads.decline(lead)
    assert leads.reload(lead).state == State.OFFERED
    leads.let_pass(until)
    assert leads.reload(lead).state == State.EXHAUSTED
    assert told(world, "channel-manager") == ["exhaust"]


def test_what_nobody_took_is_handed_to_others(leads: LeadWorld) -> None:
    lead = leads.offered("wolf")
    until = leads.answer_by(lead)
    leads.let_pass(until)
    leads.hand_out(lead, "herons", at=until)
    assert leads.sees("rival-partner", lead)
    assert not leads.sees("partner", lead)


def test_who_accepts_has_a_draft_that_can_be_submitted(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    leads.accept(lead)
    found = leads.reload(lead)
    assert found.state == State.ACCEPTED
    with world.as_("partner") as session:
        deal = session.scalars(sa.select(Deal)).one()
        who = session.info["principal"]
        assert deal.id == found.deal_id
        assert (deal.customer_name, deal.contact_email) == (CUSTOMER["name"], CUSTOMER["contact_email"])
        assert [line.quantity for line in deal.lines] == [20]
        assert deal.missing() == []
        deal.submit(who, MONDAY, deal.public_version)
        session.commit()
    assert told(world, "channel-manager") == ["accept"]
    assert told(world, "rival-partner") == []


def test_deleting_the_draft_leaves_the_lead_accepted(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf")
    leads.accept(lead)
    with world.as_("partner") as session:
        session.delete(session.scalars(sa.select(Deal)).one())
        session.commit()
    assert (leads.reload(lead).state, leads.reload(lead).deal_id) == (State.ACCEPTED, None)


def test_acceptance_stands_in_the_history_of_the_partner(leads: LeadWorld, world: World) -> None:
    leads.accept(leads.offered("wolf", "herons"))
    for hint, count in (("partner", 1), ("partner-admin", 1), ("channel-manager", 1), ("rival-partner", 0)):
        with world.as_(hint) as session:
            assert len(session.scalars(sa.select(Activity).where(Activity.kind == "lead-accepted")).all()) == count


def test_nobody_answers_after_the_time(leads: LeadWorld) -> None:
    lead = leads.offered("wolf")
    until = leads.answer_by(lead)
    with pytest.raises(RuleBroken), leads.asked(lead, "partner") as (offer, who):
        accept(offer, who, until)


def test_the_customer_is_there_only_for_who_has_accepted(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf")
    with world.as_("partner") as session:
        assert session.scalars(sa.select(LeadCustomer)).all() == []
    leads.accept(lead)
    # Their administrator has the whole company's; a colleague who did not accept it would not.
    for hint in ("partner", "partner-admin"):
        with world.as_(hint) as session:
            assert session.scalars(sa.select(LeadCustomer.name)).all() == [CUSTOMER["name"]]
    with world.as_("rival-partner") as session:
        assert session.scalars(sa.select(LeadCustomer)).all() == []


def test_what_an_administrator_accepts_is_not_their_members(leads: LeadWorld) -> None:
    lead = leads.offered("wolf")
    leads.accept(lead, "partner-admin")
    assert leads.sees("partner-admin", lead)
    assert not leads.sees("partner", lead)


def test_a_lead_that_is_taken_back_is_gone_at_once(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    with world.as_("channel-manager-2") as session:
        found = session.get_one(Lead, lead.id)
        found.withdraw(MONDAY, found.version)
        session.commit()
    assert not leads.sees("partner", lead)
    leads.let_pass(MONDAY + 9 * DAY)
    assert [state for _name, state in leads.offers(lead)] == ["withdrawn"]
    assert told(world, "partner") == ["offer", "withdraw"]
    assert told(world, "rival-partner") == []


def test_who_has_nobody_to_answer_is_passed_over(leads: LeadWorld, world: World) -> None:
    from portal.accounts.models import Membership

    with world.session() as session:
        theirs = Membership.organisation_id == world.organisation("wolf").id
        session.execute(sa.update(Membership).where(theirs).values(in_deals=False))
        session.commit()
    lead = leads.offered("wolf", "herons")
    assert leads.offers(lead) == [(world.organisation("herons").name, "offered")]


def test_a_stale_or_incomplete_lead_is_not_handed_out(leads: LeadWorld, world: World) -> None:
    lead = leads.draft(description="")
    wolf = world.organisation("wolf")
    chosen = [Ranked(Candidate(wolf.id, wolf.ref, wolf.name), ())]
    for version, problem in ((lead.version + 1, Stale), (lead.version, RuleBroken)):
        with world.as_("channel-manager") as session, pytest.raises(problem):
            session.get_one(Lead, lead.id).hand_out(session.info["principal"], chosen, 8, MONDAY, version)


def test_nobody_hands_a_lead_to_a_company_of_their_own(leads: LeadWorld, world: World) -> None:
    from portal.accounts.models import Membership

    with world.session() as session:
        wolf = world.organisation("wolf").id
        session.add(Membership(person_id=world.person_id("channel-manager"), organisation_id=wolf, started_at=MONDAY))
        session.commit()
    with pytest.raises(OutOfScope):
        leads.offered("wolf")


def _at_once(leads: LeadWorld, *works: object) -> list[object]:
    """Each in a thread of its own, in the same moment; what became of them."""
    barrier, outcomes = Barrier(len(works)), []

    def run(work) -> None:
        barrier.wait()
        try:
            outcomes.append(work())
        except Exception as problem:
            outcomes.append(problem)

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _accepting(leads: LeadWorld, lead: Lead, hint: str):
    def work() -> str:
        with leads.world.as_(hint) as session:
            found = find(session, Lead, Lead.id == lead.id, lock=True)
            offer = offer_to(session, session.info["principal"], found) if found else None
            if offer is None:
                session.rollback()
                return "gone"
            try:
                accept(offer, session.info["principal"], now())
                session.commit()
            except RuleBroken:
                session.rollback()
                return "refused"
            return "accepted"

    return work


def test_of_two_who_accept_at_once_one_does(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    works = [_accepting(leads, lead, hint) for hint in ("partner", "partner-admin") * 4]
    outcomes = _at_once(leads, *works)
    assert outcomes.count("accepted") == 1, outcomes
    assert set(outcomes) <= {"accepted", "refused", "gone"}, outcomes
    with world.session() as session:
        assert len(session.scalars(sa.select(Deal)).all()) == 1


def test_accepting_while_the_time_lapses_has_one_winner(leads: LeadWorld, world: World) -> None:
    lead = leads.offered("wolf", "herons")
    until = leads.answer_by(lead)
    leads.clock.move_to(until - timedelta(seconds=1))

    def lapse() -> str:
        with world.app.app_context():
            drain(until)
            db.session.remove()
        return "lapsed"

    outcomes = _at_once(leads, _accepting(leads, lead, "partner"), lapse)
    assert set(outcomes) <= {"accepted", "refused", "gone", "lapsed"}, outcomes
    first, *others = [state for _name, state in leads.offers(lead)]
    if "accepted" in outcomes:
        assert (first, others) == ("accepted", [])
        assert leads.reload(lead).state == State.ACCEPTED
    else:
        assert (first, others) == ("passed", ["offered"])


@pytest.mark.usefixtures("in_english")
def test_the_mail_names_no_customer_and_is_not_sent_once_it_is_over(leads: LeadWorld, world: World) -> None:
    from portal.mail.compose import notice_mail

    lead = leads.offered("wolf", "herons")
    with world.session() as session:
        refs = session.scalars(sa.select(Notice.ref).where(Notice.kind == "lead-offered")).all()
        # As if nobody had taken it yet.
        session.execute(sa.update(Notice).values(mailed_at=None))
        session.commit()
        mail = notice_mail(session, refs[0])
        session.rollback()
    assert mail is not None
    text = mail.get_body(("plain",)).get_content()
    assert f"/leads/{lead.ref}" in text
    assert "A lead is offered to you." in text
    assert not [secret for secret in CUSTOMER.values() if secret in text]
    leads.decline(lead)
    with world.session() as session:
        session.execute(sa.update(Notice).values(mailed_at=None))
        session.commit()
        assert [notice_mail(session, ref) for ref in refs] == [None, None]
