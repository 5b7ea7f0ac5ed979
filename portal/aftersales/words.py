"""What is said of requests, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.documents.models import DocumentKind
from portal.orders.requests import Decision, RequestKind

KIND_HELP: Mapping[Any, Any] = {
    RequestKind.QUESTION: _l("You would like to know something."),
    RequestKind.COMPLAINT: _l("You are not content with how we served you."),
    RequestKind.CLAIM: _l("Something is faulty and should be repaired, replaced or refunded."),
    RequestKind.RETURN: _l("Something that was delivered goes back. We confirm it first."),
    RequestKind.DOCUMENT: _l("A paper is missing, or you need it in another form."),
}

DOCUMENTS: Mapping[Any, Any] = {
    DocumentKind.QUOTATION: _l("Quotation"),
    DocumentKind.CONFIRMATION: _l("Order confirmation"),
    DocumentKind.DELIVERY_NOTE: _l("Delivery note"),
    DocumentKind.INVOICE: _l("Invoice"),
    DocumentKind.CREDIT_NOTE: _l("Credit note"),
    DocumentKind.PURCHASE_ORDER: _l("Purchase order"),
}

DECISION_TONES: Mapping[Any, str] = {
    Decision.NONE: "waiting",
    Decision.CONFIRMED: "done",
    Decision.REFUSED: "danger",
}
