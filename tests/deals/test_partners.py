"""What partners reach, and who decides in whose stead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine

from portal.business_hours.models import BusinessHours, vendor_calendar
from portal.clock import now
from portal.deals.review import DealReview
from portal.opportunities.models import Opportunity, Status
from portal.partners.models import Absence
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_following import let_pass, told
from tests.deals.test_lifecycle import MONDAY
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def won(world: World, partner: str = "wolf", amount: int = 6_000_000, status: Status = Status.WON) -> None:
    partner_id, customer_id = world.organisation(partner).id, world.organisation("glass").id
    at = now()
    with world.session() as session:
        session.add(
            Opportunity(
                customer_id=customer_id,
                partner_id=partner_id,
                title="Lights",
                status=status,
                amount=amount,
                currency="EUR",
                created_at=at,
                closed_at=at,
            )
        )
        session.commit()


def test_partner_and_channel_manager_see_the_same_figures(sign_in: SignIn, deals: DealWorld, world: World) -> None:
    at = now() - timedelta(days=5)
    deals.approved(at=at)
    deals.submitted("partner-admin", at=at)
    won(world)
    won(world, status=Status.LOST)
    ref = world.organisation("wolf").ref
    pages = [sign_in(hint).get(f"/partners/{ref}").text for hint in ("partner", "partner-admin", "channel-manager")]
    figures = [page[page.index('<dl class="figures">') : page.index("</dl>", page.index("figures"))] for page in pages]
    assert figures[0] == figures[1] == figures[2]
    numbers = [part.split("</dd>")[0] for part in figures[0].split("<dd>")[1:]]
    # Registered, decided, decided in time, won, lost, expired, waiting now, protected now.
    assert numbers == ["2", "1", "1", "1", "1", "0", "1", "1"]
    assert "€60,000.00" in pages[0]


def test_a_rival_and_a_customer_see_nothing_of_it(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("wolf").ref
    assert sign_in("rival-partner").get(f"/partners/{ref}").status_code == 404
    for hint in ("customer-admin", "supplier", "agent", "buyer", "admin"):
        assert sign_in(hint).get(f"/partners/{ref}").status_code == 403


def test_own_results_are_one_click_away(sign_in: SignIn, world: World) -> None:
    answer = sign_in("partner").get("/partners/own")
    assert answer.status_code == 303
    assert answer.location.endswith(f"/partners/{world.organisation('wolf').ref}")


def test_what_is_missing_for_the_next_tier_is_said(sign_in: SignIn, world: World) -> None:
    won(world)
    page = sign_in("partner").get(f"/partners/{world.organisation('wolf').ref}").text
    assert "The next tier" in page
    assert "Still missing: 2 deals won" in " ".join(page.split())


def test_a_target_is_set_by_the_channel_manager_and_read_by_the_partner(sign_in: SignIn, world: World) -> None:
    ref, at = world.organisation("wolf").ref, now()
    won(world)
    url = f"/partners/{ref}/targets"
    data = {"quarter": f"{at.year}-{(at.month - 1) // 3 + 1}", "amount": "120,000"}
    assert sign_in("channel-manager").send(url, data).status_code == 303
    page = sign_in("partner").get(f"/partners/{ref}").text
    assert "€120,000.00" in page
    assert "50%" in page
    assert sign_in("partner").send(url, data).status_code == 403
    assert sign_in("channel-manager").send(url, {**data, "amount": "much"}).status_code == 422


def test_a_target_of_the_next_year_is_seen_as_soon_as_it_is_set(sign_in: SignIn, world: World) -> None:
    url, year = f"/partners/{world.organisation('wolf').ref}", now().year + 1
    words = f"Quarter 2 of {year}"
    table = sign_in("partner").get(url).text.split('id="targets"')[1].split("</table>")[0]
    assert words not in table
    sign_in("channel-manager").send(f"{url}/targets", {"quarter": f"{year}-2", "amount": "90,000"})
    table = sign_in("partner").get(url).text.split('id="targets"')[1].split("</table>")[0]
    assert words in table
    assert "€90,000.00" in table
    assert f"Quarter 1 of {year}" not in table


def test_terms_of_a_tier_are_set_and_a_stale_form_is_refused(sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    data = {"version": "1", "won_count": "5", "won_amount": "70,000", "benefits_en": "A better price."}
    assert browser.send("/settings/tiers/silver", data).status_code == 303
    assert "A better price." in browser.get("/settings/tiers").text
    assert browser.send("/settings/tiers/silver", data).status_code == 409
    assert browser.send("/settings/tiers/silver", {**data, "won_count": "-1"}).status_code == 422
    assert browser.get("/settings/tiers/platinum").status_code == 404


def test_how_long_decisions_take_is_drawn_with_a_table(sign_in: SignIn, deals: DealWorld) -> None:
    browser = sign_in("channel-manager")
    assert "Nothing was decided" in browser.get("/deals/decision-times").text
    deals.approved(at=now() - timedelta(days=3))
    page = browser.get("/deals/decision-times").text
    assert "1 decision in twelve months; within 16 business hours: 1." in page
    assert page.count("<rect") == 1
    assert "The figures as a table" in page
    assert sign_in("partner").get("/deals/decision-times").status_code == 403


def test_a_deputy_hears_of_registrations_while_somebody_is_away(deals: DealWorld, world: World) -> None:
    away, deputy = world.person_id("channel-manager-2"), world.person_id("channel-manager")
    with world.session() as session:
        session.add(Absence(person_id=away, deputy_id=deputy, starts_on=MONDAY.date(), ends_on=MONDAY.date()))
        session.commit()
    deals.submitted(at=MONDAY)
    assert told(world, "channel-manager-2", "deal-submitted") == []
    assert told(world, "channel-manager", "deal-submitted") == ["submit"]


def test_a_day_of_absence_is_a_day_where_we_work(deals: DealWorld, world: World) -> None:
    """Ten on Monday in London is Tuesday in the Line Islands: whoever is there is away already."""
    away, deputy = world.person_id("channel-manager-2"), world.person_id("channel-manager")
    with world.session() as session:
        calendar = replace(vendor_calendar(session), time_zone=ZoneInfo("Pacific/Kiritimati"))
        session.execute(sa.delete(BusinessHours))
        session.add(BusinessHours(calendar))
        tuesday = (MONDAY + timedelta(days=1)).date()
        session.add(Absence(person_id=away, deputy_id=deputy, starts_on=tuesday, ends_on=tuesday))
        session.commit()
    deals.submitted(at=MONDAY)
    assert told(world, "channel-manager-2", "deal-submitted") == []


def test_an_absence_is_listed_while_its_day_lasts_where_we_work(sign_in: SignIn, world: World) -> None:
    """At six in the morning in Greenwich it is the day before on Baker Island."""
    early = now().replace(hour=6) + timedelta(days=1)
    away, deputy = world.person_id("channel-manager"), world.person_id("channel-manager-2")
    day = early.date() - timedelta(days=1)
    with world.session() as session:
        calendar = replace(vendor_calendar(session), time_zone=ZoneInfo("Etc/GMT+12"))
        session.execute(sa.delete(BusinessHours))
        session.add(BusinessHours(calendar))
        session.add(Absence(person_id=away, deputy_id=deputy, starts_on=day, ends_on=day))
        session.commit()
    with time_machine.travel(early):
        assert "/removal" in sign_in("channel-manager").get("/settings/absences").text


def test_the_deputy_of_an_absent_reviewer_is_asked_first(deals: DealWorld, world: World) -> None:
    deal = deals.under_review(reviewer="channel-manager", at=MONDAY)
    due = deals.reload(deal).due_at
    assert due is not None
    away, deputy = world.person_id("channel-manager"), world.person_id("channel-manager-2")
    with world.session() as session:
        session.add(Absence(person_id=away, deputy_id=deputy, starts_on=due.date(), ends_on=due.date()))
        session.commit()
    let_pass(world, due + timedelta(minutes=1))
    assert told(world, "channel-manager-2", "deal-late") == ["late"]


@pytest.mark.parametrize("why", ["away", "submitted", "approved first"])
def test_a_late_decision_goes_to_nobody_who_cannot_make_it(deals: DealWorld, world: World, why: str) -> None:
    """The second channel manager is away, wrote the registration down for the partner, or has approved it already."""
    first, second = (world.person_id(hint) for hint in ("channel-manager", "channel-manager-2"))
    deal = deals.under_review(reviewer="channel-manager", at=MONDAY)
    due = deals.reload(deal).due_at
    assert due is not None
    with world.session() as session:
        review = session.scalars(sa.select(DealReview)).one()
        if why == "away":
            # Each stands in for the other.
            for person, deputy in ((first, second), (second, first)):
                session.add(Absence(person_id=person, deputy_id=deputy, starts_on=due.date(), ends_on=due.date()))
        elif why == "submitted":
            review.deal.created_by_id = second
        else:
            review.first_approver_id = second
        session.commit()
    let_pass(world, due + timedelta(minutes=1))
    with world.session() as session:
        review = session.scalars(sa.select(DealReview)).one()
        assert (review.escalated_at is not None, review.escalated_to_id) == (True, None)
    assert told(world, "channel-manager-2", "deal-late") == []


def test_an_absence_is_planned_and_removed_by_oneself(sign_in: SignIn, world: World) -> None:
    browser = sign_in("channel-manager")
    data = {"deputy": world.person("channel-manager-2").ref, "starts_on": "2099-03-01", "ends_on": "2099-03-05"}
    assert browser.send("/settings/absences", data).status_code == 303
    page = browser.get("/settings/absences").text
    assert world.person("channel-manager-2").name in page
    ref = page.split("/settings/absences/")[1].split("/removal")[0]
    assert browser.send("/settings/absences", {**data, "ends_on": "2099-02-01"}).status_code == 422
    over = browser.send("/settings/absences", {**data, "starts_on": "2020-02-01", "ends_on": "2020-02-02"})
    assert over.status_code == 422
    assert "This day is over." in over.text
    assert browser.send("/settings/absences", {**data, "deputy": world.person("agent").ref}).status_code == 422
    assert browser.send(f"/settings/absences/{ref}/removal", {}).status_code == 303
    assert "No absence is planned." in browser.get("/settings/absences").text


def test_the_chart_counts_each_decision_once() -> None:
    from portal.partners.periods import last_months, quarters, since

    at = datetime(2026, 2, 14, tzinfo=UTC)
    assert last_months(at)[0] == (2025, 3)
    assert last_months(at)[-1] == (2026, 2)
    assert since(at) == datetime(2025, 3, 1, tzinfo=UTC)
    bounds = quarters(2026)
    assert [until for _since, until in bounds[:3]] == [since for since, _until in bounds[1:]]
