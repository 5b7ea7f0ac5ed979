"""The pages of opportunities through HTTP: converting a registration, its page, and what can be done there."""

import pytest

from portal.deals.lifecycle import State
from portal.opportunities.models import Opportunity, Stage, Status
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.deals.test_decisions import at_once, joins
from tests.opportunities.helpers import Sales
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def stage(opportunity: Opportunity, **told: object) -> dict[str, object]:
    plain = {"version": opportunity.version, "stage": "proposal", "probability": "55", "next_step": "Send the offer"}
    return plain | told


# ── Converting ────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_manager_converts(deals: DealWorld, sales: Sales, sign_in: SignIn) -> None:
    deal = deals.under_review(customer="bakery")
    deals.approve(deal)
    browser = sign_in("channel-manager")
    page = browser.get(f"/deals/{deal.ref}/conversion")
    assert "becomes partner of record" in page.text
    assert sales.world.organisation("bakery").name in page.text
    contact = sales.world.person("rival")
    answer = browser.send(
        f"/deals/{deal.ref}/conversion", {"version": deals.reload(deal).version, "contact": contact.ref}
    )
    assert answer.status_code == 303
    assert "Qualification" in browser.get(answer.location).text
    assert sales.links("wolf", "bakery")[0].contact_id == contact.id
    assert browser.get(f"/deals/{deal.ref}/conversion").location == answer.location


def test_a_contact_of_somebody_else_is_refused(deals: DealWorld, sales: Sales, sign_in: SignIn) -> None:
    deal = deals.approved()
    stranger = sales.world.person("supplier")
    told = {"version": deals.reload(deal).version, "contact": stranger.ref}
    assert sign_in("channel-manager").send(f"/deals/{deal.ref}/conversion", told).status_code == 422
    assert deals.reload(deal).state == State.APPROVED


def test_a_stale_conversion_is_409(deals: DealWorld, sign_in: SignIn) -> None:
    deal = deals.approved()
    answer = sign_in("channel-manager").send(f"/deals/{deal.ref}/conversion", {"version": 1, "contact": ""})
    assert answer.status_code == 409
    assert deals.reload(deal).state == State.APPROVED


def test_conversions_at_once_make_one_opportunity(deals: DealWorld, sales: Sales, sign_in: SignIn) -> None:
    deal = deals.approved(customer="bakery")
    sent = (f"/deals/{deal.ref}/conversion", {"version": deals.reload(deal).version, "contact": ""})
    assert at_once([sign_in("channel-manager") for _ in range(8)], [sent] * 8) == [303] + [409] * 7
    assert len(sales.seen_by("channel-manager")) == len(sales.links("wolf", "bakery")) == 1


def test_what_is_not_approved_is_409(deals: DealWorld, sign_in: SignIn) -> None:
    deal = deals.under_review()
    assert sign_in("channel-manager").get(f"/deals/{deal.ref}/conversion").status_code == 409


@pytest.mark.parametrize("hint", ["partner", "partner-admin", "account-manager", "agent", "auditor", "customer-admin"])
def test_nobody_else_converts(deals: DealWorld, sign_in: SignIn, hint: str) -> None:
    deal = deals.approved()
    browser = sign_in(hint)
    assert browser.get(f"/deals/{deal.ref}/conversion").status_code == 403
    assert browser.send(f"/deals/{deal.ref}/conversion", {"version": 1}).status_code == 403


def test_who_has_a_part_in_it_is_neither_offered_nor_allowed_to_convert(
    deals: DealWorld, sign_in: SignIn, world: World
) -> None:
    deal = deals.approved()
    joins(world, "channel-manager-2", "wolf")
    browser = sign_in("channel-manager-2")
    assert f"/deals/{deal.ref}/conversion" not in browser.get(f"/deals/{deal.ref}").text
    assert browser.get(f"/deals/{deal.ref}/conversion").status_code == 403
    assert browser.send(f"/deals/{deal.ref}/conversion", {"version": 1}).status_code == 403
    assert f"/deals/{deal.ref}/conversion" in sign_in("channel-manager").get(f"/deals/{deal.ref}").text


def test_a_registration_that_is_none_is_not_converted(sign_in: SignIn) -> None:
    assert sign_in("channel-manager").get("/deals/D-00000000/conversion").status_code == 404


# ── The page ──────────────────────────────────────────────────────────────────────────────────────


def test_the_partner_sees_its_opportunity(sales: Sales, sign_in: SignIn) -> None:
    found = sales.converted()
    page = sign_in("partner").get(f"/opportunities/{found.ref}").text
    for words in ("Meadow garden lantern", "Qualification", "Probability: 20%", "€12,500.00"):
        assert words in page
    assert "Close the opportunity" not in page
    assert "Who sees this" in page
    assert sales.world.person("partner-admin").name in page


