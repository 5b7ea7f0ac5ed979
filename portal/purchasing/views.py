"""The pages of purchasing; their routes stand by noun in modules of their own."""

from portal.purchasing import invoice_views, proposal_views, sending_views
from portal.purchasing.blueprint import bp

__all__ = ["bp", "invoice_views", "proposal_views", "sending_views"]
