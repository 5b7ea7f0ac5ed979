"""Contacts that staff write down by hand."""

from datetime import timedelta

import pytest

from portal.accounts.models import Person
from portal.clock import now
from portal.organisations.models import Activity
from tests.conftest import SignIn
from tests.organisations.helpers import events, text
from tests.world import World

FORM = {
    "channel": "phone",
    "day": "2024-02-29",
    "clock": "14:05",
    "person": "",
    "capacity": "customer",
    "subject": "Asked for a date",
    "note": "Wants it by *Monday*",
    "audience": "staff",
}


def send(sign_in: SignIn, world: World, hint: str, key: str = "glass", **change: str):
    return sign_in(hint).send(f"/organisations/{world.organisation(key).ref}/contacts", FORM | change)


def written(world: World) -> Activity:
    with world.session() as session:
        return session.query(Activity).filter_by(kind="contact").one()


@pytest.mark.parametrize("channel", ["phone", "fax", "shop", "visit", "chat"])
def test_staff_write_a_contact_down(sign_in: SignIn, world: World, channel: str) -> None:
    person = world.person("customer")
    assert send(sign_in, world, "agent", channel=channel, person=person.ref).status_code == 303
    activity = written(world)
    assert (activity.channel, activity.actor_id) == (channel, world.person_id("agent"))
    assert activity.params == {
        "subject": "Asked for a date",
        "note": "Wants it by *Monday*",
        "person_id": person.id,
    }


def test_who_wrote_it_down_is_told_so(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("agent")).language = "en"
        session.commit()
    browser, ref = sign_in("agent"), world.organisation("glass").ref
    browser.send(f"/organisations/{ref}/contacts", FORM)
    assert "The contact was noted." in browser.get(f"/organisations/{ref}/history").text


def test_the_clock_is_the_writers_own(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        session.get_one(Person, world.person_id("agent")).time_zone = "Asia/Tehran"
        session.commit()
    send(sign_in, world, "agent", clock="۱۴:۰۵")
    assert written(world).at.isoformat() == "2024-02-29T10:35:00+00:00"


def test_days_are_read_in_the_writers_calendar(sign_in: SignIn, world: World) -> None:
    with world.session() as session:
        person = session.get_one(Person, world.person_id("agent"))
        person.language, person.time_zone = "fa", "UTC"
        session.commit()
    assert send(sign_in, world, "agent", day="۱۴۰۲/۱۲/۱۰").status_code == 303
    assert written(world).at.isoformat() == "2024-02-29T14:05:00+00:00"


def test_staff_alone_read_it_unless_it_is_shared(sign_in: SignIn, world: World) -> None:
    send(sign_in, world, "agent")
    assert "Asked for a date" not in text(
        sign_in("customer").get(f"/organisations/{world.organisation('glass').ref}/history")
    )
    send(sign_in, world, "agent", subject="Told them", audience="companies")
    page = text(sign_in("customer").get(f"/organisations/{world.organisation('glass').ref}/history"))
    assert "Told them" in page
    assert "Asked for a date" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "pigeon"},
        {"channel": "web"},
        {"day": "yesterday"},
        {"clock": "25:00"},
        {"clock": ""},
        {"subject": ""},
        {"subject": "x" * 121},
        {"person": "P-00000000"},
        {"capacity": "supplier"},
        {"audience": "everybody"},
        {"day": (now() + timedelta(days=2)).date().isoformat()},
        {"day": "0001-01-01"},
    ],
)
def test_what_was_typed_is_kept_when_it_is_refused(sign_in: SignIn, world: World, change: dict[str, str]) -> None:
    answer = send(sign_in, world, "agent", **change)
    assert answer.status_code == 422
    assert "Wants it by *Monday*" in text(answer)
    assert events(world, "glass") == []


def test_with_a_person_of_the_organisation_alone(sign_in: SignIn, world: World) -> None:
    assert send(sign_in, world, "agent", person=world.person("rival").ref).status_code == 422


@pytest.mark.parametrize("hint", ["customer-admin", "auditor", "admin", "moderator", "newcomer"])
def test_others_write_nothing_down(sign_in: SignIn, world: World, hint: str) -> None:
    ref = world.organisation("glass").ref
    assert sign_in(hint).get(f"/organisations/{ref}/contacts/new").status_code == 403
    assert send(sign_in, world, hint).status_code == 403
    assert events(world, "glass") == []


def test_out_of_reach_is_out_of_reach(sign_in: SignIn, world: World) -> None:
    assert send(sign_in, world, "buyer").status_code == 404
    assert send(sign_in, world, "channel-manager").status_code == 404


def test_signed_out_people_are_sent_to_sign_in(client, world: World) -> None:
    ref = world.organisation("glass").ref
    assert client.send(f"/organisations/{ref}/contacts", FORM).location.startswith("/sign-in")


def test_nobody_writes_what_they_could_not_read(sign_in: SignIn, world: World) -> None:
    """A buyer notes contacts with a firm as a supplier, not with the customer that it also is."""
    assert send(sign_in, world, "buyer", "foundry").status_code == 422
    assert send(sign_in, world, "buyer", "foundry", capacity="supplier").status_code == 303


def test_the_page_says_who_will_read_it(sign_in: SignIn, world: World) -> None:
    browser, ref = sign_in("agent"), world.organisation("glass").ref
    page = text(browser.get(f"/organisations/{ref}/contacts/new"))
    before = page[page.index('id="who-sees"') :]
    assert "Auditor" in before
    assert world.person("customer").name not in before
    answer = browser.htmx(f"/organisations/{ref}/contacts/readers", FORM | {"audience": "companies"})
    shared = text(answer)
    assert 'id="who-sees"' in shared
    assert world.person("customer").name in shared
    assert world.person("customer-admin").name in shared
    assert "Channel manager" not in shared


def test_without_scripts_the_page_says_so_too_and_keeps_what_was_typed(sign_in: SignIn, world: World) -> None:
    browser, ref = sign_in("agent"), world.organisation("glass").ref
    path = f"/organisations/{ref}/contacts/readers"
    assert f'formaction="{path}"' in browser.get(f"/organisations/{ref}/contacts/new").text
    page = text(browser.send(path, FORM | {"audience": "companies"}))
    assert world.person("customer").name in page[page.index('id="who-sees"') :]
    for typed in ("Asked for a date", "Wants it by *Monday*", "2024-02-29"):
        assert typed in page
    with world.session() as session:
        assert session.query(Activity).filter_by(kind="contact").count() == 0


def test_who_sees_this_is_who_reads_it(sign_in: SignIn, world: World) -> None:
    """Of a firm in two capacities, those who stand in the one that is meant."""
    ref = world.organisation("foundry").ref
    send(sign_in, world, "agent", "foundry", capacity="supplier", audience="companies")
    asked = FORM | {"audience": "companies", "capacity": "supplier"}
    shown = text(sign_in("agent").send(f"/organisations/{ref}/contacts/readers", asked))
    assert world.person("many").name in shown
    assert "Buyer" in shown
    assert "Asked for a date" in text(sign_in("many", acting="foundry.supplier").get(f"/organisations/{ref}/history"))
