import pytest

from tests.deals.helpers import DealWorld
from tests.world import World


@pytest.fixture
def deals(world: World) -> DealWorld:
    return DealWorld(world)
