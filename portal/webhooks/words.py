"""What states, pauses and faults of webhooks are called."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.webhooks.models import Pause, State

STATES: dict[str, Any] = {
    State.PENDING: lazy_pgettext("delivery", "On its way"),
    State.DELIVERED: lazy_pgettext("delivery", "Delivered"),
    State.DEAD: lazy_pgettext("delivery", "Given up"),
    State.WITHHELD: lazy_pgettext("delivery", "Withheld"),
}
TONES: dict[str, str] = {
    State.PENDING: "progress",
    State.DELIVERED: "done",
    State.DEAD: "danger",
    State.WITHHELD: "neutral",
}
PAUSES: dict[str, Any] = {
    Pause.WISHED: lazy_pgettext("webhook", "Paused"),
    Pause.GONE: _l("Paused: the receiver said that it is gone for good (410)"),
    Pause.FAILING: _l("Paused: it has failed for days"),
}
# Why an attempt came to nothing.
FAULTS: dict[str, Any] = {
    "status": _l("The receiver did not take it."),
    "redirect": _l("The receiver sent it elsewhere, which is never followed."),
    "lookup": _l("The name of the receiver is not known."),
    "address": _l("The name leads to an address that is not public: nothing is sent there."),
    "demo": _l("Nothing leaves the sample world."),
    "connection": _l("No connection came about, or it broke."),
    "timeout": _l("The receiver took too long."),
    "tls": _l("The certificate of the receiver is not in order."),
    "protocol": _l("What was answered is not HTTP."),
}
# Why something is no address for a webhook.
NO_ADDRESS: dict[str, Any] = {
    "url": _l("Enter an address such as https://erp.example.com/hooks."),
    "plain": _l("The address has to begin with https://."),
    "credentials": _l("The address must not hold a user name or password."),
    "port": _l("The port has to be 443, or 1024 and above."),
    "numeric": _l("Write the IP address the usual way, as four numbers."),
    "address": _l("This address is not public: nothing is sent there."),
}
