"""Programmes: the page that partners read, the terms that channel managers set, and what was promised before."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from portal.deals.extensions import why_not
from portal.deals.programmes import ExtensionPolicy, Programme
from portal.seeds.catalogue import STANDARD
from tests.conftest import SignIn
from tests.deals.helpers import DealWorld
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_english")

MONDAY = datetime(2030, 3, 4, 10, tzinfo=UTC)


def standard(world: World) -> Programme:
    with world.session() as session:
        return next(p for p in session.scalars(sa.select(Programme)) if p.names["en"] == STANDARD)


def change(world: World, **terms: Any) -> None:
    with world.session() as session:
        programme = session.get_one(Programme, standard(world).id)
        for name, value in terms.items():
            setattr(programme, name, value)
        session.commit()


def typed(**told: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "name_en": "Winter",
        "name_cs": "Zima",
        "currency": "EUR",
        "protection_days": "60",
        "decision_hours": "12",
        "two_approvals_above": "75000",
        "extension_policy": "unlimited",
        "extension_days": "45",
        "is_open": "y",
    }
    return plain | told


def test_partners_read_the_terms_and_no_limit(sign_in: SignIn) -> None:
    text = sign_in("partner").get("/deals/programmes").text
    assert "Protected for 90 days" in text
    assert "16 business hours" in text
    assert "50,000" not in text
    assert "€50,000" in sign_in("channel-manager").get("/deals/programmes").text


def test_a_closed_one_is_for_staff_alone(world: World, sign_in: SignIn) -> None:
    change(world, is_open=False)
    assert "Protected for 90 days" not in sign_in("partner").get("/deals/programmes").text
    assert "Protected for 90 days" in sign_in("auditor").get("/deals/programmes").text


def test_a_channel_manager_makes_one(world: World, sign_in: SignIn) -> None:
    browser = sign_in("channel-manager")
    assert browser.get("/deals/programmes/new").status_code == 200
    assert browser.send("/deals/programmes", typed(idle_days="30")).status_code == 303
    with world.session() as session:
        made = next(p for p in session.scalars(sa.select(Programme)) if p.names["en"] == "Winter")
    assert made.names == {"en": "Winter", "cs": "Zima"}
    assert (made.protection_days, made.decision_hours, made.two_approvals_above) == (60, 12, 7_500_000)
    assert (made.extension_policy, made.extension_days) == ("unlimited", 45)
    assert (made.idle_days, made.most_open, made.is_open) == (30, None, True)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"name_en": ""}, "This field is required."),
        ({"decision_hours": "0"}, "Enter a number from 1 to 500."),
        ({"protection_days": "45"}, "Not a valid choice"),
        ({"two_approvals_above": "-1"}, "This is no amount in this currency."),
    ],
)
def test_what_is_wrong_is_said_with_what_was_typed(sign_in: SignIn, told: dict[str, object], words: str) -> None:
    answer = sign_in("channel-manager").send("/deals/programmes", typed(name_fa="زمستان") | told)
    assert answer.status_code == 422
    assert "زمستان" in answer.text
    assert words in answer.text or words == "Not a valid choice"


def test_it_is_edited_and_a_stale_version_is_409(world: World, sign_in: SignIn) -> None:
    programme, browser = standard(world), sign_in("channel-manager")
    address = f"/deals/programmes/{programme.ref}"
    assert 'value="16"' in browser.get(f"{address}/edit").text
    assert browser.send(address, typed(version=programme.version)).status_code == 303
    assert browser.send(address, typed(version=programme.version)).status_code == 409
    assert browser.get("/deals/programmes/PG-00000000/edit").status_code == 404


@pytest.mark.parametrize("hint", ["partner-admin", "account-manager", "auditor", "agent", "admin", "customer"])
def test_nobody_else_sets_terms(world: World, sign_in: SignIn, hint: str) -> None:
    browser, address = sign_in(hint), f"/deals/programmes/{standard(world).ref}"
    assert browser.get(f"{address}/edit").status_code == 403
    assert browser.send(address, typed()).status_code == 403
    assert browser.send("/deals/programmes", typed()).status_code == 403


def test_what_was_promised_holds_where_the_new_terms_are_worse(deals: DealWorld, world: World) -> None:
    deal = deals.under_review(at=MONDAY)
    change(world, protection_days=30, extension_policy=ExtensionPolicy.OFF, idle_days=10)
    deals.approve(deal, at=MONDAY)
    # Ninety days, as on the day of submission.
    assert deals.reload(deal).protected_until == datetime(2030, 6, 2, 22, tzinfo=UTC)
    with deals.held(deal, "partner") as (mine, _who):
        from sqlalchemy.orm import object_session

        session = object_session(mine)
        assert session is not None
        assert why_not(session, mine, MONDAY) is None


def test_what_is_better_now_holds_too(deals: DealWorld, world: World) -> None:
    deal = deals.under_review(at=MONDAY)
    change(world, protection_days=120)
    deals.approve(deal, at=MONDAY)
    assert deals.reload(deal).protected_until == datetime(2030, 7, 2, 22, tzinfo=UTC)


def test_later_submissions_have_the_new_terms(deals: DealWorld, world: World) -> None:
    change(world, protection_days=30)
    deal = deals.approved(at=MONDAY)
    assert deals.reload(deal).protected_until == datetime(2030, 4, 3, 22, tzinfo=UTC)
