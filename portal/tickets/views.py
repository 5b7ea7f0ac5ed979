"""The pages of tickets; their routes stand by noun in modules of their own."""

from portal.tickets import decision_views, index_views, message_views, opening_views, record_views
from portal.tickets.blueprint import bp

__all__ = ["bp", "decision_views", "index_views", "message_views", "opening_views", "record_views"]
