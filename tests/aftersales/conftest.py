from tests.orders.conftest import orders

__all__ = ["orders"]
