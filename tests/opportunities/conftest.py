import pytest

from tests.deals.helpers import DealWorld
from tests.opportunities.helpers import Sales
from tests.world import World


@pytest.fixture
def deals(world: World) -> DealWorld:
    return DealWorld(world)


@pytest.fixture
def sales(deals: DealWorld) -> Sales:
    return Sales(deals)