@pytest.mark.parametrize("hint", ["rival-partner", "many"])
def test_a_rival_finds_nothing(sales: Sales, sign_in: SignIn, hint: str) -> None:
    found = sales.converted()
    browser = sign_in(hint, acting="herons")
    assert browser.get(f"/opportunities/{found.ref}").status_code == 404
    for path in ("stage",):
        assert browser.send(f"/opportunities/{found.ref}/{path}", stage(found)).status_code == 404
    assert browser.send(f"/opportunities/{found.ref}/closure", {}).status_code == 403


def test_a_partner_finds_no_direct_sale(sales: Sales, sign_in: SignIn) -> None:
    direct = sales.direct()
    assert sign_in("partner-admin").get(f"/opportunities/{direct.ref}").status_code == 404
    assert sign_in("account-manager").get(f"/opportunities/{direct.ref}").status_code == 200


@pytest.mark.parametrize("hint", ["customer-admin", "supplier", "agent", "moderator", "buyer", "admin", "newcomer"])
def test_no_other_role_comes_in(sales: Sales, sign_in: SignIn, hint: str) -> None:
    assert sign_in(hint).get(f"/opportunities/{sales.converted().ref}").status_code == 403


def test_signed_out_leads_to_sign_in(sales: Sales, client) -> None:
    answer = client.get(f"/opportunities/{sales.converted().ref}")
    assert answer.location.startswith("/sign-in")


# ── Stage and status ──────────────────────────────────────────────────────────────────────────────


def test_the_partner_updates_the_stage(sales: Sales, sign_in: SignIn) -> None:
    found, browser = sales.converted(), sign_in("partner")
    answer = browser.send(f"/opportunities/{found.ref}/stage", stage(found))
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "Send the offer" in page
    moved = sales.reload(found)
    assert (moved.stage, moved.probability, moved.status) == (Stage.PROPOSAL, 55, Status.OPEN)


def test_the_partner_does_not_own_the_status(sales: Sales, sign_in: SignIn) -> None:
    found, browser = sales.converted(), sign_in("partner-admin")
    for path, told in (("closure", {"reason": "won:fit"}), ("reopening", {})):
        answer = browser.send(f"/opportunities/{found.ref}/{path}", {"version": found.version, **told})
        assert answer.status_code == 403
    assert sales.reload(found).status == Status.OPEN


def test_a_wrong_stage_keeps_what_was_typed(sales: Sales, sign_in: SignIn) -> None:
    found = sales.converted()
    told = stage(found, probability="120", next_step="Ring the bell")
    answer = sign_in("partner").send(f"/opportunities/{found.ref}/stage", told)
    assert answer.status_code == 422
    assert "Enter a number from 0 to 100." in answer.text
    assert "Ring the bell" in answer.text


def test_a_stale_stage_is_409_and_shows_what_was_typed(sales: Sales, sign_in: SignIn) -> None:
    found = sales.converted()
    assert sign_in("partner").send(f"/opportunities/{found.ref}/stage", stage(found)).status_code == 303
    browser = sign_in("channel-manager")
    answer = browser.send(f"/opportunities/{found.ref}/stage", stage(found, next_step="Mine instead"))
    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert "Mine instead" in answer.text
    assert sales.reload(found).next_step == "Send the offer"


def test_staff_close_and_reopen(sales: Sales, sign_in: SignIn) -> None:
    found, browser = sales.converted(), sign_in("channel-manager")
    told = {"version": found.version, "reason": "lost:competitor", "words": "They had it in stock."}
    assert browser.send(f"/opportunities/{found.ref}/closure", told).status_code == 303
    page = sign_in("partner").get(f"/opportunities/{found.ref}").text
    assert "A competitor’s offer fitted better" in page
    assert "They had it in stock." in page
    closed = sales.reload(found)
    again = browser.send(f"/opportunities/{found.ref}/stage", stage(closed))
    assert again.status_code == 409
    browser.send(f"/opportunities/{found.ref}/reopening", {"version": closed.version})
    assert sales.reload(found).status == Status.OPEN


# ── What staff keep beside it ─────────────────────────────────────────────────────────────────────


def details(found: Opportunity, owner: str, **told: object) -> dict[str, object]:
    return {
        "version": found.version,
        "title": "Lights for the whole hall",
        "amount": "13,000.50",
        "owner": owner,
    } | told


