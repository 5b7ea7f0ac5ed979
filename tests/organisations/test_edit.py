"""Creating and editing organisations."""

import re

import pytest

from portal.accounts.models import Portfolio
from portal.organisations.models import Organisation
from tests.conftest import SignIn
from tests.organisations.helpers import enrich, events, text
from tests.world import World


def typed(browser, ref: str) -> dict[str, object]:
    """The edit form as its page holds it."""
    page = text(browser.get(f"/organisations/{ref}/edit"))
    values: dict[str, object] = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    for select, body in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        values[select] = chosen[1] if chosen else ""
    for area, body in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.S):
        values[area] = body.strip()
    values["capacities"] = re.findall(r'name="capacities"[^>]*value="(\w+)"[^>]*checked', page)
    values.pop("csrf_token", None)
    return values


def loaded(world: World, key: str, *names: str) -> tuple[object, ...]:
    import sqlalchemy as sa

    with world.session() as session:
        columns = [getattr(Organisation, name) for name in names]
        return tuple(session.execute(sa.select(*columns).where(Organisation.id == world.organisation(key).id)).one())


def test_a_companys_admin_edits_its_profile(sign_in: SignIn, world: World) -> None:
    ref = enrich(world, "glass")
    browser = sign_in("customer-admin")
    form = typed(browser, ref)
    assert not {"phase", "segment", "abc_class", "domain", "partner_tier"} & form.keys()
    answer = browser.send(
        f"/organisations/{ref}", form | {"phone": "+420 555 0199", "phase": "loyal", "domain": "x.example"}
    )
    assert answer.status_code == 303
    assert loaded(world, "glass", "phone", "phase") == ("+420 555 0199", "leaving")
    assert events(world, "glass") == ["organisation-changed"]


