"""What kinds of documents are called, and who stands in them, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.documents.models import DocumentKind

KINDS: Mapping[Any, Any] = {
    DocumentKind.QUOTATION: _l("Quotation"),
    DocumentKind.CONFIRMATION: _l("Order confirmation"),
    DocumentKind.DELIVERY_NOTE: _l("Delivery note"),
    DocumentKind.INVOICE: lazy_pgettext("document", "Invoice"),
    DocumentKind.CREDIT_NOTE: _l("Credit note"),
    DocumentKind.PURCHASE_ORDER: _l("Purchase order"),
}