def test_staff_edit_what_it_is_about_and_worth_and_who_looks_after_it(
    sales: Sales, sign_in: SignIn, world: World
) -> None:
    found, browser = sales.converted(), sign_in("channel-manager")
    assert f"/opportunities/{found.ref}/edit" in browser.get(f"/opportunities/{found.ref}").text
    assert world.person("account-manager").name in browser.get(f"/opportunities/{found.ref}/edit").text
    told = details(found, world.person("channel-manager-2").ref)
    assert browser.send(f"/opportunities/{found.ref}/edit", told).status_code == 303
    edited = sales.reload(found)
    assert (edited.title, edited.amount, edited.owner_id) == (
        "Lights for the whole hall",
        1_300_050,
        world.person_id("channel-manager-2"),
    )
    # The partner reads what has changed, and who looks after it now.
    page = sign_in("partner").get(f"/opportunities/{found.ref}").text
    for words in ("Lights for the whole hall", "€13,000.50", world.person("channel-manager-2").name):
        assert words in page
    assert found.ref in browser.get("/opportunities?q=whole+hall").text


def test_the_details_are_the_staffs_to_edit(sales: Sales, sign_in: SignIn, world: World) -> None:
    found, direct = sales.converted(), sales.direct()
    owner = world.person("channel-manager").ref
    for hint, status in (("partner-admin", 403), ("rival-partner", 403), ("account-manager", 403), ("agent", 403)):
        browser = sign_in(hint)
        assert browser.get(f"/opportunities/{found.ref}/edit").status_code == status
        assert browser.send(f"/opportunities/{found.ref}/edit", details(found, owner)).status_code == status
        assert f"/opportunities/{found.ref}/edit" not in browser.get(f"/opportunities/{found.ref}").text
    assert sign_in("account-manager").get(f"/opportunities/{direct.ref}/edit").status_code == 200
    # Whoever could not keep it does not look after it.
    wrong = details(found, world.person("agent").ref)
    assert sign_in("channel-manager").send(f"/opportunities/{found.ref}/edit", wrong).status_code == 422


def test_a_wrong_or_stale_edit_keeps_what_was_typed(sales: Sales, sign_in: SignIn, world: World) -> None:
    found, browser = sales.converted(), sign_in("channel-manager")
    owner = world.person("channel-manager").ref
    wrong = browser.send(f"/opportunities/{found.ref}/edit", details(found, owner, amount="-5", title="My words"))
    assert wrong.status_code == 422
    assert "An amount cannot be negative." in wrong.text
    assert 'value="My words"' in wrong.text
    sign_in("partner").send(f"/opportunities/{found.ref}/stage", stage(found))
    stale = browser.send(f"/opportunities/{found.ref}/edit", details(found, owner))
    assert stale.status_code == 409
    assert "Stored now" in stale.text
    assert found.title in stale.text
    assert 'value="Lights for the whole hall"' in stale.text
    sales.close(found)
    closed = browser.send(f"/opportunities/{found.ref}/edit", details(sales.reload(found), owner))
    assert closed.status_code == 409
    assert browser.get(f"/opportunities/{found.ref}/edit").location == f"/opportunities/{found.ref}"


def test_another_reason_wants_words(sales: Sales, sign_in: SignIn) -> None:
    found = sales.converted()
    answer = sign_in("channel-manager").send(
        f"/opportunities/{found.ref}/closure", {"version": found.version, "reason": "lost:other"}
    )
    assert answer.status_code == 422
    assert "Say in your own words" in answer.text


def test_account_managers_read_deals_and_keep_their_direct_sales(sales: Sales, sign_in: SignIn) -> None:
    found, direct, browser = sales.converted(), sales.direct(), sign_in("account-manager")
    assert browser.get(f"/opportunities/{found.ref}").status_code == 200
    told = {"version": found.version, "reason": "won:fit"}
    assert browser.send(f"/opportunities/{found.ref}/closure", told).status_code == 403
    assert browser.send(f"/opportunities/{direct.ref}/closure", told | {"version": direct.version}).status_code == 303


def test_without_the_area_there_are_no_opportunities(sales: Sales, sign_in: SignIn, world: World) -> None:
    from portal.accounts.models import Membership

    found = sales.converted()
    with world.session() as session:
        for membership in session.query(Membership).filter_by(person_id=world.person_id("partner")):
            membership.areas = membership.areas - {"deals"}
        session.commit()
    browser = sign_in("partner")
    assert browser.get(f"/opportunities/{found.ref}").status_code == 403
    assert browser.send(f"/opportunities/{found.ref}/stage", stage(found)).status_code == 403
