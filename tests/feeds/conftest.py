import pytest

from tests.orders.helpers import OrderWorld
from tests.world import World


@pytest.fixture
def orders(world: World) -> OrderWorld:
    return OrderWorld(world)
