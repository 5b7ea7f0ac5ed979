"""What the states of shipments are called, in the reader's language, and their tones."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_pgettext

from portal.shipments.models import ShipmentState

STATES: Mapping[Any, Any] = {
    ShipmentState.ANNOUNCED: lazy_pgettext("shipment", "Announced"),
    ShipmentState.IN_TRANSIT: lazy_pgettext("shipment", "On its way"),
    ShipmentState.OUT_FOR_DELIVERY: lazy_pgettext("shipment", "Arrives today"),
    ShipmentState.DELIVERED: lazy_pgettext("shipment", "Delivered"),
    ShipmentState.EXCEPTION: lazy_pgettext("shipment", "Held up"),
    ShipmentState.RETURNED: lazy_pgettext("shipment", "Returned"),
}

# See `ui.badge`.
STATE_TONES: Mapping[Any, str] = {
    ShipmentState.ANNOUNCED: "new",
    ShipmentState.IN_TRANSIT: "progress",
    ShipmentState.OUT_FOR_DELIVERY: "progress",
    ShipmentState.DELIVERED: "done",
    ShipmentState.EXCEPTION: "danger",
    ShipmentState.RETURNED: "waiting",
}
