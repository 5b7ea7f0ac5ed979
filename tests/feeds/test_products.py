"""Products come in with their prices, once; what is taken back is as it was."""

from typing import Any

import pytest
import sqlalchemy as sa

from portal.feeds.outcome import Action
from portal.organisations.models import ExternalId
from portal.products.models import Product, ProductPrice
from tests.feeds.helpers import feed, fields_of, take_back
from tests.world import World


def shape(world: World, **fields: Any) -> dict[str, Any]:
    price = {"organisation": world.organisation("glass").ref, "currency": "EUR", "unit_price": "0.0125"}
    prices = [{**price, "valid_from": "2030-01-01"}]
    return {"external_id": "P1", "code": "NEW-1", "names": {"en": "Lamp", "cs": "Lampa"}, "prices": prices, **fields}


def test_a_product_is_written_down_with_its_prices(world: World) -> None:
    (outcome,) = feed(world, "products", shape(world))
    assert outcome.action == Action.CREATE
    with world.session() as session:
        product = session.scalars(sa.select(Product).where(Product.code == "NEW-1")).one()
        price = session.scalars(sa.select(ProductPrice).where(ProductPrice.product_id == product.id)).one()
        assert (product.names, price.unit_price, price.price_per) == ({"en": "Lamp", "cs": "Lampa"}, 125, 100)


def test_the_same_again_changes_nothing(world: World) -> None:
    feed(world, "products", shape(world))
    (again,) = feed(world, "products", shape(world))
    assert again.action == Action.UNCHANGED
    with world.session() as session:
        assert session.scalar(sa.select(sa.func.count()).where(ExternalId.kind == "product")) == 1


def test_one_that_we_have_goes_by_the_external_id(world: World) -> None:
    (outcome,) = feed(world, "products", {"external_id": "P9", "code": "LN-100", "names": {"en": "Lantern"}})
    assert outcome.action == Action.UPDATE
    (renamed,) = feed(world, "products", {"external_id": "P9", "code": "LN-100X", "names": {"en": "Lantern"}})
    assert renamed.changes == {"code": ("LN-100", "LN-100X")}


def test_a_list_of_prices_is_the_whole_of_it(world: World) -> None:
    (first,) = feed(world, "products", shape(world))
    (second,) = feed(world, "products", shape(world, prices=[]))
    assert second.action == Action.UPDATE
    assert second.record.version > first.record.version  # type: ignore[union-attr]
    (third,) = feed(world, "products", {"external_id": "P1", "code": "NEW-1", "names": {"en": "Lamp", "cs": "Lampa"}})
    assert third.action == Action.UNCHANGED


def test_what_cannot_be_is_refused(world: World) -> None:
    feed(world, "products", shape(world))
    price = shape(world)["prices"][0]
    (taken,) = feed(
        world,
        "products",
        shape(world, external_id="P2", code="NEW-2"),
    )
    assert taken.action == Action.CREATE
    (code,) = feed(world, "products", shape(world, external_id="P2", code="NEW-1"))
    assert fields_of(code) == {"code"}
    (unknown,) = feed(world, "products", shape(world, prices=[price | {"organisation": "O-00000000"}]))
    assert fields_of(unknown) == {"prices.0.organisation"}
    (twice,) = feed(world, "products", shape(world, prices=[price, price]))
    assert fields_of(twice) == {"prices.1"}
    (early,) = feed(world, "products", shape(world, prices=[price | {"valid_until": "2029-12-31"}]))
    assert fields_of(early) == {"prices.0.valid_until"}


def test_what_was_changed_is_brought_back(world: World) -> None:
    feed(world, "products", shape(world))
    (outcome,) = feed(world, "products", shape(world, names={"en": "Other"}, is_active=False, prices=[]))
    take_back(world, "products", "P1", outcome)
    (again,) = feed(world, "products", shape(world, is_active=True))
    assert again.action == Action.UNCHANGED


def test_what_was_new_goes(world: World) -> None:
    (outcome,) = feed(world, "products", shape(world))
    take_back(world, "products", "P1", outcome)
    with world.session() as session:
        assert session.scalar(sa.select(Product.id).where(Product.code == "NEW-1")) is None
        assert session.scalar(sa.select(ExternalId.id).where(ExternalId.kind == "product")) is None


def test_what_was_ordered_stays(world: World, orders: Any) -> None:
    (outcome,) = feed(world, "products", shape(world))
    orders.sales(lines=[{"position": 10, "product": "NEW-1", "quantity": "1"}])
    with pytest.raises(sa.exc.IntegrityError):
        take_back(world, "products", "P1", outcome)


def test_a_name_in_one_language_leaves_the_others(world: World) -> None:
    feed(world, "products", shape(world))
    (outcome,) = feed(world, "products", shape(world, names={"cs": "Lampička"}))
    assert outcome.changes == {"names.cs": ("Lampa", "Lampička")}
