"""The pages about what partners reach and what was agreed with them."""

from portal.partners import absence_views, scorecard_views, tier_views
from portal.partners.blueprint import bp

__all__ = ["absence_views", "bp", "scorecard_views", "tier_views"]
