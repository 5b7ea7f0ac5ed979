"""What each step between a supplier and us is called, in the contact history and on the page of a request."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

STEPS: Mapping[str, Any] = {
    "invite": _l("Invited to answer a request for quotation"),
    "extend": _l("Time to answer a request for quotation extended"),
    "clarify": _l("Request for quotation clarified"),
    "ask": _l("Question about a request for quotation"),
    "offer": _l("Offer sent"),
    "revise": _l("Offer changed"),
    "withdraw": _l("Offer withdrawn"),
    "decline": _l("Request for quotation declined"),
    "award": _l("Request for quotation awarded"),
    "pass-over": _l("Request for quotation not awarded"),
    "cancel": _l("Request for quotation cancelled"),
    "order": _l("Purchase order noted at a request for quotation"),
}
