"""Partners of record: who arranges them, and who consents."""

import pytest

from portal.organisations.models import PartnerLink
from tests.conftest import SignIn
from tests.organisations.helpers import events, link_of, text, yesterday
from tests.world import World


def consented(world: World, ref: str) -> bool:
    with world.session() as session:
        return session.query(PartnerLink).filter_by(ref=ref).one().consented_at is not None


def test_the_customers_admin_takes_consent_back_and_gives_it(sign_in: SignIn, world: World) -> None:
    ref, link = world.organisation("glass").ref, link_of(world, "wolf", "glass")
    browser = sign_in("customer-admin")
    ticket = world.make_ticket("partner", organisation="glass")
    assert browser.send(f"/organisations/{ref}/partners/{link}/consent/withdrawal").status_code == 303
    assert not consented(world, link)
    with world.as_("partner") as session:
        from portal.access.finding import find
        from portal.tickets.models import Ticket

        assert find(session, Ticket, Ticket.id == ticket.id) is None
    assert browser.send(f"/organisations/{ref}/partners/{link}/consent").status_code == 303
    assert consented(world, link)
    assert events(world, "glass")[-2:] == ["partner-consent-withdrawn", "partner-consent-given"]
    assert events(world, "wolf")[-2:] == ["partner-consent-withdrawn", "partner-consent-given"]


@pytest.mark.parametrize(
    ("hint", "status"),
    [("customer", 403), ("rival", 404), ("partner-admin", 403), ("account-manager", 403), ("agent", 403)],
)
def test_nobody_else_consents(sign_in: SignIn, world: World, hint: str, status: int) -> None:
    ref, link = world.organisation("glass").ref, link_of(world, "wolf", "glass")
    answer = sign_in(hint).send(f"/organisations/{ref}/partners/{link}/consent/withdrawal")
    assert answer.status_code == status
    assert consented(world, link)


def test_an_admin_decides_on_links_of_the_own_company(sign_in: SignIn, world: World) -> None:
    link = link_of(world, "herons", "bakery")
    ref = world.organisation("glass").ref
    assert sign_in("customer-admin").send(f"/organisations/{ref}/partners/{link}/consent/withdrawal").status_code == 404
    assert consented(world, link)


def test_signed_out_people_are_sent_to_sign_in(client, world: World) -> None:
    ref, link = world.organisation("glass").ref, link_of(world, "wolf", "glass")
    assert client.send(f"/organisations/{ref}/partners/{link}/consent").location.startswith("/sign-in")
    assert client.get(f"/organisations/{ref}/partners/new").location.startswith("/sign-in")


@pytest.mark.parametrize("named", ["nine herons", "Nine Herons Consulting", "ref"])
def test_an_account_manager_adds_a_partner(sign_in: SignIn, world: World, named: str) -> None:
    glass, herons = world.organisation("glass"), world.organisation("herons")
    browser = sign_in("account-manager")
    form = {
        "partner": herons.ref.lower() if named == "ref" else named,
        "starts_on": yesterday().isoformat(),
        "ends_on": "",
        "contact": world.person("customer-admin").ref,
    }
    assert browser.send(f"/organisations/{glass.ref}/partners", form).status_code == 303
    assert not consented(world, link_of(world, "herons", "glass"))
    shown = text(sign_in("rival-partner").get(f"/organisations/{glass.ref}"))
    assert world.person("customer-admin").name in shown
    assert events(world, "glass") == events(world, "herons") == ["partner-link-started"]


@pytest.mark.parametrize(
    "change",
    [
        {"partner": "nobody at all"},
        {"partner": "%"},
        {"starts_on": "soon"},
        {"ends_on": "2001-01-01"},
        {"contact": "P-00000000"},
        {"partner": "n"},
    ],
)
def test_what_was_typed_is_kept_when_it_is_refused(sign_in: SignIn, world: World, change: dict[str, str]) -> None:
    ref = world.organisation("glass").ref
    form = {"partner": "nine herons", "starts_on": yesterday().isoformat(), "ends_on": "", "contact": ""} | change
    answer = sign_in("account-manager").send(f"/organisations/{ref}/partners", form)
    assert answer.status_code == 422
    assert f'value="{form["partner"]}"' in text(answer)


@pytest.mark.parametrize(
    ("hint", "key", "status"),
    [
        ("agent", "glass", 403),
        ("buyer", "glass", 404),
        ("buyer", "foundry", 403),
        ("customer-admin", "glass", 403),
        ("admin", "glass", 403),
        ("channel-manager", "glass", 404),
        ("account-manager", "looms", 404),
    ],
)
def test_nobody_else_adds_a_partner(sign_in: SignIn, world: World, hint: str, key: str, status: int) -> None:
    ref = world.organisation(key).ref
    form = {"partner": "nine herons", "starts_on": yesterday().isoformat(), "contact": ""}
    assert sign_in(hint).get(f"/organisations/{ref}/partners/new").status_code == status
    assert sign_in(hint).send(f"/organisations/{ref}/partners", form).status_code == status


def test_outside_the_portfolio_nothing_is_arranged(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("bakery").ref
    form = {"partner": "latarnia", "starts_on": yesterday().isoformat(), "contact": ""}
    assert sign_in("account-manager").send(f"/organisations/{ref}/partners", form).status_code == 403


def test_dates_and_contact_are_changed(sign_in: SignIn, world: World) -> None:
    glass, link = world.organisation("glass"), link_of(world, "wolf", "glass")
    browser = sign_in("account-manager")
    edit = f"/organisations/{glass.ref}/partners/{link}"
    assert world.organisation("wolf").name in text(browser.get(f"{edit}/edit"))
    form = {"starts_on": "2020-01-01", "ends_on": yesterday().isoformat(), "contact": ""}
    assert browser.send(edit, form).status_code == 303
    assert sign_in("partner").get(f"/organisations/{glass.ref}").status_code == 404
    assert browser.send(edit, form | {"ends_on": "2019-01-01"}).status_code == 422
    assert sign_in("customer-admin").send(edit, form).status_code == 403
    bakery = world.organisation("bakery").ref
    assert browser.get(f"/organisations/{bakery}/partners/{link}/edit").status_code == 404
