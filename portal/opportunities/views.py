"""The pages of opportunities; their routes stand by noun in modules of their own."""

from typing import Any

from portal.deals.page import DealPage, parts
from portal.opportunities import conversion_views, edit_views, index_views, opening_views, record_views
from portal.opportunities.blueprint import bp
from portal.opportunities.conversion import conversion_of

__all__ = ["bp", "conversion_views", "edit_views", "index_views", "opening_views", "record_views"]


def _conversion(page: DealPage) -> dict[str, Any]:
    found = conversion_of(page.session, page.who, page.deal)
    return {"conversion": found} if any(found) else {}


parts.append(_conversion)
