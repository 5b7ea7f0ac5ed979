"""The pages of leads, through the lens of whoever looks: staff, the partner that is asked, and its rivals."""

import re

import pytest
import sqlalchemy as sa

from portal.leads.lifecycle import State
from portal.leads.models import Lead, LeadCandidate, PartnerSkill
from portal.products.models import Product
from tests.conftest import SignIn
from tests.leads.helpers import CUSTOMER, MONDAY, SECRETS, LeadWorld
from tests.statements import statements
from tests.test_pages import audit
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")


def product_ref(world: World, code: str = "LN-100") -> str:
    with world.session() as session:
        return session.scalars(sa.select(Product.ref).where(Product.code == code)).one()


def typed(world: World, **more: object) -> dict[str, object]:
    return {
        "country": "CZ",
        "description": "A waterworks wants lanterns.",
        "amount": "9000",
        "currency": "EUR",
        "lines-0-product": product_ref(world),
        "lines-0-quantity": "20",
        **CUSTOMER,
        **more,
    }


def only(world: World) -> Lead:
    with world.session() as session:
        return session.scalars(sa.select(Lead)).one()


def hand_out(browser, world: World, lead: Lead, *keys: str, **more: object):
    refs = [world.organisation(key).ref for key in keys]
    places = {f"place-{ref}": str(number) for number, ref in enumerate(refs, 1)}
    data = {"version": lead.version, "hours": "8", "partner": refs, **places, **more}
    return browser.send(f"/leads/{lead.ref}/handing-out", data)


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_manager_writes_a_lead_down(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    assert browser.get("/leads/new").status_code == 200
    answer = browser.send("/leads/new", typed(world))
    lead = only(world)
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead.ref}")
    assert (lead.amount, lead.state) == (900_000, State.DRAFT)
    page = browser.get(answer.location)
    assert CUSTOMER["name"] in page.text
    assert "Partners that suit it" in page.text


def test_a_draft_may_be_incomplete_and_is_not_handed_out(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    answer = browser.send("/leads/new", {"name": "Somebody", "currency": "EUR", "press": "ready"})
    assert answer.location == f"/leads/{only(world).ref}/edit?missing=1"
    page = browser.get(answer.location).text
    assert page.count("This is needed to hand the lead out.") >= 7
    assert hand_out(browser, world, only(world), "wolf").status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [("contact_email", "nobody"), ("domain", "no domain"), ("amount", "much"), ("lines-0-quantity", "0"),
     ("organisation", "O-00000000")],
)  # fmt: skip
def test_what_is_malformed_is_refused_with_what_was_typed(
    leads: LeadWorld, world: World, sign_in: SignIn, field: str, value: str
) -> None:
    answer = sign_in("channel-manager").send("/leads/new", typed(world, **{field: value}))
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.text


