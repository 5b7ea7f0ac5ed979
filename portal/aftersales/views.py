"""The pages of what is started from an order; their routes stand by noun in modules of their own."""

from portal.aftersales import request_views, return_views
from portal.aftersales.blueprint import bp

__all__ = ["bp", "request_views", "return_views"]