def test_a_member_edits_nothing(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    browser = sign_in("customer")
    assert browser.get(f"/organisations/{ref}/edit").status_code == 403
    assert browser.send(f"/organisations/{ref}", {"name": "Ours"}).status_code == 403


@pytest.mark.parametrize("hint", ["rival", "partner-admin", "buyer", "channel-manager"])
def test_nobody_edits_what_they_do_not_hold(sign_in: SignIn, world: World, hint: str) -> None:
    ref = world.organisation("glass").ref
    expected = 403 if hint == "partner-admin" else 404
    assert sign_in(hint).get(f"/organisations/{ref}/edit").status_code == expected
    assert sign_in(hint).send(f"/organisations/{ref}", {"name": "Ours"}).status_code == expected


def test_an_account_manager_edits_the_portfolio_alone(sign_in: SignIn, world: World) -> None:
    browser = sign_in("account-manager")
    assert browser.get(f"/organisations/{world.organisation('glass').ref}/edit").status_code == 200
    assert browser.get(f"/organisations/{world.organisation('bakery').ref}/edit").status_code == 403


def test_signed_out_people_are_sent_to_sign_in(client, world: World) -> None:
    ref = world.organisation("glass").ref
    assert client.get(f"/organisations/{ref}/edit").location.startswith("/sign-in")
    assert client.send(f"/organisations/{ref}", {"name": "x"}).location.startswith("/sign-in")


def test_what_was_typed_is_kept_when_it_is_refused(sign_in: SignIn, world: World) -> None:
    browser = sign_in("customer-admin")
    ref = world.organisation("glass").ref
    answer = browser.send(f"/organisations/{ref}", typed(browser, ref) | {"email": "no address", "phone": "+420 1"})
    assert answer.status_code == 422
    assert 'value="no address"' in text(answer)
    assert 'value="+420 1"' in text(answer)


def test_the_company_does_not_read_that_its_phase_changed(sign_in: SignIn, world: World) -> None:
    ref = enrich(world, "glass")
    browser = sign_in("account-manager")
    browser.send(f"/organisations/{ref}", typed(browser, ref) | {"phase": "loyal", "phone": "+420 2"})
    assert loaded(world, "glass", "phone", "phase") == ("+420 2", "loyal")
    assert events(world, "glass") == ["organisation-changed"] * 2
    assert text(sign_in("customer-admin").get(f"/organisations/{ref}/history")).count("timeline-entry") == 1


def test_a_stale_version_is_answered_with_both(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    manager, own_admin = sign_in("account-manager"), sign_in("customer-admin")
    stale = typed(manager, ref)
    own_admin.send(f"/organisations/{ref}", typed(own_admin, ref) | {"phone": "+420 theirs"})
    answer = manager.send(f"/organisations/{ref}", stale | {"phone": "+420 mine"})
    assert answer.status_code == 409
    assert "+420 theirs" in text(answer)
    assert "+420 mine" in text(answer)
    assert loaded(world, "glass", "phone") == ("+420 theirs",)
    # Having seen both, the second try goes through.
    version = re.search(r'name="version"[^>]*value="(\w+)"', text(answer))
    assert version is not None
    manager.send(f"/organisations/{ref}", stale | {"phone": "+420 mine", "version": version[1]})
    assert loaded(world, "glass", "phone") == ("+420 mine",)


def test_what_one_does_not_see_makes_nothing_stale(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    own_admin, manager = sign_in("customer-admin"), sign_in("account-manager")
    form = typed(own_admin, ref)
    manager.send(f"/organisations/{ref}", typed(manager, ref) | {"phase": "loyal"})
    assert own_admin.send(f"/organisations/{ref}", form | {"phone": "+420 3"}).status_code == 303
    assert loaded(world, "glass", "phone", "phase") == ("+420 3", "loyal")


@pytest.mark.parametrize(
    ("hint", "capacity"),
    [("account-manager", "customer"), ("buyer", "supplier"), ("channel-manager", "partner"), ("admin", "partner")],
)
def test_staff_take_organisations_up_in_their_capacity(sign_in: SignIn, world: World, hint: str, capacity: str) -> None:
    browser = sign_in(hint)
    assert browser.get("/organisations/new").status_code == 200
    answer = browser.send("/organisations", {"name": "Nová firma", "capacities": [capacity], "language": "cs"})
    assert answer.status_code == 303
    assert "Nová firma" in text(browser.get(answer.location))
    assert browser.get(f"{answer.location}/edit").status_code == 200


def test_what_an_account_manager_creates_is_in_their_care(sign_in: SignIn, world: World) -> None:
    sign_in("account-manager").send("/organisations", {"name": "Ours", "capacities": ["customer"], "language": "en"})
    manager = world.person_id("account-manager")
    with world.session() as session:
        made = session.query(Organisation).filter_by(name="Ours").one()
        assert session.query(Portfolio).filter_by(organisation_id=made.id).one().person_id == manager


def test_nobody_takes_up_what_is_not_theirs(sign_in: SignIn) -> None:
    refused = {"name": "A", "capacities": ["partner"], "language": "en"}
    assert sign_in("buyer").send("/organisations", refused).status_code == 422
    assert sign_in("buyer").send("/organisations", {"name": "A", "language": "en"}).status_code == 422
    for hint in ("customer-admin", "agent", "auditor"):
        assert sign_in(hint).get("/organisations/new").status_code == 403
        assert sign_in(hint).send("/organisations", refused).status_code == 403


def test_a_mail_domain_belongs_to_one_organisation(sign_in: SignIn, world: World) -> None:
    taken = {"name": "Twin", "capacities": ["customer"], "language": "en", "domain": world.organisation("glass").domain}
    answer = sign_in("account-manager").send("/organisations", taken)
    assert answer.status_code == 422
    assert world.organisation("glass").name in text(answer)


def test_an_admin_gives_a_capacity(sign_in: SignIn, world: World) -> None:
    ref = world.organisation("glass").ref
    browser = sign_in("admin")
    form = typed(browser, ref)
    assert form["capacities"] == ["customer"]
    assert browser.send(f"/organisations/{ref}", form | {"capacities": ["customer", "supplier"]}).status_code == 303
    assert loaded(world, "glass", "is_customer", "is_supplier", "is_partner") == (True, True, False)
    assert browser.send(f"/organisations/{ref}", typed(browser, ref) | {"capacities": []}).status_code == 422
