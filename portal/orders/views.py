"""The pages of orders; their routes stand by noun in modules of their own."""

from portal.orders import index_views, late_views, record_views, state_views
from portal.orders.blueprint import bp

__all__ = ["bp", "index_views", "late_views", "record_views", "state_views"]
