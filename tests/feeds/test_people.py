"""People come in as contacts: nobody gains access by an address, and staff are never touched."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer_group

from portal.accounts.models import Identity, Membership, Person
from portal.clock import now
from portal.errors import RuleBroken
from portal.feeds.outcome import Action
from portal.organisations.models import Activity, ExternalId
from tests.feeds.helpers import feed, fields_of, take_back
from tests.world import World


def shape(world: World, company: str = "glass", **fields: Any) -> dict[str, Any]:
    organisation = world.organisation(company).ref
    told = {"external_id": "H1", "name": "Věra Nová", "email": "Vera@Nova.example", "organisation": organisation}
    return {**told, "phone": "+420 602 000 000", **fields}


def _email_of(world: World, hint: str) -> str:
    with world.session() as session:
        found = session.scalar(sa.select(Person.email).where(Person.id == world.person_id(hint)))
        assert found is not None
        return found


def test_a_person_is_a_contact_without_rights(world: World) -> None:
    (outcome,) = feed(world, "people", shape(world))
    assert outcome.action == Action.CREATE
    with world.session() as session:
        person_id = outcome.record.id  # type: ignore[union-attr]
        membership = session.scalars(sa.select(Membership).where(Membership.person_id == person_id)).one()
        assert (membership.level, membership.areas, membership.is_active) == ("member", frozenset(), True)
        assert not membership.decides_quotations
        assert session.scalar(sa.select(Identity.id).where(Identity.person_id == person_id)) is None


def test_the_same_again_changes_nothing(world: World) -> None:
    feed(world, "people", shape(world))
    (again,) = feed(world, "people", shape(world))
    (other_case,) = feed(world, "people", shape(world, external_id="H2"))
    assert (again.action, other_case.action) == (Action.UNCHANGED, Action.UNCHANGED)


@pytest.mark.parametrize("hint", ["agent", "admin", "auditor"])
def test_staff_are_never_touched(world: World, hint: str) -> None:
    (outcome,) = feed(world, "people", shape(world, email=_email_of(world, hint)))
    assert (outcome.action, fields_of(outcome)) == (Action.REFUSE, {"email"})


def test_the_address_of_somebody_elsewhere_is_refused(world: World) -> None:
    (outcome,) = feed(world, "people", shape(world, email=_email_of(world, "supplier").upper()))
    assert (outcome.action, fields_of(outcome)) == (Action.REFUSE, {"email"})


def test_a_newcomer_is_not_let_in_by_an_import(world: World) -> None:
    (outcome,) = feed(world, "people", shape(world, email=_email_of(world, "newcomer")))
    assert (outcome.action, fields_of(outcome)) == (Action.REFUSE, {"email"})


def test_a_colleague_who_signs_in_keeps_rights_and_language(world: World) -> None:
    with world.session() as session:
        before = session.scalars(
            sa.select(Membership).where(Membership.person_id == world.person_id("customer-admin"))
        ).one()
        level, areas = before.level, before.areas
        organisation_id = before.organisation_id
        person = session.get_one(Person, before.person_id, options=[undefer_group("contact")])
        person.language = "cs"
        known = session.scalar(sa.select(Identity.id).where(Identity.person_id == person.id))
        if known is None:
            proved = Identity(provider="x", issuer="x", subject="x", created_at=now(), last_used_at=now())
            proved.person_id = person.id
            session.add(proved)
        session.commit()
    told = shape(world, email=_email_of(world, "customer-admin"), job_title="Buyer", language="pl")
    (outcome,) = feed(world, "people", told)
    assert outcome.action == Action.UPDATE
    assert "language" not in outcome.changes
    (moved,) = feed(world, "people", told | {"email": "other@example.com"})
    assert fields_of(moved) == {"email"}
    with world.session() as session:
        after = session.scalars(
            sa.select(Membership).where(Membership.person_id == world.person_id("customer-admin"))
        ).one()
        assert (after.level, after.areas, after.organisation_id) == (level, areas, organisation_id)


def test_what_cannot_be_is_refused(world: World) -> None:
    (nowhere,) = feed(world, "people", shape(world) | {"organisation": "O-00000000"})
    assert fields_of(nowhere) == {"organisation"}
    (no_address,) = feed(world, "people", shape(world, email="nova at example"))
    assert fields_of(no_address) == {"email"}
    feed(world, "people", shape(world))
    (elsewhere,) = feed(world, "people", shape(world, "looms"))
    assert fields_of(elsewhere) == {"organisation"}


def test_who_was_new_goes_with_their_history(world: World) -> None:
    with world.session() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (Person, Activity)]
    (outcome,) = feed(world, "people", shape(world))
    take_back(world, "people", "H1", outcome)
    with world.session() as session:
        assert counts == [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (Person, Activity)]
        assert session.scalar(sa.select(ExternalId.id).where(ExternalId.value == "H1")) is None


def test_who_signs_in_meanwhile_stays(world: World) -> None:
    (outcome,) = feed(world, "people", shape(world))
    with world.session() as session:
        identity = Identity(provider="x", issuer="x", subject="y", created_at=now(), last_used_at=now())
        identity.person_id = outcome.record.id  # type: ignore[union-attr]
        session.add(identity)
        session.commit()
    with pytest.raises(RuleBroken):
        take_back(world, "people", "H1", outcome)


def test_what_was_changed_is_brought_back(world: World) -> None:
    feed(world, "people", shape(world))
    (outcome,) = feed(world, "people", shape(world, name="Věra Stará", phone=""))
    take_back(world, "people", "H1", outcome)
    (again,) = feed(world, "people", shape(world))
    assert again.action == Action.UNCHANGED
