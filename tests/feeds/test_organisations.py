"""Organisations come in once; what people have done with them is never taken away."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from portal.feeds.outcome import Action
from portal.organisations.models import Activity, ActivityOrganisation, ExternalId, Organisation, OrganisationFinance
from tests.feeds.helpers import feed, fields_of, take_back
from tests.orders.helpers import OrderWorld
from tests.world import World

SHAPE: dict[str, Any] = {
    "external_id": "C1",
    "name": "Elektro Mlýn",
    "capacities": ["customer"],
    "country": "CZ",
    "domain": "mlyn.example.com",
    "email": "info@mlyn.example.com",
    "phone": "+420 601 000 000",
    "currency": "CZK",
    "credit_limit": Decimal("50000.50"),
    "payment_days": 14,
}


def _stored(world: World) -> Any:
    with world.session() as session:
        columns = [Organisation.id, Organisation.email, Organisation.phone, Organisation.is_supplier]
        return session.execute(sa.select(*columns).where(Organisation.name == "Elektro Mlýn")).one_or_none()


def test_an_organisation_is_written_down_with_its_terms_and_history(world: World) -> None:
    (outcome,) = feed(world, "organisations", SHAPE)
    assert outcome.action == Action.CREATE
    id_ = _stored(world).id
    with world.session() as session:
        finance = session.scalars(
            sa.select(OrganisationFinance).where(OrganisationFinance.organisation_id == id_)
        ).one()
        assert (finance.currency, finance.credit_limit, finance.payment_days) == ("CZK", 5_000_050, 14)
        told = sa.select(ActivityOrganisation.kind, ActivityOrganisation.channel)
        own = told.where(ActivityOrganisation.organisation_id == id_)
        assert session.execute(own).all() == [("organisation-created", "api")]


def test_the_same_again_changes_nothing(world: World) -> None:
    feed(world, "organisations", SHAPE)
    (again,) = feed(world, "organisations", SHAPE)
    assert again.action == Action.UNCHANGED


def test_what_is_not_given_stays(world: World) -> None:
    feed(world, "organisations", SHAPE)
    least = {"external_id": "C1", "name": "Elektro Mlýn", "capacities": ["customer", "supplier"]}
    (outcome,) = feed(world, "organisations", least)
    assert set(outcome.changes) == {"capacities"}
    assert _stored(world)[1:] == ("info@mlyn.example.com", "+420 601 000 000", True)


def test_our_own_reference_is_understood(world: World) -> None:
    glass = world.organisation("glass")
    capacities = [str(capacity) for capacity in glass.capacities]
    told = {"external_id": glass.ref, "name": glass.name, "capacities": capacities, "phone": "+420 1"}
    (outcome,) = feed(world, "organisations", told)
    assert outcome.action == Action.UPDATE
    assert outcome.record.id == glass.id  # type: ignore[union-attr]


def test_a_capacity_in_use_is_not_taken_away(world: World) -> None:
    glass = world.organisation("glass")
    (outcome,) = feed(world, "organisations", {"external_id": glass.ref, "name": "X", "capacities": ["supplier"]})
    assert (outcome.action, fields_of(outcome)) == (Action.REFUSE, {"capacities"})


def test_what_cannot_be_is_refused(world: World) -> None:
    feed(world, "organisations", SHAPE)
    (domain,) = feed(world, "organisations", SHAPE | {"external_id": "C2"})
    assert fields_of(domain) == {"domain"}
    other = SHAPE | {"external_id": "C3", "domain": ""}
    (partly,) = feed(world, "organisations", other | {"payment_days": None})
    assert fields_of(partly) == {"credit_limit"}
    (fine,) = feed(world, "organisations", other | {"credit_limit": Decimal("1.005")})
    assert fields_of(fine) == {"credit_limit"}
    (later,) = feed(world, "organisations", {**SHAPE, "currency": "EUR", "credit_limit": None})
    assert fields_of(later) == {"credit_limit"}


def test_what_was_changed_is_brought_back(world: World) -> None:
    feed(world, "organisations", SHAPE)
    (outcome,) = feed(world, "organisations", SHAPE | {"phone": "", "email": "x@y.example", "payment_days": 30})
    take_back(world, "organisations", "C1", outcome)
    (again,) = feed(world, "organisations", SHAPE)
    assert again.action == Action.UNCHANGED


def test_what_was_new_goes_with_its_history(world: World) -> None:
    with world.session() as session:
        activities = session.scalar(sa.select(sa.func.count(Activity.id)))
    (outcome,) = feed(world, "organisations", SHAPE)
    take_back(world, "organisations", "C1", outcome)
    assert _stored(world) is None
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count(Activity.id))) == activities
        assert session.scalar(sa.select(ExternalId.id).where(ExternalId.value == "C1")) is None


def test_a_company_with_orders_stays(world: World, orders: OrderWorld) -> None:
    (outcome,) = feed(world, "organisations", SHAPE)
    feed(world, "orders", {**orders.shape(), "organisation": "C1"})
    with pytest.raises(sa.exc.IntegrityError):
        take_back(world, "organisations", "C1", outcome)
