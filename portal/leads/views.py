"""The pages of leads; their routes stand by noun in modules of their own."""

from portal.leads import form_views, list_views, record_views, skill_views
from portal.leads.blueprint import bp

__all__ = ["bp", "form_views", "list_views", "record_views", "skill_views"]
