"""The pages of requests for quotation; their routes stand by noun in modules of their own."""

from portal.rfqs import answer_views, buyer_views, comparison_views, draft_views, index_views, record_views
from portal.rfqs.blueprint import bp

__all__ = ["answer_views", "bp", "buyer_views", "comparison_views", "draft_views", "index_views", "record_views"]
