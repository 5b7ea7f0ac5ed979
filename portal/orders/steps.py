"""What each step in the life of an order is called, in the contact history and in notices."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# By the verb of the event.
STEPS: Mapping[str, Any] = {
    "send": _l("Order sent for confirmation"),
    "withdraw": _l("Order or quotation withdrawn"),
    "accept-request": _l("Order accepted"),
    "refuse-request": _l("Order not accepted"),
    "accept": _l("Quotation accepted"),
    "decline": _l("Quotation declined"),
    "offer": _l("Quotation offered"),
    "expire": _l("Quotation expired"),
    "order": _l("Order placed"),
    "confirm": _l("Order confirmed"),
    "ship": _l("Order shipped"),
    "deliver": _l("Order delivered"),
    "close": _l("Order closed"),
    "cancel": _l("Order cancelled"),
    "change": _l("Order changed"),
    # Of purchase orders, between the supplier and us.
    "confirm-lines": _l("Lines of an order confirmed"),
    "propose": _l("Change of an order proposed"),
    "answer-proposal": _l("Proposal answered with another one"),
    "accept-proposal": _l("Proposed change accepted"),
    "decline-proposal": _l("Proposed change declined"),
    "withdraw-proposal": _l("Proposed change withdrawn"),
    "send-invoice": _l("Invoice sent in"),
    "accept-invoice": _l("Invoice accepted"),
    "reject-invoice": _l("Invoice rejected"),
    "shipment": _l("Shipment announced"),
    "shipment-state": _l("State of a shipment changed"),
}
