"""What the states, verbs and choices of deal registrations are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.deals.lifecycle import Side, State, Verb
from portal.deals.models import Outcome, SalesType, Source
from portal.deals.programmes import ExtensionPolicy

Words = Mapping[Any, Any]

STATES: Words = {
    State.DRAFT: _l("Draft"),
    State.SUBMITTED: _l("Submitted"),
    State.UNDER_REVIEW: _l("Under review"),
    State.RETURNED: _l("Returned with a question"),
    State.RESUBMITTED: _l("Submitted again"),
    State.APPROVED: _l("Approved"),
    State.CONVERTED: _l("Converted"),
    State.REJECTED: _l("Rejected"),
    State.DUPLICATE: _l("Duplicate"),
    State.WITHDRAWN: _l("Withdrawn"),
    State.EXPIRED: _l("Expired"),
    State.REVOKED: _l("Revoked"),
}

# The tones of badges: see `ui.badge`.
STATE_TONES: Mapping[Any, str] = {
    State.DRAFT: "neutral",
    State.SUBMITTED: "new",
    State.UNDER_REVIEW: "progress",
    State.RETURNED: "waiting",
    State.RESUBMITTED: "new",
    State.APPROVED: "done",
    State.CONVERTED: "done",
    State.REJECTED: "danger",
    State.DUPLICATE: "danger",
    State.WITHDRAWN: "neutral",
    State.EXPIRED: "neutral",
    State.REVOKED: "danger",
}

VERBS: Words = {
    Verb.SUBMIT: _l("Submit for review"),
    Verb.TAKE: _l("Take it"),
    Verb.PUT_BACK: _l("Put back"),
    Verb.RETURN: _l("Return"),
    Verb.RESUBMIT: _l("Submit again"),
    Verb.APPROVE: _l("Approve"),
    Verb.REJECT: _l("Reject"),
    Verb.MARK_DUPLICATE: _l("Mark as duplicate"),
    Verb.ACCEPT_PLACE: _l("Take the place"),
    Verb.WITHDRAW: _l("Withdraw"),
    Verb.CONVERT: _l("Convert"),
    Verb.REVOKE: _l("Revoke"),
    Verb.EXPIRE: _l("Expires"),
}

SIDES: Words = {
    Side.PARTNER: _l("Partner"),
    Side.STAFF: _l("Channel manager"),
    Side.CLOCK: _l("By itself, when the time is over"),
}

OUTCOMES: Words = {
    Outcome.CLEAR: lazy_pgettext("outcome", "Clear"),
    Outcome.DIRECT_SALE: _l("Conflict with a direct sale"),
    Outcome.PARTNER: _l("Conflict with another partner"),
}

SOURCES: Words = {
    Source.OWN: _l("Own customer work"),
    Source.REFERRAL: _l("Recommendation"),
    Source.EVENT: _l("Trade fair or event"),
    Source.CAMPAIGN: _l("Marketing campaign"),
    Source.TENDER: _l("Tender"),
}

SALES_TYPES: Words = {
    SalesType.NEW: _l("New customer"),
    SalesType.EXPANSION: _l("Existing customer buys more"),
    SalesType.RENEWAL: _l("Renewal"),
    SalesType.REPLACEMENT: _l("Replaces a competitor’s product"),
}

EXTENSION_POLICIES: Words = {
    ExtensionPolicy.OFF: _l("No extension"),
    ExtensionPolicy.ONCE: _l("One extension"),
    ExtensionPolicy.UNLIMITED: _l("Any number of extensions"),
}
