import pytest

from tests.imports.world import ImportWorld
from tests.orders.helpers import OrderWorld
from tests.world import World


@pytest.fixture
def orders(world: World) -> OrderWorld:
    return OrderWorld(world)


@pytest.fixture
def imports(world: World) -> ImportWorld:
    return ImportWorld(world)