def test_lines_are_added_and_removed_without_scripts(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    answer = browser.send("/leads/new", typed(world, press="add-line"))
    assert 'name="lines-1-product"' in browser.get(answer.location.partition("#")[0]).text
    lead = only(world)
    browser.send(f"/leads/{lead.ref}/edit", typed(world, press="remove-line-0", version=lead.version))
    with world.session() as session:
        assert session.scalars(sa.select(Lead)).one().lines == []


def test_a_stale_draft_and_a_lead_that_is_out_are_not_changed(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser, lead = sign_in("channel-manager"), leads.draft()
    assert browser.send(f"/leads/{lead.ref}/edit", typed(world, version=lead.version + 1)).status_code == 409
    leads.hand_out(lead, "wolf")
    version = leads.reload(lead).version
    assert browser.send(f"/leads/{lead.ref}/edit", typed(world, version=version)).status_code == 409
    assert browser.send(f"/leads/{lead.ref}/removal").status_code == 409


def test_a_draft_is_deleted(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    lead = leads.draft()
    assert sign_in("channel-manager").send(f"/leads/{lead.ref}/removal").location == "/leads"
    with world.session() as session:
        assert session.scalars(sa.select(Lead)).all() == []


# ── Handing out ───────────────────────────────────────────────────────────────────────────────────


def test_the_ranking_is_shown_with_its_reasons(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    wolf = world.organisation("wolf")
    with world.session() as session:
        product_id = session.scalars(sa.select(Product.id).where(Product.code == "LN-100")).one()
        session.add(PartnerSkill(organisation_id=wolf.id, product_id=product_id))
        session.commit()
    page = sign_in("channel-manager").get(f"/leads/{leads.draft().ref}").text
    assert page.index(wolf.name) < page.index(world.organisation("herons").name)
    for words in ("In a neighbouring country: Poland", "Products known: 1 of 1", "0 deals in hand", "Without a tier"):
        assert words in page


def test_staff_choose_and_reorder_before_they_hand_out(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser, lead = sign_in("channel-manager"), leads.draft()
    answer = hand_out(browser, world, lead, "herons", "wolf")
    assert answer.status_code == 303
    with world.session() as session:
        chosen = session.scalars(sa.select(LeadCandidate.organisation_id).order_by(LeadCandidate.place)).all()
    assert chosen == [world.organisation("herons").id, world.organisation("wolf").id]
    leads.let_pass(MONDAY)
    assert leads.sees("rival-partner", lead)


def test_without_a_partner_nothing_is_handed_out(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser, lead = sign_in("channel-manager"), leads.draft()
    answer = hand_out(browser, world, lead)
    assert answer.status_code == 422
    assert "Choose at least one partner." in answer.text
    assert hand_out(browser, world, lead, "wolf", version=lead.version + 1).status_code == 409


def test_after_handing_out_the_page_tells_staff_nothing_of_who_passed(
    leads: LeadWorld, world: World, sign_in: SignIn
) -> None:
    """The same page, whether nobody has answered or the first has said no."""
    declined, asked = leads.offered("wolf", "herons"), leads.offered("wolf", "herons")
    leads.decline(declined)
    pages = []
    for lead in (declined, asked):
        text = sign_in("channel-manager").get(f"/leads/{lead.ref}").text
        pages.append(re.sub(r'nonce="[^"]*"|value="[^"]{40,}"|LD-\w{8}|Request [\w-]+|[0-9a-f]{32}', "", text))
    assert pages[0] == pages[1]
    lists = sign_in("channel-manager").get("/leads").text
    assert lists.count(">Offered<") >= 2


def test_a_lead_is_taken_back(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    lead = leads.offered("wolf")
    browser, version = sign_in("channel-manager"), leads.reload(lead).version
    assert browser.send(f"/leads/{lead.ref}/withdrawal", {"version": version - 1}).status_code == 409
    assert browser.send(f"/leads/{lead.ref}/withdrawal", {}).status_code == 400
    assert browser.send(f"/leads/{lead.ref}/withdrawal", {"version": version}).status_code == 303
    assert sign_in("partner").get(f"/leads/{lead.ref}").status_code == 404


# ── The partner that is asked ─────────────────────────────────────────────────────────────────────


def test_a_partner_reads_what_it_needs_to_decide_and_not_whom_it_is_about(
    leads: LeadWorld, world: World, sign_in: SignIn
) -> None:
    lead = leads.offered("wolf", "herons")
    browser = sign_in("partner")
    for address in (f"/leads/{lead.ref}", "/leads", "/", "/notices"):
        page = browser.get(address).text
        assert not [secret for secret in (*SECRETS, world.organisation("herons").name) if secret in page], address
    page = browser.get(f"/leads/{lead.ref}").text
    for words in ("Czechia", "€9,000.00", "Twenty lanterns for a waterworks.", "Meadow garden lantern"):
        assert words in page


def test_accepting_leads_to_a_draft_with_everything(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    lead = leads.offered("wolf", "herons")
    browser = sign_in("partner")
    answer = browser.send(f"/leads/{lead.ref}/acceptance")
    assert answer.status_code == 303
    assert re.fullmatch(r"/deals/D-\w{8}/edit\?step=all", answer.location)
    assert CUSTOMER["name"] in browser.get(answer.location).text
    page = browser.get(f"/leads/{lead.ref}").text
    for secret in SECRETS:
        assert secret in page
    assert browser.send(f"/leads/{lead.ref}/acceptance").status_code == 409


def test_declining_leads_back_to_the_list_and_the_lead_is_gone(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    lead = leads.offered("wolf")
    browser = sign_in("partner")
    assert browser.send(f"/leads/{lead.ref}/declining").location == "/leads"
    assert lead.ref not in browser.get("/leads").text
    for address in ("acceptance", "declining"):
        assert browser.send(f"/leads/{lead.ref}/{address}").status_code == 404


def test_a_rival_learns_nothing_before_and_after(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    """Not by status, list, start page, notices or search; out of reach answers as what was never issued."""
    lead = leads.offered("wolf", "herons")
    rival = sign_in("rival-partner")

    def seen() -> list[object]:
        pages = [rival.get(f"/leads/{lead.ref}"), rival.get("/leads/LD-00000000")]
        told = [rival.get(address).text for address in ("/leads", "/", "/notices", "/deals", f"/search?q={lead.ref}")]
        return [page.status_code for page in pages] + [
            lead.ref in text.replace(f"q={lead.ref}", "") for text in told[:4]
        ]

    before = seen()
    assert before == [404, 404, False, False, False, False]
    leads.accept(lead)
    assert seen() == before
    for address in ("acceptance", "declining"):
        assert rival.send(f"/leads/{lead.ref}/{address}").status_code == 404


def test_who_is_asked_second_learns_nothing_of_the_first(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    """The same page for the second of two as for the only one."""
    second, alone = leads.offered("wolf", "herons"), leads.offered("herons")
    leads.decline(second)
    texts = [sign_in("rival-partner").get(f"/leads/{lead.ref}").text for lead in (second, alone)]
    masked = [re.sub(r'nonce="[^"]*"|value="[^"]{40,}"|LD-\w{8}|[0-9a-f]{32}', "", text) for text in texts]
    assert masked[0] == masked[1]
    assert world.organisation("wolf").name not in texts[0]


def test_a_partner_sees_on_the_start_page_that_a_lead_waits(leads: LeadWorld, sign_in: SignIn) -> None:
    leads.offered("wolf")
    assert re.search(r"todo-count\">1<.*?Leads that are offered", sign_in("partner").get("/").text, re.DOTALL)


# ── Everybody ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["agent", "customer-admin", "supplier", "account-manager", "buyer", "moderator"])
def test_leads_are_nothing_to_others(leads: LeadWorld, sign_in: SignIn, hint: str) -> None:
    lead, browser = leads.offered("wolf"), sign_in(hint)
    for address in ("/leads", f"/leads/{lead.ref}", "/leads/new", f"/leads/{lead.ref}/edit"):
        assert browser.get(address).status_code == 403, address


def test_signed_out_people_go_to_sign_in(leads: LeadWorld, client) -> None:
    for address in ("/leads", f"/leads/{leads.draft().ref}"):
        assert client.get(address).location.startswith("/sign-in")


def test_auditors_read_and_change_nothing(leads: LeadWorld, sign_in: SignIn) -> None:
    lead, browser = leads.draft(), sign_in("auditor")
    page = browser.get(f"/leads/{lead.ref}")
    assert page.status_code == 200
    assert "handing-out" not in page.text
    assert browser.send(f"/leads/{lead.ref}/handing-out").status_code == 403


def test_htmx_receives_the_fragments(leads: LeadWorld, sign_in: SignIn) -> None:
    lead, browser = leads.draft(), sign_in("channel-manager")
    for address, root in (("/leads", "list"), (f"/leads/{lead.ref}", "record"), ("/leads/new", "lead-form")):
        text = browser.htmx(address).text if address != "/leads/new" else browser.htmx(address, {"domain": "?"}).text
        assert text.lstrip().startswith(f'<div id="{root}"'), address


@pytest.mark.parametrize("asked", ["state=nothing", "mine=2", "after=nonsense"])
def test_what_is_no_filter_is_refused(leads: LeadWorld, sign_in: SignIn, asked: str) -> None:
    assert sign_in("channel-manager").get(f"/leads?{asked}").status_code == 400


def test_partners_filter_only_by_what_they_can_see(leads: LeadWorld, sign_in: SignIn) -> None:
    browser = sign_in("partner")
    assert browser.get("/leads?state=offered").status_code == 200
    assert browser.get("/leads?state=exhausted").status_code == 400
    assert browser.get("/leads?mine=1").status_code == 400


def test_the_list_asks_as_much_for_many_as_for_few(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browsers = [sign_in("channel-manager"), sign_in("partner")]
    counts = []
    for more in (2, 25):
        for _ in range(more):
            leads.offered("wolf")
        for browser in browsers:
            browser.get("/leads")
            with statements(world.app) as seen:
                assert browser.get("/leads").status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    page = browsers[0].get("/leads").text
    onward = re.search(r'href="(/leads\?after=[^"]+)"', page)
    assert onward is not None
    assert 'rel="prev"' in browsers[0].get(onward[1]).text


def test_the_ranking_asks_as_much_for_many_partners_as_for_few(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser, lead, counts = sign_in("channel-manager"), leads.draft(), []
    for first, last in ((0, 1), (1, 15)):
        with world.session() as session:
            for n in range(first, last):
                leads.partner(session, n)
            session.commit()
        browser.get(f"/leads/{lead.ref}")
        with statements(world.app) as seen:
            browser.get(f"/leads/{lead.ref}")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_states_are_drawn_from_the_table(leads: LeadWorld, sign_in: SignIn) -> None:
    assert "Declined, or not answered in time" in sign_in("partner").get("/leads/states").text


def test_every_page_of_leads_passes_the_audit(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    draft, offered = leads.draft(), leads.offered("wolf")
    skills = f"/organisations/{world.organisation('wolf').ref}/skills"
    looked = {
        "channel-manager": [
            "/leads",
            "/leads/new",
            f"/leads/{draft.ref}",
            f"/leads/{draft.ref}/edit?missing=1",
            skills,
        ],
        "partner": ["/leads", f"/leads/{offered.ref}", "/leads/states", "/notices"],
        "auditor": [f"/leads/{offered.ref}"],
    }
    for hint, addresses in looked.items():
        browser = sign_in(hint)
        for address in addresses:
            assert audit(browser.get(address).text) == [], address


# ── What partners know ────────────────────────────────────────────────────────────────────────────


def test_a_channel_manager_keeps_what_a_partner_knows(leads: LeadWorld, world: World, sign_in: SignIn) -> None:
    browser, wolf = sign_in("channel-manager"), world.organisation("wolf")
    address, first, second = (
        f"/organisations/{wolf.ref}/skills",
        product_ref(world),
        product_ref(world, "LN-200"),
    )
    for wanted in ([first], [first, second], [second]):
        assert browser.send(address, {"products": wanted}).status_code == 303
        page = browser.get(address).text
        ticked = re.findall(r'value="(PR-\w+)" checked', page)
        assert sorted(ticked) == sorted(wanted)
    assert browser.send(address, {"products": "PR-00000000"}).status_code == 422
    assert browser.get(f"/organisations/{world.organisation('glass').ref}/skills").status_code == 404
    assert sign_in("partner-admin").get(address).status_code == 403
