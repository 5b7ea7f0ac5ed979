"""What each step in the life of a registration is called, in the contact history and in notices."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# By the verb of the event.
STEPS: Mapping[str, Any] = {
    "submit": _l("Registration submitted"),
    "take": _l("Review begun"),
    "put-back": _l("Review put back"),
    "name-customer": _l("Customer of the registration named"),
    "approve-first": _l("First of two approvals given"),
    "approve": _l("Registration approved"),
    "return": _l("Registration returned with a question"),
    "resubmit": _l("Registration submitted again"),
    "reject": _l("Registration rejected"),
    "mark-duplicate": _l("Registration marked as a duplicate"),
    "offer-place": _l("A place has become free and is offered"),
    "accept-place": _l("Offered place taken"),
    "leave-line": _l("Registration left the line"),
    "lapse-place": _l("Offered place not taken in time"),
    "withdraw": _l("Registration withdrawn"),
    "revoke": _l("Approval revoked"),
    "expire": _l("Protection ended"),
    "ask-extension": _l("Longer protection asked for"),
    "grant-extension": _l("Longer protection granted"),
    "refuse-extension": _l("Longer protection refused"),
    "log-work": _l("Work on the deal logged"),
    "warn-idle": _l("Warned that the protection ends without logged work"),
    "shorten": _l("Protection shortened for want of logged work"),
    "late": _l("Decision on a registration is late"),
    "convert": _l("Registration became an opportunity"),
    "opportunity-changed": _l("Opportunity changed"),
    "opportunity-won": _l("Opportunity won"),
    "opportunity-lost": _l("Opportunity lost"),
    "opportunity-reopened": _l("Opportunity reopened"),
}
# Steps that the partner never reads of.
INTERNAL = frozenset({"name-customer", "approve-first", "late"})
