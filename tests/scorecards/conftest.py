import pytest

from tests.orders.conftest import orders
from tests.orders.helpers import OrderWorld
from tests.scorecards.helpers import Deliveries

__all__ = ["orders"]


@pytest.fixture
def deliveries(orders: OrderWorld) -> Deliveries:
    return Deliveries(orders)
